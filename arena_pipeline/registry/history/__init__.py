"""What was when: what a model cost on a day, under which names it was known, when it was away, and
what each catalog changed.

What belongs here: reading what catalogs left behind, one statement for each question about a slug.
What holds now is in `registry.models`; the rows are written by `registry.syncing.listing` and
`registry.syncing.snapshots`.
"""

from arena_pipeline.registry.history.absences import Absence, absences
from arena_pipeline.registry.history.changes import ChangeRow, changes
from arena_pipeline.registry.history.names import AliasRow, NameSeen, all_aliases, names
from arena_pipeline.registry.history.prices import (
    PricePoint,
    PriceSpan,
    all_prices,
    price_on,
    prices,
)
from arena_pipeline.registry.history.unresolved import UnresolvedName, unresolved_names

__all__ = [
    "Absence",
    "AliasRow",
    "ChangeRow",
    "NameSeen",
    "PricePoint",
    "PriceSpan",
    "UnresolvedName",
    "absences",
    "all_aliases",
    "all_prices",
    "changes",
    "names",
    "price_on",
    "prices",
    "unresolved_names",
]
