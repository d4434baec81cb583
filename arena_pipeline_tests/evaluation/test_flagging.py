"""Agents that spoil many of their turns are pointed out."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from arena_pipeline.evaluation.flagging import FlagPolicy, flagged_agents
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall, Participant
from arena_pipeline_tests.agents import NOON, add_agents, finished_match


@pytest.fixture
def arena(store: Store, recorder: Recorder) -> Store:
    """Six matches: `talker` spoils half of its ten turns, `thinker` one of them."""
    entrants = add_agents(store, "talker", "thinker", kind="llm")
    bot = add_agents(store, "greedy")["greedy"]
    matches = [
        finished_match(store, pair, seed=seed)
        for seed in range(3)
        for pair in ([entrants["talker"], entrants["thinker"]], [bot, entrants["talker"]])
    ]
    recorder.record(matches)
    spoilt = {
        "talker": {"no_action": 4, "empty": 1, "gateway_error": 7},
        "thinker": {"empty": 1},
        "greedy": {"illegal_action": 10},
    }
    with store.write() as connection:
        for seat in connection.execute(select(Participant.__table__)).all():
            faults = spoilt[seat.name]
            own = sum(count for kind, count in faults.items() if not kind.startswith("gateway"))
            connection.execute(
                update(Participant)
                .where(Participant.match_id == seat.match_id, Participant.slot == seat.slot)
                .values(faults=faults, agent_faults=own)
            )
            if seat.name == "greedy":
                continue
            for attempt in (1, 2):
                connection.execute(
                    insert(LlmCall),
                    [
                        {
                            "match_id": seat.match_id, "slot": seat.slot, "step": step,
                            "attempt": attempt, "agent_id": seat.agent_id, "gateway": "local",
                            "client_name": "m", "started_at": NOON, "settled_at": NOON,
                        }
                        for step in range(10)
                    ],
                )  # fmt: skip
    return store


def test_who_spoils_many_turns_is_flagged_with_the_kinds(arena: Store) -> None:
    (found,) = flagged_agents(arena, now=NOON)

    assert (found.alias, found.matches, found.turns, found.faults) == ("talker", 6, 60, 30)
    assert (found.share, dict(found.kinds)) == (0.5, {"no_action": 24, "empty": 6})
    assert found.sentence == (
        "talker spoilt 30 of 60 turns (50%: no_action 24, empty 6) in 6 matches"
    )


def test_the_policy_says_from_where_on(arena: Store) -> None:
    strict = flagged_agents(arena, FlagPolicy(faults=3, share=0.1), now=NOON)

    assert [one.alias for one in strict] == ["talker", "thinker"]
    assert flagged_agents(arena, FlagPolicy(faults=31), now=NOON) == ()
    assert flagged_agents(arena, FlagPolicy(share=0.51), now=NOON) == ()
    assert flagged_agents(arena, now=NOON + timedelta(days=40)) == ()


def test_an_empty_arena_flags_nobody(store: Store) -> None:
    assert flagged_agents(store) == ()
