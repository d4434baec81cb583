"""Integrity: a sound store gives no findings, and each kind of damage is named with its culprit."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from arena_pipeline.leaderboard.integrity import (
    orphans,
    replays_missing_or_altered,
    unbalanced,
)
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.plan import Entrant, FinishedMatch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Participant, Standing
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.leaderboard.deciding import (
    LOST,
    TIED,
    WON,
    decided,
    record_duels,
    unchecked,
)


@pytest.fixture
def agents(store: Store) -> list[Entrant]:
    return [*add_agents(store, "anna", "bert", "cleo").values()]


@pytest.fixture
def matches(store: Store, recorder: Recorder, agents: list[Entrant]) -> list[FinishedMatch]:
    return record_duels(store, recorder, agents, 12)


def replay_of(store: Store, recorder: Recorder, match: FinishedMatch) -> Path:
    with store.read() as connection:
        path = connection.scalar(select(Match.replay_path).where(Match.uuid == match.uuid))
    return recorder.replay_dir / str(path)


def id_of(store: Store, match: FinishedMatch) -> int:
    with store.read() as connection:
        return connection.execute(select(Match.id).where(Match.uuid == match.uuid)).scalar_one()


def test_a_sound_store_gives_no_findings(
    store: Store, recorder: Recorder, agents: list[Entrant], matches: list[FinishedMatch]
) -> None:
    recorder.record([decided(store, [agents[0], agents[0]], [WON, LOST], seed=99)])

    assert orphans(store) == []
    assert unbalanced(store) == []
    assert replays_missing_or_altered(store, recorder.replay_dir) == []


def test_an_empty_store_is_sound(store: Store, tmp_path: Path) -> None:
    assert orphans(store) + unbalanced(store) == []
    assert replays_missing_or_altered(store, tmp_path) == []


def test_a_rebuilt_ladder_is_sound(store: Store, matches: list[FinishedMatch]) -> None:
    recompute(store, "snake")

    assert orphans(store) == []


@pytest.mark.parametrize(
    ("damage", "findings"),
    [
        (
            "DELETE FROM matches WHERE id = 3",
            [
                "Participants belong to no match: 2 (match_id 3, slot 0; match_id 3, slot 1)",
                "Places on a ladder belong to no match: 1 (ladder_id 1, epoch 1, match_id 3)",
            ],
        ),
        (
            "UPDATE participants SET agent_id = 77 WHERE match_id = 3 AND slot = 1",
            ["Participants name an agent that is not there: 1 (match_id 3, slot 1, agent_id 77)"],
        ),
        (
            "UPDATE participants SET model_id = 77 WHERE match_id = 3 AND slot = 0",
            ["Participants name a model that is not there: 1 (match_id 3, slot 0, model_id 77)"],
        ),
        (
            "DELETE FROM rating_events WHERE competitor = 'anna'",
            [
                (
                    "Standings have no rating event in the present epoch: "
                    "1 (ladder_id 1, competitor anna)"
                )
            ],
        ),
        (
            "DELETE FROM standings WHERE competitor = 'anna'",
            ["Competitors have rating events but no standing: 1 (ladder_id 1, competitor anna)"],
        ),
        (
            """
            INSERT INTO turns (match_id, step, slot, action, decided_at, extra)
            VALUES (77, 0, 1, 'UP', '2026-11-01 12:00:00', '{}')
            """,
            ["Turns belong to no match: 1 (match_id 77, step 0, slot 1)"],
        ),
        (
            "UPDATE ladders SET next_sequence = 14",
            [
                (
                    "Ladder snake numbers its matches with gaps: 12 rated matches, "
                    "the last numbered 12, the next to be 14"
                )
            ],
        ),
        (
            "UPDATE ladders SET chain_head = NULL; UPDATE ladder_matches SET digest = 'x'",
            ["Ladder snake says the head of its chain is None, its newest match has the link x"],
        ),
    ],
)
def test_damage_is_named(
    store: Store, matches: list[FinishedMatch], damage: str, findings: list[str]
) -> None:
    with unchecked(store) as execute:
        for statement in damage.split(";"):
            execute(statement)

    assert orphans(store) == findings


def test_a_finished_match_without_participants_is_named(
    store: Store, matches: list[FinishedMatch]
) -> None:
    match = id_of(store, matches[4])
    with unchecked(store) as execute:
        execute(f"DELETE FROM participants WHERE match_id = {match}")

    assert orphans(store) == [f"Finished matches have no participants: 1 (uuid {matches[4].uuid})"]


def test_a_place_without_events_and_events_without_a_place_are_named(
    store: Store, matches: list[FinishedMatch]
) -> None:
    with unchecked(store) as execute:
        execute("UPDATE rating_events SET sequence = 13 WHERE sequence = 12")

    assert orphans(store) == [
        "Rated matches have no rating events: 1 (ladder_id 1, epoch 1, sequence 12)",
        "Rating events belong to no match: 1 (ladder_id 1, epoch 1, sequence 13)",
    ]


def test_many_culprits_are_counted_and_some_named(
    store: Store, matches: list[FinishedMatch]
) -> None:
    with unchecked(store) as execute:
        execute("DELETE FROM matches")

    participants = orphans(store)[0]

    assert participants.startswith("Participants belong to no match: 24 (match_id 1, slot 0; ")
    assert participants.endswith("; ...)")


def test_a_missing_and_an_altered_replay_are_named(
    store: Store, recorder: Recorder, matches: list[FinishedMatch]
) -> None:
    missing, altered = matches[2], matches[7]
    replay_of(store, recorder, missing).unlink()
    with replay_of(store, recorder, altered).open("ab") as file:
        file.write(b"\0")

    found = replays_missing_or_altered(store, recorder.replay_dir)

    assert len(found) == 2
    assert any(f"Match {missing.uuid}: " in line and "is missing" in line for line in found)
    assert any(f"Match {altered.uuid}: " in line and "was altered" in line for line in found)


def test_a_sample_looks_at_the_newest_matches_only(
    store: Store, recorder: Recorder, agents: list[Entrant], matches: list[FinishedMatch]
) -> None:
    (newest,) = record_duels(store, recorder, agents, 1, first_seed=100)
    for match in (matches[0], newest):
        replay_of(store, recorder, match).unlink()

    assert len(replays_missing_or_altered(store, recorder.replay_dir)) == 2
    (found,) = replays_missing_or_altered(store, recorder.replay_dir, sample=1)
    assert newest.uuid in found
    assert replays_missing_or_altered(store, recorder.replay_dir, sample=0) == []


def test_a_replay_path_that_leads_out_of_the_folder_is_not_followed(
    store: Store, recorder: Recorder, matches: list[FinishedMatch]
) -> None:
    with store.write() as connection:
        connection.execute(
            update(Match)
            .where(Match.uuid == matches[0].uuid)
            .values(replay_path="../../etc/passwd")
        )

    (found,) = replays_missing_or_altered(store, recorder.replay_dir)

    assert "leads out of the replay folder" in found


def test_a_match_known_only_by_its_header_needs_no_replay(
    store: Store, recorder: Recorder, matches: list[FinishedMatch]
) -> None:
    header = {"replay_path": None, "replay_digest": None, "replay_missing": "header only"}
    with store.write() as connection:
        connection.execute(update(Match).values(header))

    assert replays_missing_or_altered(store, recorder.replay_dir) == []


def test_two_winners_of_a_duel_are_named(
    store: Store, recorder: Recorder, agents: list[Entrant], matches: list[FinishedMatch]
) -> None:
    odd = decided(store, agents[:2], [WON, TIED], seed=50)
    recorder.record([odd])

    match, ladder = unbalanced(store)

    assert odd.uuid in match
    assert match.startswith("Two-player matches have not one winner and one loser, or two ties: 1")
    assert ladder.startswith("Ladder snake counts ")


def test_a_win_added_to_a_standing_shows_in_the_sums(
    store: Store, matches: list[FinishedMatch]
) -> None:
    with store.write() as connection:
        connection.execute(
            update(Standing)
            .where(Standing.competitor == "anna")
            .values(wins=Standing.wins + 1, matches=Standing.matches + 1)
        )

    (finding,) = unbalanced(store)

    assert finding.startswith("Ladder snake counts ")
    assert finding.endswith(" losses in its standings")


def test_results_of_many_players_or_of_one_team_need_not_balance(
    store: Store, recorder: Recorder, agents: list[Entrant]
) -> None:
    ensure_ladder(store, "every", "snake")
    recorder.record(
        [
            decided(store, agents, [WON, LOST, LOST]),
            decided(store, agents[:2], [WON, WON], team="crew", seed=2),
            decided(store, agents[:1], [LOST], seed=3),
        ]
    )

    assert unbalanced(store) == []


def test_a_running_match_is_not_looked_at(store: Store, matches: list[FinishedMatch]) -> None:
    with store.write() as connection:
        connection.execute(update(Participant).where(Participant.match_id == 1).values(result=None))
        connection.execute(
            update(Match).where(Match.id == 1).values(state="void", replay_path="nowhere")
        )

    assert "Two-player" not in " ".join(unbalanced(store))
