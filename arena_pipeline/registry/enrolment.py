"""Enrolment: every model that may be evaluated and is active gets its default agent, once.

The default agent plays by the newest active prompt of the main game, with default settings; its
evaluation speaks for its model. Here too: models made active by the policy, if
`ARENA_ACTIVATE_UNDER` says so. What a person or the models file said of a model is never touched.
Nobody is evaluated by being enrolled: that is the queue's business (`evaluation.queue`).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select, update

from arena_pipeline.logs import logger
from arena_pipeline.registry.agents import AgentRow, agent_rows, config_digest
from arena_pipeline.registry.declared.agents import ensure_kinds
from arena_pipeline.registry.models import ModelRow, TestStatus, model_rows, resolve
from arena_pipeline.registry.names import LONGEST_ALIAS, alias_like
from arena_pipeline.registry.policy.eligibility import Reason, Verdict
from arena_pipeline.registry.policy.verdicts import judged
from arena_pipeline.registry.prompts import Prompt, default_game, newest_active
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, AgentSource, Model, SetBy
from arena_pipeline.store.types import plain_decimal

CALLING = "llm"
NOT_ACTIVE = "not active (arena models activate, models.yaml or ARENA_ACTIVATE_UNDER)"
SWITCHED_OFF = "switched off by a person"
NO_PROMPT = "no prompt for the game"
PLACED = "its placement succeeded"

_BY_SETTING = "(ARENA_ACTIVATE_UNDER)"
_BY_SOMEBODY = (SetBy.PERSON, SetBy.YAML)
_REMEDIED = frozenset({Reason.NO_KEY, Reason.NO_BUDGET})
_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What became of the models: aliases of new default agents, slugs that the policy made active,
    or no longer lets play, and how many models without an agent wait, by reason.
    """

    enrolled: tuple[str, ...] = ()
    activated: tuple[str, ...] = ()
    rested: tuple[str, ...] = ()
    waiting: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As shown to people and programs."""
        lists = ("enrolled", "activated", "rested")
        return {**{name: list(getattr(self, name)) for name in lists}, "waiting": self.waiting}


def enrol(store: Store, settings: Settings, now: datetime | None = None) -> Enrolment:
    """Make active what the policy lets play, and give default agents to those that lack one.

    `now` (UTC; default: now) is when a model has to be listed. One transaction of the registry,
    which excludes other writers; none at all where nothing is to change. Safe to repeat, to kill,
    and beside others.
    """
    at = now or datetime.now(UTC)
    with store.read() as connection:
        wanted = _decide(connection, settings, at)
    if not wanted.changes:
        return Enrolment(waiting=wanted.waiting)
    with registry_write(store) as connection:
        ensure_kinds(store, connection)
        wanted = _decide(connection, settings, at)
        enrolled = _apply(connection, wanted, at)
    activated = tuple(row.slug for row, _ in wanted.activate)
    rested = tuple(row.slug for row in wanted.rest)
    _LOG.info("models enrolled", enrolled=len(enrolled), activated=len(activated))
    return Enrolment(enrolled, activated, rested, wanted.waiting)


def default_agent(store: Store, name: str) -> AgentRow | None:
    """The default agent of the model of that name, made if there is none, whatever the policy says
    of the model; None if there is no prompt to give it. For what a person asks for by name.

    Raises NotFound or AmbiguousName. One transaction of the registry; safe to repeat.
    """
    with registry_write(store) as connection:
        ensure_kinds(store, connection)
        (row,) = model_rows(connection, Model.slug == resolve(connection, name))
        if row.id not in _with_default(connection):
            prompt = _prompt(connection)
            if prompt is None:
                return None
            _insert(connection, row, prompt, _aliases(connection), datetime.now(UTC))
        of_model = select(Agent.id).where(Agent.model_id == row.id, Agent.is_default)
        number = connection.scalar(of_model)
        return next(one for one in agent_rows(connection) if one.id == number)


def mark_placed(connection: Connection, model_id: int) -> bool:
    """Let a model play whose placement succeeded, unless somebody said otherwise; whether that
    changed anything. To be called in the transaction that ranks it; safe to repeat.
    """
    changed = connection.execute(
        update(Model)
        .where(Model.id == model_id, Model.is_active.is_(False), Model.is_active_set_by.is_(None))
        .values(is_active=True, is_active_set_by=str(SetBy.POLICY), is_active_reason=PLACED)
    )
    return bool(changed.rowcount)


@dataclass(slots=True)
class _Wanted:
    """What is to change; `prompt` is what new agents get."""

    prompt: Prompt | None
    activate: list[tuple[ModelRow, Decimal]] = field(default_factory=list)
    rest: list[ModelRow] = field(default_factory=list)
    enrol: list[ModelRow] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    limit: Decimal | None = None

    @property
    def changes(self) -> bool:
        return bool(self.activate or self.rest or self.enrol)

    @property
    def waiting(self) -> dict[str, int]:
        """How many wait for each reason, the commonest first."""
        return dict(self.reasons.most_common())


def _decide(connection: Connection, settings: Settings, now: datetime) -> _Wanted:
    wanted = _Wanted(_prompt(connection), limit=settings.activate_under)
    enrolled = _with_default(connection)
    for row, verdict in judged(connection, settings, now):
        plays = row.is_active
        if _is_cheap(row, verdict, wanted.limit):
            assert verdict.estimate is not None
            wanted.activate.append((row, verdict.estimate))
            plays = True
        elif _is_dear(row, verdict, wanted.limit):
            wanted.rest.append(row)
            plays = False
        if row.id in enrolled:
            continue
        if reason := _waits_for(row, verdict, plays, wanted.prompt):
            wanted.reasons[reason] += 1
        else:
            wanted.enrol.append(row)
    return wanted


def _is_cheap(row: ModelRow, verdict: Verdict, limit: Decimal | None) -> bool:
    """Whether the policy makes it active now."""
    if row.is_active or row.is_active_set_by in _BY_SOMEBODY or limit is None:
        return False
    return verdict.eligible and verdict.estimate is not None and verdict.estimate <= limit


def _is_dear(row: ModelRow, verdict: Verdict, limit: Decimal | None) -> bool:
    """Whether the policy made it active for its price, which is not so any more, before it played:
    what was placed stays.
    """
    by_setting = row.is_active and row.is_active_set_by == SetBy.POLICY
    if not (by_setting and str(row.is_active_reason).endswith(_BY_SETTING)):
        return False
    if row.test_status != TestStatus.UNTESTED:
        return False
    return limit is None or verdict.estimate is None or verdict.estimate > limit


def _waits_for(row: ModelRow, verdict: Verdict, plays: bool, prompt: Prompt | None) -> str | None:
    """Why a model gets no default agent, in words for people; None if it gets one."""
    if verdict.reason is not None:
        remedy = verdict.detail if verdict.reason in _REMEDIED else None
        return f"{verdict.reason} ({remedy})" if remedy else str(verdict.reason)
    if not plays:
        return SWITCHED_OFF if row.is_active_set_by == SetBy.PERSON else NOT_ACTIVE
    return NO_PROMPT if prompt is None else None


def _apply(connection: Connection, wanted: _Wanted, now: datetime) -> tuple[str, ...]:
    """Write what was decided; the aliases of the new agents."""
    for row, estimate in wanted.activate:
        about, limit = plain_decimal(estimate), plain_decimal(wanted.limit or Decimal(0))
        why = f"a match is expected to cost {about} USD, at most {limit} {_BY_SETTING}"
        _set_playing(connection, row, is_active=True, by=str(SetBy.POLICY), why=why)
    for row in wanted.rest:
        _set_playing(connection, row, is_active=False, by=None, why=None)
    taken = _aliases(connection)
    if wanted.prompt is None:
        return ()
    return tuple(_insert(connection, row, wanted.prompt, taken, now) for row in wanted.enrol)


def _set_playing(
    connection: Connection, row: ModelRow, *, is_active: bool, by: str | None, why: str | None
) -> None:
    values = {"is_active": is_active, "is_active_set_by": by, "is_active_reason": why}
    connection.execute(update(Model).where(Model.id == row.id).values(**values))


def _prompt(connection: Connection) -> Prompt | None:
    game = default_game(connection)
    return None if game is None else newest_active(connection, game)


def _with_default(connection: Connection) -> set[int]:
    """Models that have their default agent."""
    found = select(Agent.model_id).where(Agent.is_default, Agent.model_id.is_not(None))
    return {model_id for model_id in connection.scalars(found) if model_id is not None}


def _aliases(connection: Connection) -> set[str]:
    """Every family and alias that is somebody's."""
    aliases = set(connection.scalars(select(Agent.alias)))
    return aliases | {alias.partition("@")[0] for alias in aliases}


def _insert(
    connection: Connection, row: ModelRow, prompt: Prompt, taken: set[str], now: datetime
) -> str:
    alias = _free_alias(row.slug, taken)
    taken.add(alias)
    connection.execute(
        insert(Agent).values(
            alias=alias,
            kind=CALLING,
            model_id=row.id,
            model_version=row.version,
            prompt_id=prompt.id,
            settings={},
            is_default=True,
            source=str(AgentSource.ENROLMENT),
            config_digest=config_digest(
                alias, CALLING, row.slug, {}, 1, prompt=prompt.digest, model_version=row.version
            ),
            created_at=now,
        )
    )
    return alias


def _free_alias(slug: str, taken: set[str]) -> str:
    """The slug itself, or what is nearest to it and nobody's."""
    alias = alias_like(slug)
    number = 0
    while alias in taken:
        number += 1
        suffix = "+default" if number == 1 else f"+default{number}"
        alias = alias_like(slug)[: LONGEST_ALIAS - len(suffix)] + suffix
    return alias
