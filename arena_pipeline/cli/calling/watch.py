"""`arena watch`: the matches under way, board beside board, drawn anew each second."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.ladders import Ladder
from arena_pipeline.cli.screen import many
from arena_pipeline.cli.text import clean, rounded
from arena_pipeline.cli.watching import COLOURS, coloured_board, plain_board

if TYPE_CHECKING:
    from arena_pipeline.evaluation.switch import Paused
    from arena_pipeline.matches.ladder_rules import LadderRule
    from arena_pipeline.matches.under_way import MatchUnderWay, SeatUnderWay, UnderWay
    from arena_pipeline.store import Store

REFRESH_S = 1.0

MOST_MATCHES = 500
"""Matches told one by one where nothing limits them; the numbers are of all."""

_GAP = 2
_MOMENT = "%Y-%m-%d %H:%M:%S"
"""To the second: many pauses are short."""

_LEAST_LINES = 16
"""Lines a board with its seats takes at least; what can't fit on the terminal is not asked for."""


@command("watch")
def watch(
    session: Session,
    ladder: Ladder = None,
    once: Annotated[
        bool, typer.Option("--once", help="Show them once and end, as in a pipe.")
    ] = False,
) -> None:
    """Watch the matches of language models live: boards, faults, cost, and why one waits."""
    screen = session.screen
    store = session.ready_store()
    rule = None if ladder is None else _rule(store, ladder)
    if screen.as_json:
        seen, paused = look(store, rule, MOST_MATCHES)
        screen.document({"paused": paused, "under_way": seen})
        return
    if once or not screen.out.is_terminal:
        for line in _plain(*look(store, rule, MOST_MATCHES)):
            screen.out.print(line, soft_wrap=True)
        return
    _live(screen.out, store, rule)


def _live(console: Console, store: "Store", rule: "LadderRule | None") -> None:
    from rich.live import Live

    with Live(console=console, auto_refresh=False, screen=True) as live:
        try:
            while True:
                fitting = max(2, console.height // _LEAST_LINES * max(1, console.width // 30))
                live.update(Picture(*look(store, rule, fitting)), refresh=True)
                time.sleep(REFRESH_S)
        except KeyboardInterrupt:
            return


def look(
    store: "Store", rule: "LadderRule | None", limit: int
) -> tuple["UnderWay", "Paused | None"]:
    """What is to be seen now: matches of a ladder, or of all, and whether the arena is paused."""
    from arena_pipeline.evaluation.switch import is_paused
    from arena_pipeline.matches.under_way import under_way

    with store.read() as connection:
        paused = is_paused(connection)
    return under_way(store, datetime.now(UTC), rule=rule, limit=limit), paused


def _rule(store: "Store", ladder: str) -> "LadderRule":
    from arena_pipeline.leaderboard.ladders import ladder_row
    from arena_pipeline.matches.ledger import rule_of

    with store.read() as connection:
        return rule_of(ladder_row(connection, ladder))


class Picture:
    """All of it for a terminal: boards in rows, as many beside each other as there is room for;
    what does not fit is only counted.
    """

    def __init__(self, seen: "UnderWay", paused: "Paused | None") -> None:
        self._seen, self._paused = seen, paused

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose, now that the size is known."""
        head = [] if self._paused is None else [f"The arena is {clean(self._paused)}"]
        rows = self._rows(console, options, (options.height or console.height) - 1 - len(head))
        shown = sum(map(len, rows))
        left = self._seen.count - shown
        more = f" ({left} more than fit here)" if left else ""
        yield Text(_summary(self._seen) + more, style="bold")
        yield from (Text(line, style="yellow") for line in head)
        yield from map(_beside, rows)

    def _rows(self, console: Console, options: ConsoleOptions, height: int) -> list[list["_Board"]]:
        rows: list[list[_Board]] = []
        wide = tall = 0
        for match in self._seen.matches:
            board = _board(match, console, options)
            if rows and wide + board.width <= options.max_width:
                if board.height > height + tall:
                    break
                rows[-1].append(board)
            elif board.height > height and rows:
                break
            else:
                rows.append([board])
                wide = tall = 0
            wide += board.width + _GAP
            height -= max(0, board.height - tall)
            tall = max(tall, board.height)
        return rows


@dataclass(frozen=True, slots=True)
class _Board:
    picture: Group
    width: int
    height: int


def _board(match: "MatchUnderWay", console: Console, options: ConsoleOptions) -> _Board:
    """A match with its seats, as wide as its board and seats are; why it waits is folded."""
    lines: list[RenderableType] = [Text(_headline(match), style="bold", no_wrap=True)]
    lines += [
        Text(_seat(seat), style=COLOURS[seat.slot % len(COLOURS)], no_wrap=True)
        for seat in match.seats
    ]
    lines.append(coloured_board(match.game, match.state))
    width = console.measure(Group(*lines), options=options).maximum
    lines += [Text(line, style="yellow") for line in _why(match)]
    picture = Group(*lines, Text(""))
    height = len(console.render_lines(picture, options.update(width=width, height=None)))
    return _Board(picture, width, height)


def _beside(boards: Sequence[_Board]) -> RenderableType:
    from rich.table import Table

    grid = Table.grid(padding=(0, _GAP, 0, 0))
    for board in boards:
        grid.add_column(width=board.width)
    grid.add_row(*(board.picture for board in boards))
    return grid


def _plain(seen: "UnderWay", paused: "Paused | None") -> Iterator[Text]:
    yield Text(_summary(seen))
    if paused is not None:
        yield Text(f"The arena is {clean(paused)}")
    for match in seen.matches:
        seats = [_seat(seat) for seat in match.seats]
        board = plain_board(match.game, match.state)
        yield Text(
            "\n".join(["", f"{match.uuid}  {_headline(match)}", *seats, *_why(match), board])
        )


def _summary(seen: "UnderWay") -> str:
    if not seen.count:
        return "No match of a language model is under way"
    told = [f"{seen.played} played"] if seen.played else []
    told += [f"{seen.paused} paused"] if seen.paused else []
    told += [f"{seen.left} left by a process that is gone"] if seen.left else []
    return "Matches under way: " + ", ".join(told)


def _headline(match: "MatchUnderWay") -> str:
    cost = "" if match.cost is None else f", {rounded(match.cost)} USD"
    return f"Turn {match.turn}, {clean(match.purpose)} on {clean(match.config)}{cost}"


def _seat(seat: "SeatUnderWay") -> str:
    told = [f"{seat.slot} {clean(seat.name)}"]
    if seat.score is not None:
        told[0] += f": {clean(seat.score)}"
    if not seat.is_alive:
        told.append("dead")
    if seat.faults:
        told.append(many(seat.faults, "fault"))
    if seat.failed_calls:
        told.append(f"{seat.failed_calls} of {seat.calls} calls failed")
    if seat.cost is not None:
        told.append(f"{rounded(seat.cost)} USD")
    if seat.is_asked:
        told.append("thinking")
    return ", ".join(told)


def _why(match: "MatchUnderWay") -> list[str]:
    """Why a match stands still, since when and until when; nothing for one that is played."""
    if match.is_played:
        return []
    if match.pause_reason is None and match.paused_at is None:
        return ["left by a process that is gone"]
    since = "" if match.paused_at is None else f" since {match.paused_at:{_MOMENT}} UTC"
    until = "" if match.resume_at is None else f" until {match.resume_at:{_MOMENT}} UTC"
    # The kind of a reason comes first in it; that it is a pause was said.
    reason = clean(match.pause_reason or "").removeprefix("paused: ")
    why = f": {reason}" if reason else ""
    return [f"paused{since}{until}{why}"]
