from dataclasses import fields
from types import NoneType
from typing import get_args, get_type_hints

import dagster as dg

from arena_pipeline.defs.publishing.columns import board_columns
from arena_pipeline.leaderboard.board import BoardRow


def test_the_leaderboard_shows_the_columns_of_the_board() -> None:
    may_be_none = get_type_hints(BoardRow)

    assert {column.name: column.constraints.nullable for column in board_columns()} == {
        field.name: NoneType in get_args(may_be_none[field.name]) for field in fields(BoardRow)
    }
    assert [column.name for column in board_columns()] == [field.name for field in fields(BoardRow)]


def test_every_column_of_the_leaderboard_is_described() -> None:
    assert all((column.description or "").endswith(".") for column in board_columns())


def test_the_leaderboard_is_made_of_standings_without_their_inner_columns(
    definitions: dg.Definitions,
) -> None:
    [told] = [
        spec.metadata
        for spec in definitions.resolve_all_asset_specs()
        if spec.key == dg.AssetKey("leaderboard")
    ]

    assert told["dagster/table_name"] == "standings"
    assert told["dagster/column_schema"].columns == board_columns()
