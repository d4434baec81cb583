"""A voided match leaves every ladder as if it had not been; taken back, as if it never was void."""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.voiding import Voiding, unvoid, void
from arena_pipeline.matches.plan import FinishedMatch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.registry.acts.audit import ActRefused, audit
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import (
    CompetitorKind,
    Ladder,
    LadderMatch,
    Match,
    MatchState,
    Standing,
)
from arena_pipeline_tests.agents import add_agents, finished_match

AGENTS = ("anna", "bert", "cleo")


def played(store: Store, count: int = 12) -> list[FinishedMatch]:
    agents = list(add_agents(store, *AGENTS).values())
    return [
        finished_match(store, [agents[seed % 3], agents[(seed + 1) % 3]], seed=seed)
        for seed in range(count)
    ]


def standings(store: Store, ladder: str = "snake") -> dict[str, tuple[object, ...]]:
    columns = (
        Standing.competitor,
        Standing.elo,
        Standing.wins,
        Standing.losses,
        Standing.ties,
        Standing.score_total,
        Standing.last_match_at,
    )
    with store.read() as connection:
        rows = connection.execute(
            select(*columns)
            .join(Ladder, Ladder.id == Standing.ladder_id)
            .where(Ladder.name == ladder)
        )
        return {row.competitor: tuple(row) for row in rows}


