"""How changes of the catalog look in a table of the UI."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from arena_pipeline.catalog.diff import CatalogDiff, ChangeKind
from arena_pipeline.defs.looks import table

if TYPE_CHECKING:
    from arena_pipeline.registry.history import ChangeRow

Facts = Mapping[str, Any] | None


def diff_table(difference: CatalogDiff) -> dg.MarkdownMetadataValue:
    """What one catalog changed."""
    flipped = {change.slug for change in difference.flipped}
    return _table(
        (kind, slug, before, after, kind == ChangeKind.REPRICED and slug in flipped)
        for kind, slug, before, after in difference.changes()
    )


def changes_table(changes: Iterable["ChangeRow"]) -> dg.MarkdownMetadataValue:
    """What several catalogs changed."""
    return _table((one.kind, one.slug, one.before, one.after, one.is_flip) for one in changes)


def _table(changes: Iterable[tuple[str, str, Facts, Facts, bool]]) -> dg.MarkdownMetadataValue:
    """A row for each; a price that went back to what it was a short while ago says so."""
    return table(
        ("change", "model", "before", "after"),
        [
            (f"{kind} (flipped back)" if is_flip else kind, slug, before, after)
            for kind, slug, before, after, is_flip in changes
        ],
        "Nothing.",
    )
