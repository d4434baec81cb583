"""The models of a practice server: what each plays like, costs, and how often it goes wrong."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from arena_pipeline.catalog.row import is_slug
from arena_pipeline.errors import ArenaError
from arena_pipeline.players import bots

VENDOR = "practice"
"""The first part of every practice model's slug, so that none is taken for a real one."""


class BadLineUp(ArenaError):
    """Practice models that can't be served."""


class Fault(StrEnum):
    """In which ways an answer of the practice server goes wrong."""

    RATE_LIMIT = "rate_limit"
    """429 with Retry-After: not served."""
    SERVER = "server"
    """500: not served."""
    DROPPED = "dropped"
    """The connection breaks in the middle of the answer: served and billed."""
    STALL = "stall"
    """No answer for a long time, then none at all: not billed."""
    HTML = "html"
    """A page with status 200: not served."""
    ERROR_IN_200 = "error_in_200"
    """Status 200 with an error in the body: not served."""
    NO_USAGE = "no_usage"
    """An answer that says nothing of tokens and cost: served and billed."""
    AUTH = "auth"
    """401, the key repeated in the text: not served."""
    PAYMENT = "payment"
    """402: not served."""
    GARBAGE = "garbage"
    """Text without a move: served and billed, as are the following."""
    CUT_OFF = "cut_off"
    EMPTY = "empty"
    REFUSAL = "refusal"

    @property
    def is_served(self) -> bool:
        """Whether the model worked for it, so that it is billed."""
        return self in _SERVED

    @property
    def is_reply(self) -> bool:
        """Whether an answer of the model comes, with whatever is wrong with it."""
        return self in _SERVED and self is not Fault.DROPPED


_SERVED = frozenset(
    {Fault.DROPPED, Fault.NO_USAGE, Fault.GARBAGE, Fault.CUT_OFF, Fault.EMPTY, Fault.REFUSAL}
)

_USUAL = {
    Fault.RATE_LIMIT: 0.30, Fault.SERVER: 0.22, Fault.ERROR_IN_200: 0.12, Fault.HTML: 0.06,
    Fault.NO_USAGE: 0.10, Fault.DROPPED: 0.03, Fault.STALL: 0.01, Fault.GARBAGE: 0.08,
    Fault.CUT_OFF: 0.03, Fault.EMPTY: 0.03, Fault.REFUSAL: 0.02,
}  # fmt: skip
"""How the faults of a rate are shared out."""

Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[
    Decimal,
    # A float of YAML goes through its text, or 0.1 would become a number of 55 digits.
    BeforeValidator(lambda value: str(value) if isinstance(value, float) else value),
    Field(ge=0, le=10_000),
]


def usual_faults(rate: float) -> dict[Fault, float]:
    """Faults that make up this share of all answers, in their usual mixture."""
    return {fault: round(rate * share, 6) for fault, share in _USUAL.items()}


class PracticeModel(BaseModel):
    """One model: a bot's rule behind a price list.

    Prices are USD per million tokens. `blunders`: chance of a random move instead of the rule's.
    `thinks`: tokens of an answer on average, as reasoning where it `reasons`. `faults`: chance of
    each. `latency_s` (plus or minus the share `jitter` of it) and `faults` None: those of the
    server. One of its `hosts` answers, by chance.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    slug: str
    name: str | None = None
    policy: str = "greedy"
    settings: dict[str, Any] = {}
    blunders: Share = 0.0
    prompt: Money = Decimal("0.20")
    completion: Money = Decimal("0.80")
    context_length: Annotated[int, Field(ge=256)] = 32_768
    max_completion_tokens: Annotated[int, Field(ge=16)] = 8_192
    reasons: bool = False
    thinks: Annotated[int, Field(ge=8, le=100_000)] = 60
    latency_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    jitter: Share = 0.5
    faults: dict[Fault, Share] | None = None
    hosts: Annotated[tuple[str, ...], Field(min_length=1)] = ("Practice North", "Practice South")

    @model_validator(mode="after")
    def _can_be_played(self) -> "PracticeModel":  # noqa: N804 - an instance, once it is made
        if not is_slug(self.slug) or not self.slug.startswith(f"{VENDOR}/"):
            raise ValueError(f"{self.slug[:60]!r} is no slug like {VENDOR}/bold")
        if (reason := bots.refusal(self.policy, self.settings)) is not None:
            raise ValueError(reason)
        if sum((self.faults or {}).values()) > 1:
            raise ValueError("its faults add up to more than 1")
        return self

    @property
    def title(self) -> str:
        """Its name, labelled practice."""
        return f"Practice: {self.name or self.slug.partition('/')[2]}"

    @property
    def is_free(self) -> bool:
        """Whether a call costs nothing."""
        return not (self.prompt or self.completion)

    def changed(self, terms: Mapping[str, Any]) -> "PracticeModel":
        """The same model on other terms. Raises BadLineUp."""
        return read_model({**self.model_dump(exclude_unset=True), **terms, "slug": self.slug})


def read_model(terms: object) -> PracticeModel:
    """Check the description of one model. Raises BadLineUp naming what is wrong with it."""
    try:
        return PracticeModel.model_validate(terms)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise BadLineUp(f"A practice model can't be served: {where and where + ': '}{said}") from (
            error
        )


def read_line_up(file: Path) -> tuple[PracticeModel, ...]:
    """The models that a YAML file lists, each with fields of `PracticeModel`. Raises BadLineUp."""
    try:
        listed = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadLineUp(f"{file} can't be read as a list of practice models: {error}") from error
    if not isinstance(listed, list) or not listed:
        raise BadLineUp(f"{file} has to be a list of models, such as - slug: {VENDOR}/bold")
    models = tuple(read_model(terms) for terms in listed)
    check_names(models)
    return models


def check_names(models: Iterable[PracticeModel]) -> None:
    """Raise BadLineUp if two models share a slug."""
    seen: set[str] = set()
    for model in models:
        if model.slug in seen:
            raise BadLineUp(f"{model.slug} is listed twice; every model has a slug of its own")
        seen.add(model.slug)


LINE_UP = (
    PracticeModel(
        slug="practice/sage", policy="flood", thinks=140, reasons=True,
        prompt=Decimal("1.00"), completion=Decimal("4.00"),
    ),
    PracticeModel(slug="practice/steady", policy="flood", blunders=0.08, thinks=80),
    PracticeModel(slug="practice/eager", policy="greedy", thinks=40),
    PracticeModel(
        slug="practice/hasty", policy="greedy", blunders=0.15, thinks=20,
        prompt=Decimal("0.05"), completion=Decimal("0.20"),
    ),
    PracticeModel(slug="practice/wary", policy="careful_random", thinks=60),
    PracticeModel(
        slug="practice/giveaway:free", policy="careful_random", blunders=0.10,
        prompt=Decimal(0), completion=Decimal(0),
    ),
)  # fmt: skip
"""What is served when no file says otherwise."""

NEWCOMER = PracticeModel(
    slug="practice/newcomer", policy="flood", blunders=0.03, thinks=100,
    prompt=Decimal("0.30"), completion=Decimal("1.20"),
)  # fmt: skip
"""The model that appears in the catalog while `make practice` runs."""
