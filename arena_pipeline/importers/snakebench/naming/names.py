"""Which model a published name means: pure rules, tried in order, each telling exactly one or none.

A name is as it was published: letter case, spaces and all. A rule that finds several models finds
none, and the next one is tried. Nothing is guessed: likeness is for people, who join names in the
models file (`models: names`).
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from arena_pipeline.importers.snakebench.facts.placeholders import is_placeholder

__all__ = ["Known", "ListedModel", "Made", "Resolution", "Rule", "is_placeholder", "resolve"]

OWN_VENDOR = "snakebench"
"""First part of the slugs of models that are made for a name nobody resolves."""

LONGEST_PART = 80
"""Characters of a name that go into its slug; longer ones are told apart by a digest."""

_FREE = ":free"
_NOT_IN_SLUG = re.compile(r"[^A-Za-z0-9_.+/-]+")
_RUNS = re.compile(r"([.-])\1+")


class Rule(StrEnum):
    """How the model of a name was found, in the order in which it is looked for."""

    EXACT = "exact"
    YAML = "yaml"
    SLUG_SUFFIX = "slug_suffix"
    DISPLAY_NAME = "display_name"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class ListedModel:
    """An entry of SnakeBench's own list: `name` is as it played, `model` what it called, `slug` the
    model's name here unless the arena knows the model already; `settings` went into each call.
    """

    name: str
    model: str
    slug: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What the arena knows of models: by slug what they are called in requests and by people, and
    by name the slugs of those who were called so, by whoever says it.

    `slugs` are all there are; models that earlier imports made for unresolved names are among them,
    but are found by no rule. `aliases` are those of all agents: no new model is called so.
    """

    slugs: Collection[str] = ()
    aliases: Collection[str] = ()
    client_names: Mapping[str, Collection[str]] = field(default_factory=dict)
    said: Mapping[str, Collection[str]] = field(default_factory=dict)
    display_names: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A model to be made if it is not there: `slug`, what people call it, and what it was called in
    requests, if known.
    """

    slug: str
    display_name: str
    client_name: str | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The model of a name, the rule that told it, and how it played; `doubts` names the rules that
    found several, with their slugs.
    """

    name: str
    rule: Rule
    model: Made
    settings: Mapping[str, Any] = field(default_factory=dict)
    doubts: tuple[tuple[Rule, tuple[str, ...]], ...] = ()


def resolve(
    names: Iterable[str], listed: Sequence[ListedModel], known: Known
) -> dict[str, Resolution]:
    """What each name means. The same names in any order give the same, and so does each name
    alone, but for the slugs of unresolved names that look alike.
    """
    rules = _Rules(listed, known)
    taken: set[str] = set()
    found = {}
    for name in in_order(names):
        found[name] = rules.resolve(name, taken)
        taken |= {found[name].model.slug, slug_of(name)}
    return found


def in_order(names: Iterable[str]) -> list[str]:
    """Each name once, those first that their slugs show as they are, so that these come without a
    digest.
    """
    return sorted(set(names), key=lambda name: (slug_of(name) != f"{OWN_VENDOR}/{name}", name))


def slug_of(name: str) -> str:
    """The slug of a model of its own for a name, such as "snakebench/Z.AI-GLM-4-32B"."""
    part = _RUNS.sub(r"\1", _NOT_IN_SLUG.sub("-", name))
    steps = [step.strip("-._+") for step in part.split("/")]
    part = "/".join(step for step in steps if step)[:LONGEST_PART].rstrip("-._+/")
    return f"{OWN_VENDOR}/{part}" if part else f"{OWN_VENDOR}/unnamed-{digest_of(name)}"


