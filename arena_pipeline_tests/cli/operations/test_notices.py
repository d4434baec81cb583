"""`arena notices`: the list, sending by hand, and the test notice."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from arena_pipeline.evaluation.incidents import record_failure
from arena_pipeline.operations.notices.outbox import News, write_down
from arena_pipeline.store import Store
from arena_pipeline.store.tables import NoticeKind
from arena_pipeline_tests.cli.conftest import Arena

NOBODY = "http://127.0.0.1:1/services/abcdefghijklmnopqrstuvwx"


@pytest.fixture
def address(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a receiver listens; it is the address that is set."""
    httpserver.expect_request("/hook", method="POST").respond_with_data(status=202)
    url = httpserver.url_for("/hook")
    monkeypatch.setenv("ARENA_NOTIFY_URL", url)
    return url


def fail(store: Store) -> None:
    record_failure(
        store, run_id="r1", job="daily", step="matches", error="[red]It[/] \x1b[31mbroke."
    )


@pytest.mark.usefixtures("played_dir")
def test_without_notices_the_list_says_so_and_which_setting_lacks(arena: Arena) -> None:
    ran = arena("notices")

    assert (ran.code, ran.out) == (0, "There are no notices.\n")
    assert "ARENA_NOTIFY_URL" in ran.err


@pytest.mark.usefixtures("address")
def test_what_failed_is_sent_and_listed_with_its_state(arena: Arena, played_store: Store) -> None:
    fail(played_store)

    sent = arena("notices", "send")
    listed = arena("notices")

    assert (sent.code, sent.out) == (0, "1 notice sent, 0 failed, 0 waiting.\n")
    assert "[red]It[/] [31mbroke." in listed.out
    assert "\x1b" not in listed.out
    assert "sent" in listed.out


@pytest.mark.usefixtures("address")
def test_json_tells_counts_and_every_field(arena: Arena, played_store: Store) -> None:
    fail(played_store)
    assert arena("notices", "send", "--json").document["sent"] == 1

    document = arena("notices", "--json").document

    assert document["counts"] == {"waiting": 0, "sent": 1, "given up": 0}
    [notice] = document["notices"]
    assert (notice["key"], notice["state"], notice["attempts"]) == ("incident:1", "sent", 1)


def test_a_delivery_that_fails_is_told_without_the_address(
    arena: Arena, played_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_NOTIFY_URL", NOBODY)
    fail(played_store)

    ran = arena("notices", "send")

    assert (ran.code, ran.out) == (1, "0 notices sent, 1 failed, 1 waiting.\n")
    assert "the receiver can't be reached: Connection refused" in ran.err
    assert "abcdefghijklmnop" not in ran.out + ran.err + arena("settings").out


@pytest.mark.usefixtures("played_dir", "address")
def test_a_test_notice_tells_the_status(arena: Arena, httpserver: HTTPServer) -> None:
    assert arena("notices", "test").out == "The test notice arrived (HTTP 202).\n"
    assert arena("notices", "test", "--json").document == {
        "arrived": True,
        "status": 202,
        "error": None,
    }
    assert len(httpserver.log) == 2


@pytest.mark.usefixtures("played_dir")
def test_a_test_notice_that_does_not_arrive_says_why(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_NOTIFY_URL", NOBODY)

    ran = arena("notices", "test")

    assert (ran.code, ran.out) == (1, "")
    assert (
        "The test notice did not arrive: the receiver can't be reached: Connection refused"
        in ran.err
    )


@pytest.mark.parametrize("words", [("send",), ("test",)])
@pytest.mark.usefixtures("played_dir")
def test_sending_without_an_address_names_the_setting(arena: Arena, words: tuple[str, ...]) -> None:
    ran = arena("notices", *words)

    assert ran.code == 1
    assert "set ARENA_NOTIFY_URL" in ran.err


@pytest.mark.usefixtures("played_dir")
def test_one_state_is_listed_and_a_word_that_is_none_is_refused(
    arena: Arena, played_store: Store
) -> None:
    now = datetime.now(UTC)
    write_down(played_store, [News("incident:9", NoticeKind.RUN_FAILED, now, "It failed.")])

    assert len(arena("notices", "--state", "waiting", "--json").document["notices"]) == 1
    assert arena("notices", "--state", "given-up", "--json").document["notices"] == []
    wrong = arena("notices", "--state", "lost")
    assert wrong.code == 1
    assert "there are: waiting, sent, given up" in wrong.err


def test_before_the_first_start_the_list_says_how_to_begin(arena: Arena, fresh_dir: Path) -> None:
    assert "There is no arena in" in arena("notices").err
