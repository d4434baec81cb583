"""What a models file may declare: bots, agents, gateways, and what overrides the catalog.

What belongs here: the shape, and what is wrong with a value by itself. Files are read in
`registry.declared.models_file`, single values in `registry.declared.values`.
"""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from arena_pipeline.registry.declared.values import (
    Alias,
    Amount,
    Count,
    Day,
    GatewayName,
    KeyVariable,
    Price,
    PromptName,
    Slug,
    Text,
    Url,
)
from arena_pipeline.registry.gateways import BUILT_IN, OPENROUTER, GatewayRow


class Entry(BaseModel):
    """Part of a models file: a key that nobody knows is a mistake."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, strict=True)


class BotEntry(Entry):
    """A bot: an agent without a model, deciding by a policy of `players.bots`."""

    alias: Alias
    policy: Text
    title: Text | None = None
    active: bool = True
    settings: dict[str, JsonValue] = {}


class AgentEntry(Entry):
    """An agent that plays with a model, under settings of its own. Those the arena does not know go
    into each call as they are.

    A `gateway` of its own goes before that of its model. `prompt` is NAME or NAME@VERSION; without
    it, the agent gets the newest of its game and keeps it.
    """

    alias: Alias
    model: Text
    prompt: PromptName | None = None
    title: Text | None = None
    active: bool = True
    gateway: Text | None = None
    settings: dict[str, JsonValue] = {}


class PriceEntry(Entry):
    """USD per million tokens; 0 is free, null unknown."""

    prompt: Price | None
    completion: Price | None


class GatewayEntry(Entry):
    """An API that calls are sent to. `key` names the environment variable that holds its key.

    Of the gateway that is built in, only what differs need be said. `prices` are those of models
    called there that have none of their own.
    """

    name: GatewayName
    base_url: Url | None = None
    key: KeyVariable | None = None
    requests_per_minute: Count | None = None
    concurrency: Count | None = None
    daily_cap: Amount | None = None
    prices: PriceEntry | None = None

    @property
    def row(self) -> GatewayRow:
        """The gateway as the registry keeps it."""
        own = self.name == OPENROUTER
        return GatewayRow(
            name=self.name,
            base_url=self.base_url or BUILT_IN.base_url,
            key_variable=(
                BUILT_IN.key_variable if own and "key" not in self.model_fields_set else self.key
            ),
            requests_per_minute=self.requests_per_minute,
            concurrency=self.concurrency,
            daily_cap=self.daily_cap,
            price_prompt=self.prices.prompt if self.prices else None,
            price_completion=self.prices.completion if self.prices else None,
        )


def _with_address(entry: GatewayEntry) -> GatewayEntry:
    if entry.base_url is None and entry.name != OPENROUTER:
        raise ValueError("'base_url' is missing")
    return entry


Gateways = tuple[Annotated[GatewayEntry, AfterValidator(_with_address)], ...]


class DatedPriceEntry(PriceEntry):
    """The same, and since when it is so."""

    since: Day | None = None


class BootstrapEntry(Entry):
    """A model that no catalog need list. Where one does, only the prices here count."""

    slug: Slug
    name: Text | None = None
    gateway: Text = OPENROUTER
    client_name: Text | None = None
    context_length: Count | None = None
    max_completion_tokens: Count | None = None
    prices: DatedPriceEntry | None = None


class FailingEntry(Entry):
    """When a ranked model is taken out of evaluation because it can't be called: of its last
    `calls` within `days`, this `share` failed.
    """

    calls: Annotated[int, Field(ge=1, le=100_000)] = 40
    share: Annotated[float, Field(gt=0, le=1, strict=False)] = 0.9
    days: Annotated[float, Field(gt=0, le=36_500, strict=False)] = 7


class RetirePolicy(Entry):
    """Which models are taken out of evaluation: by pattern, as long removed from the catalog, or
    as their calls keep failing.
    """

    models: tuple[Text, ...] = Field(default=(), strict=False)
    removed_days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    failing: FailingEntry | None = None


class ModelOverrides(Entry):
    """What this file says about models.

    Patterns are slugs in which * stands for anything; deny wins over allow; of prices the slug's
    own win, then the first pattern that fits.
    """

    bootstrap: tuple[BootstrapEntry, ...] = Field(default=(), strict=False)
    allow: tuple[Text, ...] = Field(default=(), strict=False)
    deny: tuple[Text, ...] = Field(default=(), strict=False)
    active: tuple[Text, ...] = Field(default=(), strict=False)
    names: dict[Slug, Annotated[tuple[Text, ...], Field(strict=False)]] = {}
    prices: dict[Text, PriceEntry] = {}
    retire: RetirePolicy = RetirePolicy()


class ModelsFile(Entry):
    """Everything a models file declares."""

    bots: tuple[BotEntry, ...] = Field(default=(), strict=False)
    agents: tuple[AgentEntry, ...] = Field(default=(), strict=False)
    gateways: Gateways = Field(default=(), strict=False)
    models: ModelOverrides = ModelOverrides()


def valid_keys(place: tuple[int | str, ...]) -> tuple[str, ...]:
    """The keys that the mapping at `place` of a models file may have."""
    names = tuple(step for step in place if isinstance(step, str))
    if names[:2] == ("models", "prices"):
        return tuple(PriceEntry.model_fields)
    return tuple(_SHAPES.get(names, Entry).model_fields)


_SHAPES: dict[tuple[str, ...], type[BaseModel]] = {
    (): ModelsFile,
    ("bots",): BotEntry,
    ("agents",): AgentEntry,
    ("gateways",): GatewayEntry,
    ("gateways", "prices"): PriceEntry,
    ("models",): ModelOverrides,
    ("models", "bootstrap"): BootstrapEntry,
    ("models", "bootstrap", "prices"): DatedPriceEntry,
    ("models", "retire"): RetirePolicy,
    ("models", "retire", "failing"): FailingEntry,
}
