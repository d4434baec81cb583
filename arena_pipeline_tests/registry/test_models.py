from decimal import Decimal

import pytest
from sqlalchemy import insert, update

from arena_pipeline.errors import NotFound
from arena_pipeline.registry.models import AmbiguousName, TestStatus, model, models
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Evaluation, Kind, Ladder, Model
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.syncing import FIRST_DAY, Days


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
    free = model(known, "acme/free")
    with known.write() as connection:
        connection.execute(known.insert_ignore(Kind).values(name="llm", title="Language models"))
        agent_id = connection.execute(
            insert(Agent)
            .values(
                alias="free",
                kind="llm",
                model_id=free.id,
                is_default=True,
                source="enrolment",
                config_digest="d",
                created_at=FIRST_DAY,
            )
            .returning(Agent.id)
        ).scalar_one()
        ladder_id = connection.execute(Ladder.__table__.select()).first()
        assert ladder_id is not None
        connection.execute(
            insert(Evaluation).values(
                agent_id=agent_id,
                ladder_id=ladder_id[0],
                state=state,
                planned=10,
                queued_at=FIRST_DAY,
            )
        )

    assert slugs(models(known, status=status)).count("acme/free") == 1


def test_a_model_retired_by_decision_is_retired(known: Store) -> None:
    with known.write() as connection:
        connection.execute(
            update(Model).where(Model.slug == "acme/free").values(retired_at=FIRST_DAY)
        )

    assert slugs(models(known, status="retired")) == ["acme/free"]
