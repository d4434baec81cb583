"""What can be wrong with a catalog: nobody answered, it can't be read, or it can't be true."""

from typing import Self

from arena_pipeline.errors import ArenaError


class CatalogError(ArenaError):
    """The catalog could not be taken over; nothing was changed."""


class CatalogUnreachable(CatalogError):
    """Nobody answered: no network, no such host, nothing listening."""


class CatalogUnreadable(CatalogError):
    """Somebody answered, but not with a catalog."""


class CatalogRefused(CatalogError):
    """A catalog that parsed but can't be true."""

    @classmethod
    def empty(cls, rows: int) -> Self:
        """No usable model among `rows` rows."""
        what = f"none of its {rows} rows can be used" if rows else "it lists no models"
        return cls(f"The catalog is empty ({what}); nothing was changed")

    @classmethod
    def lost_too_many(cls, lost: int, known: int, limit: float) -> Self:
        """`lost` of `known` models are missing, more than the share `limit`."""
        return cls(
            f"The catalog misses {lost} of {known} known models (limit {limit:.0%}); "
            "nothing was changed. If the models are really gone, add --accept-drop to arena sync"
        )

    @classmethod
    def sample_after_real(cls) -> Self:
        """The sample was offered to a store that knows better."""
        return cls(
            "The sample catalog is for a store that has never seen a real one; nothing was changed"
        )
