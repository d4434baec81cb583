"""One arena, as frames: models, prices, catalog changes, names, and what SQL asks the warehouse."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from types import TracebackType
from typing import TYPE_CHECKING, Self

from arena_pipeline.errors import ArenaError
from arena_pipeline.frames.columns import Kind, column, frame
from arena_pipeline.frames.opening import open_for_reading, settings_of
from arena_pipeline.registry import history
from arena_pipeline.registry import models as registry
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store

if TYPE_CHECKING:
    import pandas as pd

MODELS = (
    column("slug", Kind.TEXT),
    column("name", Kind.TEXT, "display_name"),
    column("vendor", Kind.TEXT),
    column("source", Kind.TEXT),
    column("status", Kind.TEXT, "test_status"),
    column("plays", Kind.FLAG, "is_active"),
    column("access", Kind.TEXT),
    column("free", Kind.FLAG, "is_free"),
    column("prompt", Kind.PRICE, "price_prompt"),
    column("completion", Kind.PRICE, "price_completion"),
    column("context", Kind.COUNT, "context_length"),
    column("max_output", Kind.COUNT, "max_completion_tokens"),
    column("version", Kind.COUNT),
    column("created", Kind.MOMENT, "upstream_created_at"),
    column("discovered", Kind.MOMENT, "discovered_at"),
    column("last_seen", Kind.MOMENT, "last_seen_at"),
    column("removed", Kind.MOMENT, "removed_at"),
    column("retired", Kind.MOMENT, "retired_at"),
)
PRICES = (
    column("slug", Kind.TEXT),
    column("valid_from", Kind.MOMENT),
    column("valid_to", Kind.MOMENT),
    column("prompt", Kind.PRICE, "price_prompt"),
    column("completion", Kind.PRICE, "price_completion"),
)
CHANGES = (
    column("at", Kind.MOMENT),
    column("slug", Kind.TEXT),
    column("kind", Kind.TEXT),
    column("flip", Kind.FLAG, "is_flip"),
    column("before", Kind.ANY),
    column("after", Kind.ANY),
    column("snapshot", Kind.COUNT, "snapshot_id"),
)
ALIASES = (
    column("name", Kind.TEXT, "alias"),
    column("slug", Kind.TEXT, "model"),
    column("origin", Kind.TEXT),
    column("first_seen", Kind.MOMENT, "first_seen_at"),
    column("last_seen", Kind.MOMENT, "last_seen_at"),
)


class Arena:
    """An open arena. Each method reads the present state and gives a frame of one's own.

    Prices are USD per million tokens: floats, NaN where unknown; `exact=True` gives `Decimal` and
    None. Times are UTC.
    """

    def __init__(self, store: Store, settings: Settings | None = None) -> None:
        """Over an open store; `settings` say where its warehouse lies (None: nobody knows)."""
        self._store, self._settings = store, settings

    def __repr__(self) -> str:
        return f"<Arena {self._store.address}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._store.close()

    def models(
        self,
        *,
        status: str | None = None,
        vendor: str | None = None,
        free: bool | None = None,
        max_price: Decimal | float | str | None = None,
        removed: bool | None = None,
        active: bool | None = None,
        exact: bool = False,
    ) -> "pd.DataFrame":
        """The registered models by slug, those that fit every filter given.

        Columns: slug, name, vendor, source (openrouter, yaml, import, training), status (untested,
        testing, ranked, retired), plays (whether it may play), access (auto, allow, deny), free
        (whether both prices are known to be 0), prompt and completion (USD per million tokens, the
        prices that count), context and max_output (tokens), version (one more for each other model
        behind the same slug), created (by its vendor), discovered (by the arena), last_seen,
        removed and retired (NaT: it is not).

        `max_price` (USD per million tokens) holds for both prices. Raises NotFound for a vendor
        nobody has heard of and a status there is not, ArenaError for what is no price.
        """
        found = registry.models(
            self._store,
            status=status,
            vendor=vendor,
            free=free,
            max_price=None if max_price is None else _price(max_price),
            removed=removed,
            active=active,
        )
        return frame(found, MODELS, exact=exact)

    def prices(self, slug: str | None = None, *, exact: bool = False) -> "pd.DataFrame":
        """What every model cost and when, by slug and time; or one model, by any of its names.

        Columns: slug, valid_from, valid_to (NaT: still), prompt and completion (USD per million
        tokens, as the catalog said). Two rows in a row with the same prices differ in others, as
        for cached tokens. Raises NotFound for a model nobody has heard of.
        """
        return frame(history.all_prices(self._store, slug=slug), PRICES, exact=exact)

    def catalog_changes(
        self,
        since: date | datetime | str | None = None,
        *,
        slug: str | None = None,
        kind: str | None = None,
    ) -> "pd.DataFrame":
        """What each catalog changed, the last one first; `since` a day (from its beginning, UTC) or
        a moment, also as text (2026-01-31).

        Columns: at (when the catalog was fetched), slug, kind (added, removed, returned, repriced,
        repointed, renamed, limits_changed, expiring), flip (whether a price only went back), before
        and after (what the two catalogs say, as dict; prices as decimal text; None where the kind
        says it all), snapshot (number of the catalog). Raises NotFound for a model or kind there is
        not.
        """
        found = history.changes(self._store, since=_beginning(since), slug=slug, kind=kind)
        return frame(found, CHANGES)

    def aliases(self, name: str | None = None) -> "pd.DataFrame":
        """Every name under which models were known beside their slugs; `name`: who is called so.

        Columns: name, slug, origin (catalog_name, canonical_slug, yaml, import, person),
        first_seen, last_seen. Raises NotFound for a name nobody ever bore.
        """
        return frame(history.all_aliases(self._store, name=name), ALIASES)

    def query(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] | None = None
    ) -> "pd.DataFrame":
        """The answer of the newest warehouse to one statement of SQL; `FROM guide` lists what there
        is to ask.

        `parameters` are values for the ? or $name in it. Decimals are floats, times are UTC. Each
        call opens the warehouse that is there then, so that threads do not wait for each other.
        Nothing can be written. Raises WarehouseError when there is none (`arena warehouse` builds
        it), QueryError for SQL that can't be answered.
        """
        from arena_pipeline.warehouse.query import Asking

        if self._settings is None:
            raise ArenaError(
                "An address does not say where the warehouse lies; open the arena by its data "
                "folder, or set ARENA_DATABASE_URL and open it without an argument"
            )
        with Asking(self._settings) as asking:
            return asking.frame(sql, parameters)


def open_arena(place: str | os.PathLike[str] | None = None) -> Arena:
    """Open an arena for reading: a data folder, a SQLite file or an address (postgresql://...).

    None opens the one that the settings name. Nothing is created or migrated. Raises StoreError
    when there is no arena, or one of another version.
    """
    return Arena(open_for_reading(place), settings_of(place))


def _price(given: Decimal | float | str) -> Decimal:
    try:
        price = Decimal(str(given))
    except InvalidOperation:
        price = Decimal("NaN")
    if price.is_nan():
        raise ArenaError(f"{str(given)[:60]!r} is no price; give USD per million tokens, as in 2.5")
    return price


def _beginning(since: date | datetime | str | None) -> datetime | None:
    if isinstance(since, str):
        try:
            moment = datetime.fromisoformat(since)
        except ValueError as error:
            raise ArenaError(f"{since!r} is no time; write it like 2026-01-31") from error
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if since is None or isinstance(since, datetime):
        return since
    return datetime.combine(since, time.min, UTC)
