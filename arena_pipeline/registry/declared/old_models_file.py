"""The older models file (`model_list.yaml`): a list of models, several of which may be one model
under different settings. Read here, and said anew in today's words.

An entry becomes an agent under its name. What it plays with is `model_name` where that has the form
vendor/model, else provider/model_name; a model that no catalog lists comes in with the provider as
its gateway. `name` and `model_name` become further names of the model. Keys that nobody knows are
parameters of the call and stay as they are; one that is all but a known key is taken for a slip.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from arena_pipeline.catalog.row import is_slug
from arena_pipeline.registry.declared import entries
from arena_pipeline.registry.declared.entries import (
    AgentEntry,
    BootstrapEntry,
    BotEntry,
    DatedPriceEntry,
    Entry,
    Gateways,
    ModelOverrides,
    ModelsFile,
)
from arena_pipeline.registry.declared.values import Count, Day, Price, Text
from arena_pipeline.registry.declared.yaml_marks import MarkedYaml, Mistake
from arena_pipeline.registry.gateways import OPENROUTER
from arena_pipeline.registry.names import alias_like

ALIKE = 0.85
"""Likeness (difflib) from which an unknown key is a slip: "modle_name" is, "min_tokens" is not."""

PARAMETERS = "kwargs"
"""The key of an entry that holds parameters of the call, as those outside it."""

_NOT_IN_SLUG = re.compile(r"[^\w.+:/-]+", re.ASCII)


class OldPricing(Entry):
    """USD per million tokens, and the day somebody looked them up."""

    input: Price
    output: Price
    date: Day | None = None


class OldEntry(Entry):
    """A model and the settings to call it with."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow", frozen=True, strict=True)
    __pydantic_extra__: dict[str, JsonValue]

    name: Text
    model_name: Text
    provider: Text
    max_completion_tokens: Count | None = None
    max_tokens: Count | None = None
    api_type: Text | None = None
    reasoning_effort: Text | None = None
    pricing: OldPricing | None = None

    @property
    def alias(self) -> str:
        """What its agent is called."""
        return alias_like(self.name)

    @property
    def slug(self) -> str:
        """What its model is called."""
        if "/" in self.model_name and is_slug(self.model_name):
            return self.model_name
        return _NOT_IN_SLUG.sub("-", f"{self.provider}/{self.model_name}")

    @property
    def settings(self) -> dict[str, JsonValue]:
        """What a call is made with; a key of the entry wins over the same one in `kwargs`."""
        named = {key: getattr(self, key) for key in _SETTINGS if getattr(self, key) is not None}
        given = dict(self.__pydantic_extra__)
        parameters = given.pop(PARAMETERS, None)
        return {**(parameters if isinstance(parameters, dict) else {}), **given, **named}


def _named(entry: OldEntry) -> OldEntry:
    alias_like(entry.name)
    if not is_slug(entry.slug):
        raise ValueError(f"{entry.slug[:80]!r} is no slug like vendor/model")
    if not isinstance(entry.__pydantic_extra__.get(PARAMETERS), dict | None):
        raise ValueError(f"{PARAMETERS}: this is no mapping of parameters to values")
    return entry


_KEYS = frozenset({*OldEntry.model_fields, PARAMETERS})
_SETTINGS = ("max_completion_tokens", "max_tokens", "api_type", "reasoning_effort")


class OldModelsFile(Entry):
    """A models file of the older format; bots, agents and gateways may stand beside its models."""

    bots: tuple[BotEntry, ...] = Field(default=(), strict=False)
    agents: tuple[AgentEntry, ...] = Field(default=(), strict=False)
    gateways: Gateways = Field(default=(), strict=False)
    models: tuple[Annotated[OldEntry, AfterValidator(_named)], ...] = Field(strict=False)


def is_old(value: Any) -> bool:
    """Whether the content of a models file is of the older format."""
    return isinstance(value, dict) and isinstance(value.get("models"), list)


def slips(value: Any, document: MarkedYaml) -> list[Mistake]:
    """Keys that no entry knows and that are all but one it should have."""
    return list(_slips(value["models"], document))


def _slips(entries: Iterable[Any], document: MarkedYaml) -> Iterator[Mistake]:
    for number, entry in enumerate(entries):
        keys = entry if isinstance(entry, dict) else {}
        free = _KEYS - keys.keys()
        for key in map(str, keys.keys() - _KEYS):
            if meant := get_close_matches(key.lower(), free, n=1, cutoff=ALIKE):
                what = f"unknown key {key!r}; did you mean {meant[0]!r}?"
                yield Mistake(*document.place(("models", number, key)), what)


def valid_keys(place: tuple[int | str, ...]) -> tuple[str, ...]:
    """The keys that the mapping at `place` may have."""
    if not place:
        return tuple(OldModelsFile.model_fields)
    if place[0] == "models":
        return tuple(OldPricing.model_fields)
    return entries.valid_keys(place)


def translated(old: OldModelsFile) -> ModelsFile:
    """The same in today's words.

    Where an entry is called, and by which name, goes with its agent, for the catalog may list the
    model too. Of several prices those of the latest day count.
    """
    first: dict[str, OldEntry] = {}
    priced: dict[str, OldPricing] = {}
    names: dict[str, dict[str, None]] = {}
    for entry in old.models:
        first.setdefault(entry.slug, entry)
        if entry.pricing and _later(entry.pricing, priced.get(entry.slug)):
            priced[entry.slug] = entry.pricing
        given = names.setdefault(entry.slug, {})
        given |= dict.fromkeys(n for n in (entry.name, entry.model_name) if n != entry.slug)
    bootstrap = (_bootstrap(entry, priced.get(slug)) for slug, entry in first.items())
    return ModelsFile(
        bots=old.bots,
        agents=(*old.agents, *map(_agent, old.models)),
        gateways=old.gateways,
        models=ModelOverrides(
            bootstrap=tuple(bootstrap),
            names={slug: tuple(given) for slug, given in names.items() if given},
        ),
    )


def _later(pricing: OldPricing, other: OldPricing | None) -> bool:
    if other is None or other.date is None:
        return other is None or pricing.date is not None
    return pricing.date is not None and pricing.date > other.date


def _bootstrap(entry: OldEntry, pricing: OldPricing | None) -> BootstrapEntry:
    prices = None
    if pricing is not None:
        prices = DatedPriceEntry(
            prompt=pricing.input, completion=pricing.output, since=pricing.date
        )
    return BootstrapEntry(
        slug=entry.slug,
        name=entry.model_name,
        gateway=entry.provider,
        client_name=entry.model_name,
        prices=prices,
    )


def _agent(entry: OldEntry) -> AgentEntry:
    settings, elsewhere = entry.settings, entry.provider != OPENROUTER
    if elsewhere and entry.model_name != entry.slug:
        settings["client_name"] = entry.model_name
    return AgentEntry(
        alias=entry.alias,
        model=entry.slug,
        gateway=entry.provider if elsewhere else None,
        settings=settings,
    )
