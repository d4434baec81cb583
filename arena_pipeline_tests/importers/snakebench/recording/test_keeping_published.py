"""Published ratings are kept once, as they were published."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from arena_pipeline.importers.snakebench.recording.published import keep_published
from arena_pipeline.store import Store
from arena_pipeline.store.tables import PublishedRating
from arena_pipeline_tests.importers.snakebench.recording.test_published import (
    NOW,
    SKILL,
    TOTALS,
    read,
)


def kept(store: Store) -> list[Mapping[str, Any]]:
    with store.read() as connection:
        order = (PublishedRating.source_digest, PublishedRating.position)
        return [
            dict(row._mapping)
            for row in connection.execute(select(PublishedRating.__table__).order_by(*order))
        ]


def test_ratings_are_kept_once_whatever_the_file_is_called_later(store: Store) -> None:
    published = read({"bert": TOTALS, "anna": {**TOTALS, "elo": 1400.125}})
    assert published is not None

    with store.write() as connection:
        first = keep_published(connection, published, "d1", "a/stats_simple.json", NOW)
        again = keep_published(connection, published, "d1", "b/moved.json", NOW)
        other = keep_published(connection, published, "d2", "c/changed.json", NOW)

    assert (first, again, other) == (True, False, True)
    rows = kept(store)
    assert [(r["source_digest"], r["competitor"], r["position"], r["elo"]) for r in rows] == [
        ("d1", "bert", 1, 1516.25),
        ("d1", "anna", 2, 1400.125),
        ("d2", "bert", 1, 1516.25),
        ("d2", "anna", 2, 1400.125),
    ]
    assert rows[0] == {
        "source_digest": "d1", "competitor": "bert", "source_path": "a/stats_simple.json",
        "ladder": "snakebench", "kind": "stats_simple", "position": 1, "elo": 1516.25,
        "trueskill_mu": None, "trueskill_sigma": None, "trueskill_exposed": None, "matches": 3,
        "wins": 1, "losses": 0, "ties": 2, "score_total": 7.0, "imported_at": NOW,
    }  # fmt: skip


def test_trueskill_is_kept_as_published_and_an_index_keeps_nothing(store: Store) -> None:
    skills, index = read([SKILL]), read([{"game_id": "x", "filename": "x.json"}])
    assert skills is not None
    assert index is not None

    with store.write() as connection:
        new = keep_published(connection, skills, "d1", "t.json", NOW)
        nothing = keep_published(connection, index, "d2", "i.json", NOW)

    assert (new, nothing) == (True, False)
    [row] = kept(store)
    assert (row["kind"], row["elo"]) == ("trueskill", None)
    assert (row["trueskill_mu"], row["trueskill_sigma"], row["trueskill_exposed"]) == (
        26.5, 7.25, 4.75,
    )  # fmt: skip
