"""`arena estimate`: what a match and a placement of a model are expected to cost, and what is left
for it.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.ladders import Ladder
from arena_pipeline.cli.screen import add_rows, facts, table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from arena_pipeline.calls.estimating import Candidate, Estimate

_LEAST = Decimal("0.000001")


@command("estimate")
def estimate(
    session: Session,
    name: Annotated[
        str, typer.Argument(metavar="MODEL", help="A model by any of its names, or an agent.")
    ],
    ladder: Ladder = None,
) -> None:
    """Show what a match and a placement of a model are expected to cost, and what is left for it.

    Nothing is called and nothing is spent.
    """
    from arena_pipeline.calls.estimating import estimate_placement
    from arena_pipeline.evaluation.grounds import ground

    store = session.ready_store()
    with store.read() as connection:
        candidate = _candidate(connection, name)
        field = ground(connection, ladder or _ladder_for(candidate))
        found = estimate_placement(
            connection,
            session.settings,
            _prompted(connection, candidate, field.config.game),
            field.config.id,
            datetime.now(UTC),
        )
    if session.screen.as_json:
        session.screen.document(_document(found, field.rule.name, field.config.name))
        return
    _show(session, found, field.rule.name, field.config.name)


def _candidate(connection: "Connection", name: str) -> "Candidate":
    """The agent of that alias, else the model of that name with its default agent, if it has one.

    Raises NotFound, AmbiguousName, or BadParameter for an agent without a model.
    """
    from arena_pipeline.calls.estimating import Candidate
    from arena_pipeline.calls.outstanding import called_at
    from arena_pipeline.registry.agents import agent_rows
    from arena_pipeline.registry.models import model_rows, resolve
    from arena_pipeline.store.tables import Model

    everyone = agent_rows(connection)
    agent = next((one for one in everyone if one.alias == name), None)
    if agent is not None and agent.model is None:
        raise typer.BadParameter(f"{name} calls no model, so it costs nothing")
    slug = resolve(connection, name) if agent is None else str(agent.model)
    (row,) = model_rows(connection, Model.slug == slug)
    if agent is None:
        own = [one for one in everyone if one.model == slug and one.is_default]
        agent = max(own, key=lambda one: one.id, default=None)
    if agent is None:
        return Candidate(row, row.gateway)
    gateway = called_at(agent.settings, row.gateway)
    return Candidate(row, gateway, agent.id, agent.alias, agent.prompt_id)


def _prompted(connection: "Connection", candidate: "Candidate", game: str) -> "Candidate":
    """The same with the prompt that a new agent would get."""
    from dataclasses import replace

    from arena_pipeline.registry.prompts import newest_active

    if candidate.prompt_id is not None:
        return candidate
    prompt = newest_active(connection, game)
    return candidate if prompt is None else replace(candidate, prompt_id=prompt.id)


def _ladder_for(candidate: "Candidate") -> str:
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, PRACTICE_LADDER
    from arena_pipeline.registry.gateways import is_practice

    return PRACTICE_LADDER if is_practice(candidate.gateway or "") else DEFAULT_LADDER


def _document(found: "Estimate", ladder: str, config: str) -> dict[str, Any]:
    cost, low, high = found.placement or (None, None, None)
    return {
        "model": found.model,
        "agent": found.agent,
        "ladder": ladder,
        "config": config,
        "gateway": found.gateway,
        "match": found.expectation,
        "placement": {"matches": found.planned, "cost": cost, "low": low, "high": high},
        "eligible": found.verdict.eligible,
        "reason": found.verdict.reason,
        "detail": found.verdict.detail,
        "budgets": found.budgets,
        "past": {
            "matches": found.past,
            "expected": found.past_expected,
            "billed": found.past_billed,
        },
    }


def _show(session: Session, found: "Estimate", ladder: str, config: str) -> None:
    from arena_pipeline.cli.registry.models import usd

    told, match = found.expectation, None
    if told is not None:
        match = (
            ("turns in a match", f"{told.turns:.1f}"),
            ("tokens read in a turn", f"{told.prompt_tokens:,.0f}"),
            ("tokens written in a turn", f"{told.completion_tokens:,.0f}"),
            ("its seat in a match", _span(told.cost, told.low, told.high)),
        )
    placement = () if found.placement is None else (_span(*found.placement),)
    verdict = found.verdict
    detail = f" ({verdict.detail})" if verdict.detail else ""
    session.screen.show(
        facts(
            (
                ("agent", found.agent or "none yet"),
                ("gateway", found.gateway),
                ("ladder", f"{ladder} ({config})"),
                *(match or (("its seat in a match", "nobody knows: its price is unknown"),)),
                *((f"a placement of {found.planned}", one) for one in placement),
                ("based on", _basis(found)),
                ("eligible", "yes" if verdict.eligible else f"no: {verdict.reason}{detail}"),
                ("so far", _past(found)),
            ),
            title=found.model,
        ),
        "",
        add_rows(
            table(
                "budget", "most", "left", "under way", "would take", "fits", "set by",
                right=("most", "left", "under way", "would take"),
            ),
            (
                (
                    one.name,
                    "no cap" if one.cap is None else usd(one.cap),
                    None if one.left is None else usd(one.left),
                    usd(one.expected) if one.expected else None,
                    usd(one.wanted),
                    one.fits if told is not None else None,
                    one.setting,
                )
                for one in found.budgets
            ),
        ),
        Text(
            "USD. Ranges hold 80 of 100. Opponents that are models cost their own seats on top. "
            "Under way: what matches are still expected to take.",
            style="dim",
        ),
    )  # fmt: skip


def _basis(found: "Estimate") -> str | None:
    told = found.expectation
    if told is None:
        return None
    return f"{told.basis}, {told.matches} matches" if told.matches else told.basis


def _past(found: "Estimate") -> str:
    if not found.past:
        return "no finished match whose cost was expected and is known"
    seats = len(found.past)
    return (
        f"{'1 match' if seats == 1 else f'{seats} matches'}: expected "
        f"{_usd(found.past_expected)} USD, billed {_usd(found.past_billed)} USD"
    )


def _span(cost: Decimal, low: Decimal, high: Decimal) -> str:
    return "free" if not high else f"{_usd(cost)} USD ({_usd(low)} to {_usd(high)})"


def _usd(amount: Decimal) -> str:
    """Two digits that matter, and cents at least."""
    if amount and amount < _LEAST:
        return f"<{_LEAST}"
    if amount >= 1 or not amount:
        return f"{amount:.2f}"
    return f"{amount:.{max(2, 1 - amount.adjusted())}f}"
