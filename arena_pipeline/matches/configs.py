"""Game configs and instances in the store: checked by their game, known by their digest."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.games import catalogue
from arena_pipeline.matches.plan import ConfigRef, InstanceRef
from arena_pipeline.store import Store
from arena_pipeline.store.tables import GameConfig, Instance


class ConfigConflict(ArenaError):
    """A config or instance of this name holds something else."""


def digest_of(value: Any) -> str:
    """SHA-256 (hex) of the canonical JSON of `value`: keys sorted, no blanks."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


def config_digest(game: str, settings: Mapping[str, Any]) -> str:
    """What a config with these complete settings is known by."""
    return digest_of({"game": game, "settings": settings})


def ensure_config(
    store: Store, name: str, game: str, settings: Mapping[str, Any] | None = None
) -> ConfigRef:
    """The config `name`, created if it is not there. Safe to repeat and beside others.

    Raises SettingsError for settings the game refuses and ConfigConflict if the name, or these
    settings under another name, are taken.
    """
    complete = catalogue.game(game).settings(settings or {})
    digest = config_digest(game, complete)
    with store.write() as connection:
        row = {
            "name": name,
            "game": game,
            "settings": complete,
            "digest": digest,
            "created_at": datetime.now(UTC),
        }
        connection.execute(store.insert_ignore(GameConfig), [row])
        found = connection.execute(
            select(GameConfig.__table__).where(
                (GameConfig.name == name) | (GameConfig.digest == digest)
            )
        ).all()
    if [(known.name, known.digest) for known in found] != [(name, digest)]:
        raise ConfigConflict(
            f"Config {name!r} can't be made: "
            + "; ".join(f"{known.name!r} has the settings {known.settings}" for known in found)
            + ". A config never changes; choose another name"
        )
    return ConfigRef(found[0].id, name, game, complete)


def config(connection: Connection, name: str) -> ConfigRef:
    """The config called `name`. Raises NotFound naming those there are."""
    row = connection.execute(select(GameConfig.__table__).where(GameConfig.name == name)).first()
    if row is None:
        names = connection.scalars(select(GameConfig.name).order_by(GameConfig.name)).all()
        raise NotFound(f"No game config {name!r}; there are: {', '.join(names) or 'none'}")
    return ConfigRef(row.id, row.name, row.game, row.settings)


def ensure_instance(
    store: Store, config: ConfigRef, name: str, position: Mapping[str, Any], seed: int | None = None
) -> InstanceRef:
    """The instance `name` of a config, created if it is not there. Raises ConfigConflict as
    `ensure_config` does.
    """
    digest = digest_of(position)
    with store.write() as connection:
        row = {
            "config_id": config.id,
            "name": name,
            "seed": seed,
            "position": dict(position),
            "digest": digest,
            "created_at": datetime.now(UTC),
        }
        connection.execute(store.insert_ignore(Instance), [row])
        found = connection.execute(
            select(Instance.__table__).where(
                Instance.config_id == config.id, Instance.name == name, Instance.digest == digest
            )
        ).first()
    if found is None:
        raise ConfigConflict(
            f"Instance {name!r} of {config.name!r} can't be made: its name or its position is taken"
        )
    return InstanceRef(found.id, found.name, found.position)
