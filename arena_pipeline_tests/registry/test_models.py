from decimal import Decimal

import pytest
from sqlalchemy import insert, select, update

from arena_pipeline.errors import NotFound
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.registry.models import (
    AmbiguousName,
    TestStatus,
    model,
    models,
)
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Evaluation, Kind, Ladder, Model
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days
from arena_pipeline_tests.registry.imported import bear


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows four models."""
    days.next(
        row("acme/free", prompt="0", completion="0"),
        row(
            "acme/cheap", prompt="0.0000001", completion="0.0000002", canonical_slug="acme/cheap-1"
        ),
        row("acme/cheap:batch", prompt="0", canonical_slug="acme/cheap-1"),
        row("zeta/router", prompt="-1", completion="-1", name="Zeta: Router"),
    )
    return days.store


def slugs(found: tuple[object, ...]) -> list[str]:
    return [getattr(row, "slug") for row in found]  # noqa: B009


def test_models_are_listed_by_slug(known: Store) -> None:
    assert slugs(models(known)) == ["acme/cheap", "acme/cheap:batch", "acme/free", "zeta/router"]


def test_filters_narrow_the_list(known: Store) -> None:
    assert slugs(models(known, vendor="zeta")) == ["zeta/router"]
    assert slugs(models(known, free=True)) == ["acme/free"]
    assert slugs(models(known, max_price=Decimal("0.2"))) == ["acme/cheap", "acme/free"]
    assert slugs(models(known, active=True)) == []
    assert len(models(known, status="untested", free=False)) == 3


def test_an_unknown_vendor_is_an_error_with_the_nearest_one(known: Store) -> None:
    with pytest.raises(NotFound, match="'acmee'; did you mean 'acme'"):
        models(known, vendor="acmee")


def test_a_model_answers_to_its_slug_and_to_every_other_name(known: Store) -> None:
    assert model(known, "zeta/router") == model(known, "Zeta: Router")
    assert model(known, "zeta/router-20250501").slug == "zeta/router"


def test_a_name_of_several_models_names_them(known: Store) -> None:
    with pytest.raises(AmbiguousName, match="acme/cheap, acme/cheap:batch"):
        model(known, "acme/cheap-1")


def test_names_are_never_matched_by_letter_case_or_pattern(known: Store) -> None:
    for name in ("ACME/FREE", "acme/%", "acme/fre_"):
        with pytest.raises(NotFound):
            model(known, name)


def test_a_name_nobody_answers_to_names_the_nearest(known: Store) -> None:
    with pytest.raises(NotFound, match="'acme/cheep'; did you mean 'acme/cheap'"):
        model(known, "acme/cheep")


def test_listed_prices_count_while_nobody_overrides_them(known: Store) -> None:
    cheap = model(known, "acme/cheap")

    assert (cheap.price_prompt, cheap.price_completion) == (Decimal("0.1"), Decimal("0.2"))
    assert (cheap.listed_prompt, cheap.listed_completion) == (Decimal("0.1"), Decimal("0.2"))
    assert cheap.override_set_by is None


def test_an_override_counts_also_where_it_says_unknown_and_the_listed_price_is_kept(
    known: Store,
) -> None:
    with known.write() as connection:
        connection.execute(
            update(Model)
            .where(Model.slug == "acme/free")
            .values(override_prompt=Decimal(7), override_set_by="yaml")
        )

    free = model(known, "acme/free")

    assert (free.price_prompt, free.price_completion, free.is_free) == (Decimal(7), None, False)
    assert (free.listed_prompt, free.listed_completion) == (Decimal(0), Decimal(0))
    assert slugs(models(known, free=True)) == []
    assert slugs(models(known, max_price=Decimal("0.2"))) == ["acme/cheap"]


def test_unresolved_models_are_those_made_for_a_name_nobody_could_resolve(known: Store) -> None:
    bear(known, "snakebench/cheep", "cheep")
    bear(known, "acme/2025", "cheap-2025", rule="yaml")

    assert slugs(models(known, unresolved=True)) == ["snakebench/cheep"]
    assert len(models(known, unresolved=False)) == 5


def evaluated(store: Store, slug: str, **states: str) -> None:
    """Give a model a default agent with an evaluation on each of these ladders."""
    with store.write() as connection:
        connection.execute(store.insert_ignore(Kind).values(name="llm", title="Language models"))
        agent_id = connection.execute(
            insert(Agent)
            .values(
                alias="free",
                kind="llm",
                model_id=select(Model.id).where(Model.slug == slug).scalar_subquery(),
                is_default=True,
                source="enrolment",
                config_digest="d",
                created_at=FIRST_DAY,
            )
            .returning(Agent.id)
        ).scalar_one()
        for ladder, state in states.items():
            ladder_id = select(Ladder.id).where(Ladder.name == ladder).scalar_subquery()
            connection.execute(
                insert(Evaluation).values(
                    agent_id=agent_id,
                    ladder_id=ladder_id,
                    state=state,
                    planned=10,
                    queued_at=FIRST_DAY,
                )
            )


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("queued", TestStatus.TESTING),
        ("waiting", TestStatus.TESTING),
        ("ranked", TestStatus.RANKED),
        ("failed", TestStatus.UNTESTED),
        ("retired", TestStatus.RETIRED),
    ],
)
def test_the_test_status_is_what_the_default_agents_evaluation_says(
    known: Store, state: str, status: TestStatus
) -> None:
    evaluated(known, "acme/free", snake=state)

    assert slugs(models(known, status=status)).count("acme/free") == 1


def test_a_side_ladder_says_nothing_about_the_test_status(known: Store) -> None:
    ensure_ladder(known, "side", "snake")

    evaluated(known, "acme/free", snake="ranked", side="failed")

    assert slugs(models(known, status="ranked")) == ["acme/free"]


def test_a_model_retired_by_decision_is_retired(known: Store) -> None:
    with known.write() as connection:
        connection.execute(
            update(Model).where(Model.slug == "acme/free").values(retired_at=FIRST_DAY)
        )

    assert slugs(models(known, status="retired")) == ["acme/free"]


def test_of_a_practice_model_the_practice_ladder_speaks(known: Store) -> None:
    ensure_ladder(known, "practice", "snake")
    evaluated(known, "acme/free", practice="ranked")
    assert slugs(models(known, status="ranked")) == []

    with known.write() as connection:
        practised = update(Model).where(Model.slug == "acme/free")
        connection.execute(practised.values(gateway="practice-slow"))

    assert slugs(models(known, status="ranked")) == ["acme/free"]
