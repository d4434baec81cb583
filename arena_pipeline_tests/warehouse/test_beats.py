"""The macro `beats`: who beats whom on a ladder, by result, by score and by survival."""

import math
from statistics import fmean
from typing import Any

import pytest
from sqlalchemy import select

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Ladder, Match, MatchState, Model, Participant
from arena_pipeline.warehouse.query import Asking
from arena_pipeline_tests.warehouse.filled import MATCHES
from arena_pipeline_tests.warehouse.test_macros import dicts


def test_who_beats_whom_is_told_by_result_score_and_survival(
    asking: Asking, filled_store: Store
) -> None:
    expected = faced(filled_store)

    found = dicts(asking, "FROM beats('snake')")

    assert {(row["competitor"], row["opponent"]) for row in found} == set(expected)
    for row in found:
        duels = expected[row["competitor"], row["opponent"]]
        assert row["matches"] == len(duels) == row["wins"] + row["losses"] + row["ties"]
        told = (row["points_per_match"], row["points_by_score"], row["points_by_survival"])
        assert told == pytest.approx(tuple(map(fmean, zip(*duels, strict=True))))
    assert sum(row["matches"] for row in found) == 2 * (MATCHES - 1)
    by_score = {row["points_by_score"] != row["points_per_match"] for row in found}
    assert by_score == {True, False}
    assert dicts(asking, "FROM beats()") == found


def faced(store: Store) -> dict[tuple[str, str], list[tuple[float, float, float]]]:
    """Each pair of competitors of the ladder, both ways: its matches by result, score, survival."""
    with store.read() as connection:
        query = select(Participant.__table__, Agent.alias, Model.slug, Ladder.competitor).join(
            Match, Match.id == Participant.match_id
        )
        query = query.join(Agent, Agent.id == Participant.agent_id)
        query = query.join(Model, Model.id == Participant.model_id, isouter=True)
        query = query.join(Ladder, Ladder.name == "snake").where(Match.state == MatchState.FINISHED)
        matches: dict[int, list[Any]] = {}
        for row in connection.execute(query):
            matches.setdefault(row.match_id, []).append(row)
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    rank = {"won": 1, "tied": 0, "lost": -1}
    for seats in matches.values():
        for own, other in (seats, seats[::-1]):
            name, opponent = (
                one.slug or one.alias if one.competitor == "model" else one.alias
                for one in (own, other)
            )
            lived, outlived = (
                math.inf if one.death_round is None else one.death_round for one in (own, other)
            )
            found.setdefault((name, opponent), []).append(
                (
                    points(rank[own.result], rank[other.result]),
                    points(own.score, other.score),
                    points(lived, outlived),
                )
            )
    return found


def points(own: float, other: float) -> float:
    """What a pair is worth to the one that has `own`."""
    return 1.0 if own > other else 0.5 if own == other else 0.0
