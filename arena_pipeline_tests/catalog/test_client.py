import gzip
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from arena_pipeline.catalog.client import Fetched, NotModified, fetch, shown
from arena_pipeline.catalog.errors import CatalogError, CatalogUnreachable, CatalogUnreadable
from arena_pipeline_tests.catalog.sockets import server, trickle

MEGABYTE = 1_000_000
PATH = "/api/v1/models"


def get(url: str, **settings: object) -> Fetched | NotModified:
    """Fetch with short limits and pauses that take no time."""
    values: dict[str, object] = {
        "timeout_s": 5.0,
        "max_bytes": MEGABYTE,
        "retries": 2,
        "sleep": lambda seconds: None,
    }
    return fetch(url, **(values | settings))  # type: ignore[arg-type]


def test_a_body_and_its_tag_come_back(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data(b'{"data": []}', headers={"ETag": '"7"'})

    assert get(httpserver.url_for(PATH)) == Fetched(b'{"data": []}', '"7"')


def test_a_compressed_body_is_unpacked(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data(
        gzip.compress(b"x" * 1000), headers={"Content-Encoding": "gzip"}
    )

    assert get(httpserver.url_for(PATH)) == Fetched(b"x" * 1000, None)


def test_a_known_tag_is_asked_with_and_may_still_hold(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH, headers={"If-None-Match": '"7"'}).respond_with_data(status=304)

    assert get(httpserver.url_for(PATH), etag='"7"') == NotModified()


@pytest.mark.parametrize("tag", [b"\xa07", b'"\x00"', b'"7\x7f"', b'"' + b"7" * 200])
def test_a_tag_that_cant_be_sent_back_is_none(tag: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\nETag: " + tag + b"\r\nContent-Length: 2\r\n\r\n{}"
    with server(lambda connection: connection.sendall(answer)) as url:
        assert get(url) == Fetched(b"{}", None)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_is_asked_again(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_ordered_request(PATH).respond_with_data("busy", status=status)
    httpserver.expect_ordered_request(PATH).respond_with_data("busy", status=status)
    httpserver.expect_ordered_request(PATH).respond_with_data("fine")

    assert get(httpserver.url_for(PATH)) == Fetched(b"fine", None)


def test_retries_are_bounded_and_wait_longer_each_time_or_as_told(httpserver: HTTPServer) -> None:
    pauses: list[float] = []
    httpserver.expect_ordered_request(PATH).respond_with_data(status=503)
    httpserver.expect_ordered_request(PATH).respond_with_data(status=503)
    httpserver.expect_ordered_request(PATH).respond_with_data(
        status=503, headers={"Retry-After": "3"}
    )
    httpserver.expect_ordered_request(PATH).respond_with_data(status=503)

    with pytest.raises(CatalogUnreadable, match="answered 503"):
        get(httpserver.url_for(PATH), retries=3, sleep=pauses.append)

    assert pauses == [0.5, 1.0, 3.0]


def test_a_pause_beyond_the_deadline_is_not_waited_for(httpserver: HTTPServer) -> None:
    pauses: list[float] = []
    httpserver.expect_request(PATH).respond_with_data(status=429, headers={"Retry-After": "3600"})

    with pytest.raises(CatalogUnreadable, match="answered 429"):
        get(httpserver.url_for(PATH), sleep=pauses.append)

    assert pauses == []


@pytest.mark.parametrize("status", [204, 400, 403, 404])
def test_other_answers_are_final(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_oneshot_request(PATH).respond_with_data(status=status)

    with pytest.raises(CatalogUnreadable, match=f"answered {status}"):
        get(httpserver.url_for(PATH))


def test_a_redirect_within_the_server_is_followed(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data(status=301, headers={"Location": "/v2"})
    httpserver.expect_request("/v2").respond_with_data("here")

    assert get(httpserver.url_for(PATH)) == Fetched(b"here", None)


@pytest.mark.parametrize(
    "target",
    [
        "http://example.invalid/models",
        "//example.invalid/",
        "http://127.0.0.1:1/",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(httpserver: HTTPServer, target: str) -> None:
    httpserver.expect_request(PATH).respond_with_data(status=302, headers={"Location": target})

    with pytest.raises(CatalogUnreadable, match="redirects to"):
        get(httpserver.url_for(PATH))


def test_redirects_in_circles_end(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data(status=302, headers={"Location": PATH})

    with pytest.raises(CatalogUnreadable, match="in circles"):
        get(httpserver.url_for(PATH))


def test_a_body_without_end_is_cut_at_the_limit(httpserver: HTTPServer) -> None:
    sent = 0

    def endless(request: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            nonlocal sent
            for _ in range(200):
                sent += MEGABYTE
                yield b" " * MEGABYTE

        return Response(pieces())

    httpserver.expect_request(PATH).respond_with_handler(endless)

    with pytest.raises(CatalogUnreadable, match="more than 1 MB"):
        get(httpserver.url_for(PATH))
    assert sent < 100 * MEGABYTE


def test_a_gzip_bomb_is_cut_at_the_limit(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data(
        gzip.compress(b" " * 200 * MEGABYTE), headers={"Content-Encoding": "gzip"}
    )

    with pytest.raises(CatalogUnreadable, match="more than 1 MB"):
        get(httpserver.url_for(PATH))


def test_a_packing_nobody_asked_for_is_named(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data("?", headers={"Content-Encoding": "br"})

    with pytest.raises(CatalogUnreadable, match="'br'"):
        get(httpserver.url_for(PATH))


def test_what_only_says_it_is_gzip_is_unreadable(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data("plain", headers={"Content-Encoding": "gzip"})

    with pytest.raises(CatalogUnreadable, match="broken gzip"):
        get(httpserver.url_for(PATH))


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_a_body_that_trickles_for_ever_ends_at_the_deadline(start: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(start)
        trickle(connection, b" ")

    with server(talk) as url:
        began = time.monotonic()
        with pytest.raises(CatalogUnreadable, match=r"took longer than 0\.5 s"):
            get(url, timeout_s=0.5)
        assert time.monotonic() - began < 3


def test_headers_that_trickle_for_ever_end_at_the_deadline() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        trickle(connection, b"y")

    with server(talk) as url:
        began = time.monotonic()
        with pytest.raises(CatalogUnreachable, match=r"took longer than 0\.5 s"):
            get(url, timeout_s=0.5)
        assert time.monotonic() - began < 3


def test_a_body_that_breaks_off_is_asked_for_again_and_then_unreadable() -> None:
    tries: list[int] = []

    def talk(connection: socket.socket) -> None:
        tries.append(1)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with server(talk) as url, pytest.raises(CatalogUnreadable, match=r"broke off|IncompleteRead"):
        get(url)

    assert len(tries) == 3


def test_a_compressed_body_that_breaks_off_is_unreadable() -> None:
    half = gzip.compress(b"x" * 1000)[:-4]

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + half)

    with server(talk) as url, pytest.raises(CatalogUnreadable, match="broke off"):
        get(url)


def test_an_answer_that_is_not_http_is_no_answer() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH\r\n")

    with server(talk) as url, pytest.raises(CatalogUnreachable):
        get(url)


def test_nothing_listening_is_unreachable_in_plain_words() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]

    with pytest.raises(
        CatalogUnreachable, match=r"127\.0\.0\.1.* can't be reached: Connection refused"
    ):
        get(f"http://127.0.0.1:{port}{PATH}")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://host/x", "models.json", "http://", "http://[/"]
)
def test_only_http_addresses_are_asked(url: str) -> None:
    with pytest.raises(CatalogError, match="no http or https address"):
        get(url)


def test_messages_show_no_password() -> None:
    assert shown("https://me:secret@host:8443/models?key=abc") == "https://host:8443/models"
