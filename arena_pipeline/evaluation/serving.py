"""Which ladders agents are placed on by themselves, and which of them is whose."""

from collections.abc import Iterable

from sqlalchemy import select

from arena_pipeline.evaluation import applicants
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, PRACTICE_LADDER
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder


def served_ladders(store: Store) -> tuple[str, ...]:
    """The default ladder and, once somebody practises, the one for that."""
    with store.read() as connection:
        found = connection.scalar(select(Ladder.id).where(Ladder.name == PRACTICE_LADDER))
    return (DEFAULT_LADDER,) if found is None else (DEFAULT_LADDER, PRACTICE_LADDER)


def home_ladders(store: Store, settings: Settings, aliases: Iterable[str]) -> dict[str, list[str]]:
    """The agents by the ladder they belong on: those who practise on the one for that."""
    with store.read() as connection:
        everybody = applicants.agents(connection, settings)
    practising = {who.name for who in everybody if who.is_practice}
    homes: dict[str, list[str]] = {}
    for alias in aliases:
        home = PRACTICE_LADDER if alias in practising else DEFAULT_LADDER
        homes.setdefault(home, []).append(alias)
    return homes
