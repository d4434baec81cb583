"""Published statistics as an import keeps them: a column set beside our own ratings.

What belongs here: from a file's bytes to rows of `published_ratings`. What the files look like is
in `statistics`; our numbers are never made from these.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import NoReturn

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from arena_pipeline.errors import ArenaError
from arena_pipeline.importers.snakebench.reading.statistics import recognised
from arena_pipeline.leaderboard.published import Published
from arena_pipeline.store.tables import PublishedRating

LADDER = "snakebench"
"""The ladder of ours that SnakeBench's numbers are to be compared with."""

_KEPT = (
    "competitor", "elo", "trueskill_mu", "trueskill_sigma", "trueskill_exposed", "matches", "wins",
    "losses", "ties", "score_total",
)  # fmt: skip


class BadStatistics(ArenaError):
    """A file that is meant to be a statistics file and can't be read as one."""


def read_published(content: bytes, path: str) -> Published | None:
    """What an index or statistics file says; None for a document that is neither.

    `path` is where it lies, for messages and for the name of the file. Raises BadStatistics for
    bytes that are no JSON document, and for a statistics file that is damaged.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
        return recognised(document, path.replace("\\", "/").rpartition("/")[2])
    except UnicodeDecodeError as error:
        raise BadStatistics(f"{path} is not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise BadStatistics(f"{path} is not one JSON document: {error}") from error
    except RecursionError as error:
        raise BadStatistics(f"{path} is nested too deeply to be a statistics file") from error
    except ValueError as error:
        raise BadStatistics(f"{path} is a damaged statistics file: {error}") from error


def keep_published(
    connection: Connection, published: Published, digest: str, path: str, now: datetime
) -> bool:
    """Keep a file's ratings, if it has any and they are not kept yet; returns whether it was so.

    `digest` is the SHA-256 (hex) of the file's bytes, by which it is known again wherever it lies.
    Safe to repeat, beside others.
    """
    known = select(PublishedRating.competitor).where(PublishedRating.source_digest == digest)
    if not published.figures or connection.execute(known.limit(1)).first() is not None:
        return False
    rows = []
    for position, figures in enumerate(published.figures, 1):
        told = asdict(figures)
        rows.append(
            {
                **{name: told[name] for name in _KEPT},
                "source_digest": digest,
                "source_path": path,
                "ladder": LADDER,
                "kind": published.kind.value,
                "position": position,
                "imported_at": now,
            }
        )
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(dialect.insert(PublishedRating).on_conflict_do_nothing(), rows)
    return True


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
