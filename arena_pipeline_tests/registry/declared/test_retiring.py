from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from arena_pipeline.registry.declared.flags import ModelFlags
from arena_pipeline.registry.declared.patterns import Patterns
from arena_pipeline.registry.declared.retiring import retirement

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GONE = NOW - timedelta(days=30)
ALL, NONE = Patterns(["*"]), Patterns([])
NOT_RETIRED = {
    "retired_at": None,
    "retired_set_by": None,
    "retired_reason": None,
    "retired_until_change": False,
}


def flags(**values: Any) -> ModelFlags:
    return ModelFlags(id=1, slug="acme/one", **values)


def test_a_pattern_retires_a_model() -> None:
    assert retirement(flags(), ALL, None, NOW) == {
        "retired_at": NOW,
        "retired_set_by": "yaml",
        "retired_reason": "retire: *",
        "retired_until_change": False,
    }


@pytest.mark.parametrize(
    ("removed_days", "by"), [(29, "policy"), (30, "policy"), (31, None), (None, None)]
)
def test_a_model_removed_for_so_many_days_is_retired(
    removed_days: int | None, by: str | None
) -> None:
    decided = retirement(flags(removed_at=GONE), NONE, removed_days, NOW)

    assert decided["retired_set_by"] == by
    assert decided["retired_reason"] == (by and "no longer in the catalog since 2026-01-30")


@pytest.mark.parametrize("by", ["yaml", "policy"])
def test_a_retirement_without_cause_is_taken_back(by: str) -> None:
    retired = flags(retired_at=GONE, retired_set_by=by, retired_reason="x")

    assert retirement(retired, NONE, 10, NOW) == NOT_RETIRED


def test_a_model_stays_retired_since_when_it_was() -> None:
    by_policy = flags(retired_at=GONE, retired_set_by="policy", removed_at=GONE)

    decided = retirement(by_policy, ALL, 10, NOW)

    assert (decided["retired_at"], decided["retired_set_by"]) == (GONE, "yaml")


@pytest.mark.parametrize("by", ["person", None])
def test_what_a_person_retired_stays_so(by: str | None) -> None:
    assert retirement(flags(retired_at=GONE, retired_set_by=by), NONE, 10, NOW) == {}


def test_what_a_person_lets_play_is_not_retired() -> None:
    by_person = flags(is_active=True, is_active_set_by="person", removed_at=GONE)

    assert retirement(by_person, ALL, 10, NOW) == NOT_RETIRED


def test_whom_the_policy_retired_until_the_catalog_changes_is_left_so() -> None:
    failing = flags(retired_at=GONE, retired_set_by="policy", retired_until_change=True)

    assert retirement(failing, NONE, 10, NOW) == {}
    assert retirement(failing, ALL, 10, NOW) == {
        "retired_at": GONE,
        "retired_set_by": "yaml",
        "retired_reason": "retire: *",
        "retired_until_change": False,
    }
