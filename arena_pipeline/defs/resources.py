"""The one resource: the arena this process works for, as the settings name it."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from arena_pipeline.errors import ArenaError
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


class Arena(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The arena that the settings (`ARENA_*`) name, or the one in `data_dir`."""

    data_dir: str | None = None

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return Settings.load(**({} if self.data_dir is None else {"data_dir": self.data_dir}))

    @contextmanager
    def open(self) -> Iterator[Store]:
        """The store, closed after the block. Making and migrating it is the business of `arena up`.

        An ArenaError inside the block fails the step in its own words; so does a store that is not
        there or of another version, with the command that mends it.
        """
        from arena_pipeline.store.opening import open_ready_store

        with in_plain_words():
            store = open_ready_store(self.settings)
            try:
                yield store
            finally:
                store.close()


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn an ArenaError into a Dagster failure that shows its sentence; a retry would not help."""
    try:
        yield
    except ArenaError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error


@dg.definitions
def resources() -> dg.Definitions:
    """Under this name assets, checks and sensors ask for it."""
    return dg.Definitions(resources={"arena": Arena()})
