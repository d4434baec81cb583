"""Changes of the catalog as a table: what was, what is, and whether it was so before."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.text import Text

from arena_pipeline.cli.screen import Widest, add_rows, table
from arena_pipeline.cli.text import clean, rounded

Line = tuple[datetime | None, Text, str | None, str]
"""When, the kind of change, the model, what changed."""

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)\S*")

_PRICE = re.compile(r"\d+\.\d+")

_UNSET = {"expiration_date": "none"}
"""What null means for facts of which it is not that they are unknown."""

Facts = Mapping[str, Any] | None


def what_changed(before: Facts, after: Facts, unset: str = "?") -> str | None:
    """The facts that differ: "prompt 1 -> 2, completion ? -> 3"; None where there are none.

    `unset` stands for those that are null.
    """
    was, now = before or {}, after or {}
    parts = [
        f"{_words(name)} {_change(was.get(name), now.get(name), _UNSET.get(name, unset))}"
        for name in {**was, **now}
        if was.get(name) != now.get(name)
    ]
    return ", ".join(parts) or None


def what_is(facts: Facts) -> str:
    """Facts of which nothing was before, without those that are null or empty."""
    return ", ".join(
        f"{_words(name)} {_fact(value, '')}"
        for name, value in (facts or {}).items()
        if value not in (None, "", {}, [])
    )


def _change(before: object, after: object, unset: str) -> str:
    """What was and what is. Prices are rounded, but not so far that they seem the same."""
    exact = _fact(before, unset), _fact(after, unset)
    short = tuple(rounded(Decimal(one)) if _PRICE.fullmatch(one) else one for one in exact)
    return " -> ".join(exact if short[0] == short[1] else short)


def changes_table(lines: Sequence[Line], *, timed: bool) -> Widest:
    """A line for each change, with its time if `timed`; a narrow screen gets shorter columns."""
    skipped = 0 if timed else 1
    columns = ("when", "change", "model", "what")[skipped:]
    narrow = ("when", "model", "change")[skipped:]
    wide = add_rows(table(*columns, whole=columns[:-1]), (line[skipped:] for line in lines))
    short = (
        (when and f"{when:%Y-%m-%d}", slug, _joined(kind, what)) for when, kind, slug, what in lines
    )
    return Widest(
        wide, add_rows(table(*narrow, whole=narrow[:-1]), (line[skipped:] for line in short))
    )


def kind_cell(kind: str, *, is_flip: bool) -> Text:
    """The kind of a change; a price that went back to what it was is marked as a flip."""
    shown = Text(_words(kind))
    return shown.append(" (flip)", style="yellow") if is_flip else shown


def _words(name: str) -> str:
    return clean(name).replace("_", " ")


def _fact(value: object, unset: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return unset if value is None else _MOMENT.sub(r"\1 \2", clean(value))


def _joined(kind: Text, what: str) -> Text:
    return Text.assemble(kind, ": ", clean(what)) if what else kind
