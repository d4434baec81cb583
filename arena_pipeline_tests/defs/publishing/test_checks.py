import dagster as dg

from arena_pipeline.defs.publishing.checks import export_equals_store
from arena_pipeline.defs.resources import Arena
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.registry.agents import agent
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import finished_match
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.played import play
from arena_pipeline_tests.defs.seen import checks


def check(arena: Arena) -> dg.AssetCheckResult:
    result = export_equals_store(arena)
    assert isinstance(result, dg.AssetCheckResult)
    return result


def test_fresh_exports_say_what_the_store_says(
    materialize: Materialize, store: Store, recorder: Recorder
) -> None:
    play(store, recorder)

    assert checks(materialize("exports"))["export_equals_store"][0]


def test_an_altered_file_fails_the_check_and_is_named(
    materialize: Materialize, store: Store, recorder: Recorder, arena: Arena
) -> None:
    play(store, recorder)
    materialize("exports")
    file = arena.settings.export_dir / "snake" / "leaderboard.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("left", "lift"), encoding="utf-8")

    result = check(arena)

    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "leaderboard.csv" in str(result.description)


def test_matches_played_since_are_a_warning_and_no_fault(
    materialize: Materialize, store: Store, recorder: Recorder, arena: Arena
) -> None:
    play(store, recorder)
    materialize("exports")
    pair = [Entrant(name, agent_id=agent(store, name).id) for name in ("left", "right")]
    recorder.record([finished_match(store, pair, seed=99)])

    result = check(arena)

    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
