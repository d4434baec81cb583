"""`arena prices`: what a model cost and when, as a table and a chart."""

import os
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.screen import add_rows, table
from arena_pipeline.cli.text import clean
from arena_pipeline.errors import ArenaError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rich.table import Table

    from arena_pipeline.registry.history import Absence, PricePoint
    from arena_pipeline.registry.models import ModelRow


class NotAPicture(ArenaError):
    """The picture can't be written where it is to be."""


@command("prices")
def prices(
    session: Session,
    slug: Annotated[
        str, typer.Argument(metavar="SLUG", help="The model, by slug or any name it ever had.")
    ],
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Only what held in the last so many days.")
    ] = None,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="FILE", help="Write the chart into this SVG file too."),
    ] = None,
) -> None:
    """Show what a model cost and when, as the catalog said, with a chart."""
    from arena_pipeline.cli.registry.price_chart import price_chart
    from arena_pipeline.registry import history
    from arena_pipeline.registry.models import model

    store = session.ready_store()
    row = model(store, slug)
    points, away = history.prices(store, row.slug), history.absences(store, row.slug)
    repriced = history.changes(store, slug=row.slug, kind="repriced")
    flips = {one.snapshot_id for one in repriced if one.is_flip}
    until = _end(row.last_seen_at, points)
    if days is not None:
        start = datetime.now(UTC) - timedelta(days=days)
        points = _held_since(points, start)
        away = tuple(one for one in away if one.until is None or one.until > start)
    if svg is not None:
        from arena_pipeline.registry.charts import price_history_chart

        _write_picture(svg, price_history_chart(row.slug, points, away, until))
        session.screen.notice(f"Chart written to {svg}")
    screen = session.screen
    if screen.as_json:
        screen.document(_document(row, points, away, flips))
        return
    if row.override_set_by is not None:
        screen.show(_instead(row))
    if not points:
        screen.show(Text(f"No price of {clean(row.slug)} is on record{_sampled(row)}."))
        return
    screen.show(_table(row.slug, points, flips))
    for one in away:
        until_when = "now" if one.until is None else f"{one.until:%Y-%m-%d %H:%M}"
        screen.show(f"Not listed from {one.since:%Y-%m-%d %H:%M} until {until_when}")
    screen.show(price_chart(points, away, until, screen.out.width))


def _document(
    row: "ModelRow",
    points: "Sequence[PricePoint]",
    away: "Sequence[Absence]",
    flips: "Collection[int | None]",
) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "counts": {
            "prompt": row.price_prompt,
            "completion": row.price_completion,
            "set_by": row.override_set_by,
        },
        "prices": [{**asdict(one), "is_flip": one.snapshot_id in flips} for one in points],
        "away": away,
    }


def _sampled(row: "ModelRow") -> str:
    """Why there is no history of a model whose price is known."""
    if row.source != "openrouter" or row.listed_prompt is None:
        return ""
    return "; the prices of the sample catalog are not taken for history"


def _instead(row: "ModelRow") -> Text:
    """What somebody put in the place of the catalog's prices."""
    prices = (row.price_prompt, row.price_completion)
    prompt, completion = ("unknown" if one is None else clean(one) for one in prices)
    who = "models.yaml" if row.override_set_by == "yaml" else "a person"
    return Text(
        f"What counts instead: prompt {prompt}, completion {completion} (set by {who})",
        style="yellow",
    )


def _table(slug: str, points: "Sequence[PricePoint]", flips: "Collection[int | None]") -> "Table":
    shown = table("from", "prompt", "completion", "", title=slug, right=("prompt", "completion"))
    for before, one in zip((None, *points), points, strict=False):
        prices = (one.price_prompt, one.price_completion)
        note = Text()
        if one.snapshot_id in flips:
            note = Text("back to what it had been (flip)", "yellow")
        elif before is not None and (before.price_prompt, before.price_completion) == prices:
            note = Text("other prices changed", "dim")
        add_rows(shown, [(one.valid_from, *prices, note)])
    return shown


def _end(last_seen: datetime | None, points: "Sequence[PricePoint]") -> datetime | None:
    """Until when the last price is known to have held."""
    known = [one.valid_from for one in points[-1:]] + ([last_seen] if last_seen else [])
    return max(known, default=None)


def _held_since(points: "Sequence[PricePoint]", start: datetime) -> "tuple[PricePoint, ...]":
    """The prices that held at `start` or began later."""
    before = [one for one in points if one.valid_from <= start]
    return (*before[-1:], *points[len(before) :])


def _write_picture(file: Path, picture: str) -> None:
    """Write `file` as a whole or not at all; a link keeps leading to it. Raises NotAPicture where
    something else is there, or no folder.
    """
    file = file.resolve()
    if not file.parent.is_dir():
        raise NotAPicture(f"There is no folder {file.parent}; make it or name another file")
    if file.exists() and not _may_be_replaced(file):
        raise NotAPicture(f"{file} is no SVG picture and is left alone; name another file")
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".svg")
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as whole:
            whole.write(picture)
        beside.chmod(0o644)
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _may_be_replaced(file: Path) -> bool:
    """Whether `file` is a picture or empty; a pipe or device is not even opened."""
    if not file.is_file():
        return False
    with file.open("rb") as old:
        start = old.read(256).lstrip()
    return not start or start.startswith((b"<svg", b"<?xml"))
