"""What the columns of the leaderboard mean: those of a standing, and those that the board adds.

They are the fields of `leaderboard.board.BoardRow`, in its order.
"""

import dagster as dg

from arena_pipeline.defs.looks import columns_of
from arena_pipeline.store.tables import Standing


def board_columns() -> list[dg.TableColumn]:
    """The columns of the leaderboard, described."""
    standing = {column.name: column for column in columns_of(Standing)}
    totals = ("matches", "wins", "losses", "ties", "score_total", "top_score")
    times = ("first_match_at", "last_match_at")
    return [
        _added(
            "rank", "INTEGER", "1 for the best; equal ratings share one, and the next is left out."
        ),
        standing["competitor"],
        _added("title", "VARCHAR", "What people call the competitor."),
        _added("kind", "VARCHAR", "Kind of the agent; model or name where no agent competes."),
        _added(
            "rating", "DOUBLE", "Elo points; the mean score where the ladder ranks by mean score."
        ),
        *(standing[name] for name in (*totals, *times)),
        _added(
            "status", "VARCHAR", "untested, placing (being evaluated), ranked, failed or retired."
        ),
        *(dg.TableColumn(*one) for one in _TRUESKILL),
    ]


_TRUESKILL = (
    ("trueskill_mu", "DOUBLE", "TrueSkill mean; empty: the ladder does not keep it."),
    ("trueskill_sigma", "DOUBLE", "TrueSkill standard deviation; empty: not kept."),
    ("trueskill_exposed", "DOUBLE", "TrueSkill mean less three deviations; empty: not kept."),
)


def _added(name: str, type_: str, description: str) -> dg.TableColumn:
    return dg.TableColumn(
        name,
        type_,
        description=description,
        constraints=dg.TableColumnConstraints(nullable=False),
    )
