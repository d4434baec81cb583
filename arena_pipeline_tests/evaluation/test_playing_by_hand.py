"""Matches somebody asks for in which a language model sits: what they may cost, and going on."""

from decimal import Decimal

import pytest

from arena_pipeline.errors import NotFound
from arena_pipeline.evaluation.exhibition import CannotPlay, go_on, play_matches
from arena_pipeline.leaderboard.ladders import PRACTICE_CONFIG
from arena_pipeline.matches.runner import MatchPaused
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.evaluation.practising import BROKEN, ONE, TWO, practising


def test_a_match_that_paused_goes_on_when_somebody_asks_and_asks_nothing_twice(
    store: Store, arena_settings: Settings
) -> None:
    with practising(store, arena_settings, ONE) as practice:

        def breaks(match: object) -> None:
            practice.misbehave(ONE, BROKEN)

        with pytest.raises(MatchPaused) as paused:
            play_matches(
                store, practice.settings, [ONE, "greedy"], seed=7, config=PRACTICE_CONFIG,
                on_step=breaks,
            )  # fmt: skip
        practice.misbehave(ONE, {})
        match = go_on(store, practice.settings, paused.value.uuid)

        assert practice.match_states() == ["finished"]
        answered = [call.step for call in practice.calls() if call.error_kind is None]
        assert len(answered) == len(set(answered)) > 1
        assert practice.reserved() == 0
        with pytest.raises(CannotPlay, match="is over"):
            go_on(store, practice.settings, match.uuid)
        with pytest.raises(NotFound, match="no match"):
            go_on(store, practice.settings, "nobody-knows")


def test_two_that_each_can_be_paid_but_not_together_do_not_begin(
    store: Store, arena_settings: Settings
) -> None:
    with practising(store, arena_settings, ONE, TWO) as practice:
        poor = practice.with_settings(budget=Decimal("0.02"))

        with pytest.raises(CannotPlay, match="can't begin: budget: "):
            play_matches(store, poor, [ONE, TWO], config=PRACTICE_CONFIG)

        assert practice.match_states() == []
        assert practice.calls() == []
