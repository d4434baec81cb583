"""Ratings that another arena published of the same matches, held against ours.

An importer makes the `values` from its system's files; `agreement` compares them with a ladder,
`parting` finds the match from which on they are no longer the same. Nothing is stored here.
"""

from arena_pipeline.leaderboard.published.values import (
    Figures,
    GameRecord,
    Published,
    PublishedKind,
)

__all__ = ["Figures", "GameRecord", "Published", "PublishedKind"]
