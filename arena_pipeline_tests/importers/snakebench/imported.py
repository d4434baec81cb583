"""What an import leaves, in a form that is the same for the same history: for tests that compare.

`python -m arena_pipeline_tests.importers.snakebench.imported URL REPLAYS FOLDER POINT` imports the
folder and kills itself at POINT, such as `replays:2`: right after the second time that replays were
written, before anything of them is in the store.
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from arena_pipeline.importers.snakebench import importing
from arena_pipeline.importers.snakebench.recording import pipeline, writing
from arena_pipeline.matches import replay
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import (
    Agent,
    GameConfig,
    Ladder,
    LadderMatch,
    Match,
    Model,
    ModelAlias,
    Participant,
    PublishedRating,
    RatingEvent,
    Standing,
)

BATCH = 3

_CHANGING = {"created_at", "updated_at", "imported_at", "first_seen_at", "last_seen_at"}
_NUMBERS = {"id", "config_id", "agent_id", "model_id", "match_id", "ladder_id"}


def everything(store: Store, replay_dir: Path) -> dict[str, Any]:
    """Matches, participants, names, ladders, ratings and replay files, without numbers of rows."""
    with store.read() as connection:

        def rows(query: Any) -> list[dict[str, Any]]:
            found = connection.execute(query).mappings()
            return [
                {name: value for name, value in row.items() if name not in _CHANGING | _NUMBERS}
                for row in found
            ]

        return {
            "matches": rows(
                select(Match.__table__, GameConfig.name).join(GameConfig).order_by(Match.uuid)
            ),
            "participants": rows(
                select(Participant.__table__, Match.uuid, Agent.alias, Model.slug)
                .join(Match, Match.id == Participant.match_id)
                .outerjoin(Agent, Agent.id == Participant.agent_id)
                .outerjoin(Model, Model.id == Participant.model_id)
                .order_by(Match.uuid, Participant.slot)
            ),
            "names": rows(
                select(ModelAlias.__table__, Model.slug)
                .join(Model, Model.id == ModelAlias.model_id)
                .order_by(ModelAlias.alias)
            ),
            "ladders": rows(select(Ladder.__table__).order_by(Ladder.name)),
            "places": rows(
                select(LadderMatch.__table__, Ladder.name, Match.uuid)
                .join(Ladder, Ladder.id == LadderMatch.ladder_id)
                .join(Match, Match.id == LadderMatch.match_id)
                .order_by(Ladder.name, LadderMatch.epoch, LadderMatch.position)
            ),
            "events": rows(
                select(RatingEvent.__table__, Ladder.name)
                .join(Ladder, Ladder.id == RatingEvent.ladder_id)
                .order_by(
                    Ladder.name, RatingEvent.epoch, RatingEvent.sequence, RatingEvent.competitor
                )
            ),
            "standings": rows(
                select(Standing.__table__, Ladder.name)
                .join(Ladder, Ladder.id == Standing.ladder_id)
                .order_by(Ladder.name, Standing.competitor)
            ),
            "published": rows(
                select(PublishedRating.__table__).order_by(
                    PublishedRating.source_digest, PublishedRating.position
                )
            ),
            "replays": {
                file.relative_to(replay_dir).as_posix(): file.read_bytes()
                for file in sorted(replay_dir.rglob("*"))
                if file.is_file()
            },
        }


def die_after(module: Any, name: str, times: int) -> None:
    """Let the function end this process by SIGKILL when it returns for the so-manieth time."""
    original: Callable[..., Any] = getattr(module, name)
    calls = count(1)

    def dying(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        if next(calls) == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, name, dying)


POINTS = {
    "read": (pipeline, "known_configs"),
    "named": (importing, "register_names"),
    "replays": (replay, "write"),
    "rows": (writing, "write_new"),
    "committed": (writing, "settle"),
    "kept": (writing, "keep_published"),
    "laddered": (importing, "ensure_ladder_as_published"),
    "caught": (importing, "catch_up"),
    "reported": (importing, "keep_report"),
}


def main() -> None:
    """Import, and die."""
    url, replays, folder, point = sys.argv[1:]
    name, _, times = point.partition(":")
    die_after(*POINTS[name], int(times))
    writing.BATCH = BATCH
    importing.import_history(open_store(url), Path(replays), [Path(folder)], workers=1)


if __name__ == "__main__":
    main()