def test_one_line_is_logged_for_each_match_and_each_ladder(
    store: Store, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, *_ = recorder.record(played(store, 3))
    caplog.set_level(logging.INFO, logger="arena_pipeline")

    void(store, [first, second], actor="me", reason="cheated")
    void(store, [first], actor="me", reason="again")
    unvoid(store, [second], actor="me")

    told = [line for line in caplog.records if line.message != "ladder rebuilt"]
    assert [line.message for line in told] == ["match voided", "match voided", "match unvoided"]
    facts = told[-1].__dict__["arena_fields"]
    assert facts == {"match": second, "by": "me", "reason": None}
    assert caplog.messages.count("ladder rebuilt") == 2


def ledger(store: Store) -> list[tuple[object, ...]]:
    """Matches of the epoch in force in their order; what the epoch is called is left out."""
    with store.read() as connection:
        rows = connection.execute(
            select(Match.uuid, LadderMatch.position, LadderMatch.sequence, LadderMatch.reason)
            .join(LadderMatch, LadderMatch.match_id == Match.id)
            .join(Ladder, Ladder.id == LadderMatch.ladder_id)
            .where(LadderMatch.epoch == Ladder.epoch, Ladder.name == "snake")
            .order_by(LadderMatch.position)
        )
        return [tuple(row) for row in rows]


def act(store: Store, *matches: str, reason: str = "wrong board") -> Voiding:
    return void(store, matches, actor="kim", reason=reason)


def state_of(store: Store, uuid: str) -> tuple[str, str | None, int]:
    with store.read() as connection:
        row = connection.execute(
            select(Match.state, Match.void_reason, Match.revision).where(Match.uuid == uuid)
        ).one()
        return row.state, row.void_reason, row.revision


def test_ratings_are_those_of_a_ladder_that_never_saw_the_match(
    store: Store, recorder: Recorder
) -> None:
    matches = played(store)
    recorder.record(matches[:4] + matches[5:])
    without = standings(store)
    with store.write() as connection:
        for table in ("rating_events", "ladder_matches", "standings", "participants", "matches"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.execute(update(Ladder).values(next_sequence=1, next_position=1, chain_head=None))
    recorder.record(matches)

    done = act(store, matches[4].uuid)

    assert done.changed == (matches[4].uuid,)
    assert [(one.ladder, one.epoch, one.matches) for one in done.ladders] == [("snake", 2, 11)]
    assert standings(store) == without
    assert compare(store, "snake") == []
    assert state_of(store, matches[4].uuid) == (MatchState.VOID, "wrong board", 1)


def test_taken_back_it_returns_to_its_place(store: Store, recorder: Recorder) -> None:
    matches = played(store)
    recorder.record(matches)
    before = standings(store), ledger(store)
    act(store, matches[4].uuid, matches[7].uuid)
    assert ledger(store)[4] == (matches[4].uuid, 5, None, "void")

    unvoid(store, [matches[7].uuid], actor="kim")
    unvoid(store, [matches[4].uuid], actor="kim", reason="it was the right board")

    assert (standings(store), ledger(store)) == before
    assert compare(store, "snake") == []
    assert state_of(store, matches[4].uuid) == (MatchState.FINISHED, None, 2)


def test_every_ladder_that_judged_it_follows_and_no_other(store: Store, recorder: Recorder) -> None:
    ensure_ladder(store, "names", "snake", competitor=CompetitorKind.NAME)
    ensure_ladder(store, "gauntlets", "snake", filter={"purposes": ["gauntlet"]})
    matches = played(store)
    recorder.record(matches)

    done = act(store, matches[2].uuid)

    assert [one.ladder for one in done.ladders] == ["snake", "names"]
    assert [compare(store, name) for name in ("snake", "names", "gauntlets")] == [[], [], []]


def test_who_did_what_when_and_why_is_kept(store: Store, recorder: Recorder) -> None:
    [match] = played(store, 1)
    recorder.record([match])

    act(store, match.uuid)
    unvoid(store, [match.uuid], actor="lee")

    told = [(row.actor, row.action, row.reason, row.before, row.after) for row in audit(store)]
    valid, voided = (
        {"state": "finished", "void_reason": None},
        {"state": "void", "void_reason": "wrong board"},
    )
    assert told == [
        ("lee", "unvoid", None, voided, valid),
        ("kim", "void", "wrong board", valid, voided),
    ]


def test_doing_it_again_changes_nothing(store: Store, recorder: Recorder) -> None:
    matches = played(store, 3)
    recorder.record(matches)
    act(store, matches[0].uuid)

    again = act(store, matches[0].uuid, reason="another one")

    assert (again.changed, again.already, again.ladders) == ((), (matches[0].uuid,), ())
    assert state_of(store, matches[0].uuid) == (MatchState.VOID, "wrong board", 1)
    assert len(audit(store)) == 1


def test_what_is_no_match_is_refused_and_the_others_go_on(store: Store, recorder: Recorder) -> None:
    matches = played(store, 3)
    recorder.record(matches)

    done = act(store, "cafe", "0123456789", "a%_\x1b[2J????", matches[1].uuid[:13].upper())

    assert done.changed == (matches[1].uuid,)
    assert [(one.match, one.reason) for one in done.refused] == [
        ("cafe", "name it by its uuid, or at least 8 characters of it"),
        ("0123456789", "there is no such match"),
        ("a%_ [2J????", "there is no such match"),
    ]


def test_a_reason_is_asked_for(store: Store) -> None:
    with pytest.raises(ActRefused, match="--reason"):
        act(store, "0123456789", reason="  \n")


def test_a_match_voided_while_played_can_t_be_taken_back(store: Store, recorder: Recorder) -> None:
    [match] = played(store, 1)
    recorder.open(match.plan, match.seats, match.initial, journal_owner="me")

    assert act(store, match.uuid).changed == (match.uuid,)

    done = unvoid(store, [match.uuid], actor="kim")
    assert [one.reason for one in done.refused] == [
        "it was voided before it was over, so it has no result to count"
    ]


def _void_in_a_process(url: str, uuid: str) -> None:
    store = open_store(url)
    act(store, uuid)
    store.close()


def _die_before_the_end(url: str, uuid: str) -> None:
    store = open_store(url)
    void(
        store,
        [uuid],
        actor="kim",
        reason="wrong board",
        progress=lambda _: os.kill(os.getpid(), signal.SIGKILL),
    )


def test_killed_in_the_middle_nothing_has_happened(
    store: Store, store_url: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches = played(store)
    recorder.record(matches)
    before = standings(store), ledger(store)
    for module in ("comparing", "recompute"):
        monkeypatch.setattr(f"arena_pipeline.leaderboard.{module}.PROGRESS_EVERY", 5)
    killed = multiprocessing.get_context("fork").Process(
        target=_die_before_the_end, args=(store_url, matches[0].uuid)
    )
    store.close()
    killed.start()
    killed.join()

    assert killed.exitcode == -signal.SIGKILL
    assert (standings(store), ledger(store)) == before
    assert state_of(store, matches[0].uuid) == (MatchState.FINISHED, None, 0)
    assert act(store, matches[0].uuid).changed == (matches[0].uuid,)
    assert compare(store, "snake") == []


def test_two_at_once_beside_a_recorder_void_once_and_lose_nothing(
    store: Store, store_url: str, recorder: Recorder
) -> None:
    matches = played(store, 40)
    recorder.record(matches[:10])
    store.close()
    context = multiprocessing.get_context("fork")
    voiders = [
        context.Process(target=_void_in_a_process, args=(store_url, matches[n].uuid))
        for n in (3, 3, 5)
    ]

    def record(rest: Sequence[FinishedMatch]) -> None:
        for match in rest:
            recorder.record([match])

    for voider in voiders:
        voider.start()
    recording = threading.Thread(target=record, args=(matches[10:],))
    recording.start()
    recording.join()
    for voider in voiders:
        voider.join()

    assert [voider.exitcode for voider in voiders] == [0, 0, 0]
    assert compare(store, "snake") == []
    places = ledger(store)
    assert len(places) == 40
    assert sum(reason == "void" for *_, reason in places) == 2
    assert [row.action for row in audit(store)] == ["void", "void"]
