"""TrueSkill beside a ladder's own rating: by the start of matches, whatever order they came in."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.leaderboard.catching_up import catch_up
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.leaderboard.skill import SkillPass
from arena_pipeline.matches.ladder_rules import LadderRule, MatchFacts, SeatFacts
from arena_pipeline.matches.standings import Tally
from arena_pipeline.ratings import trueskill
from arena_pipeline.ratings.elo import LOST, TIED, WON
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CompetitorKind, Ladder, Ordering, Standing
from arena_pipeline_tests.importers.snakebench.headers import (
    header,
    insert_headers,
    shared_headers,
)

RULES = trueskill.PUBLISHED
NEW = RULES.mu, RULES.sigma


def rule(**policy: Any) -> LadderRule:
    return LadderRule(1, "names", "snake", CompetitorKind.NAME, Ordering.ENDED_AT, policy=policy)


def facts(
    uuid: str, start: str | None, *seats: tuple[str, str], at: datetime | None = None
) -> MatchFacts:
    return MatchFacts(
        id=1,
        uuid=uuid,
        config="c",
        rule_version="v",
        started_at=at,
        ended_at=None,
        replay_digest=None,
        seats=[
            SeatFacts(name, None, None, None, None, result, 0.0, None, 0) for name, result in seats
        ],
        started_at_text=start,
    )


def rated(*matches: MatchFacts) -> dict[str, tuple[float | None, float | None]]:
    """What a ladder keeps of these matches, seen in this order."""
    skill = SkillPass(rule(trueskill="started_at"))
    tallies = {seat.name: Tally(seat.name) for match in matches for seat in match.seats}
    for match in matches:
        skill.see(match)
    skill.finish(tallies)
    return {name: (tally.live_mu, tally.live_sigma) for name, tally in tallies.items()}


Skill = tuple[float, float]


def one(first: Skill, second: Skill, ranks: tuple[int, int]) -> tuple[Skill, Skill]:
    """Two skills after a match."""
    mus, sigmas = trueskill.rate([first[0], second[0]], [first[1], second[1]], ranks, RULES)
    return (mus[0], sigmas[0]), (mus[1], sigmas[1])


def test_matches_are_rated_by_their_start_whenever_they_are_seen() -> None:
    early = facts("b", "2025-02-01T00:00:00", ("anna", "won"), ("bert", "lost"))
    late = facts("a", "2025-02-02T00:00:00", ("bert", "won"), ("cleo", "lost"))
    anna, bert = one(NEW, NEW, (WON, LOST))
    bert, cleo = one(bert, NEW, (WON, LOST))

    assert rated(late, early) == rated(early, late) == {"anna": anna, "bert": bert, "cleo": cleo}


def test_an_unknown_start_comes_first() -> None:
    known = facts("a", "2025-02-01T00:00:00", ("anna", "won"), ("bert", "lost"))
    unknown = facts("b", None, ("anna", "tied"), ("bert", "tied"))
    skills = one(*one(NEW, NEW, (TIED, TIED)), (WON, LOST))

    assert rated(known, unknown) == dict(zip(("anna", "bert"), skills, strict=True))


def test_a_match_without_such_a_text_stands_where_its_start_in_utc_is() -> None:
    text = facts("a", "2025-02-01T12:00:00", ("anna", "won"), ("bert", "lost"))
    ours = facts(
        "b", None, ("anna", "lost"), ("bert", "won"), at=datetime(2025, 2, 1, 13, tzinfo=UTC)
    )
    skills = one(*one(NEW, NEW, (WON, LOST)), (LOST, WON))

    assert rated(ours, text) == dict(zip(("anna", "bert"), skills, strict=True))


def test_the_uuid_decides_between_matches_of_one_time() -> None:
    first = facts("a", "2025-02-01T00:00:00", ("anna", "won"), ("bert", "lost"))
    second = facts("b", "2025-02-01T00:00:00", ("anna", "lost"), ("bert", "won"))
    skills = one(*one(NEW, NEW, (WON, LOST)), (LOST, WON))

    assert rated(second, first) == dict(zip(("anna", "bert"), skills, strict=True))


def test_in_self_play_the_later_seat_is_what_remains() -> None:
    _, loser = one(NEW, NEW, (WON, LOST))

    assert rated(facts("a", "2025", ("anna", "won"), ("anna", "lost"))) == {"anna": loser}


def test_more_than_two_are_rated_at_once() -> None:
    results = (("anna", "won"), ("bert", "lost"), ("cleo", "lost"))
    mus, sigmas = trueskill.rate([25.0] * 3, [25 / 3] * 3, [WON, LOST, LOST], RULES)

    assert rated(facts("a", "2025", *results)) == {
        name: (mu, sigma)
        for name, mu, sigma in zip(("anna", "bert", "cleo"), mus, sigmas, strict=True)
    }


def test_a_ladder_that_does_not_ask_for_it_has_none() -> None:
    skill = SkillPass(rule())
    tallies = {"anna": Tally("anna"), "bert": Tally("bert")}

    skill.see(facts("a", "2025", ("anna", "won"), ("bert", "lost")))
    skill.finish(tallies)

    assert (tallies["anna"].live_mu, skill.is_asked_for) == (None, False)


def skills_of(store: Store, ladder: str = AS_PUBLISHED) -> dict[str, tuple[Any, Any]]:
    with store.read() as connection:
        rows = connection.execute(
            select(Standing.competitor, Standing.live_mu, Standing.live_sigma)
            .join_from(Standing, Ladder)
            .where(Ladder.name == ladder)
        )
        return {row.competitor: (row.live_mu, row.live_sigma) for row in rows}


GAMES = [
    header(1, ("anna", "won", 3), ("bert", "lost", 1)),
    header(2, ("bert", "won", 3), ("cleo", "lost", 1)),
    header(3, ("anna", "tied", 3), ("cleo", "tied", 1), ("bert", "lost", 0)),
    header(4, ("cleo", "won", 3), ("cleo", "lost", 1)),
    # Ended last, began first.
    header(5, ("cleo", "won", 3), ("anna", "lost", 1), start="2025-03-01T09:00:00"),
]


def test_matches_that_come_later_are_rated_among_the_others(store: Store) -> None:
    ensure_ladder_as_published(store)
    insert_headers(store, GAMES[:4])
    catch_up(store, AS_PUBLISHED)
    before = skills_of(store)
    insert_headers(store, GAMES[4:])

    done = catch_up(store, AS_PUBLISHED)

    assert (done.appended, done.rebuilt) == (1, False)
    assert compare(store, AS_PUBLISHED) == []
    appended = skills_of(store)
    assert appended != before
    cleo, anna = one(NEW, NEW, (WON, LOST))
    anna, bert = one(anna, NEW, (WON, LOST))
    bert, cleo = one(bert, cleo, (WON, LOST))
    mus, sigmas = trueskill.rate(
        [anna[0], cleo[0], bert[0]], [anna[1], cleo[1], bert[1]], [TIED, TIED, LOST], RULES
    )
    anna, cleo, bert = zip(mus, sigmas, strict=True)
    cleo = one(cleo, cleo, (WON, LOST))[1]
    assert appended == {"anna": anna, "bert": bert, "cleo": cleo}


def test_an_altered_skill_is_found_and_put_right(store: Store) -> None:
    ensure_ladder_as_published(store)
    insert_headers(store, GAMES)
    catch_up(store, AS_PUBLISHED)
    before = skills_of(store)
    with store.write() as connection:
        connection.execute(
            update(Standing).where(Standing.competitor == "bert").values(live_mu=31.0)
        )

    (found,) = compare(store, AS_PUBLISHED)
    recompute(store, AS_PUBLISHED)

    assert (found.subject, found.field, found.stored) == ("bert", "live_mu", 31.0)
    assert skills_of(store) == before


def test_the_default_ladder_keeps_none(store: Store) -> None:
    insert_headers(store, GAMES, slugs={name: f"acme/{name}" for name in ("anna", "bert", "cleo")})
    recompute(store, "snake")

    assert set(skills_of(store, "snake").values()) == {(None, None)}


@pytest.mark.shared
def test_the_published_skills_of_3577_games_come_out_of_the_store(
    store: Store, shared_data: Path
) -> None:
    folder = shared_data / "snakebench" / "expected"
    published = json.loads((folder / "trueskill_3577.json").read_text())
    ensure_ladder_as_published(store)
    insert_headers(store, shared_headers(shared_data, extra=False))

    catch_up(store, AS_PUBLISHED)

    found = skills_of(store)
    assert found.keys() == {entry["name"] for entry in published}
    for entry in published:
        mu, sigma = found[entry["name"]]
        assert abs(mu - entry["trueskill_mu"]) < 1e-9, entry["name"]
        assert abs(sigma - entry["trueskill_sigma"]) < 1e-9, entry["name"]
