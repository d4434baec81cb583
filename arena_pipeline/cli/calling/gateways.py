"""`arena gateways`: where calls to models are sent, how each is doing, and trying them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command, group
from arena_pipeline.cli.screen import Screen, Widest, add_rows, table
from arena_pipeline.cli.text import clean, rounded
from arena_pipeline.errors import ArenaError, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from arena_pipeline.calls.trying import Trial
    from arena_pipeline.registry.gateways import GatewayRow
    from arena_pipeline.settings import Settings
    from arena_pipeline.store import Store

gateways = group("gateways", "Show where calls to models are sent and how each is doing; try them.")

_LOOKS = {"closed": "green", "open": "yellow", "stopped": "bold red"}
_WORDS = {"closed": "ready", "open": "left alone", "stopped": "stopped"}
_ALL = ("state", "key", "calls", "limits", "spent today", "daily cap", "last answer", "last error")
_FEWER = ("state", "key", "calls", "spent today", "daily cap", "last error")
_LEAST = ("state", "calls", "spent today", "last error")


@command("list", of=gateways)
def show(session: Session) -> None:
    """Show each gateway: state, key, limits, calls and spending of today, last answer and error."""
    store = session.ready_store()
    found = _standings(store, session.settings)
    screen = session.screen
    if screen.as_json:
        screen.document({"gateways": found})
        return
    screen.show(Widest(*(_table(found, columns) for columns in (_ALL, _FEWER, _LEAST))))
    for one in found:
        _explain(screen, one)


@command("check", of=gateways)
def check(
    session: Session,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The gateway; unset: each of them.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Whom to ask; unset: the cheapest model there."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Make calls that cost money without asking.")
    ] = False,
) -> int:
    """Try gateways with one tiny call each; a good answer puts a stopped one to work again.

    What costs money is shown before, asked for, and taken from the budget.
    """
    if model is not None and name is None:
        raise typer.BadParameter("--model needs the name of its gateway")
    store = session.ready_store()
    results = [_tried(session, store, row, model, yes=yes) for row in _chosen(store, name)]
    if session.screen.as_json:
        session.screen.document({"gateways": results})
    else:
        session.screen.show(_trials(results))
    return 0 if all(one["answered"] for one in results) else 1


def _standings(store: "Store", settings: "Settings") -> "list[dict[str, Any]]":
    from arena_pipeline.calls.limits import gateway_states
    from arena_pipeline.calls.spending.budgets import BudgetKind, budgets
    from arena_pipeline.registry.gateways import gateways as registered
    from arena_pipeline.settings import key_is_set

    now = datetime.now(UTC)
    states = gateway_states(store, settings, now)
    days = {
        one.name: one for one in budgets(store, settings, now) if one.kind is BudgetKind.GATEWAY
    }
    found = []
    for row in registered(store):
        state, day = states[row.name], days.get(row.name)
        found.append(
            {
                "name": row.name,
                "base_url": row.base_url,
                "declared": row.declared,
                "state": state.state.value,
                "until": state.until,
                "key": row.key_variable,
                "key_is_set": key_is_set(row.key_variable) if row.key_variable else None,
                "requests_per_minute": row.requests_per_minute,
                "concurrency": row.concurrency,
                "price_prompt": row.price_prompt,
                "price_completion": row.price_completion,
                "calls_today": state.calls_today,
                "calls_under_way": state.open_calls,
                "free_calls_today": state.free_calls_today,
                "free_calls_set_aside": state.free_calls_set_aside,
                "free_calls_limit": state.free_calls_limit,
                "free_exhausted_until": state.free_exhausted_until,
                "spent_today": day.spent + day.assumed if day else Decimal(0),
                "reserved": day.reserved if day else Decimal(0),
                "daily_cap": row.daily_cap,
                "last_answer_at": state.last_ok_at,
                "last_error": state.last_error,
                "last_error_at": state.last_error_at,
                "models_left_alone": list(state.models_left_alone),
            }
        )
    return found


def _table(found: "Sequence[dict[str, Any]]", columns: tuple[str, ...]) -> "Table":
    money = ("calls", "spent today", "daily cap")
    shown = table("gateway", *columns, title="Gateways", right=money)
    rows = []
    for one in found:
        cells = {
            "state": _state(one),
            "key": _key(one),
            "calls": str(one["calls_today"]),
            "limits": _limits(one),
            "spent today": rounded(one["spent_today"]),
            "daily cap": "none" if one["daily_cap"] is None else rounded(one["daily_cap"]),
            "last answer": one["last_answer_at"],
            "last error": clean(one["last_error"] or ""),
        }
        rows.append((one["name"], *(cells[column] for column in columns)))
    add_rows(shown, rows)
    return shown


def _state(one: "dict[str, Any]") -> Text:
    if not one["declared"]:
        return Text("not declared", style="dim")
    state = one["state"]
    until = f" until {one['until']:%H:%M}" if state == "open" and one["until"] else ""
    return Text(_WORDS[state] + until, style=_LOOKS[state])


def _key(one: "dict[str, Any]") -> Text:
    if one["key"] is None:
        return Text("needs none", style="dim")
    if one["key_is_set"]:
        return Text(f"{one['key']} is set")
    return Text(f"{one['key']} is not set", style="yellow")


def _limits(one: "dict[str, Any]") -> str:
    limits = []
    if one["requests_per_minute"]:
        limits.append(f"{one['requests_per_minute']} a minute")
    if one["concurrency"]:
        limits.append(f"{one['concurrency']} at once")
    if one["free_calls_limit"] is not None:
        limits.append(f"free {one['free_calls_today']}/{one['free_calls_limit']} today")
    return ", ".join(limits) or "none"


def _explain(screen: Screen, one: "dict[str, Any]") -> None:
    """What a person has to do, where somebody has."""
    if one["declared"] and one["state"] == "stopped":
        screen.notice(
            f"Gateway {one['name']} is stopped: {clean(one['last_error'] or 'it refuses us')}. Put "
            f"right its key or account, then run: arena gateways check {one['name']}"
        )
    for model in one["models_left_alone"]:
        screen.notice(
            f"{clean(model.client_name)} at {one['name']} is left alone"
            f"{'' if model.until is None else f' until {model.until:%Y-%m-%d %H:%M}'}: "
            f"{clean(model.last_error or 'it failed too often')}"
        )


def _chosen(store: "Store", name: str | None) -> "list[GatewayRow]":
    from arena_pipeline.registry.gateways import gateways as registered

    rows = [row for row in registered(store) if row.declared]
    if name is None:
        return rows
    chosen = [row for row in rows if row.name == name]
    if not chosen:
        known = ", ".join(row.name for row in rows)
        raise NotFound(f"No gateway is named {name!r} in models.yaml; there are {known}")
    return chosen


def _tried(
    session: Session, store: "Store", row: "GatewayRow", model: str | None, *, yes: bool
) -> "dict[str, Any]":
    from arena_pipeline.calls.trying import trial_of, try_gateway

    made: dict[str, Any] = {"name": row.name, "answered": False, "model": None, "told": None}
    made |= {"host": None, "ms": None, "most": None, "cost": None, "error_kind": None}
    try:
        trial = trial_of(store, row, model)
        made |= {"model": trial.callee.client_name, "most": trial.most}
        if trial.most and not yes and not _agreed(session, trial):
            return {**made, "told": f"not tried: it may cost {rounded(trial.most)} USD (--yes)"}
        with session.screen.busy(f"Asking {trial.callee.client_name} at {row.name} ..."):
            sent = try_gateway(store, session.settings, trial)
    except ArenaError as error:
        return {**made, "told": str(error)}
    failure = sent.reply.failure
    return {
        **made,
        "answered": failure is None,
        "told": "it answers" if failure is None else failure.message,
        "host": sent.outcome.host,
        "ms": sent.outcome.duration_ms,
        "cost": sent.cost,
        "error_kind": failure and failure.kind.value,
    }


def _agreed(session: Session, trial: "Trial") -> bool:
    """Whether whoever sits there wants to pay; nobody does where nobody can be asked."""
    import sys

    if session.screen.as_json or not sys.stdin.isatty():
        return False
    return typer.confirm(
        f"Asking {clean(trial.callee.client_name)} at {trial.gateway.name} costs at most "
        f"{rounded(trial.most)} USD. Go on?",
        err=True,
    )


def _trials(results: "Sequence[dict[str, Any]]") -> "Table":
    numbers = ("ms", "USD")
    shown = table(
        "gateway", "model", "result", "host", *numbers, title="Gateways tried", right=numbers
    )
    add_rows(
        shown,
        [
            (
                one["name"],
                clean(one["model"] or ""),
                Text(clean(one["told"]), style="green" if one["answered"] else "red"),
                clean(one["host"] or ""),
                "" if one["ms"] is None else f"{one['ms']:.0f}",
                "" if one["cost"] is None else rounded(one["cost"]),
            )
            for one in results
        ],
    )
    return shown
