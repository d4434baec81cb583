"""Watching a match in the terminal: the board drawn anew after each step, or as plain text in a
pipe. Many at once are watched by `cli.calling.watch`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.text import Text

from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from arena_pipeline.matches.recorder import OpenMatch

FRAME_S = 0.08
"""Seconds a position stays on a terminal: bots decide faster than anybody can look."""

COLOURS = ("cyan", "magenta", "yellow", "blue", "green", "white", "bright_cyan", "bright_magenta")
"""Of the seats, in order; Snake seats at most eight."""


@contextmanager
def watching(console: Console) -> Iterator[Callable[["OpenMatch"], None]]:
    """Gives the function to call after each step of a match."""
    if not console.is_terminal:
        yield lambda match: console.print(_plain(match), soft_wrap=True)
        return
    from rich.live import Live

    with Live(console=console, auto_refresh=False) as live:

        def draw(match: "OpenMatch") -> None:
            live.update(_picture(match), refresh=True)
            time.sleep(FRAME_S)

        yield draw


def _plain(match: "OpenMatch") -> Text:
    state = match.steps[-1].state
    board = plain_board(match.plan.config.game, state)
    return Text("\n".join([_headline(match, state), *_seats(match, state), board, ""]))


def _picture(match: "OpenMatch") -> RenderableType:
    state = match.steps[-1].state
    lines = [
        Text(line, style=COLOURS[seat % len(COLOURS)])
        for seat, line in enumerate(_seats(match, state))
    ]
    board = coloured_board(match.plan.config.game, state)
    return Group(Text(_headline(match, state), style="bold"), *lines, board)


def _headline(match: "OpenMatch", state: Mapping[str, Any]) -> str:
    return f"Round {state.get('round', len(match.steps))}, seed {match.plan.seed}"


def _seats(match: "OpenMatch", state: Mapping[str, Any]) -> list[str]:
    scores, alive = state.get("scores"), state.get("alive")
    return [
        f"{seat} {clean(entrant.name)}"
        + (f": {scores[seat]}" if scores else "")
        + (" (dead)" if alive and not alive[seat] else "")
        for seat, entrant in enumerate(match.plan.entrants)
    ]


def coloured_board(game: str, state: Mapping[str, Any]) -> Text:
    """The position in colour where we know how the game is drawn, else as text."""
    return _snakes(state) if game == "snake" else Text(plain_board(game, state))


def plain_board(game: str, state: Mapping[str, Any]) -> str:
    """The position as text: as the game draws it, else as what it is made of."""
    if game == "snake":
        from arena_pipeline.games.snake.render import render

        return render(state)
    return "\n".join(f"{clean(name)}: {clean(value)}" for name, value in state.items())


def _snakes(state: Mapping[str, Any]) -> Text:
    """A Snake position in colour: a cell is two characters wide, which makes it square."""
    width, height = state["board"]
    cells = dict.fromkeys(map(tuple, state["apples"]), ("● ", "bold red"))
    living_last = sorted(range(len(state["snakes"])), key=lambda seat: state["alive"][seat])
    for seat in living_last:
        colour = COLOURS[seat % len(COLOURS)] if state["alive"][seat] else "bright_black"
        head, *tail = state["snakes"][seat]
        cells.update(dict.fromkeys(map(tuple, tail), ("██", colour)))
        cells[head[0], head[1]] = (f"{seat:<2}", f"bold black on {colour}")
    edge = ("─" * (2 * width), "dim")
    picture = Text.assemble(("┌", "dim"), edge, ("┐\n", "dim"))
    for y in reversed(range(height)):
        row = (cells.get((x, y), ("· ", "dim")) for x in range(width))
        picture.append_text(Text.assemble(("│", "dim"), *row, ("│\n", "dim")))
    return picture.append_text(Text.assemble(("└", "dim"), edge, ("┘", "dim")))
