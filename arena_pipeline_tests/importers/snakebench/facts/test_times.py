"""Stamps without a zone: US Pacific before the change, UTC after it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.importers.snakebench.facts.times import UTC_FROM, moment


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-02-04T20:08:03.706510", utc(2025, 2, 5, 4, 8, 3, 706510)),
        ("2025-07-01T12:00:00", utc(2025, 7, 1, 19)),
        ("2025-11-18T10:43:12.772267", utc(2025, 11, 18, 18, 43, 12, 772267)),
        ("2025-11-18T21:28:53.311050", utc(2025, 11, 18, 21, 28, 53, 311050)),
        ("2026-01-12 00:00:00", utc(2026, 1, 12)),
        ("2025-03-09T02:30:00", utc(2025, 3, 9, 10, 30)),
    ],
)
def test_a_stamp_means_the_zone_of_its_day(text: str, expected: datetime) -> None:
    found = moment(text)

    assert found == expected
    assert found is not None
    assert found.tzinfo is UTC


def test_the_change_lies_where_neither_clock_stamped_anything() -> None:
    last = datetime(2025, 11, 18, 10, 43, 12, tzinfo=ZoneInfo("America/Los_Angeles"))
    first = datetime(2025, 11, 18, 21, 28, 53, tzinfo=UTC)

    latest_pacific = first.astimezone(last.tzinfo).replace(tzinfo=None)
    earliest_utc = last.astimezone(UTC).replace(tzinfo=None)

    margin = timedelta(hours=2.5)
    assert latest_pacific < UTC_FROM - margin < UTC_FROM + margin < earliest_utc


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-05-01T10:00:00+02:00", utc(2025, 5, 1, 8)),
        ("2025-05-01T10:00:00.5Z", utc(2025, 5, 1, 10, 0, 0, 500000)),
        ("2026-05-01T10:00:00-0800", utc(2026, 5, 1, 18)),
    ],
)
def test_a_stamp_with_a_zone_means_what_it_says(text: str, expected: datetime) -> None:
    assert moment(text) == expected


def test_the_hour_that_comes_twice_is_the_first_unless_the_game_began_later() -> None:
    first = utc(2025, 11, 2, 8, 30)

    assert moment("2025-11-02T01:30:00") == first
    assert moment("2025-11-02T01:30:00", utc(2025, 11, 2, 8, 20)) == first
    assert moment("2025-11-02T01:30:00", utc(2025, 11, 2, 8, 50)) == first + timedelta(hours=1)
    assert moment("2025-11-02T01:30:00", utc(2025, 11, 2, 9, 50)) == first


@pytest.mark.parametrize(
    "text",
    [
        None, "", "yesterday", "2025-02-30T00:00:00", "2025-02-03", "20250203T101010",
        "2025-W06-2T10:00:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59",
        "0001-01-01T00:00:00+14:00", "2025-02-03T25:00:00", "2025-02-03T10:00:00+99:00",
        "\u0662\u0660\u0662\u0665-02-03T10:00:00", "2025-02-03T10:00:00\n",
    ],
)  # fmt: skip
def test_what_is_no_stamp_is_no_moment(text: str | None) -> None:
    assert moment(text) is None


@given(st.datetimes(datetime(2025, 2, 1), datetime(2026, 12, 1)))  # noqa: DTZ001
def test_a_stamp_is_read_back_as_it_was_written(stamp: datetime) -> None:
    found = moment(stamp.isoformat())

    assert found is not None
    zone = UTC if stamp >= UTC_FROM else ZoneInfo("America/Los_Angeles")
    shown = found.astimezone(zone).replace(tzinfo=None)
    is_left_out = (stamp.month, stamp.day, stamp.hour) == (3, 9, 2)
    assert shown == (stamp + timedelta(hours=1) if is_left_out and zone is not UTC else stamp)


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    assert moment(text) is None or text[:4].isdigit()
