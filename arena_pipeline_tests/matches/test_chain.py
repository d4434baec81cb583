"""The chain stands for every rated match: whatever is altered changes its head."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Update, delete, select, text, update

from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.recompute import begin_chains, recompute
from arena_pipeline.matches.chain import genesis, link, match_digest
from arena_pipeline.matches.ladder_rules import LadderRule, MatchFacts, SeatFacts
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    CompetitorKind,
    Ladder,
    LadderMatch,
    Match,
    Ordering,
    Participant,
)
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.leaderboard.deciding import LOST, WON, decided

RULE = LadderRule(
    id=7, name="snake", game="snake", competitor=CompetitorKind.AGENT, ordering=Ordering.FINISHED
)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MATCH = MatchFacts(
    id=3,
    uuid="0190c5b6-0000-7000-8000-000000000001",
    config="snake-standard",
    rule_version="1",
    started_at=None,
    ended_at=datetime(2026, 11, 21, 18, 0, tzinfo=timezone(timedelta(hours=1))),
    replay_digest="ab" * 32,
    seats=(
        SeatFacts("Änna", "anna", None, 1, None, "won", 3.0, None, 0),
        SeatFacts("bert", "bert", "x/bert", 2, 9, "lost", 1.5, "red", 2),
    ),
)


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def test_the_digests_are_those_of_the_documented_text() -> None:
    assert genesis(RULE, 2) == sha256(
        '["arena-chain/1","snake","snake","agent","finished",{},{},2]'
    )
    assert match_digest(MATCH) == sha256(
        '["arena-match/1","0190c5b6-0000-7000-8000-000000000001","snake-standard","1",null,'
        f'"2026-11-21T17:00:00.000000+00:00","{"ab" * 32}",'
        '[["\\u00c4nna","anna",null,null,"won",3.0,0],'
        '["bert","bert","x/bert","red","lost",1.5,2]]]'
    )
    assert link("aa", 1, "bb") == sha256('["aa",1,"bb"]')


def test_a_zero_with_a_sign_does_not_break_the_chain(store: Store, recorder: Recorder) -> None:
    players = list(add_agents(store, "anna", "bert").values())
    recorder.record([decided(store, players, [WON, LOST], scores=[-0.0, -1.0])])

    assert compare(store, "snake") == []


def other_seat(**changes: Any) -> MatchFacts:
    return replace(MATCH, seats=(replace(MATCH.seats[0], **changes), MATCH.seats[1]))


@pytest.mark.parametrize(
    "altered",
    [
        replace(MATCH, uuid="0190c5b6-0000-7000-8000-000000000002"),
        replace(MATCH, config="snake-small"),
        replace(MATCH, rule_version="2"),
        replace(MATCH, started_at=datetime(2026, 11, 21, tzinfo=UTC)),
        replace(MATCH, ended_at=None),
        replace(MATCH, replay_digest=None),
        replace(MATCH, seats=tuple(reversed(MATCH.seats))),
        other_seat(name="anna"),
        other_seat(agent="bert"),
        other_seat(model="x/anna"),
        other_seat(team="blue"),
        other_seat(result="tied"),
        other_seat(score=3.0000000000000004),
        other_seat(gateway_faults=1),
    ],
)
def test_every_fact_that_counts_changes_the_digest(altered: MatchFacts) -> None:
    assert match_digest(altered) != match_digest(MATCH)


def test_row_numbers_of_one_store_do_not() -> None:
    moved = replace(MATCH, id=99, seats=[replace(seat, agent_id=50) for seat in MATCH.seats])

    assert match_digest(moved) == match_digest(MATCH)


@pytest.fixture
def played(store: Store, recorder: Recorder) -> Store:
    """A store with twelve matches, recorded one by one and as a batch."""
    anna, bert, cleo = add_agents(store, "anna", "bert", "cleo").values()
    matches = [finished_match(store, [anna, (bert, cleo)[n % 2]], seed=n) for n in range(12)]
    for match in matches[:5]:
        recorder.record([match])
    recorder.record(matches[5:])
    return store


def chain_of(store: Store, epoch: int) -> tuple[list[str | None], str | None]:
    with store.read() as connection:
        links = connection.scalars(
            select(LadderMatch.digest)
            .where(LadderMatch.epoch == epoch)
            .order_by(LadderMatch.sequence)
        ).all()
        return list(links), connection.scalar(select(Ladder.chain_head))


def test_the_recorder_links_every_match_and_the_ladder_keeps_the_head(played: Store) -> None:
    links, head = chain_of(played, 1)

    assert len(set(links)) == 12
    assert links[-1] == head is not None
    assert compare(played, "snake") == []


@pytest.mark.parametrize(
    "alter",
    [
        lambda: update(Participant).where(Participant.slot == 1).values(gateway_faults=0, score=9),
        lambda: update(Match).where(Match.id == 4).values(ended_at=LONG_AGO),
        lambda: update(Match).where(Match.id == 4).values(replay_digest="00" * 32),
        lambda: update(LadderMatch).where(LadderMatch.sequence == 6).values(digest="00" * 32),
        lambda: update(Ladder).values(chain_head="00" * 32),
        lambda: update(Ladder).values(policy={"k": 16}),
    ],
)
def test_what_was_altered_is_named_and_a_rebuild_seals_anew(
    played: Store, alter: Callable[[], Update]
) -> None:
    with played.write() as connection:
        connection.execute(alter())

    found = compare(played, "snake")

    assert {"digest", "head of the chain"} & {one.field for one in found}
    assert recompute(played, "snake").epoch == 2
    assert compare(played, "snake") == []


def test_a_ladder_from_before_there_were_chains_gets_one_and_keeps_its_ratings(
    played: Store,
) -> None:
    with played.write() as connection:
        connection.execute(update(LadderMatch).values(digest=None))
        connection.execute(update(Ladder).values(chain_head=None))
        before = connection.execute(text("SELECT competitor, elo FROM standings")).all()

    assert begin_chains(played) == ["snake"]
    assert begin_chains(played) == []

    links, head = chain_of(played, 2)
    assert (len(set(links)), links[-1]) == (12, head)
    assert compare(played, "snake") == []
    with played.read() as connection:
        after = connection.execute(text("SELECT competitor, elo FROM standings")).all()
    assert sorted(map(tuple, after)) == sorted(map(tuple, before))


def test_while_a_chain_was_not_begun_matches_are_recorded_without_links(
    played: Store, recorder: Recorder
) -> None:
    with played.write() as connection:
        connection.execute(update(LadderMatch).values(digest=None))
        connection.execute(update(Ladder).values(chain_head=None))

    dora, emil = add_agents(played, "dora", "emil").values()
    recorder.record([finished_match(played, [dora, emil], seed=99)])

    links, head = chain_of(played, 1)
    assert (set(links), head) == ({None}, None)
    assert [one.field for one in compare(played, "snake")] == ["digest"]


def test_a_match_taken_out_breaks_the_chain(played: Store) -> None:
    with played.write() as connection:
        connection.execute(delete(LadderMatch).where(LadderMatch.sequence == 12))
        connection.execute(
            update(Ladder).values(next_sequence=12, next_position=12, chain_head="00" * 32)
        )

    assert "head of the chain" in {one.field for one in compare(played, "snake")}
