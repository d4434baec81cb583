"""How far a long step is, told to whoever runs the graph in the same process; else to nobody.

Dagster's own log is no place for this: a line of it costs as much as a match.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, int, int], None]
"""Called with asset, how many are done, and of how many."""

_listeners: list[Listener] = []


def reporter(asset: str) -> Callable[[int, int], None]:
    """A function for the work of `asset` to call with (done, total)."""

    def report(done: int, total: int) -> None:
        for listener in _listeners:
            listener(asset, done, total)

    return report


def adding_up(report: Callable[[int, int], None]) -> Callable[[str, int, int], None]:
    """The same for work on several things at once, told of each by name: their sum is reported."""
    parts: dict[str, tuple[int, int]] = {}

    def add(name: str, done: int, total: int) -> None:
        parts[name] = done, total
        report(sum(part[0] for part in parts.values()), sum(part[1] for part in parts.values()))

    return add


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Hear of every step's progress while the block runs."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
