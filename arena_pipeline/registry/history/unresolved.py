"""Published names that nobody could tell the model of, and which models they may mean.

An import makes a model of its own for each. A person joins them: the models file gives the name to
the right model (`models: names`), and the next import moves its matches there.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import Connection, exists, func, or_, select

from arena_pipeline.store import Store
from arena_pipeline.store.tables import AliasOrigin, Model, ModelAlias, ModelSource, Participant

RULE = "unresolved"
"""What `model_aliases.rule` says of such a name."""

_SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class UnresolvedName:
    """A name as published, the slug of the model made for it, how many matches it played, and the
    slugs of models whose names are nearest to it, nearest first.
    """

    name: str
    model: str
    matches: int
    suggestions: tuple[str, ...]

    def line(self, slug: str) -> str:
        """What under `models: names` of the models file gives the name to the model of that
        slug.
        """
        return f"{slug}: [{json.dumps(self.name, ensure_ascii=False)}]"


def unresolved_names(store: Store) -> tuple[UnresolvedName, ...]:
    """Every unresolved name, those that played most first.

    Names are likened without vendor, letter case and punctuation.
    """
    with store.read() as connection:
        rows = connection.execute(_NAMES).all()
        known = _known(connection) if rows else {}
    names = [
        UnresolvedName(row.alias, row.slug, row.matches, suggestions(row.alias, known))
        for row in rows
    ]
    return tuple(sorted(names, key=lambda one: (-one.matches, one.name)))


def suggestions(
    name: str, known: Mapping[str, Sequence[str]], limit: int = _SUGGESTED
) -> tuple[str, ...]:
    """The slugs nearest to a name; `known` has slugs by bare name."""
    found: dict[str, None] = {}
    for own in bare_names(name):
        for close in get_close_matches(own, known, n=limit):
            found |= dict.fromkeys(known[close])
    return tuple(found)[:limit]


def bare_names(*names: str) -> Iterator[str]:
    """Names brought to letters and digits, without vendor and `:free`, once each."""
    bare = (re.sub(r"[^a-z0-9]", "", _without_vendor(name).lower()) for name in names)
    yield from dict.fromkeys(name for name in bare if name)


def _without_vendor(name: str) -> str:
    if " " in name:
        return name.rpartition(": ")[2].removesuffix(" (free)")
    return name.rpartition("/")[2].removesuffix(":free")


def _known(connection: Connection) -> dict[str, list[str]]:
    """Slugs by the bare names of their models, of all but those made for a name."""
    resolved = exists().where(
        ModelAlias.model_id == Model.id,
        ModelAlias.origin == AliasOrigin.IMPORT,
        ModelAlias.rule != RULE,
    )
    statement = select(Model.slug, Model.display_name).where(
        or_(Model.source != ModelSource.IMPORT, Model.last_seen_at.is_not(None), resolved)
    )
    known: dict[str, list[str]] = {}
    for slug, display_name in connection.execute(statement.order_by(Model.slug)):
        for name in bare_names(slug, display_name):
            known.setdefault(name, []).append(slug)
    return known


_NAMES = (
    select(
        ModelAlias.alias,
        Model.slug,
        func.count(Participant.match_id.distinct()).label("matches"),
    )
    .join(Model, Model.id == ModelAlias.model_id)
    .outerjoin(
        Participant,
        (Participant.name == ModelAlias.alias) & (Participant.model_id == ModelAlias.model_id),
    )
    .where(ModelAlias.origin == AliasOrigin.IMPORT, ModelAlias.rule == RULE)
    .group_by(ModelAlias.alias, Model.slug)
)
