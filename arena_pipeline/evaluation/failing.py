"""Models whose calls keep failing: a placement that is hopeless, and who is retired until the
catalog says something new of it.

Only failures that say something of the model count. Where a gateway answers nobody at all, that is
the gateway's trouble, and nobody is retired for it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.logs import logger
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    Evaluation,
    EvaluationState,
    LlmCall,
    Model,
    SetBy,
)

IN_A_ROW = 12
"""Calls for one placement of which none was answered, after which it has failed."""

ATTEMPTS = 3
"""Placements that failed in a row, after which the model is retired."""

_OWN = frozenset({ErrorKind.NOT_FOUND, ErrorKind.BAD_REQUEST, ErrorKind.CONTEXT_LENGTH})
"""Failures that are the model's, whatever its gateway does for others."""

_LOG = logger(__name__)
_BY = By("arena", "its calls keep failing")


@dataclass(frozen=True, slots=True)
class FailingPolicy:
    """A ranked model is retired when of its newest `calls` calls within `days` at least `share`
    failed.
    """

    calls: int = 40
    share: float = 0.9
    days: float = 7.0


@dataclass(frozen=True, slots=True)
class Record:
    """How calls to a model went: how many there were, how many failed by what counts, and how the
    newest of those did.
    """

    calls: int
    failed: int
    newest: str | None
    own: int
    others_answered: bool

    def says(self, least: int, share: float) -> str | None:
        """Why there is no hope, as half a sentence; None while there is."""
        if self.calls < least or self.failed < share * self.calls:
            return None
        if not self.others_answered and self.own < self.failed:
            return None
        return f"{self.failed} of its last {self.calls} calls failed, the newest with {self.newest}"


def hopeless(connection: Connection, model_id: int, evaluation_id: int) -> str | None:
    """Why a placement that is held up will not get any further; None while it may."""
    record = _record(connection, model_id, IN_A_ROW, LlmCall.evaluation_id == evaluation_id)
    return record.says(IN_A_ROW, 1.0)


def retire_if_hopeless(store: Store, agent_id: int, ladder_id: int, why: str) -> bool:
    """Retire the model of an agent whose placements failed `ATTEMPTS` times in a row; whether it
    was. Safe to repeat and beside others.
    """
    with store.read() as connection:
        states = connection.execute(
            select(Evaluation.state, Evaluation.cancelled_at)
            .where(Evaluation.agent_id == agent_id, Evaluation.ladder_id == ladder_id)
            .order_by(Evaluation.attempt.desc())
        ).all()
        model_id = connection.scalar(select(Agent.model_id).where(Agent.id == agent_id))
    in_a_row = 0
    for state, cancelled_at in states:
        if state != EvaluationState.FAILED:
            break
        in_a_row += cancelled_at is None
    if model_id is None or in_a_row < ATTEMPTS:
        return False
    return _retire(store, model_id, f"{in_a_row} placements failed in a row: {why}")


def retire_failing(
    store: Store, policy: FailingPolicy | None = None, now: datetime | None = None
) -> tuple[str, ...]:
    """Retire ranked models whose calls keep failing, until the catalog says something new of them
    or a person takes it back; returns their slugs. Safe to repeat and beside others.
    """
    rule, moment = policy or FailingPolicy(), now or datetime.now(UTC)
    recent = LlmCall.started_at >= moment - timedelta(days=rule.days)
    retired = []
    with store.read() as connection:
        rows = connection.execute(
            select(Model.id, Model.slug)
            .where(
                Model.retired_at.is_(None),
                Model.id.in_(select(LlmCall.model_id).where(recent).distinct()),
                Model.id.in_(
                    select(Agent.model_id)
                    .join(Evaluation, Evaluation.agent_id == Agent.id)
                    .where(Evaluation.state == EvaluationState.RANKED)
                ),
            )
            .order_by(Model.slug)
        ).all()
        found = {
            row: _record(connection, row.id, rule.calls, recent).says(rule.calls, rule.share)
            for row in rows
        }
    for row, why in found.items():
        if why is not None and _retire(store, row.id, why):
            retired.append(row.slug)
    return tuple(retired)


def _record(connection: Connection, model_id: int, newest: int, where: Any) -> Record:
    rows = connection.execute(
        select(LlmCall.error_kind, LlmCall.gateway, LlmCall.started_at)
        .where(LlmCall.model_id == model_id, LlmCall.settled_at.is_not(None), where)
        .order_by(LlmCall.started_at.desc())
        .limit(newest)
    ).all()
    counted = [row for row in rows if row.error_kind is None or _counts(row.error_kind)]
    failed = [row for row in counted if row.error_kind is not None]
    answered = None
    if failed:
        answered = connection.scalar(
            select(func.count())
            .select_from(LlmCall)
            .where(
                LlmCall.gateway == failed[0].gateway,
                LlmCall.started_at >= failed[-1].started_at,
                LlmCall.model_id != model_id,
                LlmCall.settled_at.is_not(None),
                LlmCall.error_kind.is_(None),
            )
        )
    return Record(
        calls=len(counted),
        failed=len(failed),
        newest=failed[0].error_kind if failed else None,
        own=sum(row.error_kind in _OWN for row in failed),
        others_answered=bool(answered),
    )


def _counts(error_kind: str) -> bool:
    if error_kind not in [*ErrorKind]:
        return False
    kind = ErrorKind(error_kind)
    return kind in _OWN or kind.counts_against_circuit


def _retire(store: Store, model_id: int, why: str) -> bool:
    with registry_write(store) as connection:
        flags = connection.execute(
            select(
                Model.slug, Model.retired_at, Model.retired_set_by, Model.retired_reason,
                Model.is_active, Model.is_active_set_by,
            ).where(Model.id == model_id)
        ).one()  # fmt: skip
        by_person = flags.is_active and flags.is_active_set_by == SetBy.PERSON
        if flags.retired_at is not None or by_person:
            return False
        after = {
            "retired_at": datetime.now(UTC),
            "retired_set_by": str(SetBy.POLICY),
            "retired_reason": why,
            "retired_until_change": True,
        }
        connection.execute(update(Model).where(Model.id == model_id).values(**after))
        before = {name: getattr(flags, name, None) for name in after}
        write_audit(
            connection, _BY, "retire", SubjectKind.MODEL, flags.slug, before=before, after=after
        )
    _LOG.warning("model retired", model=flags.slug, reason=why)
    return True
