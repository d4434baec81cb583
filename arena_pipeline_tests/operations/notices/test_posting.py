"""One delivery, and receivers that no proper server would be."""

import socket
import threading
import time

import pytest
from pytest_httpserver import HTTPServer

from arena_pipeline.operations.notices.posting import Outcome, post
from arena_pipeline_tests.catalog.sockets import server, trickle


def send(url: str, timeout_s: float = 5.0) -> Outcome:
    return post(url, {"title": "x"}, "incident:1", timeout_s)


def no_thread_is_left() -> bool:
    """Whether requests that were cut off end, and do not go on in the background."""
    for thread in threading.enumerate():
        if thread.name == "notice":
            thread.join(10)
    return not any(thread.name == "notice" for thread in threading.enumerate())


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_answer_of_success_is_one(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/hook").respond_with_data(status=status)

    assert send(httpserver.url_for("/hook")) == Outcome(status, None)


def test_a_redirect_is_not_followed(httpserver: HTTPServer) -> None:
    elsewhere = httpserver.url_for("/elsewhere")
    httpserver.expect_request("/hook").respond_with_data(
        status=307, headers={"Location": elsewhere}
    )

    outcome = send(httpserver.url_for("/hook"))

    assert outcome.status == 307
    assert "redirects are not followed" in str(outcome.error)
    assert [request.path for request, _ in httpserver.log] == ["/hook"]


def test_how_long_a_receiver_wants_to_be_left_alone_is_heard(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data(status=429, headers={"Retry-After": "90"})

    assert send(httpserver.url_for("/hook")).pause_s == 90.0


def test_user_and_password_of_the_address_go_along(httpserver: HTTPServer) -> None:
    httpserver.expect_request(
        "/hook", headers={"Authorization": "Basic dTpwQHNz"}
    ).respond_with_data()

    assert send(httpserver.url_for("/hook").replace("://", "://u:p%40ss@")).arrived


def test_no_proxy_has_a_say(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    httpserver.expect_request("/hook").respond_with_data()

    assert send(httpserver.url_for("/hook")).arrived


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nX: "], ids=["status", "headers"])
def test_an_answer_that_trickles_is_cut_off_in_time(begun: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(begun)
        trickle(connection, b"H")

    with server(drip) as url:
        began = time.monotonic()
        outcome = send(url, timeout_s=0.3)

        assert time.monotonic() - began < 5
        assert outcome == Outcome(None, "no answer within 0.3 s (ARENA_NOTIFY_TIMEOUT_S)")
        assert no_thread_is_left()


def test_a_receiver_that_says_nothing_is_cut_off_in_time() -> None:
    with server(lambda connection: trickle(connection, b"")) as url:
        assert "no answer within" in str(send(url, timeout_s=0.3).error)
        assert no_thread_is_left()


def test_a_body_without_end_is_not_read() -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with server(flood) as url:
        assert send(url).arrived


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 99999 x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 999,
    ],
    ids=["hangs up", "no http", "no status", "too many headers"],
)
def test_what_is_no_answer_is_told_as_such(answer: bytes) -> None:
    with server(lambda connection: connection.sendall(answer)) as url:
        outcome = send(url)

    assert outcome.status is None
    assert str(outcome.error).startswith("the receiver can't be reached: ")


def test_words_of_a_receiver_are_short_and_harmless() -> None:
    answer = b"HTTP/1.1 500 \x1b[31m" + b"x" * 5000 + b"\r\n\r\n"
    with server(lambda connection: connection.sendall(answer)) as url:
        error = str(send(url).error)

    assert error.isprintable()
    assert len(error) < 200


def test_a_name_that_nobody_knows_is_told() -> None:
    assert str(send("http://nobody.invalid/hook").error).startswith(
        "the receiver can't be reached: "
    )
