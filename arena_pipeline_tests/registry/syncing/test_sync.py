from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from arena_pipeline.catalog import archive
from arena_pipeline.catalog.errors import CatalogError, CatalogRefused, CatalogUnreadable
from arena_pipeline.registry.models import aliases, model, models
from arena_pipeline.registry.syncing.snapshots import last_accepted, last_checked, snapshots
from arena_pipeline.registry.syncing.sync import note_unchanged
from arena_pipeline.store.tables import (
    CatalogChange,
    CatalogSnapshot,
    Model,
    ModelAlias,
    ModelPrice,
)
from arena_pipeline_tests.catalog.rows import MAY, body, row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days, count, everything
from arena_pipeline_tests.registry.stored import put, stored

FOUR = [row(f"acme/m{number}") for number in range(4)]
STATE = (Model, ModelAlias, ModelPrice, CatalogChange)


def test_new_models_come_in_untested_and_inactive(days: Days) -> None:
    report = days.next(row("acme/one", prompt="0.0000003"))

    one = model(days.store, "acme/one")
    assert report.diff.added == ("acme/one",)
    assert (one.is_active, one.access, one.test_status) == (False, "auto", "untested")
    assert (one.vendor, one.client_name, one.source) == ("acme", "acme/one", "openrouter")
    assert stored(days.store, "acme/one", "gateway") == ("openrouter",)
    assert (one.price_prompt, one.price_completion) == (Decimal("0.3"), Decimal(2))
    assert one.discovered_at == one.last_seen_at == FIRST_DAY


def test_a_catalog_is_kept_as_file_and_row(days: Days) -> None:
    content = body(row("acme/one"), row("acme/bad", prompt="free"))

    report = days.next_body(content)

    (snapshot,) = snapshots(days.store)
    assert (snapshot.digest, snapshot.models, snapshot.accepted) == (report.snapshot, 1, True)
    assert archive.load(days.catalog_dir / str(snapshot.file)) == content
    with days.store.read() as connection:
        (skipped,) = connection.scalars(select(CatalogSnapshot.skipped))
    assert [entry["row"] for entry in skipped] == [1]


def test_the_same_content_again_only_notes_that_the_models_were_seen(days: Days) -> None:
    days.next(*FOUR)
    before = everything(days.store, ModelAlias, ModelPrice, CatalogChange, CatalogSnapshot)

    again = days.next(*reversed(FOUR))

    assert not again.changed
    assert again.diff.is_empty
    assert everything(days.store, ModelAlias, ModelPrice, CatalogChange, CatalogSnapshot) == before
    assert model(days.store, "acme/m0").last_seen_at == last_checked(days.store) == days.today


def test_hourly_catalogs_that_tell_nothing_new_leave_one_snapshot(days: Days) -> None:
    for hour in range(6):
        rows = [
            {**listed, "description": f"Hour {hour}", "benchmarks": {"x": hour}}
            for listed in (FOUR if hour % 2 else FOUR[::-1])
        ]
        report = days.next(*rows, fetched_at=FIRST_DAY + timedelta(hours=hour))

    assert not report.changed
    assert count(days.store, CatalogSnapshot) == 1
    assert len(list(days.catalog_dir.iterdir())) == 1
    assert last_checked(days.store) == FIRST_DAY + timedelta(hours=5)


def test_what_vanishes_is_marked_never_deleted_and_comes_back_as_itself(days: Days) -> None:
    days.next(*FOUR)
    was = model(days.store, "acme/m3")

    gone = days.next(*FOUR[:3])
    away = model(days.store, "acme/m3")
    back = days.next(*FOUR)

    assert (gone.diff.removed, away.removed_at) == (("acme/m3",), FIRST_DAY + timedelta(days=1))
    assert (back.diff.returned, back.diff.added) == (("acme/m3",), ())
    assert (model(days.store, "acme/m3").id, model(days.store, "acme/m3").removed_at) == (
        was.id,
        None,
    )


