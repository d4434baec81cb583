"""Agents and finished matches for tests, put into a store the way the system does it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert

from arena_pipeline.games import catalogue
from arena_pipeline.leaderboard.ladders import DEFAULT_CONFIG
from arena_pipeline.matches.configs import config, digest_of
from arena_pipeline.matches.plan import Entrant, FinishedMatch, MatchPlan, Step, TurnRecord
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, AgentSource, Kind, Purpose

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def add_agents(store: Store, *aliases: str, kind: str = "bot") -> dict[str, Entrant]:
    """Put agents into the registry; their policy is their alias. Entrants by alias."""
    with store.write() as connection:
        connection.execute(store.insert_ignore(Kind), [{"name": kind, "title": kind}])
        rows = connection.execute(
            insert(Agent).returning(Agent.id, Agent.alias),
            [
                {
                    "alias": alias,
                    "kind": kind,
                    "settings": {"policy": alias},
                    "source": AgentSource.PERSON.value,
                    "config_digest": digest_of([kind, alias]),
                    "created_at": NOON,
                }
                for alias in aliases
            ],
        ).all()
    return {alias: Entrant(alias, agent_id=id_) for id_, alias in rows}


def plan(
    store: Store,
    entrants: Sequence[Entrant],
    *,
    seed: int = 1,
    purpose: Purpose = Purpose.LEAGUE,
    config_name: str = DEFAULT_CONFIG,
) -> MatchPlan:
    """A match to be played; the same seed and entrants give the same uuid."""
    with store.read() as connection:
        found = config(connection, config_name)
    digest = digest_of([config_name, seed, [entrant.name for entrant in entrants], purpose])
    return MatchPlan(
        config=found,
        entrants=tuple(entrants),
        seed=seed,
        rule_version=catalogue.game(found.game).rule_version,
        purpose=purpose,
        uuid=str(UUID(digest[:32])),
    )


def finished_match(
    store: Store, entrants: Sequence[Entrant], *, seed: int = 1, purpose: Purpose = Purpose.LEAGUE
) -> FinishedMatch:
    """A match of random moves, played by the rules to its end."""
    return play_out(plan(store, entrants, seed=seed, purpose=purpose))


def play_out(planned: MatchPlan) -> FinishedMatch:
    """Play a plan with random legal moves drawn from its seed, without runner or players."""
    game = catalogue.game(planned.config.game)
    settings = planned.config.settings
    seats = game.seats(settings, len(planned.entrants), planned.chance("seats"))
    state = game.initial_state(settings, seats, planned.chance("state"))
    initial = state.snapshot()
    steps: list[Step] = []
    chance = planned.chance("moves")
    while not state.is_terminal():
        actions = {}
        for player in state.current_players():
            legal = state.legal_actions(player) or [""]
            actions[player] = legal[chance.below(len(legal))]
        turns = tuple(TurnRecord(len(steps), slot, action) for slot, action in actions.items())
        steps.append(Step(turns, state.apply_actions(actions), state.snapshot()))
    started = NOON + timedelta(seconds=(planned.seed or 0) % 10**6)
    return FinishedMatch(
        planned,
        seats,
        initial,
        tuple(steps),
        state.outcome(),
        started,
        started + timedelta(seconds=9),
    )
