"""`arena evaluate`: the queue of placements worked off, somebody placed now, a placement ended."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.ladders import Ladder
from arena_pipeline.cli.registry.syncing import declare
from arena_pipeline.cli.screen import Screen, add_rows, table
from arena_pipeline.cli.text import clean, clean_lines

if TYPE_CHECKING:
    from arena_pipeline.evaluation.placement import PlacementReport
    from arena_pipeline.evaluation.working import OnEnd, OnProgress, WorkReport
    from arena_pipeline.store import Store


@command("evaluate")
def evaluate(
    session: Session,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]",
            help="Models or agents to be placed now; without one, whoever is ready.",
            show_default=False,
        ),
    ] = None,
    cancel: Annotated[
        bool, typer.Option("--cancel", help="End the open placements of those named.")
    ] = False,
    ladder: Ladder = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1, max=10_000, help="Placements side by side; unset: ARENA_MATCH_CONCURRENCY."
        ),
    ] = None,
) -> int:
    """Place agents on their ladder: all that are ready, or those named; within the budgets."""
    from arena_pipeline.evaluation.serving import served_ladders
    from arena_pipeline.evaluation.wishes import wished
    from arena_pipeline.evaluation.working import work_off

    if cancel:
        return _cancel(session, names or [], ladder)
    screen, settings = session.screen, session.settings
    store = session.prepared_store()
    declare(session, store, needed=False)
    todo: dict[str, list[str] | None] = {}
    for name in names or ():
        wish = wished(store, settings, name, actor=actor(), ladder=ladder)
        if wish.allowed:
            screen.notice(f"{wish.allowed} is allowed from now on: somebody asked for it by name")
        whose = todo.setdefault(wish.ladder, [])
        if whose is not None:
            whose.append(wish.agent)
    if not names:
        todo = dict.fromkeys([ladder] if ladder else served_ladders(store))
    reports = []
    for home, whose in todo.items():
        with _progress(screen) as (on_progress, on_end):
            reports.append(
                work_off(
                    store, settings, home, whose, asked=True, concurrency=concurrency,
                    on_progress=on_progress, on_end=on_end,
                )
            )  # fmt: skip
    _show(screen, reports)
    if not names:
        _tell_who_waits(session, store, list(todo))
    return 1 if any(report.failed for report in reports) else 0


def _cancel(session: Session, names: Sequence[str], ladder: str | None) -> int:
    from arena_pipeline.evaluation.cancelling import cancel
    from arena_pipeline.evaluation.serving import home_ladders
    from arena_pipeline.evaluation.wishes import agent_named

    if not names:
        raise typer.BadParameter("name the models or agents whose placement is to end")
    store, done = session.ready_store(), []
    for name in names:
        alias = agent_named(store, name)
        home = ladder or next(iter(home_ladders(store, session.settings, [alias])))
        done.append(cancel(store, alias, actor=actor(), ladder=home))
    if session.screen.as_json:
        session.screen.document({"cancelled": done})
        return 0
    for one in done:
        told = f"The placement of {one.agent} on {one.ladder} is cancelled"
        more = f"; {one.voided} match under way is void" if one.voided else ""
        session.screen.show(Text(clean(told + more)))
    return 0


@contextmanager
def _progress(screen: Screen) -> "Iterator[tuple[OnProgress, OnEnd]]":
    """A bar for each placement under way, a line for each that is over; on stderr."""
    from arena_pipeline.cli.bars import bars

    with bars(screen.err) as progress:
        tasks: dict[str, Any] = {}

        def on_progress(agent: str, done: int, planned: int) -> None:
            if agent not in tasks:
                tasks[agent] = progress.add_task(clean(agent), total=planned)
            progress.update(tasks[agent], completed=done, total=planned)

        def on_end(agent: str, came: "PlacementReport | Exception") -> None:
            if agent in tasks:
                progress.remove_task(tasks.pop(agent))
            told = f"failed: {came}" if isinstance(came, Exception) else _line(came)
            screen.err.print(Text(clean_lines(f"{agent}: {told}")), soft_wrap=True)

        yield on_progress, on_end


def _line(report: "PlacementReport") -> str:
    if report.notice is not None:
        return report.notice
    rating = "" if report.rating_after is None else f", rating {report.rating_after:,.0f}"
    return f"{report.state}, {report.played} matches{rating}, {_usd(report.expense.cost)}"


def _show(screen: Screen, reports: "Sequence[WorkReport]") -> None:
    if screen.as_json:
        screen.document({"ladders": [_json(report) for report in reports]})
        return
    for report in reports:
        rows = [
            (
                one.agent,
                str(one.state),
                f"{one.played} of {one.planned}",
                _rating(one.rating_before),
                _rating(one.rating_after),
                one.expense.agent_faults,
                _usd(one.expense.per_match),
                _usd(one.expense.cost),
            )
            for one in (*report.placed, *report.waiting)
        ]
        if rows:
            columns = ("agent", "state", "matches", "before", "rating", "faults", "a match", "cost")
            shown = table(*columns, title=report.ladder, right=columns[2:], whole=("agent",))
            screen.show(add_rows(shown, rows))


def _tell_who_waits(session: Session, store: "Store", ladders: Sequence[str]) -> None:
    from arena_pipeline.evaluation.upcoming import next_placements

    for ladder in ladders:
        told = next_placements(store, session.settings, 1, ladder).explain()
        session.screen.notice(f"{ladder}: {told}")


def _json(report: "WorkReport") -> dict[str, Any]:
    return {
        "ladder": report.ladder,
        "placed": [asdict(one) for one in report.placed],
        "waiting": [asdict(one) for one in report.waiting],
        "failed": [{"agent": agent, "error": error} for agent, error in report.failed],
    }


def _rating(value: float | None) -> str | None:
    return None if value is None else f"{value:,.0f}"


def _usd(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:.4f} USD"
