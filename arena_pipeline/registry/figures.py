"""Figures of the catalog: models by status, vendor and price, how much comes and goes, and how the
price level moves.

What belongs here: numbers that sum up the registry, pure over its rows or from one view of the
store. How they look is in `registry.charts`; what happened to one model in `registry.history`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from statistics import median

from sqlalchemy import Connection, func, select

from arena_pipeline.catalog.diff import CatalogDiff, ChangeKind
from arena_pipeline.registry.models import ModelRow
from arena_pipeline.registry.policy.eligibility import Verdict
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CatalogChange, CatalogSnapshot, Model, ModelPrice

PROMPT_SHARE, BLEND = Decimal("0.75"), "3 prompt : 1 completion"
"""A blended price is that of 3 prompt tokens and 1 completion token, by convention of the trade."""

BAND_EDGES = tuple(map(Decimal, ("0.1", "0.3", "1", "3", "10", "30")))
"""Borders of the price bands in USD per million tokens, evenly spaced on a scale of powers."""

FREE, UNKNOWN = "free", "unknown"


@dataclass(frozen=True, slots=True)
class VendorFigures:
    """The listed models of one vendor, or of all the `vendors` that are too small for a line.

    `median_price` is the median blended price (USD per million tokens) of those with a known price
    that is not 0; None if there are none.
    """

    vendor: str
    models: int
    free: int
    median_price: Decimal | None
    vendors: int = 1


@dataclass(frozen=True, slots=True)
class Churn:
    """How much one catalog changed: how many models came, went, came back and changed prices."""

    at: datetime
    models: int
    added: int
    removed: int
    returned: int
    repriced: int


@dataclass(frozen=True, slots=True)
class MarketDay:
    """What one catalog says that the one before did not: slugs that are listed anew, are gone, or
    name another model now, and blended prices (USD per million tokens, None: unknown) from now on.
    """

    at: datetime
    arrived: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    repointed: frozenset[str] = frozenset()
    prices: Mapping[str, Decimal | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexPoint:
    """The price level at one catalog (the first is 100), and on how many models the last step
    rests.
    """

    at: datetime
    level: float
    models: int


@dataclass(frozen=True, slots=True)
class ReasonFigures:
    """How many models share one reason for not being evaluated, with the first of them."""

    reason: str
    models: int
    example: str
    detail: str | None


def blended(prompt: Decimal | None, completion: Decimal | None) -> Decimal | None:
    """One price out of two (3 prompt tokens : 1 completion token); None if either is unknown."""
    if prompt is None or completion is None:
        return None
    return PROMPT_SHARE * prompt + (1 - PROMPT_SHARE) * completion


def is_listed(row: ModelRow) -> bool:
    """Whether a catalog listed the model and none was seen without it since."""
    return row.last_seen_at is not None and row.removed_at is None


def by_status(rows: Iterable[ModelRow]) -> dict[str, int]:
    """How many models there are, are listed, are away, may play, and are in which test status."""
    every = list(rows)
    return {
        "known": len(every),
        "listed": sum(map(is_listed, every)),
        "away": sum(row.removed_at is not None for row in every),
        "may play": sum(row.is_active for row in every),
        **Counter(sorted(str(row.test_status) for row in every)),
    }


def by_vendor(rows: Iterable[ModelRow], most: int = 15) -> tuple[VendorFigures, ...]:
    """Listed models by vendor: the `most` with most models, then all others together."""
    vendors: dict[str, list[ModelRow]] = {}
    for row in filter(is_listed, rows):
        vendors.setdefault(row.vendor, []).append(row)
    ranked = sorted(vendors.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    figures = [_vendor(name, made) for name, made in ranked[:most]]
    if rest := ranked[most:]:
        made = [row for _, models in rest for row in models]
        figures.append(_vendor("others", made, len(rest)))
    return tuple(figures)


def price_bands(rows: Iterable[ModelRow]) -> dict[str, int]:
    """How many listed models have a blended price in which band: all bands, the cheapest first."""
    found = Counter(
        _band(blended(row.price_prompt, row.price_completion)) for row in filter(is_listed, rows)
    )
    return {band: found[band] for band in (FREE, *_BANDS, UNKNOWN)}


def by_kind(difference: CatalogDiff) -> dict[str, int]:
    """How many changes of each kind a catalog brought, kinds without any left out."""
    found = Counter(str(kind) for kind, *_ in difference.changes())
    if difference.flipped:
        found["of these flipped back"] = len(difference.flipped)
    return dict(found)


def by_reason(verdicts: Iterable[Verdict]) -> tuple[ReasonFigures, ...]:
    """Why models may not be evaluated, the commonest reason first."""
    refused: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.reason is not None:
            refused.setdefault(str(verdict.reason), []).append(verdict)
    return tuple(
        ReasonFigures(reason, len(same), same[0].model, same[0].detail)
        for reason, same in sorted(refused.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    )


def churn(store: Store, limit: int = 60) -> tuple[Churn, ...]:
    """What the last `limit` accepted catalogs changed, oldest first.

    Without samples and the first real catalog, which was compared with nothing.
    """
    first = select(func.min(CatalogSnapshot.id)).where(*_REAL).scalar_subquery()
    columns = (getattr(CatalogSnapshot, name) for name in Churn.__slots__ if name != "at")
    statement = (
        select(CatalogSnapshot.fetched_at, *columns)
        .where(*_REAL, CatalogSnapshot.id > first)
        .order_by(CatalogSnapshot.id.desc())
        .limit(limit)
    )
    with store.read() as connection:
        return tuple(Churn(*row) for row in connection.execute(statement))[::-1]


def price_index(store: Store) -> tuple[IndexPoint, ...]:
    """The price level of the catalog over all accepted real catalogs, as `chain` defines it.

    Prices are the catalog's word. A model that the registry also has from elsewhere is never marked
    removed, and so counts on with its last price if the catalog drops it.
    """
    with store.read() as connection:
        return chain(_market_days(connection))


def chain(days: Sequence[MarketDay]) -> tuple[IndexPoint, ...]:
    """A chained matched-model price index, 100 at the first day.

    From one day to the next the level moves by the geometric mean of `price now / price before`
    over the models that are listed on both days under the same id with known blended prices above 0
    (Jevons index; ILO et al., Consumer Price Index Manual: Theory and Practice, 2004, chapter 20).
    Newcomers, models that left or became free, and re-pointed ids move nothing. Flips count as they
    are: while the same models are listed, a price that flips back brings the level back.
    """
    listed: set[str] = set()
    known: dict[str, Decimal | None] = {}
    basket, logarithm = 0, 0.0
    points = []

    def priced(slugs: Iterable[str]) -> dict[str, Decimal]:
        return {slug: price for slug in slugs if slug in listed and (price := known.get(slug))}

    for day in days:
        touched = day.arrived | day.gone | day.repointed | day.prices.keys()
        before = priced(touched)
        listed = (listed | day.arrived) - day.gone
        known |= day.prices
        after = priced(touched)
        both = (before.keys() & after.keys()) - day.repointed
        matched = basket - len(before) + len(both)
        if matched:
            moves = (math.log(after[slug] / before[slug]) for slug in both)
            logarithm += math.fsum(moves) / matched
        basket += len(after) - len(before)
        points.append(IndexPoint(day.at, 100 * math.exp(logarithm), matched))
    return tuple(points)


_REAL = (CatalogSnapshot.accepted, ~CatalogSnapshot.is_sample)

_MOVES = {
    ChangeKind.ADDED: "arrived",
    ChangeKind.RETURNED: "arrived",
    ChangeKind.REMOVED: "gone",
    ChangeKind.REPOINTED: "repointed",
}

_BANDS = (
    f"below {BAND_EDGES[0]}",
    *(f"{low} to {high}" for low, high in pairwise(BAND_EDGES)),
    f"{BAND_EDGES[-1]} and more",
)


def _market_days(connection: Connection) -> list[MarketDay]:
    snapshots = connection.execute(
        select(CatalogSnapshot.id, CatalogSnapshot.fetched_at)
        .where(*_REAL)
        .order_by(CatalogSnapshot.id)
    ).all()
    moves: dict[tuple[int, str], set[str]] = {}
    for snapshot, slug, kind in connection.execute(
        select(CatalogChange.snapshot_id, CatalogChange.slug, CatalogChange.kind).where(
            CatalogChange.kind.in_([str(kind) for kind in _MOVES])
        )
    ):
        moves.setdefault((snapshot, _MOVES[ChangeKind(kind)]), set()).add(slug)
    prices: dict[int, dict[str, Decimal | None]] = {}
    costs = (ModelPrice.price_prompt, ModelPrice.price_completion)
    for source, slug, *both in connection.execute(
        select(ModelPrice.snapshot_id, Model.slug, *costs)
        .join(Model, Model.id == ModelPrice.model_id)
        .where(ModelPrice.snapshot_id.is_not(None))
    ):
        prices.setdefault(source or 0, {})[slug] = blended(*both)
    nothing: frozenset[str] = frozenset()
    return [
        MarketDay(
            at,
            **{what: frozenset(moves.get((id_, what), nothing)) for what in set(_MOVES.values())},
            prices=prices.get(id_, {}),
        )
        for id_, at in snapshots
    ]


def _vendor(name: str, made: Sequence[ModelRow], vendors: int = 1) -> VendorFigures:
    prices = [blended(row.price_prompt, row.price_completion) for row in made]
    paid = [price for price in prices if price]
    return VendorFigures(
        name, len(made), prices.count(Decimal(0)), median(paid) if paid else None, vendors
    )


def _band(price: Decimal | None) -> str:
    if price is None:
        return UNKNOWN
    return _BANDS[sum(price >= edge for edge in BAND_EDGES)] if price else FREE
