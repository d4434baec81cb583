"""Published headers put straight into a store as matches with participants, for tests of what
comes after an import.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from arena_pipeline.leaderboard.ladders import DEFAULT_CONFIG
from arena_pipeline.matches.configs import digest_of
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    GameConfig,
    Kind,
    Match,
    MatchState,
    Model,
    Participant,
    Purpose,
)

_PACIFIC = ZoneInfo("America/Los_Angeles")
_BATCH = 400
_NOBODY: Mapping[str, int | None] = {"model_id": None, "agent_id": None}
_NOW = datetime(2026, 11, 1, tzinfo=UTC)

Header = Mapping[str, Any]


def shared_headers(shared_data: Path, *, extra: bool = True) -> Iterator[Header]:
    """The headers of the shared data."""
    names = ("headers_3577.jsonl", "headers_extra.jsonl") if extra else ("headers_3577.jsonl",)
    for name in names:
        for line in (shared_data / "snakebench" / name).read_text().splitlines():
            if line:
                yield json.loads(line)["metadata"]


def header(
    number: int,
    *seats: tuple[str, str, int],
    at: str | None = None,
    start: str | None = None,
    first_id: int = 1,
    **changes: Any,
) -> dict[str, Any]:
    """A header of our own: `seats` are (name, result, apples), `at` is the text of its end."""
    ids = [str(first_id + seat) for seat in range(len(seats))]
    end = f"2025-03-01T10:{number % 60:02d}:30.5" if at is None else at
    began = f"2025-03-01T10:{number % 60:02d}:00.25" if start is None else start
    return {
        "game_id": str(UUID(digest_of(["header", number])[:32], version=4)),
        "start_time": began,
        "end_time": end,
        "models": {id_: name for id_, (name, _, _) in zip(ids, seats, strict=True)},
        "game_result": {id_: result for id_, (_, result, _) in zip(ids, seats, strict=True)},
        "final_scores": {id_: apples for id_, (_, _, apples) in zip(ids, seats, strict=True)},
        "death_info": {
            id_: {"reason": "wall", "round": 3}
            for id_, (_, result, _) in zip(ids, seats, strict=True)
            if result == "lost"
        },
        "max_rounds": 100,
        "actual_rounds": 3,
        **changes,
    }


def insert_headers(
    store: Store,
    headers: Iterable[Header],
    *,
    slugs: Mapping[str, str] | None = None,
    faults: Mapping[str, int] | None = None,
    placeholders: Iterable[str] = (),
) -> int:
    """Insert finished matches known by their headers only, and return how many.

    `slugs` gives names a model (made if it is not there) with an agent; `faults` gives matches, by
    game_id, so many gateway faults at the first seat; `placeholders` are names that say nothing.
    """
    given = list(headers)
    people = _people(store, slugs or {})
    unknown = frozenset(placeholders)
    with store.write() as connection:
        config = connection.execute(
            select(GameConfig.id).where(GameConfig.name == DEFAULT_CONFIG)
        ).scalar_one()
        for first in range(0, len(given), _BATCH):
            batch = given[first : first + _BATCH]
            rows = connection.execute(
                insert(Match).returning(Match.uuid, Match.id),
                [_match(one, config) for one in batch],
            )
            ids = {row.uuid: row.id for row in rows}
            seats = [
                {
                    **seat,
                    **people.get(name, _NOBODY),
                    "gateway_faults": (faults or {}).get(one["game_id"], 0) if slot == 0 else 0,
                    "flags": {"placeholder": True} if name in unknown else {},
                }
                for one in batch
                for slot, (name, seat) in enumerate(_seats(one, ids[one["game_id"]]))
            ]
            connection.execute(insert(Participant), seats)
    return len(given)


def _match(one: Header, config: int) -> dict[str, Any]:
    return {
        "uuid": one["game_id"],
        "config_id": config,
        "purpose": Purpose.IMPORT.value,
        "state": MatchState.FINISHED.value,
        "rule_version": "2025-02-04",
        "started_at": _moment(one["start_time"]),
        "ended_at": _moment(one["end_time"]),
        "started_at_text": one["start_time"],
        "ended_at_text": one["end_time"],
        "rounds": one["actual_rounds"],
        "ended_by": "last_alive",
        "total_score": float(sum(one["final_scores"].values())),
        "replay_missing": "only its header was published",
        "verification": "header_only",
        "source_path": "headers.jsonl",
        "source_digest": digest_of([one["game_id"]]),
        "info": {"import": "snakebench", "actual_rounds": one["actual_rounds"]},
    }


def _seats(one: Header, match_id: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for slot, id_ in enumerate(sorted(one["models"], key=int)):
        death = one["death_info"].get(id_)
        result = one["game_result"].get(id_, "tied")
        yield (
            one["models"][id_],
            {
                "match_id": match_id,
                "slot": slot,
                "name": one["models"][id_],
                "score": float(one["final_scores"].get(id_, 0)),
                "reward": {"won": 1.0, "lost": -1.0}.get(result, 0.0),
                "result": result,
                "placement": 2 if result == "lost" else 1,
                "death_round": death and death["round"],
                "death_reason": death and death["reason"],
            },
        )


def _people(store: Store, slugs: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Columns for the participants of each name: its model and that model's agent."""
    people: dict[str, dict[str, int]] = {}
    with store.write() as connection:
        connection.execute(store.insert_ignore(Kind), [{"name": "llm", "title": "llm"}])
        for slug in sorted(set(slugs.values())):
            model = connection.execute(
                insert(Model).returning(Model.id).values(
                    slug=slug, source="import", display_name=slug, vendor=slug.partition("/")[0],
                    client_name=slug, discovered_at=_NOW,
                )
            ).scalar_one()  # fmt: skip
            agent = connection.execute(
                insert(Agent).returning(Agent.id).values(
                    alias=slug, kind="llm", model_id=model, active=False, source="import",
                    config_digest=digest_of(["llm", slug]), created_at=_NOW,
                )
            ).scalar_one()  # fmt: skip
            ids = {"model_id": model, "agent_id": agent}
            people |= {name: ids for name, of in slugs.items() if of == slug}
    return people


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    return datetime.fromisoformat(text).replace(tzinfo=_PACIFIC).astimezone(UTC)
