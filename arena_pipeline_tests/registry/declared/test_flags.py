from decimal import Decimal
from typing import Any

import pytest

from arena_pipeline.registry.declared.entries import PriceEntry
from arena_pipeline.registry.declared.flags import ModelFlags, access, override, playing
from arena_pipeline.registry.declared.patterns import Patterns

ALL, NONE = Patterns(["*"]), Patterns([])
PRICES = PriceEntry(prompt=Decimal("0.1"), completion=None)


def flags(**values: Any) -> ModelFlags:
    return ModelFlags(id=1, slug="acme/one", **values)


def test_deny_wins_over_allow_and_the_reason_names_the_pattern() -> None:
    assert access(flags(), ALL, ALL) == {
        "access": "deny",
        "access_set_by": "yaml",
        "access_reason": "deny: *",
    }
    assert access(flags(), ALL, NONE)["access"] == "allow"


@pytest.mark.parametrize("by", ["policy", None])
def test_access_that_the_file_did_not_set_is_left_when_no_pattern_fits(by: str | None) -> None:
    assert access(flags(access="allow", access_set_by=by), NONE, NONE) == {}


def test_a_model_that_plays_by_the_policy_is_left_to_it() -> None:
    by_policy = flags(is_active=True, is_active_set_by="policy")

    assert playing(by_policy, ALL) == {}
    assert playing(by_policy, NONE) == {}
    assert playing(flags(is_active_set_by="policy"), ALL)["is_active"] is True


def test_what_the_file_set_is_taken_back() -> None:
    assert access(flags(access="deny", access_set_by="yaml"), NONE, NONE)["access"] == "auto"
    assert playing(flags(is_active=True, is_active_set_by="yaml"), NONE)["is_active"] is False
    assert override(flags(override_set_by="yaml"), None)["override_set_by"] is None


def test_what_a_person_set_is_never_touched() -> None:
    by_person = flags(access_set_by="person", is_active_set_by="person", override_set_by="person")

    assert access(by_person, ALL, ALL) == {}
    assert playing(by_person, ALL) == {}
    assert override(by_person, PRICES) == {}


def test_an_override_may_say_that_a_price_is_unknown() -> None:
    assert override(flags(), PRICES) == {
        "override_prompt": Decimal("0.1"),
        "override_completion": None,
        "override_set_by": "yaml",
    }


def test_only_what_is_not_so_yet_is_a_change() -> None:
    wanted = access(flags(), NONE, ALL)

    assert flags(**wanted).changes(wanted) == {}
    assert flags(**wanted | {"access_reason": "deny: acme/*"}).changes(wanted) == {
        "access_reason": "deny: *"
    }
