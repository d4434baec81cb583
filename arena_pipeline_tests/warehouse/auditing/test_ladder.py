"""Where a forged ladder parts: the first match, who, which number."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arena_pipeline.warehouse.auditing import LadderAudit, audit
from arena_pipeline.warehouse.auditing.report import MOST_PARTINGS
from arena_pipeline_tests.warehouse.auditing.published import Row, forge, rows


def snake(folder: Path) -> LadderAudit:
    return next(one for one in audit(folder).ladders if one.ladder == "snake")


def of_match(uuid: str, **changes: Any) -> Callable[[Row], Row]:
    """Changes the rows of one match."""
    return lambda row: {**row, **changes} if row["uuid"] == uuid else row


@pytest.fixture
def tenth(folder: Path) -> Row:
    """The place of the tenth rated match."""
    return next(
        row
        for row in rows(folder, "ladder_matches")
        if row["ladder"] == "snake" and row["sequence"] == 10
    )


def test_a_rating_off_by_the_last_bit_is_named(folder: Path, tenth: Row) -> None:
    def bit(row: Row) -> Row:
        meant = row["ladder"] == "snake" and row["sequence"] == 10
        return {**row, "after": row["after"] * (1 + 2.0**-52)} if meant else row

    forge(folder, "rating_events", bit, reseal=True)

    found = snake(folder)

    assert found.parted == 2
    [first, _] = found.partings
    assert (first.sequence, first.match, first.field) == (10, tenth["uuid"], "elo after")
    assert first.competitor is not None
    assert first.published != first.recomputed


def test_a_result_turned_round_parts_at_its_match(folder: Path, tenth: Row) -> None:
    def turned(row: Row) -> Row:
        if row["match_id"] != tenth["match_id"]:
            return row
        return {**row, "result": {"won": "lost", "lost": "won", "tied": "won"}[row["result"]]}

    forge(folder, "participants", turned, reseal=True)

    found = snake(folder)

    assert found.partings[0].field == "link of the chain"
    assert {one.sequence for one in found.partings[:3]} == {10}
    assert "elo after" in {one.field for one in found.partings[:3]}
    assert found.parted > len(found.partings) == MOST_PARTINGS


@pytest.mark.parametrize(
    ("table", "changes", "field"),
    [
        ("matches", {"rule_version": "0"}, "link of the chain"),
        ("matches", {"replay_digest": "0" * 64}, "link of the chain"),
        ("matches", {"config": "other"}, "link of the chain"),
        ("ladder_matches", {"digest": "0" * 64}, "link of the chain"),
        ("ladder_matches", {"digest": None}, "link of the chain"),
        ("matches", {"state": "void"}, "sequence"),
        ("matches", {"game": "chess"}, "place"),
    ],
)
def test_an_altered_match_is_named(
    folder: Path, tenth: Row, table: str, changes: Row, field: str
) -> None:
    forge(folder, table, of_match(tenth["uuid"], **changes), reseal=True)

    partings = snake(folder).partings

    named = [one for one in partings if one.match == tenth["uuid"]]
    assert field in {one.field for one in named}


def test_a_match_altered_in_what_the_chain_alone_holds_parts_once(folder: Path, tenth: Row) -> None:
    forge(folder, "matches", of_match(tenth["uuid"], rule_version="0"), reseal=True)

    link, head = snake(folder).partings

    assert (link.sequence, head.field) == (10, "head of the chain")


def test_a_match_left_out_is_missed(folder: Path, tenth: Row) -> None:
    for table in ("matches", "ladder_matches"):
        forge(folder, table, lambda row: None if row["uuid"] == tenth["uuid"] else row, reseal=True)

    partings = snake(folder).partings

    assert partings[0].field == "position"
    assert partings[0].sequence == 11
    assert str(partings[0]).endswith("position is 12, the matches give 11")


def test_a_place_without_its_match_is_told(folder: Path, tenth: Row) -> None:
    forge(folder, "matches", lambda row: None if row["uuid"] == tenth["uuid"] else row, reseal=True)

    first = snake(folder).partings[0]

    assert (first.field, first.published, first.sequence) == ("match", tenth["match_id"], 10)


def test_two_matches_that_changed_places_part(folder: Path) -> None:
    swap = {10: 11, 11: 10}

    def swapped(row: Row) -> Row:
        if row["ladder"] != "snake" or row["sequence"] not in swap:
            return row
        by = swap[row["sequence"]] - row["sequence"]
        return {**row, "sequence": row["sequence"] + by, "position": row["position"] + by}

    forge(folder, "ladder_matches", swapped, reseal=True)

    assert snake(folder).partings[0].sequence == 10


def test_a_place_there_twice_is_told(folder: Path, tenth: Row) -> None:
    def same_match(row: Row) -> Row:
        meant = row["ladder"] == "snake" and row["sequence"] == 11
        return {**row, "match_id": tenth["match_id"], "uuid": tenth["uuid"]} if meant else row

    forge(folder, "ladder_matches", same_match, reseal=True)

    assert "there once" in {one.recomputed for one in snake(folder).partings}


def test_events_too_few_and_too_many_are_told(folder: Path) -> None:
    def moved(row: Row) -> Row:
        meant = row["ladder"] == "snake" and row["sequence"] == 10
        return {**row, "sequence": 1000} if meant else row

    forge(folder, "rating_events", moved, reseal=True)

    partings = snake(folder).partings

    assert [one.sequence for one in partings] == [10, 10, 10, 10, 1000]
    assert {one.published for one in partings[:4]} == {None}


@pytest.mark.parametrize(
    ("field", "value"), [("elo", 1499.0), ("wins", 0), ("top_score", None), ("agent_id", 77)]
)
def test_an_altered_standing_is_named(folder: Path, field: str, value: object) -> None:
    forge(
        folder,
        "standings",
        lambda row: {**row, field: value} if row["competitor"] == "anna" else row,
        reseal=True,
    )

    [parting] = snake(folder).partings

    assert (parting.competitor, parting.field, parting.published) == ("anna", field, value)


@pytest.mark.parametrize(
    "changes", [{"policy": '{"k": 33}'}, {"policy": '{"initial": 0}'}, {"filter": '{"x": 1}'}]
)
def test_other_rules_part_from_the_first_match_on(folder: Path, changes: Row) -> None:
    forge(folder, "ladders", lambda row: {**row, **changes}, reseal=True)

    assert snake(folder).partings[0].sequence == 1


def test_another_ladder_is_gone_through_all_the_same(folder: Path) -> None:
    forge(
        folder,
        "ladders",
        lambda row: {**row, "policy": '{"system": "magic"}'} if row["name"] == "scores" else row,
        reseal=True,
    )

    found = audit(folder)

    assert any("Ladder scores: its rules can't be used" in one for one in found.faults)
    assert "snake" in {one.ladder for one in found.ladders if one.parted == 0}
