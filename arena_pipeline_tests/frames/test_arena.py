"""What the frames hold, over a few days of catalogs from 2026-01-01 06:00 UTC on."""

import inspect
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.frames import Arena
from arena_pipeline.frames.arena import ALIASES, CHANGES, MODELS, PRICES
from arena_pipeline.frames.columns import Column
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days

if TYPE_CHECKING:
    import pandas as pd

FRAMES: dict[str, tuple[Callable[[Arena], "pd.DataFrame"], tuple[Column, ...]]] = {
    "models": (Arena.models, MODELS),
    "prices": (Arena.prices, PRICES),
    "catalog_changes": (Arena.catalog_changes, CHANGES),
    "aliases": (Arena.aliases, ALIASES),
}
every_frame = pytest.mark.parametrize(("ask", "columns"), FRAMES.values(), ids=FRAMES.keys())


def day(number: int) -> datetime:
    """When the catalog of day `number`, from 0, was fetched."""
    return FIRST_DAY + timedelta(days=number)


@pytest.fixture
def known(days: Days) -> Days:
    """Two days: one model gets another price and name, one goes, one of unknown price stays."""
    router = row("zeta/router", prompt="-1", completion="-1", context_length=None, created=None)
    stays = [row(f"acme/other{number}") for number in range(3)]
    days.next(row("acme/one", name="One"), row("acme/two", prompt="0.1"), router, *stays)
    days.next(row("acme/one", name="Uno", prompt="0.0000001"), router, *stays)
    return days


@every_frame
def test_an_empty_arena_has_empty_frames_with_the_same_columns_and_types(
    ask: Callable[[Arena], "pd.DataFrame"], columns: tuple[Column, ...], arena: Arena, days: Days
) -> None:
    empty = ask(arena)
    days.next(row("acme/one", created=None, context_length=None), row("acme/two"))
    days.next(row("acme/one", prompt="-1", completion="-1"), row("acme/two"))
    full = ask(arena)

    assert len(empty) == 0 < len(full)
    assert list(empty.columns) == [column.name for column in columns]
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


@every_frame
def test_each_column_is_explained(
    ask: Callable[[Arena], "pd.DataFrame"], columns: tuple[Column, ...]
) -> None:
    explanation = (inspect.getdoc(ask) or "").partition("Columns:")[2]
    words = re.findall(r"\w+", explanation)

    assert [column.name for column in columns if column.name not in words] == []


def test_models_are_rows_with_types_to_reckon_with(arena: Arena, known: Days) -> None:
    models = arena.models().set_index("slug")

    one, router = models.loc["acme/one"], models.loc["zeta/router"]
    assert (one["name"], one["vendor"], one["status"]) == ("Uno", "acme", "untested")
    assert (one["prompt"], one["completion"], one["context"]) == (0.1, 2.0, 128_000)
    assert not one["plays"]
    assert router[["prompt", "completion", "context", "created", "removed"]].isna().all()
    assert models["removed"].dropna().to_dict() == {"acme/two": day(1)}
    assert models["prompt"].min() == 0.1
    assert models["discovered"].dt.tz is not None
    assert models["discovered"].max() - models["discovered"].min() == timedelta(0)
    types = {str(kind) for kind in models.dtypes}
    assert types == {"str", "bool", "float64", "Int64", "datetime64[us, UTC]"}


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        ({"vendor": "zeta"}, ["zeta/router"]),
        ({"removed": True}, ["acme/two"]),
        ({"max_price": 2, "removed": False, "vendor": "acme"}, 4),
        ({"max_price": "1.99"}, []),
        ({"free": True}, []),
        ({"status": "untested", "active": False}, 6),
    ],
)
def test_models_are_filtered_as_the_command_does(
    arena: Arena, known: Days, filters: dict[str, Any], slugs: list[str] | int
) -> None:
    found = list(arena.models(**filters)["slug"])

    assert slugs in (found, len(found))


@pytest.mark.parametrize(
    ("wanted", "mistake"),
    [
        ({"max_price": "cheap"}, "'cheap' is no price"),
        ({"max_price": float("nan")}, "'nan' is no price"),
        ({"status": "rnked"}, "No test status is called 'rnked'; did you mean 'ranked'"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_in_words(
    arena: Arena, wanted: dict[str, Any], mistake: str
) -> None:
    with pytest.raises(ArenaError, match=mistake):
        arena.models(**wanted)


def test_a_price_is_a_float_or_exact(arena: Arena, known: Days) -> None:
    floats, exact = arena.prices("acme/one"), arena.prices("acme/one", exact=True)

    assert floats["prompt"].tolist() == [1.0, 0.1]
    assert exact["prompt"].tolist() == [Decimal(1), Decimal("0.1")]
    assert arena.models(exact=True).set_index("slug")["prompt"]["acme/one"] == Decimal("0.1")
    assert arena.models(vendor="zeta", exact=True)["prompt"].tolist() == [None]


def test_prices_are_spans_that_join_by_time(arena: Arena, known: Days) -> None:
    prices = arena.prices()

    assert prices["slug"].nunique() == 6
    one = prices[prices["slug"] == "acme/one"]
    assert one["valid_from"].tolist() == [day(0), day(1)]
    assert one["valid_to"].dropna().tolist() == [day(1)]
    assert one["valid_to"].isna().tolist() == [False, True]
    assert arena.prices("Uno").equals(one.reset_index(drop=True))
    with pytest.raises(NotFound, match="'acme/on'"):
        arena.prices("acme/on")


def test_changes_are_since_a_day_or_a_moment(arena: Arena, known: Days) -> None:
    changes = arena.catalog_changes(since=date(2026, 1, 2))

    assert list(zip(changes["kind"], changes["slug"], strict=True)) == [
        ("removed", "acme/two"),
        ("repriced", "acme/one"),
        ("renamed", "acme/one"),
    ]
    assert changes["after"].tolist() == [
        None,
        {"prompt": "0.1", "completion": "2"},
        {"name": "Uno"},
    ]
    assert arena.catalog_changes(day(1)).equals(changes)
    assert arena.catalog_changes("2026-01-02").equals(changes)
    with pytest.raises(ArenaError, match="'last week' is no time; write it like 2026-01-31"):
        arena.catalog_changes("last week")
    assert arena.catalog_changes(day(1) + timedelta(seconds=1)).empty
    assert arena.catalog_changes()["kind"].value_counts()["added"] == 6
    assert arena.catalog_changes(slug="acme/one", kind="renamed")["at"].tolist() == [day(1)]


def test_names_are_rows_too(arena: Arena, known: Days) -> None:
    names = arena.aliases()

    assert set(names[names["slug"] == "acme/one"]["name"]) == {"One", "Uno", "acme/one-20250501"}
    assert arena.aliases("One")["slug"].tolist() == ["acme/one"]


def test_a_frame_is_ones_own(arena: Arena, known: Days) -> None:
    models = arena.models()
    models["slug"] = "changed"

    assert "acme/one" in arena.models()["slug"].tolist()


def test_an_open_arena_sees_what_others_write(arena: Arena, known: Days) -> None:
    before = len(arena.models())

    known.next(row("acme/new"), accept_drop=True)

    assert len(arena.models()) == before + 1
