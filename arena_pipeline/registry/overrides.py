"""What the models file says about models: who is allowed or denied, and further names.

A flag that a person set by command wins over the file, the file over the policy. A pattern taken
out of the file is taken back. To be run after each sync of the catalog too, since patterns hold for
new models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from sqlalchemy import Connection, insert, select, update

from arena_pipeline.registry.models_file import ModelOverrides, ModelsFile
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Access, AliasOrigin, Model, ModelAlias, SetBy


@dataclass(frozen=True, slots=True)
class OverridesReport:
    """Which models' access changed, to what, and which names of the file belong to models nobody
    knows.
    """

    access: dict[str, Access]
    names_added: int
    unknown: tuple[str, ...]


def sync_overrides(store: Store, models_file: ModelsFile) -> OverridesReport:
    """Apply the file's allow and deny patterns and names to all models, in one transaction.

    Safe to repeat.
    """
    overrides = models_file.models
    with registry_write(store) as connection:
        rows = connection.execute(
            select(Model.id, Model.slug, Model.access, Model.access_set_by)
        ).all()
        changed: dict[str, Access] = {}
        for model_id, slug, access, set_by in rows:
            wanted = _access(slug, overrides)
            if wanted is None and set_by == SetBy.YAML:
                _set_access(connection, model_id, Access.AUTO, None)
                changed[slug] = Access.AUTO
            elif wanted and set_by != SetBy.PERSON and (access, set_by) != (wanted, SetBy.YAML):
                _set_access(connection, model_id, wanted, SetBy.YAML)
                changed[slug] = wanted
        ids = {row.slug: row.id for row in rows}
        known = {slug: names for slug, names in overrides.names.items() if slug in ids}
        added = sum(_add_names(connection, ids[slug], names) for slug, names in known.items())
    return OverridesReport(changed, added, tuple(sorted(overrides.names.keys() - known.keys())))


def _access(slug: str, overrides: ModelOverrides) -> Access | None:
    if any(fnmatchcase(slug, pattern) for pattern in overrides.deny):
        return Access.DENY
    if any(fnmatchcase(slug, pattern) for pattern in overrides.allow):
        return Access.ALLOW
    return None


def _set_access(connection: Connection, model_id: int, access: Access, by: SetBy | None) -> None:
    values = {"access": str(access), "access_set_by": str(by) if by else None}
    connection.execute(update(Model).where(Model.id == model_id).values(**values))


def _add_names(connection: Connection, model_id: int, names: Sequence[str]) -> int:
    now = datetime.now(UTC)
    present = set(
        connection.scalars(
            select(ModelAlias.alias).where(
                ModelAlias.model_id == model_id, ModelAlias.origin == AliasOrigin.YAML
            )
        )
    )
    fresh = [
        {
            "model_id": model_id,
            "alias": name,
            "origin": str(AliasOrigin.YAML),
            "first_seen_at": now,
            "last_seen_at": now,
        }
        for name in dict.fromkeys(names)
        if name not in present
    ]
    if fresh:
        connection.execute(insert(ModelAlias), fresh)
    return len(fresh)
