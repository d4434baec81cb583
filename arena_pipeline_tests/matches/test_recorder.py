"""The recorder: a match is there whole and once, on every ladder it counts on, or not at all."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from arena_pipeline.errors import RecordingError
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.matches.plan import Entrant, FinishedMatch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Base,
    CompetitorKind,
    LadderMatch,
    Match,
    Participant,
    Purpose,
    RatingEvent,
    Standing,
    Turn,
)
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.matches.looking import count, standings


@pytest.fixture
def agents(store: Store) -> dict[str, Entrant]:
    return add_agents(store, "anna", "bert", "cleo")


@pytest.fixture
def match(store: Store, agents: dict[str, Entrant]) -> FinishedMatch:
    return finished_match(store, [agents["anna"], agents["bert"]])


def test_a_finished_match_is_in_every_table(
    store: Store, recorder: Recorder, match: FinishedMatch
) -> None:
    assert recorder.record([match]) == [match.uuid]

    assert {
        table.__tablename__: count(store, table)
        for table in (Match, Participant, LadderMatch, RatingEvent, Standing, Turn)
    } == {
        "matches": 1,
        "participants": 2,
        "ladder_matches": 1,
        "rating_events": 2,
        "standings": 2,
        "turns": 0,
    }
    with store.read() as connection:
        row = connection.execute(select(Match.__table__)).one()
    assert row.state == "finished"
    assert row.rounds == len(match.steps)
    assert row.total_score == sum(player.score for player in match.outcome.players)
    assert (row.started_at, row.ended_at) == (match.started_at, match.ended_at)
    assert (recorder.replay_dir / row.replay_path).is_file()


def test_a_match_recorded_twice_counts_once(
    store: Store, recorder: Recorder, match: FinishedMatch
) -> None:
    recorder.record([match])
    before = standings(store)

    assert recorder.record([match]) == []
    assert recorder.record([match, match]) == []

    assert standings(store) == before
    assert count(store, Match) == 1


def test_a_match_twice_in_one_batch_counts_once(
    store: Store, recorder: Recorder, match: FinishedMatch
) -> None:
    assert recorder.record([match, match]) == [match.uuid]
    assert count(store, RatingEvent) == 2


def test_a_batch_gives_what_one_by_one_gives(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    names = list(agents.values())
    matches = [finished_match(store, [names[n % 3], names[(n + 1) % 3]], seed=n) for n in range(12)]
    ensure_ladder(store, "twin", "snake", filter={"purposes": ["manual"]})
    for one in matches:
        recorder.record([one])

    recorder.record(
        [
            finished_match(
                store, list(one.plan.entrants), seed=one.plan.seed or 0, purpose=Purpose.MANUAL
            )
            for one in matches
        ]
    )

    with store.read() as connection:
        events = connection.execute(
            select(RatingEvent.competitor, RatingEvent.before, RatingEvent.after)
            .where(RatingEvent.sequence <= len(matches))
            .order_by(RatingEvent.sequence, RatingEvent.competitor, RatingEvent.ladder_id)
        ).all()
    assert len(events) == 4 * len(matches)
    assert events[0::2] == events[1::2]
    assert compare(store, "twin") == compare(store, "snake") == []


def test_sequence_numbers_have_no_gaps(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    anna, bert = agents["anna"], agents["bert"]
    for seed in range(5):
        recorder.record(
            [finished_match(store, [anna, anna] if seed % 2 else [anna, bert], seed=seed)]
        )

    with store.read() as connection:
        places = connection.execute(
            select(LadderMatch.sequence, LadderMatch.reason).order_by(LadderMatch.match_id)
        ).all()
    assert [tuple(place) for place in places] == [
        (1, None), (None, "self_play"), (2, None), (None, "self_play"), (3, None),
    ]  # fmt: skip


def test_a_match_counts_on_every_ladder_that_covers_it(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    ensure_ladder(
        store, "names", "snake", competitor=CompetitorKind.NAME, filter={"self_play": True}
    )
    ensure_ladder(store, "placements", "snake", filter={"purposes": ["placement"]})
    ensure_ladder(store, "models", "snake", competitor=CompetitorKind.MODEL)

    recorder.record([finished_match(store, [agents["anna"], agents["anna"]])])

    with store.read() as connection:
        ladders = Base.metadata.tables["ladders"]
        places = connection.execute(
            select(ladders.c.name, LadderMatch.sequence, LadderMatch.reason)
            .join_from(LadderMatch, ladders)
            .order_by(ladders.c.id)
        ).all()
    assert [tuple(place) for place in places] == [
        ("snake", None, "self_play"),
        ("names", 1, None),
        ("models", None, "self_play"),
    ]


def test_self_play_where_it_counts_moves_nothing_and_counts_both_seats(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    ensure_ladder(
        store, "names", "snake", competitor=CompetitorKind.NAME, filter={"self_play": True}
    )
    recorder.record([finished_match(store, [agents["anna"], agents["anna"]], seed=4)])

    with store.read() as connection:
        row = connection.execute(select(Standing.__table__)).one()
    assert row.elo == 1500.0
    assert (row.matches, row.wins, row.losses) == (2, 1, 1)


def test_an_agent_that_is_not_registered_stops_the_whole_batch(
    store: Store, recorder: Recorder, agents: dict[str, Entrant], match: FinishedMatch
) -> None:
    unknown = replace(agents["bert"], agent_id=4711)

    with pytest.raises(RecordingError, match="4711"):
        recorder.record([match, finished_match(store, [agents["anna"], unknown], seed=2)])

    assert count(store, Match) == count(store, Standing) == 0


def test_gateway_faults_keep_a_match_off_the_ladder(
    store: Store, recorder: Recorder, match: FinishedMatch
) -> None:
    first = match.steps[0]
    faulty = replace(
        first, turns=(replace(first.turns[0], fault="gateway_error"), *first.turns[1:])
    )
    recorder.record([replace(match, steps=(faulty, *match.steps[1:]))])

    with store.read() as connection:
        place = connection.execute(select(LadderMatch.__table__)).one()
        seat = connection.execute(select(Participant.__table__).where(Participant.slot == 0)).one()
    assert (place.sequence, place.reason) == (None, "gateway_faults")
    assert (seat.gateway_faults, seat.agent_faults, seat.faults) == (1, 0, {"gateway_error": 1})


def test_tokens_and_cost_add_up_and_unknown_stays_unknown(
    store: Store, recorder: Recorder, match: FinishedMatch
) -> None:
    first = match.steps[0]
    priced = replace(
        first,
        turns=(
            replace(first.turns[0], input_tokens=10, output_tokens=2, cost=Decimal("0.0000001")),
            first.turns[1],
        ),
    )
    recorder.record([replace(match, steps=(priced, *match.steps[1:]))])

    with store.read() as connection:
        cost = connection.scalar(select(Match.cost))
        seats = connection.execute(
            select(Participant.input_tokens, Participant.cost).order_by(Participant.slot)
        ).all()
    assert cost == Decimal("0.0000001")
    assert [tuple(seat) for seat in seats] == [(10, Decimal("0.0000001")), (None, None)]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"score": math.inf}, "slot 0: the score is inf"),
        ({"reward": math.nan}, "slot 0: the reward is nan"),
        ({"metrics": {"a": {1, 2}}}, "slot 0: metrics or death reason"),
        ({"metrics": {"a": math.nan}}, "slot 0: metrics or death reason"),
        ({"metrics": {"a": object()}}, "slot 0: metrics: "),
        ({"death_reason": "a\0b"}, "slot 0: metrics or death reason"),
        ({"placement": 0}, "The store refuses match"),
    ],
)
def test_what_store_or_replay_can_not_keep_is_refused_by_name(
    store: Store,
    recorder: Recorder,
    match: FinishedMatch,
    change: dict[str, Any],
    complaint: str,
) -> None:
    first, *others = match.outcome.players
    odd = replace(match.outcome, players=(replace(first, **change), *others))

    with pytest.raises(RecordingError, match=complaint):
        recorder.record([replace(match, outcome=odd)])

    assert count(store, Match) == 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"seed": 2**64}, "has the seed 18446744073709551616"),
        ({"seed": -1}, "has the seed -1"),
        ({"evaluation_id": 4711}, "The store refuses match"),
    ],
)
def test_a_plan_the_store_does_not_know_is_refused_by_name(
    store: Store,
    recorder: Recorder,
    match: FinishedMatch,
    change: dict[str, Any],
    complaint: str,
) -> None:
    odd = replace(match.plan, **change)

    with pytest.raises(RecordingError, match=complaint):
        recorder.record([replace(match, plan=odd)])

    assert count(store, Match) == 0