def digest_of(name: str) -> str:
    """Eight signs that tell a name from those that look like it."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def is_made_for_a_name(slug: str) -> bool:
    """Whether this is the slug of a model made for an unresolved name."""
    return slug.startswith(f"{OWN_VENDOR}/")


class _Rules:
    def __init__(self, listed: Sequence[ListedModel], known: Known) -> None:
        self._known = known
        self._slugs = frozenset(known.slugs)
        real = [slug for slug in known.slugs if not is_made_for_a_name(slug)]
        self._by_part = _index((_last_part(slug), slug) for slug in real)
        self._listed = {entry.name: self._meant(entry) for entry in reversed(listed)}
        self._entries: dict[str, list[tuple[ListedModel, Made]]] = {}
        for entry in listed:
            model = self._meant(entry)
            self._entries.setdefault(model.slug, []).append((entry, model))
        self._settings = {entry.name: entry.settings for entry in reversed(listed)}
        candidates = {*real, *self._entries}
        self._by_suffix = _index((_last_part(slug), slug) for slug in candidates)
        self._by_paid_suffix = _index(
            (_last_part(slug).removesuffix(_FREE), slug) for slug in candidates
        )
        self._candidates = candidates

    def resolve(self, name: str, taken: Collection[str]) -> Resolution:
        doubts: list[tuple[Rule, tuple[str, ...]]] = []
        for rule, slugs in self._found(name):
            if len(slugs) == 1:
                model, settings = self._model(name, next(iter(slugs)))
                return Resolution(name, rule, model, settings, tuple(doubts))
            if slugs:
                doubts.append((rule, tuple(sorted(slugs))))
        own = Made(self._free_slug(name, taken), name if name.strip() else "(no name)")
        return Resolution(name, Rule.UNRESOLVED, own, {}, tuple(doubts))

    def _found(self, name: str) -> Iterator[tuple[Rule, Collection[str]]]:
        yield Rule.EXACT, self._known.said.get(name, ())
        is_slug = name in self._slugs and not is_made_for_a_name(name)
        yield Rule.EXACT, (name,) if is_slug else ()
        listed = self._listed.get(name)
        yield Rule.YAML, (listed.slug,) if listed else ()
        yield Rule.EXACT, (name,) if name in self._entries else ()
        yield Rule.SLUG_SUFFIX, self._by_suffix.get(name, ())
        yield Rule.SLUG_SUFFIX, self._by_paid_suffix.get(name, ())
        paid = name.removesuffix(_FREE)
        yield Rule.SLUG_SUFFIX, (paid,) if paid != name and paid in self._candidates else ()
        yield Rule.DISPLAY_NAME, self._known.display_names.get(name, ())

    def _model(self, name: str, slug: str) -> tuple[Made, Mapping[str, Any]]:
        """The model, and how it was called: as the entry of that name says, else the model's only
        one.
        """
        entries = self._entries.get(slug, [])
        made = entries[0][1] if entries else Made(slug, _last_part(slug))
        if name in self._settings:
            return made, self._settings[name]
        return made, entries[0][0].settings if len(entries) == 1 else {}

    def _meant(self, entry: ListedModel) -> Made:
        """The model of an entry: one the arena knows by its slug, its name in requests or its last
        part, else a new one.
        """
        new = Made(entry.slug, entry.model, entry.model)
        if entry.slug in self._slugs:
            return new
        for slugs in (
            {entry.model} & self._slugs,
            self._known.client_names.get(entry.model, ()),
            self._by_part.get(_last_part(entry.model), ()),
        ):
            if len(slugs) == 1:
                return Made(next(iter(slugs)), entry.model, entry.model)
        return new

    def _free_slug(self, name: str, taken: Collection[str]) -> str:
        slug = slug_of(name)
        others = (taken, self._slugs, self._known.aliases)
        if len(name) <= LONGEST_PART and not any(slug in names for names in others):
            return slug
        return f"{slug}-{digest_of(name)}"


def _last_part(slug: str) -> str:
    return slug.rpartition("/")[2]


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, slug in pairs:
        found.setdefault(key, set()).add(slug)
    return found
