"""What the warehouse refuses or can't do."""

from arena_pipeline.errors import ArenaError


class WarehouseError(ArenaError):
    """The warehouse can't be built or opened, in a sentence a person can act on."""
