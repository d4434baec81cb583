"""Published names written into the registry: each becomes the name of one model and one agent.

What a name means is decided in `names`, what the store knows is read in `registered`, what comes of
both is worked out in `registering`. Models and agents made here never play: they stand for what was
played elsewhere.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from arena_pipeline.importers.snakebench.naming.names import ListedModel, Rule
from arena_pipeline.importers.snakebench.naming.registered import Registered
from arena_pipeline.importers.snakebench.naming.registering import Moved, Person, Registering
from arena_pipeline.importers.snakebench.naming.repointing import rebuild_ladders
from arena_pipeline.registry.declared.agents import ensure_kinds
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.types import clean_text

__all__ = ["Moved", "NamesReport", "Person", "register_names"]


@dataclass(frozen=True, slots=True)
class NamesReport:
    """Every name of the history, those of earlier imports too, and what this run changed: names
    never heard before, slugs of models and aliases of agents that it made, names that moved,
    ladders rebuilt for it. `doubts` names the rules that found several models for a name.
    """

    people: Mapping[str, Person]
    added: tuple[str, ...] = ()
    models_made: tuple[str, ...] = ()
    agents_made: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    rebuilt: tuple[str, ...] = ()
    doubts: Mapping[str, tuple[tuple[Rule, tuple[str, ...]], ...]] = field(default_factory=dict)

    @property
    def by_rule(self) -> dict[str, int]:
        """How many names each rule found, in the order of the rules."""
        counts = Counter(person.rule for person in self._named())
        return {rule.value: counts[rule] for rule in Rule}

    @property
    def unresolved(self) -> tuple[str, ...]:
        """Names that have a model of their own, sorted."""
        return tuple(sorted(one.name for one in self._named() if one.rule is Rule.UNRESOLVED))

    @property
    def changed(self) -> bool:
        """Whether anything was written, or would be."""
        return bool(self.added or self.models_made or self.agents_made or self.moved)

    def to_json(self) -> dict[str, Any]:
        """As shown to people and programs."""
        return {
            "by_rule": self.by_rule,
            "names": [
                {
                    "name": one.name,
                    "rule": one.rule.value,
                    "model": one.slug,
                    "agent": one.alias,
                    "doubts": {rule.value: list(slugs) for rule, slugs in self._doubts(one.name)},
                }
                for one in self._named()
            ],
            "added": list(self.added),
            "models_made": list(self.models_made),
            "agents_made": list(self.agents_made),
            "moved": [
                {"name": o.name, "before": o.before, "after": o.after, "matches": o.matches}
                for o in self.moved
            ],
            "rebuilt": list(self.rebuilt),
        }

    def _named(self) -> list[Person]:
        return [self.people[name] for name in sorted({one.name for one in self.people.values()})]

    def _doubts(self, name: str) -> tuple[tuple[Rule, tuple[str, ...]], ...]:
        return self.doubts.get(name, ())


def register_names(
    store: Store,
    names: Collection[str],
    listed: Sequence[ListedModel],
    *,
    dry_run: bool = False,
) -> NamesReport:
    """Make every name known, in one transaction, and look again at those of earlier imports.

    A name keeps its model for good, but for two reasons: the models file or a person says whose it
    is, or it was unresolved and a rule finds its model now. Then its matches move to that model and
    the ladders they are on are rebuilt, in the same transaction. Safe to repeat, to interrupt and
    beside others; a dry run changes nothing.
    """
    cleaned = {name: clean_text(name) for name in names}
    if dry_run:
        with store.read() as connection:
            work = Registering(Registered.of(connection), listed, set(cleaned.values()))
        return _report(work, cleaned, ())
    with registry_write(store) as connection:
        ensure_kinds(store, connection)
        work = Registering(Registered.of(connection), listed, set(cleaned.values()))
        work.write(connection)
        moved = [one.name for one in work.moved if one.matches]
        rebuilt = rebuild_ladders(connection, moved) if moved else ()
    return _report(work, cleaned, rebuilt)


def _report(work: Registering, cleaned: Mapping[str, str], rebuilt: tuple[str, ...]) -> NamesReport:
    people = work.people
    return NamesReport(
        people={**people, **{name: people[clean] for name, clean in cleaned.items()}},
        added=tuple(sorted(work.added)),
        models_made=tuple(sorted(work.models_made)),
        agents_made=tuple(sorted(work.agents_made)),
        moved=tuple(work.moved),
        rebuilt=rebuilt,
        doubts=work.doubts,
    )
