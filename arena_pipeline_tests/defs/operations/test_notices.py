"""The sensor that tells a webhook what went wrong."""

import dagster as dg
import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import case, update
from werkzeug import Request, Response

from arena_pipeline.defs.operations.notices import notices
from arena_pipeline.defs.resources import Arena
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Participant
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.played import play


@pytest.fixture
def told(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of what a receiver was told; its address is the one that is set."""
    keys: list[str] = []

    def take(request: Request) -> Response:
        keys.append(request.get_json()["key"])
        return Response(status=204)

    httpserver.expect_request("/hook", method="POST").respond_with_handler(take)
    monkeypatch.setenv("ARENA_NOTIFY_URL", httpserver.url_for("/hook"))
    return keys


def look(
    arena: Arena,
    repository: dg.RepositoryDefinition,
    instance: dg.DagsterInstance,
    cursor: str | None = None,
) -> dg.SensorResult:
    context = dg.build_sensor_context(instance, cursor=cursor, repository_def=repository)
    result = notices(context, arena)
    assert isinstance(result, dg.SensorResult)
    return result


def test_without_an_address_it_skips_and_names_the_setting(
    arena: Arena, repository: dg.RepositoryDefinition, instance: dg.DagsterInstance
) -> None:
    context = dg.build_sensor_context(instance, repository_def=repository)

    skipped = notices(context, arena)

    assert isinstance(skipped, dg.SkipReason)
    assert "ARENA_NOTIFY_URL" in str(skipped.skip_message)


def test_a_check_is_told_when_it_turns_bad_and_again_only_after_it_was_good(
    arena: Arena,
    repository: dg.RepositoryDefinition,
    instance: dg.DagsterInstance,
    materialize: Materialize,
    told: list[str],
    store: Store,
    recorder: Recorder,
) -> None:
    play(store, recorder)
    cursor: str | None = None
    runs = []
    for of_the_second in ("won", "won", "lost", "won"):
        with store.write() as connection:
            result = case((Participant.slot == 0, "won"), else_=of_the_second)
            connection.execute(update(Participant).values(result=result))
        runs.append(materialize("elo_ratings").run_id)
        cursor = look(arena, repository, instance, cursor).cursor

    of_this_check = [key for key in told if "wins_equal_losses" in key]
    assert of_this_check == [
        f"check:elo_ratings:wins_equal_losses:{runs[number]}" for number in (0, 3)
    ]


def test_a_tick_that_has_nothing_to_tell_says_so(
    arena: Arena,
    repository: dg.RepositoryDefinition,
    instance: dg.DagsterInstance,
    told: list[str],
) -> None:
    result = look(arena, repository, instance)

    assert result.skip_reason is not None
    assert result.skip_reason.skip_message == "Nothing to tell."
    assert told == []
