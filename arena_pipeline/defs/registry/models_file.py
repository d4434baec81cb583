"""Noticing that the models file has changed: the agents asset remembers what it was made from."""

import hashlib
from pathlib import Path

import dagster as dg

DIGEST = "models file digest"
"""Metadata of the `agents` asset: the file it was made from."""


def digest_of(path: Path) -> str | None:
    """SHA-256 of the file; None if it can't be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def digest_in_use(instance: dg.DagsterInstance) -> str | None:
    """The digest of the file that the newest agents were made from; None before the first time."""
    event = instance.get_latest_materialization_event(dg.AssetKey("agents"))
    materialization = event.asset_materialization if event else None
    value = materialization.metadata.get(DIGEST) if materialization else None
    return str(value.value) if value is not None else None
