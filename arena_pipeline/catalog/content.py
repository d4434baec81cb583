"""What lasts of a catalog's content, in one form: what its digest is taken of.

What belongs here: which differences between two catalogs make them two. The meaning of a row is in
`catalog.row`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from arena_pipeline.catalog.overrides import steady_prices

VOLATILE = frozenset({"description", "benchmarks"})
"""Fields that change daily without the model changing: not part of the digest."""

DEEPEST_ROW = 32
"""Nesting of a row beyond which it is not stored; real ones have 6 levels."""

_NESTED = frozenset({dict, list})


def lasting_content(row: dict[str, Any]) -> dict[str, Any]:
    """A row without `VOLATILE` fields, lists of words sorted and prices as they last.

    Raises ValueError for a row nested deeper than `DEEPEST_ROW`.
    """
    content: dict[str, Any] = _ordered(row)
    for key in VOLATILE:
        content.pop(key, None)
    if isinstance(pricing := content.get("pricing"), dict):
        content["pricing"] = steady_prices(pricing)
    return content


def digest_of(contents: Mapping[str, dict[str, Any]], unread: Iterable[str]) -> str:
    """SHA-256 of the canonical JSON of all rows in the order of their ids, and of the ids (or
    nothing) of rows that can't be used.
    """
    rows = [contents[slug] for slug in sorted(contents)]
    canonical = json.dumps([rows, sorted(unread)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _ordered(nested: Any, levels: int = DEEPEST_ROW) -> Any:
    """A copy with all lists of words sorted; nothing else has an order that means nothing."""
    if not levels:
        raise ValueError(f"nested deeper than {DEEPEST_ROW} levels")
    if type(nested) is dict:
        return {
            key: _ordered(item, levels - 1) if type(item) in _NESTED else item
            for key, item in nested.items()
        }
    if {*map(type, nested)} == {str}:
        return sorted(nested)
    return [_ordered(item, levels - 1) if type(item) in _NESTED else item for item in nested]