def test_each_price_is_remembered_with_the_day_it_came(days: Days) -> None:
    for price in ("0.000001", "0.0000010", "0.000003", "-1"):
        days.next(row("acme/one", prompt=price))

    with days.store.read() as connection:
        history = connection.execute(
            select(ModelPrice.valid_from, ModelPrice.price_prompt).order_by(ModelPrice.valid_from)
        ).all()
    assert [((moment - FIRST_DAY).days, price) for moment, price in history] == [
        (0, Decimal(1)),
        (2, Decimal(3)),
        (3, None),
    ]


def test_nothing_a_model_was_ever_called_is_forgotten(days: Days) -> None:
    days.next(row("acme/one", name="Acme: One", canonical_slug="acme/one-v1"))
    report = days.next(row("acme/one", name="Acme: Uno", canonical_slug="acme/one-v1"))

    assert [change.slug for change in report.diff.renamed] == ["acme/one"]
    assert model(days.store, "acme/one").display_name == "Acme: Uno"
    assert {name for name, _ in aliases(days.store, "acme/one")} == {
        "Acme: One",
        "Acme: Uno",
        "acme/one-v1",
    }
    assert model(days.store, "Acme: One").slug == "acme/one"


def test_a_repointed_slug_is_a_new_version_of_its_model(days: Days) -> None:
    days.next(row("acme/one"))
    report = days.next(row("acme/one", created=MAY + 1))

    assert [change.slug for change in report.diff.repointed] == ["acme/one"]
    assert model(days.store, "acme/one").version == 2


def test_a_slug_repointed_while_away_is_a_new_version_too(days: Days) -> None:
    days.next(*FOUR)
    days.next(*FOUR[1:])
    report = days.next(*FOUR[1:], row("acme/m0", created=MAY + 1))

    assert report.diff.returned == ("acme/m0",)
    assert [change.slug for change in report.diff.repointed] == ["acme/m0"]
    assert model(days.store, "acme/m0").version == 2


def test_a_slug_is_repointed_also_if_its_row_told_no_time_of_creation_in_between(
    days: Days,
) -> None:
    days.next(*FOUR)
    days.next(*FOUR[1:], row("acme/m0", created=None))
    report = days.next(*FOUR[1:], row("acme/m0", created=MAY + 1))

    assert [change.slug for change in report.diff.repointed] == ["acme/m0"]
    assert model(days.store, "acme/m0").version == 2


def test_what_a_person_or_the_models_file_set_survives(days: Days) -> None:
    days.next(*FOUR)
    chosen = {
        "is_active": True,
        "is_active_set_by": "person",
        "is_active_reason": "good",
        "access": "deny",
        "access_set_by": "yaml",
        "access_reason": "bad",
        "override_prompt": Decimal("0.5"),
        "override_completion": None,
        "override_set_by": "person",
        "retired_at": FIRST_DAY,
        "retired_reason": "old",
        "retired_set_by": "person",
        "gateway": "own",
        "client_name": "one",
    }
    put(days.store, "acme/m0", **chosen)

    days.next(*FOUR[1:])
    days.next(row("acme/m0", name="Else", prompt="0", created=MAY + 1), *FOUR[1:])

    assert stored(days.store, "acme/m0", *chosen) == tuple(chosen.values())
    assert stored(days.store, "acme/m0", "price_prompt", "version") == (Decimal(0), 2)


