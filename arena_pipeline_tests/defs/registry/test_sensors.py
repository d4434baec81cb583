from pathlib import Path

import dagster as dg

from arena_pipeline.defs.registry.sensors import models_file_changed
from arena_pipeline.defs.resources import Arena
from arena_pipeline_tests.defs.conftest import Materialize


def look(
    arena: Arena, instance: dg.DagsterInstance, cursor: str | None = None
) -> dg.SensorResult | dg.SkipReason:
    return models_file_changed(dg.build_sensor_context(instance, cursor=cursor), arena)


def test_agents_never_registered_are_asked_for(arena: Arena, instance: dg.DagsterInstance) -> None:
    asked = look(arena, instance)

    assert isinstance(asked, dg.SensorResult)
    assert len(asked.run_requests or []) == 1


def test_an_unchanged_file_asks_for_nothing(
    arena: Arena, instance: dg.DagsterInstance, materialize: Materialize
) -> None:
    materialize("agents")

    skipped = look(arena, instance)

    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == "The agents are those of models.yaml as it is now."


def test_a_changed_file_asks_for_one_run(
    arena: Arena, instance: dg.DagsterInstance, materialize: Materialize, models_file: Path
) -> None:
    materialize("agents")
    models_file.write_text("bots: []\n", encoding="utf-8")

    asked = look(arena, instance)

    assert isinstance(asked, dg.SensorResult)
    assert isinstance(look(arena, instance, asked.cursor), dg.SkipReason)


def test_a_file_that_goes_back_to_what_it_was_asks_again(
    arena: Arena, instance: dg.DagsterInstance, materialize: Materialize, models_file: Path
) -> None:
    first = models_file.read_text(encoding="utf-8")
    asked = look(arena, instance)
    assert isinstance(asked, dg.SensorResult)
    materialize("agents")
    models_file.write_text("bots: []\n", encoding="utf-8")
    asked = look(arena, instance, asked.cursor)
    assert isinstance(asked, dg.SensorResult)
    materialize("agents")

    models_file.write_text(first, encoding="utf-8")

    assert isinstance(look(arena, instance, asked.cursor), dg.SensorResult)


def test_a_missing_file_is_no_empty_file(
    arena: Arena, instance: dg.DagsterInstance, models_file: Path
) -> None:
    models_file.unlink()

    skipped = look(arena, instance)

    assert isinstance(skipped, dg.SkipReason)
    assert "can't be read; agents stay as they are" in str(skipped.skip_message)
