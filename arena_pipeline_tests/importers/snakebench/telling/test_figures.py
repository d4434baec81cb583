"""What the store tells of what came in: by month, by verification, and whose the names are."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update

from arena_pipeline.importers.snakebench.telling.charts import months_chart
from arena_pipeline.importers.snakebench.telling.figures import (
    Month,
    by_month,
    by_rule,
    by_verification,
    heads,
    oddities,
    without_seats,
)
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, Match, Model, ModelAlias, Participant, Purpose
from arena_pipeline_tests.agents import NOON, add_agents, finished_match

LAST_OF_JANUARY = datetime(2025, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC)
FIRST_OF_MARCH = datetime(2025, 3, 1, tzinfo=UTC)

CAME_IN: tuple[tuple[datetime | None, str], ...] = (
    (LAST_OF_JANUARY, "verified"),
    (LAST_OF_JANUARY, "verified"),
    (FIRST_OF_MARCH, "same_turn_apple_respawn"),
    (FIRST_OF_MARCH, "verified"),
    (FIRST_OF_MARCH, "unexplained"),
    (None, "header_only"),
)


def take_in(store: Store, recorder: Recorder) -> list[str]:
    """Matches as an import leaves them, and one that was played here; uuids of the former."""
    entrants = list(add_agents(store, "left", "right").values())
    uuids = recorder.record(
        finished_match(store, entrants, seed=seed) for seed in range(len(CAME_IN) + 1)
    )
    with store.write() as connection:
        for uuid, (ended, verification) in zip(uuids, CAME_IN, strict=False):
            connection.execute(
                update(Match)
                .where(Match.uuid == uuid)
                .values(
                    purpose=Purpose.IMPORT,
                    ended_at=ended,
                    verification=verification,
                    info={"detail": "turn 3"} if verification == "unexplained" else {},
                )
            )
    return uuids[: len(CAME_IN)]


def test_months_are_utc_and_what_was_played_here_is_not_among_them(
    store: Store, recorder: Recorder
) -> None:
    take_in(store, recorder)

    assert by_month(store) == [
        Month("2025-01", {"verified": 2}),
        Month("2025-03", {"same_turn_apple_respawn": 1, "unexplained": 1, "verified": 1}),
        Month("unknown", {"header_only": 1}),
    ]
    assert next(iter(by_verification(store).items())) == ("verified", 3)
    assert sum(by_verification(store).values()) == len(CAME_IN)


def test_each_match_that_is_not_as_the_rules_say_is_named_the_unexplained_first(
    store: Store, recorder: Recorder
) -> None:
    uuids = take_in(store, recorder)

    found = oddities(store)

    assert [(one.uuid, one.verification, one.detail) for one in found] == [
        (uuids[4], "unexplained", "turn 3"),
        (uuids[2], "same_turn_apple_respawn", None),
    ]


def test_a_match_that_lost_a_participant_is_named(store: Store, recorder: Recorder) -> None:
    uuids = take_in(store, recorder)
    assert without_seats(store) == []

    with store.write() as connection:
        lost = select(Match.id).where(Match.uuid.in_([uuids[1], uuids[2]])).scalar_subquery()
        connection.execute(
            delete(Participant).where(Participant.match_id.in_(lost), Participant.slot == 1)
        )

    assert without_seats(store) == sorted([uuids[1], uuids[2]])


def test_names_are_counted_by_the_rule_that_found_their_model(store: Store) -> None:
    names = {"b": "unresolved", "A": "unresolved", "gpt": "exact"}
    with store.write() as connection:
        [model] = connection.scalars(
            insert(Model).returning(Model.id),
            [{"slug": "v/m", "source": "import", "display_name": "m", "vendor": "v",
              "discovered_at": NOON}],
        )  # fmt: skip
        connection.execute(
            insert(ModelAlias),
            [
                {"model_id": model, "alias": name, "origin": origin, "rule": rule,
                 "first_seen_at": NOON, "last_seen_at": NOON}
                for name, rule in names.items()
                for origin in ("import", "person")
            ],
        )  # fmt: skip

    assert by_rule(store) == {"unresolved": 2, "exact": 1}


def test_the_heads_of_ladders_are_those_of_the_store(store: Store, recorder: Recorder) -> None:
    take_in(store, recorder)
    with store.read() as connection:
        head = connection.scalar(Ladder.__table__.select().with_only_columns(Ladder.chain_head))

    [found] = heads(store, "nobody's", "snake")

    assert (found.ladder, found.matches, found.head) == ("snake", len(CAME_IN) + 1, head)


def test_a_store_without_an_import_has_nothing_to_tell(store: Store) -> None:
    assert by_month(store) == []
    assert by_verification(store) == by_rule(store) == {}
    assert oddities(store) == []
    assert "Nothing was imported yet" in months_chart([])


def test_the_chart_shows_every_month_between_the_first_and_the_last() -> None:
    months = [
        Month("2024-11", {"verified": 2}),
        Month("2025-03", {"verified": 1, "header_only": 4, "unexplained": 1}),
        Month("unknown", {"verified": 1}),
    ]

    drawn = months_chart(months)

    words = {element.text for element in ET.fromstring(drawn).iter() if element.text}
    assert {"9 imported games per month (UTC)", "2024-11", "2025-01", "unknown"} <= words
    assert {"verified", "header_only", "unexplained"} <= words


def test_a_game_of_another_century_does_not_stretch_the_chart() -> None:
    drawn = months_chart([Month("0001-01", {"verified": 1}), Month("2025-03", {"verified": 1})])

    assert len(drawn) < 200_000
    assert "2025-03" in drawn
