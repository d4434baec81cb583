"""Who competes on a ladder and which matches count, decided without a database."""

from typing import Any

import pytest

from arena_pipeline.matches.ladder_rules import LadderRule, MatchFacts, Reason, SeatFacts
from arena_pipeline.store.tables import CompetitorKind, Ordering


def rule(competitor: CompetitorKind = CompetitorKind.MODEL, **filter_: Any) -> LadderRule:
    return LadderRule(1, "snake", "snake", competitor, Ordering.FINISHED, filter_)


def seat(
    name: str, *, agent: str | None = None, model: str | None = None, **facts: Any
) -> SeatFacts:
    known = {"gateway_faults": 0, "placeholder": False, **facts}
    return SeatFacts(name, agent, model, None, None, "won", 1.0, None, **known)


def match(*seats: SeatFacts, is_void: bool = False) -> MatchFacts:
    return MatchFacts(1, "a", "snake-standard", "1", None, None, None, seats, is_void)


def test_on_a_ladder_of_models_a_bot_stands_for_itself() -> None:
    ladder = rule()

    assert ladder.competitor_of(seat("Sonnet", agent="sonnet-low", model="v/sonnet")) == "v/sonnet"
    assert ladder.competitor_of(seat("Greedy", agent="greedy")) == "greedy"
    assert ladder.competitor_of(seat("somebody")) is None


def test_two_agents_of_one_model_are_self_play_on_a_ladder_of_models() -> None:
    low, high = (seat(f"s {n}", agent=f"sonnet-{n}", model="v/sonnet") for n in ("low", "high"))

    assert rule().judge(match(low, high)) is Reason.SELF_PLAY
    assert rule(CompetitorKind.AGENT).judge(match(low, high)) is None
    assert rule(self_play=True).judge(match(low, high)) is None


def test_a_match_of_a_placeholder_counts_only_where_the_filter_says_so() -> None:
    nobody = match(seat("name", model="x/name", placeholder=True), seat("Sonnet", model="v/sonnet"))

    assert rule().judge(nobody) is Reason.PLACEHOLDER
    assert rule(placeholders=True).judge(nobody) is None


@pytest.mark.parametrize(
    ("seats", "reason"),
    [
        ((seat("name"), seat("name")), Reason.NO_COMPETITOR),
        (
            (
                seat("name", model="x/name", placeholder=True, gateway_faults=1),
                seat("name", model="x/name", placeholder=True),
            ),
            Reason.GATEWAY_FAULTS,
        ),
        ((seat("name", model="x/name", placeholder=True),) * 2, Reason.SELF_PLAY),
    ],
)
def test_of_several_reasons_the_first_is_kept(seats: tuple[SeatFacts, ...], reason: Reason) -> None:
    assert rule().judge(match(*seats)) is reason
    assert rule().judge(match(*seats, is_void=True)) is Reason.VOID


@pytest.mark.parametrize(
    ("ordering", "policy", "is_published"),
    [
        (Ordering.ENDED_AT, {"clock": "published"}, True),
        (Ordering.ENDED_AT, {}, False),
        (Ordering.FINISHED, {"clock": "published"}, False),
    ],
)
def test_the_published_clock_is_for_ladders_ordered_by_time(
    ordering: Ordering, policy: dict[str, str], is_published: bool
) -> None:
    ladder = LadderRule(1, "l", "snake", CompetitorKind.NAME, ordering, {}, policy)

    assert ladder.is_by_published_clock is is_published


def test_practice_is_covered_only_where_a_ladder_names_its_config() -> None:
    ladder, practice = rule(), rule(configs=["practice-snake"])

    assert ladder.covers("snake", "snake-standard", "placement")
    assert not ladder.covers("snake", "practice-snake", "placement")
    assert practice.covers("snake", "practice-snake", "placement")
    assert not practice.covers("snake", "snake-standard", "placement")
    assert (ladder.is_practice, practice.is_practice) == (False, True)
