import dagster as dg
import duckdb  # noqa: TID253 - the file under test is altered with it

from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.warehouse.checks import warehouse_matches_store, warehouse_recomputes
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.registry.agents import agent
from arena_pipeline.store import Store
from arena_pipeline.warehouse.build import build
from arena_pipeline_tests.agents import finished_match
from arena_pipeline_tests.defs.played import play
from arena_pipeline_tests.warehouse.auditing.published import forge


def results(arena: Arena) -> tuple[dg.AssetCheckResult, dg.AssetCheckResult]:
    """What both checks say: as in the store, and from Parquet alone."""
    both = warehouse_matches_store(arena), warehouse_recomputes(arena)
    assert all(isinstance(one, dg.AssetCheckResult) for one in both)
    return both  # type: ignore[return-value]


def test_matches_since_the_build_are_no_fault_and_counted(
    store: Store, recorder: Recorder, arena: Arena
) -> None:
    play(store, recorder)
    build(store, arena.settings)
    pair = [Entrant(name, agent_id=agent(store, name).id) for name in ("left", "right")]
    recorder.record([finished_match(store, pair, seed=99)])

    as_stored, recomputed = results(arena)

    assert as_stored.passed
    assert recomputed.passed
    assert "| matches | 2026-11 |" in str(as_stored.metadata["newer in the store"].value)
    assert "snake" in str(recomputed.metadata["ladders"].value)


def test_an_altered_row_fails_the_check_that_sees_it(
    store: Store, recorder: Recorder, arena: Arena
) -> None:
    play(store, recorder)
    built = build(store, arena.settings)
    with duckdb.connect(str(built.path)) as connection:
        connection.execute("UPDATE participants SET score = 99 WHERE slot = 0")

    as_stored, recomputed = results(arena)

    assert (as_stored.passed, as_stored.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "participants of 2026-11" in str(as_stored.description)
    assert recomputed.passed

    forge(
        built.parquet.resolve(),
        "rating_events",
        lambda row: {**row, "after": row["after"] + 1e-9},
        reseal=True,
    )

    assert not results(arena)[1].passed


def test_a_parquet_file_that_is_gone_fails_the_check(
    store: Store, recorder: Recorder, arena: Arena
) -> None:
    play(store, recorder)
    built = build(store, arena.settings)
    (built.parquet / "standings" / "part-0.parquet").unlink()

    _, recomputed = results(arena)

    assert not recomputed.passed
    assert "standings/part-0.parquet is missing" in str(recomputed.description)
