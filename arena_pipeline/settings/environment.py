"""The environment beside the settings: whether a key is there, which values must never be shown,
and what child processes get.
"""

import os
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import SecretStr

from arena_pipeline.settings.values import PREFIX, Settings

SHORTEST_SECRET = 6
"""Characters a value needs to be masked wherever it stands: shorter ones are parts of words."""

_LONGEST_WORD = 15
"""Characters up to which a piece of the notices' path is taken for a word, such as `services`."""

_SECRET_NAME = re.compile("(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)$", re.IGNORECASE)


def key_is_set(variable: str) -> bool:
    """Whether the environment holds a key under this name; the key itself is never shown."""
    return bool(os.environ.get(variable))


def value_of(variable: str) -> str | None:
    """What the environment holds under this name, for a secret that should not be on a command
    line; None: nothing. Not for showing.
    """
    return os.environ.get(variable) or None


def secret_values(settings: Settings) -> frozenset[str]:
    """What must not stand in any log line or notice: values of variables that are named like
    secrets, passwords in addresses of ours, and the address of the notices.

    Each as it is and with percent signs resolved. Ask for masking only; it is never to be shown.
    """
    found = {value for name, value in os.environ.items() if _SECRET_NAME.search(name)}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            found |= _secret_parts(value.get_secret_value(), whole=name == "notify_url")
    found |= {unquote(value) for value in found}
    return frozenset(value for value in found if len(value) >= SHORTEST_SECRET)


def _secret_parts(address: str, *, whole: bool) -> set[str]:
    """The passwords of an address; with `whole`, all of it and what comes after its host too."""
    try:
        parts = urlsplit(address)
        asked = parse_qsl(parts.query)
        found = {value for name, value in asked if _SECRET_NAME.search(name)}
        found |= {parts.password} if parts.password else set()
    except ValueError:
        return {address}
    if whole:
        path = {one for one in parts.path.split("/") if len(one) > _LONGEST_WORD}
        after = f"{parts.path}?{parts.query}" if parts.query else parts.path
        found |= {address, after, parts.query, *path, *(value for _, value in asked)}
    return found


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
        if value is None:
            # What is unset here must not come back from this process's environment.
            values[PREFIX + name.upper()] = ""
        else:
            values[PREFIX + name.upper()] = (
                value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            )
    return {
        **values,
        PREFIX + "DATA_DIR": str(settings.root),
        PREFIX + "MODELS_FILE": str(settings.models_path),
    }
