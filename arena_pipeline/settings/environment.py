"""The environment beside the settings: whether a key is there, and what child processes get."""

import os
from collections.abc import Mapping

from pydantic import SecretStr

from arena_pipeline.settings.values import PREFIX, Settings


def key_is_set(variable: str) -> bool:
    """Whether the environment holds a key under this name; the key itself is never shown."""
    return bool(os.environ.get(variable))


def child_environment(settings: Settings, **extra: str) -> dict[str, str]:
    """The environment for a child process (Dagster, its code server) that has to see the same
    settings.
    """
    return {
        **os.environ,
        **_as_environment(settings),
        "DAGSTER_HOME": str(settings.dagster_home),
        **extra,
    }


def _as_environment(settings: Settings) -> Mapping[str, str]:
    given = {name for name, source in settings.sources().items() if source != "default"}
    values = {}
    for name in given | settings.model_fields_set:
        value = getattr(settings, name)
        if value is not None:
            values[PREFIX + name.upper()] = (
                value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            )
    return {
        **values,
        PREFIX + "DATA_DIR": str(settings.root),
        PREFIX + "MODELS_FILE": str(settings.models_path),
    }
