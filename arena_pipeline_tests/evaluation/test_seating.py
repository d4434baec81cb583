"""Who sits down for an agent."""

import asyncio

import pytest

from arena_pipeline.errors import ArenaError
from arena_pipeline.evaluation.callees import NoCallee
from arena_pipeline.evaluation.seating import NoPlayer, make_players
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import play
from arena_pipeline.players.bots import UnknownBot
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents, plan


def test_bots_play_by_their_policy_and_the_seed_tells_the_match(
    store: Store, recorder: Recorder
) -> None:
    agents = add_agents(store, "random", "greedy")
    planned = plan(store, list(agents.values()), seed=5)

    first, again = (
        asyncio.run(play(recorder, planned, make_players(store)(planned))) for _ in range(2)
    )

    assert first.steps == again.steps


@pytest.mark.parametrize(
    ("alias", "kind", "error"),
    [("gpt", "llm", NoCallee), ("ann", "human", NoPlayer), ("no_such_policy", "bot", UnknownBot)],
)
def test_an_agent_nothing_can_play_for_is_refused(
    store: Store, alias: str, kind: str, error: type[ArenaError]
) -> None:
    agents = add_agents(store, alias, kind=kind) | add_agents(store, "greedy")

    with pytest.raises(error, match=alias):
        make_players(store)(plan(store, list(agents.values())))


def test_a_name_that_is_no_agent_is_refused(store: Store) -> None:
    with pytest.raises(NoPlayer, match="stranger"):
        make_players(store)(plan(store, [Entrant("stranger"), Entrant("another")]))
