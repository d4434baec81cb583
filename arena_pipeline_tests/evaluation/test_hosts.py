"""Models whose hosts differ beyond chance."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from arena_pipeline.errors import NotFound
from arena_pipeline.evaluation.host_outcomes import HostSeat, host_seats
from arena_pipeline.evaluation.hosts import Measure, compare_hosts, host_differences
from arena_pipeline.leaderboard.ladders import ladder_row
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.ratings import elo
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Participant
from arena_pipeline_tests.agents import NOON
from arena_pipeline_tests.evaluation.arenas import ratings
from arena_pipeline_tests.evaluation.hosted import SLUG, hosted_matches


def seats(
    host: str,
    count: int,
    *,
    faults: float = 0.0,
    points: float = 0.0,
    model: str = SLUG,
    agent: int = 1,
    chance: random.Random | None = None,
) -> list[HostSeat]:
    """Seats of 20 replies each by one host, whose outcomes scatter about these means."""
    drawn = chance or random.Random(host)
    return [
        HostSeat(
            model, agent, 1, host, 20, sum(drawn.random() < faults for _ in range(20)), 20,
            points + drawn.choice([-0.5, 0.5]),
        )
        for _ in range(count)
    ]  # fmt: skip


def flagged(known: Sequence[HostSeat]) -> list[tuple[str, Measure]]:
    """Which tests raise a flag."""
    return [(one.model, one.measure) for one in compare_hosts(known) if one.flagged]


def test_a_host_with_more_faulty_replies_is_told_from_the_others() -> None:
    known = seats("good", 20, faults=0.05) + seats("bad", 12, faults=0.4)

    assert flagged(known) == [(SLUG, Measure.FAULTS)]
    worst = compare_hosts(known)[0]
    assert [(one.host, one.seats, one.replies) for one in worst.hosts] == [
        ("bad", 12, 240),
        ("good", 20, 400),
    ]
    assert worst.hosts[0].fault_share > 0.3 > worst.hosts[1].fault_share
    assert worst.sentence.startswith(f"hosts of {SLUG} differ in share of faulty replies: bad 4")


def test_a_host_that_plays_worse_is_told_from_the_others() -> None:
    known = seats("strong", 30, points=0.3) + seats("weak", 30, points=-0.4)

    assert flagged(known) == [(SLUG, Measure.RESULTS)]


def test_hosts_alike_are_not_flagged() -> None:
    known = seats("a", 30, faults=0.2) + seats("b", 30, faults=0.2) + seats("c", 9, faults=0.2)

    assert [one.measure for one in compare_hosts(known)] != []
    assert flagged(known) == []


def test_hosts_of_whom_little_is_known_are_left_out() -> None:
    assert compare_hosts(seats("good", 30) + seats("new", 7, faults=1.0)) == ()
    assert compare_hosts(seats("only", 30)) == ()
    assert compare_hosts([]) == ()


def test_among_many_models_a_difference_must_be_surer() -> None:
    alike = [
        seat
        for n in range(20)
        for host in ("a", "b")
        for seat in seats(host, 8, faults=0.1, model=f"m{n}", chance=random.Random(f"{n}{host}"))
    ]
    doubtful = seats("good", 8, faults=0.1) + seats("bad", 8, faults=0.35)

    alone, among = compare_hosts(doubtful), compare_hosts(doubtful + alike)

    own = next(one for one in among if one.model == SLUG and one.measure is Measure.FAULTS)
    assert own.p_value == alone[0].p_value
    assert own.corrected > alone[0].corrected
    assert not [one for one in among if one.flagged and one.model != SLUG]


def test_agents_pinned_to_hosts_are_not_taken_for_them() -> None:
    pinned = seats("a", 20, faults=0.5, agent=1) + seats("b", 20, faults=0.05, agent=2)

    assert flagged(pinned) == []


def test_the_order_of_what_is_known_changes_nothing() -> None:
    known = seats("a", 12, faults=0.1) + seats("b", 12, faults=0.3)

    assert [one.p_value for one in compare_hosts(known)] == [
        one.p_value for one in compare_hosts(known[::-1])
    ]


@pytest.fixture
def arena(store: Store, recorder: Recorder) -> Store:
    """Six matches that `good` answered, six of `bad`."""
    hosted_matches(store, recorder, *["good"] * 6, *["bad"] * 6)
    return store


def test_the_ledger_tells_which_host_answered_and_what_came_of_it(arena: Store) -> None:
    with arena.read() as connection:
        known = host_seats(connection, ladder_row(connection, "snake"))
        results = list(connection.scalars(select(Participant.result).where(Participant.slot == 0)))

    counted = sorted((one.host, one.replies, one.faulty, one.answers) for one in known)
    assert counted == [("bad", 10, 5, 10)] * 6 + [("good", 10, 0, 10)] * 6
    expected = elo.expected_score(ratings(arena)[SLUG], ratings(arena)["rival"])
    scored = results.count("won") + results.count("tied") / 2
    assert sum(one.points for one in known) == pytest.approx(scored - 12 * expected)


def test_too_few_seats_or_old_ones_say_nothing_yet(arena: Store) -> None:
    assert host_differences(arena, now=NOON).differences == ()
    with arena.read() as connection:
        ladder = ladder_row(connection, "snake")
        assert host_seats(connection, ladder, NOON + timedelta(days=1)) == []


def test_enough_seats_are_judged(arena: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arena_pipeline.evaluation.hosts.LEAST_SEATS", 6)

    report = host_differences(arena, now=NOON)

    assert [one.measure for one in report.flagged] == [Measure.FAULTS]
    assert report.of(SLUG) == report.differences
    assert report.of("somebody/else") == ()


def test_an_unknown_ladder_is_refused(store: Store) -> None:
    with pytest.raises(NotFound, match="No ladder"):
        host_differences(store, "nope")