def test_every_change_is_written_down(days: Days) -> None:
    days.next(*FOUR)
    report = days.next(*FOUR[:2], row("acme/m2", prompt="0"), row("acme/new"), accept_drop=True)

    with days.store.read() as connection:
        changes = connection.execute(
            select(CatalogChange.kind, CatalogChange.slug, CatalogChange.after)
            .where(CatalogChange.snapshot_id == report.snapshot_id)
            .order_by(CatalogChange.slug)
        ).all()
    assert [tuple(change) for change in changes] == [
        ("repriced", "acme/m2", {"prompt": "0", "completion": "2"}),
        ("removed", "acme/m3", None),
        ("added", "acme/new", None),
    ]


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (b"<html>502 Bad Gateway</html>", CatalogUnreadable, "not JSON"),
        (body(*FOUR)[:-20], CatalogUnreadable, "not JSON"),
        (b'{"error": "maintenance"}', CatalogUnreadable, "maintenance"),
        (body(), CatalogRefused, "lists no models"),
        (body("x", row("acme/m1", prompt="free")), CatalogRefused, "none of its 2 rows"),
        (body(*FOUR[:2]), CatalogRefused, "misses 2 of 4 known models .limit 25%.*--accept-drop"),
    ],
)
def test_a_bad_catalog_changes_nothing_and_is_kept_for_a_look(
    days: Days, answer: bytes, error: type[CatalogError], reason: str
) -> None:
    days.next(*FOUR)
    before = everything(days.store, *STATE)
    accepted = last_accepted(days.store)

    for _ in range(2):
        with pytest.raises(error, match=reason):
            days.next_body(answer)

    assert everything(days.store, *STATE) == before
    assert last_accepted(days.store) == accepted
    (refused,) = [snapshot for snapshot in snapshots(days.store) if not snapshot.accepted]
    assert refused.reason is not None
    assert archive.load(days.catalog_dir / str(refused.file)) == answer


def test_the_same_refusal_is_written_down_again_after_a_good_catalog(days: Days) -> None:
    for number in range(2):
        days.next(*FOUR, row(f"acme/new{number}"))
        for _ in range(2):
            with pytest.raises(CatalogRefused):
                days.next()

    accepted = [snapshot.accepted for snapshot in snapshots(days.store)]
    assert accepted == [False, True, False, True]


def test_a_quarter_may_go_and_more_if_a_person_says_so(days: Days) -> None:
    days.next(*FOUR)

    assert days.next(*FOUR[:3]).diff.removed == ("acme/m3",)
    assert days.next(FOUR[0], accept_drop=True).diff.removed == ("acme/m1", "acme/m2")


def test_a_model_whose_row_cant_be_read_stays_as_it_was(days: Days) -> None:
    days.next(row("acme/one"), row("acme/two"))
    report = days.next(row("acme/one", prompt="free"), row("acme/two"))

    one = model(days.store, "acme/one")
    assert [skipped.slug for skipped in report.skipped] == ["acme/one"]
    assert report.diff.is_empty
    assert (one.removed_at, one.price_prompt, one.last_seen_at) == (None, Decimal(1), days.today)


def test_not_modified_notes_that_the_models_were_seen(days: Days) -> None:
    first = days.next(*FOUR)

    report = note_unchanged(days.store, FIRST_DAY + timedelta(hours=1))

    assert (report.changed, report.snapshot, report.models) == (False, first.snapshot, 4)
    assert last_checked(days.store) == FIRST_DAY + timedelta(hours=1)


def test_hostile_text_is_stored_harmlessly_on_both_databases(days: Days) -> None:
    days.next(
        row(
            "acme/one",
            name="<script>\x00\x1b]0;pwned\x07\ud800",
            notes={"nul\x00key": ["\x00", "\udfff"], "big": 10**400},
        )
    )

    one = model(days.store, "acme/one")
    assert not set(one.display_name) & {"\x00", "\x1b", "\x07"}
    assert "notes" in one.details


def test_a_catalog_of_which_most_cant_be_read_says_so(days: Days) -> None:
    good = [row("acme/one"), row("acme/two"), row("acme/three")]
    days.next(*good)

    few = days.next(*good, row("acme/four"), row("acme/five", prompt="free"))
    many = days.next(*(row(one["id"], prompt="free") for one in good), row("acme/four"))

    assert few.notice is None
    assert many.notice == ("3 of 4 models stand in rows that can't be used; they stay as they were")
    assert len(models(days.store, removed=False)) == 4
