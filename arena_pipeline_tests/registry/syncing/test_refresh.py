import socket
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from arena_pipeline.catalog.errors import CatalogRefused, CatalogUnreadable
from arena_pipeline.registry.models import models
from arena_pipeline.registry.syncing.refresh import sync_from_file, sync_from_network_or_sample
from arena_pipeline.registry.syncing.snapshots import last_accepted
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import body, row

PATH = "/api/v1/models"
FOUR = [row(f"acme/m{number}") for number in range(4)]


@pytest.fixture
def online(httpserver: HTTPServer, tmp_path: Path) -> Settings:
    """Settings that ask the test's own server."""
    return Settings.load(data_dir=tmp_path, catalog_url=httpserver.url_for(PATH), catalog_retries=0)


@pytest.fixture
def offline(tmp_path: Path) -> Settings:
    """Settings of a machine on which nobody answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}{PATH}"
    return Settings.load(data_dir=tmp_path, catalog_url=url, catalog_retries=0)


def serve(httpserver: HTTPServer, *rows: object, etag: str = '"1"') -> None:
    httpserver.clear()
    httpserver.expect_request(PATH).respond_with_data(body(*rows), headers={"ETag": etag})


def test_the_catalog_of_the_network_is_taken_over(
    store: Store, online: Settings, httpserver: HTTPServer
) -> None:
    serve(httpserver, *FOUR)

    report = sync_from_network_or_sample(store, online)

    assert (report.models, report.is_sample, report.reachable, report.notice) == (
        4,
        False,
        True,
        None,
    )
    last = last_accepted(store)
    assert last is not None
    assert (last.source, last.etag) == (httpserver.url_for(PATH), '"1"')


def test_a_drop_that_the_network_serves_is_believed_when_a_person_says_so(
    store: Store, online: Settings, httpserver: HTTPServer
) -> None:
    serve(httpserver, *FOUR)
    sync_from_network_or_sample(store, online)
    serve(httpserver, FOUR[0], etag='"2"')
    with pytest.raises(CatalogRefused, match="add --accept-drop to arena sync"):
        sync_from_network_or_sample(store, online)

    report = sync_from_network_or_sample(store, online, accept_drop=True)

    assert (report.models, len(report.diff.removed)) == (1, 3)


def test_an_unchanged_catalog_is_not_even_sent(
    store: Store, online: Settings, httpserver: HTTPServer
) -> None:
    serve(httpserver, *FOUR)
    first = sync_from_network_or_sample(store, online)
    httpserver.clear()
    httpserver.expect_request(PATH, headers={"If-None-Match": '"1"'}).respond_with_data(status=304)

    again = sync_from_network_or_sample(store, online)

    assert (again.changed, again.snapshot, again.models) == (False, first.snapshot, 4)


@pytest.mark.parametrize(("days", "flipped"), [(7, ["acme/m0"]), (0, [])])
def test_how_long_a_price_may_take_to_flip_back_is_a_setting(
    store: Store, online: Settings, httpserver: HTTPServer, days: float, flipped: list[str]
) -> None:
    settings = online.model_copy(update={"price_flip_days": days})
    for price in ("0.000001", "0.000002", "0.000001"):
        serve(httpserver, row("acme/m0", prompt=price), etag=f'"{price}"')
        report = sync_from_network_or_sample(store, settings)

    assert [change.slug for change in report.diff.repriced] == ["acme/m0"]
    assert report.to_json()["flipped"] == flipped


def test_the_tag_of_another_catalog_is_not_asked_with(
    store: Store, online: Settings, httpserver: HTTPServer, tmp_path: Path
) -> None:
    serve(httpserver, *FOUR)
    sync_from_network_or_sample(store, online)
    file = tmp_path / "2030-01-01.json"
    file.write_bytes(body(*FOUR[:3]))
    sync_from_file(store, file, catalog_dir=online.catalog_dir)

    report = sync_from_network_or_sample(store, online)

    assert "If-None-Match" not in httpserver.log[-1][0].headers
    assert report.diff.returned == ("acme/m3",)


def test_the_first_run_without_a_network_uses_the_sample_and_says_so(
    store: Store, offline: Settings
) -> None:
    report = sync_from_network_or_sample(store, offline)

    assert (report.is_sample, report.reachable) == (True, False)
    assert report.notice is not None
    assert "using the sample catalog of" in report.notice
    assert len(models(store)) == report.models >= 12


def test_later_runs_without_a_network_still_say_so(store: Store, offline: Settings) -> None:
    sync_from_network_or_sample(store, offline)

    report = sync_from_network_or_sample(store, offline)

    assert (report.is_sample, report.changed) == (True, False)
    assert report.notice is not None
    assert "using the sample catalog of" in report.notice


def test_without_a_network_the_store_keeps_what_it_knows(
    store: Store, offline: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "2026-08-18.json"
    file.write_bytes(body(*FOUR))
    sync_from_file(store, file, catalog_dir=offline.catalog_dir)

    report = sync_from_network_or_sample(store, offline)

    assert report.fetched_at == datetime(2026, 8, 18, tzinfo=UTC)
    assert (report.is_sample, report.reachable, report.models) == (False, False, 4)
    assert report.notice is not None
    assert report.notice.startswith("Catalog not reachable, using the catalog of 2026-08-18")


def test_a_real_catalog_takes_the_place_of_the_sample_whatever_it_lists(
    store: Store, offline: Settings, online: Settings, httpserver: HTTPServer
) -> None:
    sync_from_network_or_sample(store, offline)
    serve(httpserver, *FOUR)

    report = sync_from_network_or_sample(store, online)

    assert (report.is_sample, len(report.diff.added), report.diff.removed) == (False, 4, ())
    assert len(models(store, removed=False)) == 4


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (b"<html>Log in to the hotel network</html>", 200, CatalogUnreadable),
        (body(), 200, CatalogRefused),
        (b"", 500, CatalogUnreadable),
    ],
)
def test_whoever_answers_with_no_catalog_is_an_error_even_on_the_first_run(
    store: Store,
    online: Settings,
    httpserver: HTTPServer,
    answer: bytes,
    status: int,
    error: type[Exception],
) -> None:
    httpserver.expect_request(PATH).respond_with_data(answer, status=status)

    with pytest.raises(error):
        sync_from_network_or_sample(store, online)

    assert models(store) == ()
    assert last_accepted(store) is None
