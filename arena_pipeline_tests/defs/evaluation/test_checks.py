from datetime import UTC, datetime

from sqlalchemy import select, update

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, LlmCall, Participant
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.seen import checks
from arena_pipeline_tests.evaluation.hosted import SLUG, hosted_matches


def test_agents_that_spoil_turns_and_hosts_that_differ_are_pointed_out(
    materialize: Materialize, store: Store, recorder: Recorder
) -> None:
    hosted_matches(store, recorder, *["good"] * 8, *["bad"] * 8, now=datetime.now(UTC))
    with store.write() as connection:
        connection.execute(
            update(Participant)
            .where(Participant.slot == 0)
            .values(agent_faults=5, faults={"no_action": 5})
        )
        player = select(Agent.id).where(Agent.alias == "player").scalar_subquery()
        connection.execute(update(LlmCall).values(agent_id=player))

    found = checks(materialize("participants"))

    assert found["no_orphan_rows"][0]
    assert found["hosts_are_alike"][0] is False
    assert f"hosts of {SLUG} differ in share of faulty replies" in str(found["hosts_are_alike"][1])
    assert found["replies_are_usable"][0] is False
    assert "player spoilt 80 of 176 turns" in str(found["replies_are_usable"][1])


def test_an_arena_without_calls_has_nothing_to_point_out(materialize: Materialize) -> None:
    found = checks(materialize("participants"))

    assert found["hosts_are_alike"][0]
    assert found["replies_are_usable"][0]
