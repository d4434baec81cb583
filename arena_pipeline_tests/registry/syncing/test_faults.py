"""Whatever answers instead of a catalog, over real sockets: what was known stays known."""

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from arena_pipeline.catalog import archive
from arena_pipeline.catalog.errors import CatalogError, CatalogRefused, CatalogUnreadable
from arena_pipeline.registry.syncing.snapshots import snapshots
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CatalogSnapshot
from arena_pipeline_tests.catalog.rows import body, row
from arena_pipeline_tests.catalog.sockets import server, trickle
from arena_pipeline_tests.registry.days import count
from arena_pipeline_tests.registry.syncing.upstream import KNOWN, PATH, Upstream

MEGABYTE = 1_000_000


@pytest.fixture
def upstream(store: Store, httpserver: HTTPServer, tmp_path: Path) -> Upstream:
    """A store that knows four models, and the server it knows them from."""
    return Upstream(store, httpserver, tmp_path)


@pytest.mark.parametrize(
    ("content", "error", "reason"),
    [
        (b"<!DOCTYPE html><h1>Log in</h1>", CatalogUnreadable, "begins with '<!DOCTYPE html>"),
        (body(*KNOWN)[:-40], CatalogUnreadable, "not JSON"),
        (b"", CatalogUnreadable, "not JSON"),
        (b"\x1f\x8b\x08\x00", CatalogUnreadable, "not UTF-8"),
        (b"[" * 200_000, CatalogUnreadable, "not JSON"),
        (json.dumps(KNOWN).encode(), CatalogUnreadable, "not list"),
        (b'{"error": {"code": 503, "message": "overloaded"}}', CatalogUnreadable, "overloaded"),
        (b'{"data": {"acme/m0": {}}}', CatalogUnreadable, "no list 'data'"),
        (b'{"data": [{"id": "acme/m0", "created": NaN}]}', CatalogUnreadable, "NaN"),
        (body(), CatalogRefused, "lists no models"),
        (body(row("acme/m0", prompt="free"), "?"), CatalogRefused, "none of its 2 rows"),
        (body(row("acme/m0"), row("acme/m1")), CatalogRefused, "misses 2 of 4"),
    ],
)
def test_a_body_that_is_no_catalog_changes_nothing_and_is_kept_for_a_look(
    upstream: Upstream, content: bytes, error: type[CatalogError], reason: str
) -> None:
    upstream.serve(content, headers={"ETag": '"bad"'})

    for _ in range(2):
        with pytest.raises(error, match=reason):
            upstream.sync()

    assert upstream.now() == upstream.before
    refused, accepted = snapshots(upstream.store)
    assert (refused.accepted, accepted.accepted) == (False, True)
    assert reason in (refused.reason or "")
    assert refused.file is not None
    assert archive.load(upstream.data_dir / "catalog" / refused.file) == content


@pytest.mark.parametrize("status", [403, 429, 500])
def test_an_answer_with_an_error_status_changes_nothing(upstream: Upstream, status: int) -> None:
    upstream.serve(body(row("evil/one")), status)

    with pytest.raises(CatalogUnreadable, match=f"answered {status}"):
        upstream.sync()

    assert upstream.now() == upstream.before
    assert count(upstream.store, CatalogSnapshot) == 1


@pytest.mark.parametrize("target", ["http://example.invalid/models", "//127.0.0.2/", PATH])
def test_a_redirect_to_another_host_or_in_circles_changes_nothing(
    upstream: Upstream, target: str
) -> None:
    upstream.serve(b"", 302, {"Location": target})

    with pytest.raises(CatalogUnreadable, match="redirects"):
        upstream.sync()

    assert upstream.now() == upstream.before


def test_a_body_of_200_megabytes_is_cut_at_the_limit_and_changes_nothing(
    upstream: Upstream,
) -> None:
    sent = 0

    def large(request: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            nonlocal sent
            yield b'{"data": ['
            for _ in range(200):
                sent += MEGABYTE
                yield b" " * MEGABYTE

        return Response(pieces())

    upstream.server.expect_request(PATH).respond_with_handler(large)

    with pytest.raises(CatalogUnreadable, match="more than 1 MB"):
        upstream.sync()

    assert sent < 100 * MEGABYTE
    assert upstream.now() == upstream.before


def test_a_gzip_bomb_is_cut_at_the_limit_and_changes_nothing(upstream: Upstream) -> None:
    bomb = gzip.compress(body(*KNOWN) + b" " * 50 * MEGABYTE)
    assert len(bomb) < MEGABYTE / 10
    upstream.serve(bomb, headers={"Content-Encoding": "gzip"})

    with pytest.raises(CatalogUnreadable, match="more than 1 MB"):
        upstream.sync()

    assert upstream.now() == upstream.before


def breaks_off(peer: socket.socket) -> None:
    peer.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{"data": [')


def trickles(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    trickle(peer, b" ")


@pytest.mark.parametrize(("talk", "reason"), [(breaks_off, "answer of"), (trickles, "took longer")])
def test_a_body_that_breaks_off_or_trickles_for_ever_changes_nothing(
    upstream: Upstream, talk: Callable[[socket.socket], None], reason: str
) -> None:
    with server(talk) as url, pytest.raises(CatalogUnreadable, match=reason):
        upstream.sync(url, catalog_timeout_s=0.5)

    assert upstream.now() == upstream.before


def test_headers_that_trickle_for_ever_are_no_answer_and_change_nothing(
    upstream: Upstream,
) -> None:
    def talk(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        trickle(peer, b"y")

    with server(talk) as url:
        report = upstream.sync(url, catalog_timeout_s=0.5)

    assert (report.reachable, report.changed) == (False, False)
    assert upstream.now() == upstream.before


def test_after_a_fault_the_next_good_catalog_is_taken_over(upstream: Upstream) -> None:
    upstream.serve(b"<html>")
    with pytest.raises(CatalogUnreadable):
        upstream.sync()

    upstream.serve(body(*KNOWN, row("acme/new")))

    assert upstream.sync().diff.added == ("acme/new",)
