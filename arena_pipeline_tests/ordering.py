"""In which order tests run: long ones early and apart, so that no worker ends with one alone.

Workers get equal parts of the list, one after the other, and take from each other's ends when they
are done; a test of a minute at an end would keep the others waiting.
"""

from collections.abc import Iterator, Sequence

import pytest

LONG = ("/e2e/", "/drills/", "/defs/test_launch.py", "/importers/snakebench/test_shared_history.py")
"""Where the tests are that take more than a few seconds."""

EARLY = 2 / 3
"""Share of a worker's tests among which its long ones are strewn."""


def ordered(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """All `items`, in parts for so many workers, each with its share of the long tests."""
    long = [item for item in items if is_long(item)]
    quick = [item for item in items if not is_long(item)]
    cuts = [round(len(quick) * part / workers) for part in range(workers + 1)]
    return [
        item
        for part in range(workers)
        for item in strewn(long[part::workers], quick[cuts[part] : cuts[part + 1]])
    ]


def is_long(item: pytest.Item) -> bool:
    """Whether a test is one of the long ones, by where it is."""
    return any(place in item.path.as_posix() for place in LONG)


def strewn(long: Sequence[pytest.Item], quick: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    """One long test, some quick ones, the next long one; what is left of the quick ones last."""
    stride = int(len(quick) * EARLY / max(len(long), 1))
    for number, item in enumerate(long):
        yield item
        yield from quick[number * stride : (number + 1) * stride]
    yield from quick[len(long) * stride :]
