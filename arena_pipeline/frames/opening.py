"""Opening an arena for reading: nothing is created, nothing is migrated."""

import os
from pathlib import Path

from arena_pipeline.errors import StoreError
from arena_pipeline.masking import mask_secrets
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.engine import normalise_url
from arena_pipeline.store.migrate import check_version, version

_WHAT_TO_GIVE = "give a data folder, a SQLite file, or an address like postgresql://USER@HOST/DB"


def open_for_reading(place: str | os.PathLike[str] | None) -> Store:
    """The store in a data folder, a SQLite file or at an address; None: the one the settings name.

    Raises StoreError when there is no arena, or one of another version; passwords are not shown.
    """
    store = open_store(_address_of(place))
    try:
        if version(store) is None:
            raise StoreError(f"The database {store.address} holds no arena; {_WHAT_TO_GIVE}")
        check_version(store)
    except StoreError:
        store.close()
        raise
    return store


def settings_of(place: str | os.PathLike[str] | None) -> Settings | None:
    """The settings of the arena that `open_for_reading` opens: they say where its other files lie.

    None for an address that is not the settings' own: nobody knows the data folder of that arena.
    """
    if place is None:
        return Settings.load()
    if isinstance(place, str) and "://" in place:
        address = normalise_url(place)
        if address.drivername == "sqlite":
            return _settings_in(Path(address.database or "").parent)
        own = Settings.load()
        return own if normalise_url(own.store_url) == address else None
    path = Path(place).expanduser().absolute()
    return _settings_in(path if path.is_dir() else path.parent)


def _settings_in(folder: Path) -> Settings:
    return Settings.load(data_dir=folder, database_url=None)


def _address_of(place: str | os.PathLike[str] | None) -> str:
    if place is None:
        return _existing(Settings.load().store_url)
    if isinstance(place, str) and "://" in place:
        return _existing(place)
    path = Path(place).expanduser().absolute()
    if path.is_dir():
        return _existing(_settings_in(path).store_url)
    return _existing(f"sqlite:///{path}")


def _existing(url: str) -> str:
    try:
        address = normalise_url(url)
    except StoreError:
        # Its own message is about the setting; what SQLAlchemy says may hold the password.
        raise StoreError(f"{mask_secrets(url)} is no arena; {_WHAT_TO_GIVE}") from None
    if address.drivername == "sqlite" and not Path(address.database or "").is_file():
        raise StoreError(f"There is no arena at {address.database}; {_WHAT_TO_GIVE}")
    return url
