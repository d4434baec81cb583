"""What the warehouse refuses or can't do."""

from collections.abc import Iterator
from contextlib import contextmanager

from arena_pipeline.errors import ArenaError


class WarehouseError(ArenaError):
    """The warehouse can't be built or opened, in a sentence a person can act on."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C be KeyboardInterrupt in the block also where DuckDB makes an error of its own of
    it, or tells that what it was reading from was interrupted.
    """
    import duckdb

    try:
        yield
    except RuntimeError as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
        raise
    except (duckdb.Error, ArenaError) as error:
        if "KeyboardInterrupt" in f"{error} {error.__cause__}":
            raise KeyboardInterrupt from error
        raise
