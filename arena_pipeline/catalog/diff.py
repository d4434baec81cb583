"""What changed between two catalogs. Pure: no store, no clock.

The order of rows never matters, and neither do descriptions or benchmarks.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from arena_pipeline.catalog.prices import price_text
from arena_pipeline.catalog.row import CatalogModel
from arena_pipeline.catalog.snapshot import Catalog

PricePair = tuple[Decimal | None, Decimal | None]
"""Prompt and completion price, USD per million tokens; None: unknown."""


class ChangeKind(StrEnum):
    """What can happen to a model between two catalogs."""

    ADDED = "added"
    REMOVED = "removed"
    RETURNED = "returned"
    REPRICED = "repriced"
    REPOINTED = "repointed"
    RENAMED = "renamed"
    LIMITS_CHANGED = "limits_changed"
    EXPIRING = "expiring"


@dataclass(frozen=True, slots=True)
class Change:
    """One fact about one model that differs, as JSON before and after.

    `is_flip`: a price that only went back to what it was a short while ago.
    """

    slug: str
    before: dict[str, Any]
    after: dict[str, Any]
    is_flip: bool = False

    def to_json(self) -> dict[str, Any]:
        """As shown to people and programs; which prices are flips is told apart from this."""
        return {"slug": self.slug, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class CatalogDiff:
    """All that changed, each list sorted by slug.

    `repriced`: prompt or completion price differs as a number (unknown is not 0). `repointed`: same
    slug, another model behind it (`created` moved). `expiring`: an announced day of removal was
    set, moved or taken back.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    repriced: tuple[Change, ...] = ()
    repointed: tuple[Change, ...] = ()
    renamed: tuple[Change, ...] = ()
    limits_changed: tuple[Change, ...] = ()
    expiring: tuple[Change, ...] = ()

    @property
    def flipped(self) -> tuple[Change, ...]:
        """Those of `repriced` that only went back."""
        return tuple(change for change in self.repriced if change.is_flip)

    def changes(
        self,
    ) -> Iterator[tuple[ChangeKind, str, dict[str, Any] | None, dict[str, Any] | None]]:
        """Every single change: kind, slug, before, after."""
        for kind in ChangeKind:
            for change in getattr(self, kind):
                if isinstance(change, Change):
                    yield kind, change.slug, change.before, change.after
                else:
                    yield kind, change, None, None

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return next(self.changes(), None) is None


def diff(
    before: Catalog,
    after: Catalog,
    *,
    known: Collection[str] = (),
    recent: Mapping[str, Collection[PricePair]] = {},
) -> CatalogDiff:
    """Compare two catalogs.

    `known`: slugs seen at any earlier time; those that come back are `returned`, not `added`.
    `recent`: what models cost within the look-back window; a price that goes back to one of these
    is a flip.

    A model whose row in `after` can't be used is neither removed nor changed. One that returns has
    its changes reported only if it is in `before`.
    """
    old, new = before.models, after.models
    arrived = sorted(new.keys() - old.keys())
    both = [(old[slug], new[slug]) for slug in sorted(old.keys() & new.keys())]
    return CatalogDiff(
        added=tuple(slug for slug in arrived if slug not in known),
        removed=tuple(sorted(old.keys() - new.keys() - after.unread)),
        returned=tuple(slug for slug in arrived if slug in known),
        repriced=tuple(
            Change(
                new.slug, _prices(old), _prices(new), price_pair(new) in recent.get(new.slug, ())
            )
            for old, new in both
            if price_pair(old) != price_pair(new)
        ),
        repointed=_changed([(o, n) for o, n in both if o.created and n.created], _creation),
        renamed=_changed(both, _name),
        limits_changed=_changed(both, _limits),
        expiring=_changed(both, _expiry),
    )


def price_pair(model: CatalogModel) -> PricePair:
    """What counts as the price of a model when two are compared."""
    return model.price_prompt, model.price_completion


def _prices(model: CatalogModel) -> dict[str, Any]:
    return {
        "prompt": price_text(model.price_prompt),
        "completion": price_text(model.price_completion),
    }


def _creation(model: CatalogModel) -> dict[str, Any]:
    return {"created": model.created.isoformat() if model.created else None}


def _name(model: CatalogModel) -> dict[str, Any]:
    return {"name": model.name}


def _limits(model: CatalogModel) -> dict[str, Any]:
    return {
        "context_length": model.context_length,
        "max_completion_tokens": model.max_completion_tokens,
    }


def _expiry(model: CatalogModel) -> dict[str, Any]:
    return {"expiration_date": model.expires.isoformat() if model.expires else None}


def _changed(
    pairs: list[tuple[CatalogModel, CatalogModel]], facts: Callable[[CatalogModel], dict[str, Any]]
) -> tuple[Change, ...]:
    return tuple(
        Change(new.slug, was, now)
        for old, new in pairs
        if (was := facts(old)) != (now := facts(new))
    )
