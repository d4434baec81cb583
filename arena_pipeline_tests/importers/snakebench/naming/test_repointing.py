"""Names that turn out to be another model's: their matches and ladders follow."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select, update

from arena_pipeline.importers.snakebench.naming.names import Rule
from arena_pipeline.importers.snakebench.naming.people import NamesReport, register_names
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.declared.overrides import sync_overrides
from arena_pipeline.registry.history import unresolved_names
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    CompetitorKind,
    Ladder,
    Match,
    Participant,
    Standing,
)
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.importers.snakebench.headers import (
    header,
    insert_headers,
)
from arena_pipeline_tests.importers.snakebench.named import LISTED, NAMES
from arena_pipeline_tests.registry.days import Days


@pytest.fixture
def known(store: Store, tmp_path: Path) -> Store:
    """A store whose catalog lists two models."""
    Days(store, tmp_path / "catalogs").next(
        row("acme/one", name="Acme: One"), row("acme/two", name="Acme: Two")
    )
    return store


def played(store: Store, people: NamesReport, *pairs: tuple[str, str]) -> None:
    """Matches in which the first name of each pair beat the second, on a ladder."""
    insert_headers(
        store,
        [header(n, (won, "won", 3), (lost, "lost", 1)) for n, (won, lost) in enumerate(pairs)],
    )
    with store.write() as connection:
        for name, one in people.people.items():
            seats = update(Participant).where(Participant.name == name)
            connection.execute(seats.values(model_id=one.model_id, agent_id=one.agent_id))
    recompute(store, "snake")


def standings(store: Store, ladder: str = "snake") -> set[str]:
    with store.read() as connection:
        rows = connection.execute(
            select(Standing.competitor).join(Ladder).where(Ladder.name == ladder)
        )
        return set(rows.scalars())


def declare(store: Store, names: Mapping[str, list[str]]) -> None:
    """The models file gives models these names."""
    lines = "".join(f"    {slug}: {given}\n" for slug, given in names.items())
    sync_overrides(store, parse_models_file(f"models:\n  names:\n{lines}", "models.yaml"))


def test_a_name_that_models_yaml_gives_to_a_model_moves_there_with_its_matches(
    known: Store,
) -> None:
    people = register_names(known, NAMES, LISTED)
    played(known, people, ("Llama-70B", "acme/one"), ("Llama-70b", "acme/one"))
    assert standings(known) == {"snakebench/Llama-70B", "meta/Llama-70b", "acme/one"}

    declare(known, {"meta/Llama-70b": ["Llama-70B"]})
    dry = register_names(known, [], (), dry_run=True)
    assert standings(known) == {"snakebench/Llama-70B", "meta/Llama-70b", "acme/one"}
    report = register_names(known, [], ())

    (moved,) = report.moved
    assert (moved.name, moved.before, moved.after, moved.matches) == (
        "Llama-70B", "snakebench/Llama-70B", "meta/Llama-70b", 1,
    )  # fmt: skip
    assert [one.name for one in dry.moved] == ["Llama-70B"]
    assert report.people["Llama-70B"].rule is Rule.EXACT
    assert standings(known) == {"meta/Llama-70b", "acme/one"}
    assert "Llama-70B" not in {one.name for one in unresolved_names(known)}
    with known.read() as connection:
        revisions = dict(
            connection.execute(
                select(Participant.name, Match.revision).join(Match).where(Participant.slot == 0)
            ).all()
        )
    assert revisions == {"Llama-70B": 1, "Llama-70b": 0}
    again = register_names(known, NAMES, LISTED)
    assert not again.changed


def test_every_ladder_that_judged_such_a_match_is_rebuilt_within_the_same_act(
    known: Store,
) -> None:
    people = register_names(known, NAMES, LISTED)
    ensure_ladder(known, "empty", "snake")
    ensure_ladder(known, "other", "snake", competitor=CompetitorKind.MODEL)
    ensure_ladder(known, "named", "snake", competitor=CompetitorKind.NAME)
    played(known, people, ("Odd: Name", "acme/one"), ("Llama-70b", "acme/one"))
    for ladder in ("other", "named"):
        recompute(known, ladder)

    declare(known, {"acme/two": ["Odd: Name"]})
    report = register_names(known, [], ())

    assert report.rebuilt == ("named", "other", "snake")
    assert not any(compare(known, ladder) for ladder in report.rebuilt)
    assert standings(known, "other") == {"acme/two", "meta/Llama-70b", "acme/one"}
    assert standings(known, "named") == {"Odd: Name", "acme/one", "Llama-70b"}


def test_a_name_that_was_resolved_stays_when_the_catalog_changes(
    known: Store, tmp_path: Path
) -> None:
    days = Days(known, tmp_path / "more")
    register_names(known, ["two"], ())

    days.next(row("acme/one"), row("acme/two"), row("beta/two"), row("two/two"))

    assert register_names(known, ["two"], ()).people["two"].slug == "acme/two"


def test_an_unresolved_name_finds_its_model_when_the_catalog_lists_it(
    known: Store, tmp_path: Path
) -> None:
    people = register_names(known, ["acme/three", "acme/one"], ())
    played(known, people, ("acme/three", "acme/one"))

    Days(known, tmp_path / "more").next(row("acme/one"), row("acme/two"), row("acme/three"))
    report = register_names(known, [], ())

    assert report.people["acme/three"].slug == "acme/three"
    assert report.people["acme/three"].rule is Rule.EXACT
    assert standings(known) == {"acme/three", "acme/one"}


def test_a_name_given_to_the_model_made_for_it_is_no_longer_unresolved(known: Store) -> None:
    register_names(known, ["Odd"], ())

    declare(known, {"snakebench/Odd": ["Odd"]})
    report = register_names(known, [], ())

    assert (report.moved, report.unresolved) == ((), ())
    assert unresolved_names(known) == ()
    assert report.people["Odd"].slug == "snakebench/Odd"


def test_a_name_given_to_two_models_stays_where_it_was(known: Store) -> None:
    register_names(known, ["Odd"], ())

    declare(known, {"acme/one": ["Odd"], "acme/two": ["Odd"]})
    report = register_names(known, ["Odd"], ())

    assert report.people["Odd"].slug == "snakebench/Odd"
    assert report.doubts["Odd"] == ((Rule.EXACT, ("acme/one", "acme/two")),)
