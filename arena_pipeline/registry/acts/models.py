"""What people decide about models by command: who may be evaluated, who plays, who is retired.

What a person set wins over the models file, that over policy and catalog, until the person takes it
back with `reset`. Each call is one transaction of the registry, which excludes other writers: many
acts at once come one after the other, and one that is interrupted has changed nothing. Doing the
same again changes nothing either. Acts on agents are in `registry.acts.agents`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from arena_pipeline.errors import NotFound
from arena_pipeline.registry.acts.audit import ActRefused, By, SubjectKind, write_audit
from arena_pipeline.registry.models import AmbiguousName, resolve
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Access, Model, SetBy

SUGGESTED = 10
"""How many names that nobody goes by are told what they may have meant."""

Flags = Mapping[str, Any]
Decision = Callable[[Flags, By], dict[str, Any]]
"""The flags a model shall have, from those it has; those left out stay."""


@dataclass(frozen=True, slots=True)
class ActReport:
    """What became of each thing named: its slug or alias, or the name as given and why it failed.

    Unchanged are those of which the same had been said before.
    """

    done: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As shown to people and programs."""
        failed = [{"name": name, "reason": reason} for name, reason in self.failed]
        return {"done": list(self.done), "unchanged": list(self.unchanged), "failed": failed}


def allow(
    store: Store, names: Iterable[str], *, actor: str, reason: str | None = None
) -> ActReport:
    """Let models be evaluated that the policy leaves out by judgement."""
    return _act(store, "allow", names, By.of(actor, reason), _access(Access.ALLOW))


def deny(store: Store, names: Iterable[str], *, actor: str, reason: str | None = None) -> ActReport:
    """Keep models from being evaluated, whatever the policy says."""
    return _act(store, "deny", names, By.of(actor, reason), _access(Access.DENY))


def activate(
    store: Store, names: Iterable[str], *, actor: str, reason: str | None = None
) -> ActReport:
    """Let models play; a retirement is taken back."""
    return _act(store, "activate", names, By.of(actor, reason), _activated)


def deactivate(
    store: Store, names: Iterable[str], *, actor: str, reason: str | None = None
) -> ActReport:
    """Keep models from playing, as opponents too, for as long as nobody says otherwise."""
    return _act(store, "deactivate", names, By.of(actor, reason), _deactivated)


def retire(
    store: Store, names: Iterable[str], *, actor: str, reason: str | None = None
) -> ActReport:
    """Take models out of evaluation for good; what they earned stays."""
    return _act(store, "retire", names, By.of(actor, reason), _retired)


def reset(
    store: Store, names: Iterable[str], *, actor: str, reason: str | None = None
) -> ActReport:
    """Take back what people set about models; the models file decides anew when it is next applied,
    the policy where the file is silent.
    """
    return _act(store, "reset", names, By.of(actor, reason), _reset)


_ACCESS = ("access", "access_set_by", "access_reason")
_ACTIVE = ("is_active", "is_active_set_by", "is_active_reason")
_RETIRED = ("retired_at", "retired_set_by", "retired_reason")
_FOR_GOOD = {"retired_until_change": False}
_COLUMNS = tuple(getattr(Model, name) for name in (*_ACCESS, *_ACTIVE, *_RETIRED, *_FOR_GOOD))
_UNSAID: dict[tuple[str, ...], tuple[Any, ...]] = {
    _ACCESS: (str(Access.AUTO), None, None),
    _ACTIVE: (False, None, None),
    _RETIRED: (None, None, None),
}


def _access(access: Access) -> Decision:
    return lambda flags, by: _set(flags, by, _ACCESS, str(access))


def _activated(flags: Flags, by: By) -> dict[str, Any]:
    return _set(flags, by, _ACTIVE, True) | _unset(_RETIRED) | _FOR_GOOD


def _deactivated(flags: Flags, by: By) -> dict[str, Any]:
    return _set(flags, by, _ACTIVE, False)


def _retired(flags: Flags, by: By) -> dict[str, Any]:
    return _set(flags, by, _RETIRED, flags["retired_at"] or datetime.now(UTC)) | _FOR_GOOD


def _reset(flags: Flags, by: By) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for group in _UNSAID:
        if flags[group[1]] == SetBy.PERSON:
            wanted |= _unset(group)
    return wanted


def _set(flags: Flags, by: By, group: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A person says this; saying it again without a reason leaves the reason there is."""
    name, set_by, reason = group
    said_before = (flags[name], flags[set_by]) == (value, SetBy.PERSON)
    kept = flags[reason] if said_before and by.reason is None else by.reason
    return {name: value, set_by: str(SetBy.PERSON), reason: kept}


def _unset(group: tuple[str, ...]) -> dict[str, Any]:
    return dict(zip(group, _UNSAID[group], strict=True))


def _act(store: Store, action: str, names: Iterable[str], by: By, decision: Decision) -> ActReport:
    """Apply a decision to each model named and write down what it changed; a name that is no good
    is reported, and the others go on.
    """
    given = list(dict.fromkeys(names))
    if not given:
        raise ActRefused(f"Name the models to {action}, by slug or any other name of theirs")
    slugs, failed = _resolved(store, given)
    with registry_write(store) as connection:
        outcome = {slug: _change(connection, action, slug, by, decision) for slug in slugs}
    done = tuple(slug for slug, changed in outcome.items() if changed)
    unchanged = tuple(slug for slug, changed in outcome.items() if not changed)
    return ActReport(done, unchanged, failed)


def _resolved(
    store: Store, names: Iterable[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The slug of each model named, once, and the names that are no good with the reason why.

    Before the writing begins, since looking for similar names takes its time; no slug ever goes.
    They are looked for only for the first names that fail.
    """
    slugs: dict[str, None] = {}
    failed: list[tuple[str, str]] = []
    with store.read() as connection:
        for name in names:
            try:
                slugs[resolve(connection, name, suggest=len(failed) < SUGGESTED)] = None
            except (NotFound, AmbiguousName) as error:
                failed.append((name, str(error)))
    return tuple(slugs), tuple(failed)


def _change(connection: Connection, action: str, slug: str, by: By, decision: Decision) -> bool:
    """Whether the model's flags had to be changed."""
    this_one = Model.slug == slug
    flags = connection.execute(select(*_COLUMNS).where(this_one)).one()._asdict()
    wanted = decision(flags, by)
    after = {name: value for name, value in wanted.items() if flags[name] != value}
    if not after:
        return False
    connection.execute(update(Model).where(this_one).values(**after))
    before = {name: flags[name] for name in after}
    write_audit(connection, by, action, SubjectKind.MODEL, slug, before=before, after=after)
    return True
