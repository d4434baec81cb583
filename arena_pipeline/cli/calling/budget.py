"""`arena budget`: what may be spent, what is spent and set aside, and what is left of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.screen import Screen, Widest, add_rows, many, table
from arena_pipeline.cli.text import rounded

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.calls.spending.budgets import BudgetState
    from arena_pipeline.calls.spending.foresight import Foresight

_MONEY = ("cap", "spent", "unknown", "set aside", "left")
BAR = 20
"""Columns of a bar."""

_SPENT, _ASSUMED, _RESERVED, _LEFT = "█", "▓", "▒", "·"


@command("budget")
def budget(
    session: Session,
    mend: Annotated[
        bool,
        typer.Option("--mend", help="Set right what is set aside for no call."),
    ] = False,
) -> None:
    """Show every budget: what is spent, set aside and left of it, and which setting sets it."""
    from arena_pipeline.calls.spending import auditing
    from arena_pipeline.calls.spending.budgets import budgets
    from arena_pipeline.calls.spending.foresight import foresight
    from arena_pipeline.calls.spending.losing import lose_stale_calls

    store, settings = session.ready_store(), session.settings
    now = datetime.now(UTC)
    lost = lose_stale_calls(store, settings, now)
    mended = auditing.mend(store) if mend else []
    found, foreseen = budgets(store, settings, now), foresight(store)
    screen = session.screen
    if screen.as_json:
        screen.document(
            {
                "budgets": found,
                "calls_given_up": lost,
                "mended": [one.key.budget for one in mended],
                "expected_and_paid": [
                    {
                        "model": one.model,
                        "matches": one.matches,
                        "expected": one.expected,
                        "cost": one.cost,
                        "ratio": one.ratio,
                    }
                    for one in foreseen
                ],
            }
        )
        return
    _show(screen, found, foreseen)
    if lost:
        screen.notice(
            f"{many(lost, 'call')} of processes that died {'is' if lost == 1 else 'are'} given up "
            "now; what they may have cost at most counts as spent"
        )
    for one in mended:
        screen.notice(
            f"Budget {one.key.budget} held {rounded(one.reserved)} USD for calls under way, which "
            f"may cost {rounded(one.under_way)}; that is set right"
        )


def _show(screen: Screen, found: "Sequence[BudgetState]", foreseen: "Sequence[Foresight]") -> None:
    (total, *_) = found
    if not total.cap:
        screen.show(
            Text(
                "ARENA_BUDGET is 0: nothing is spent, only free models and bots play. Set it to "
                "what may be spent in all, in USD (ARENA_BUDGET=5).",
                style="yellow",
            )
        )
    every = (*_MONEY, "anew", "set by", "")
    screen.show(Widest(*(_table(found, every[:most]) for most in (len(every), -1, -2, -3))))
    screen.show(
        Text(
            f"{_SPENT} spent  {_ASSUMED} of unknown cost, counted at its most  "
            f"{_RESERVED} set aside for calls under way  {_LEFT} left",
            style="dim",
        )
    )
    if total.overrun:
        screen.show(
            Text(
                f"Bills came to {rounded(total.overrun)} USD more than was set aside for them",
                style="yellow",
            )
        )
    if foreseen:
        screen.show(_foresight(foreseen))


def _table(found: "Sequence[BudgetState]", columns: tuple[str, ...]) -> "Table":
    shown = table("budget", *columns, title="Budgets (USD)", right=_MONEY, whole=columns)
    rows = []
    for one in found:
        cells = {
            "cap": Text("none", style="dim") if one.cap is None else one.cap,
            "spent": one.spent,
            "unknown": one.assumed,
            "set aside": one.reserved,
            "left": one.left,
            "": _bar(one),
            "anew": one.resets_at,
            # Which gateway it is, the row says already.
            "set by": Text(one.setting.replace(f" of gateway {one.name}", ""), style="dim"),
        }
        rows.append((_name(one), *(cells[column] for column in columns)))
    return add_rows(shown, rows)


def _name(one: "BudgetState") -> str:
    match one.kind.value:
        case "gateway":
            return f"{one.name}, today"
        case "match":
            return f"match {one.name[:8]}"
        case _:
            return one.name


def _bar(one: "BudgetState") -> Text:
    """The parts of a cap; nothing where there is none. Past the cap it is full."""
    if not one.cap:
        return Text("")
    parts = ((one.spent, _SPENT, "green"), (one.assumed, _ASSUMED, "yellow"),
             (one.reserved, _RESERVED, "cyan"))  # fmt: skip
    bar = Text()
    so_far = Decimal(0)
    for amount, sign, style in parts:
        so_far += amount
        columns = min(BAR, _columns(so_far, one.cap))
        bar.append(sign * max(0, columns - len(bar)), style=style)
    bar.append(_LEFT * (BAR - len(bar)), style="dim")
    if one.left is not None and one.left < 0:
        bar.stylize("red")
    return bar


def _columns(amount: Decimal, cap: Decimal) -> int:
    """Of a whole bar; what is there at all is seen."""
    return 0 if not amount else max(1, round(BAR * amount / cap))


def _foresight(foreseen: "Sequence[Foresight]") -> "Table":
    numbers = ("matches", "expected", "paid", "times")
    shown = table(
        "model", *numbers, title="Expected and paid (USD, finished matches)", right=numbers
    )
    add_rows(
        shown,
        [
            (
                one.model,
                one.matches,
                one.expected,
                one.cost,
                None if one.ratio is None else f"{one.ratio:.2f}",
            )
            for one in foreseen
        ],
    )
    return shown
