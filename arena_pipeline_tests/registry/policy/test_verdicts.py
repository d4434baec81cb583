"""Every model of a store with its verdict, and how many there are of each."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import event, insert, update

from arena_pipeline.registry.policy.eligibility import Reason, Verdict
from arena_pipeline.registry.policy.verdicts import counts, policy_of, verdicts
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Gateway, Model, Spend
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows six models of a catalog."""
    days.next(
        row("acme/free", prompt="0", completion="0"),
        row("acme/cheap"),
        row("acme/cheap:batch"),
        row("acme/dear", prompt="0.0001", completion="0.001"),
        row("zeta/router", prompt="-1", completion="-1", architecture={"tokenizer": "Router"}),
        row("zeta/going", expiration_date="2026-01-05"),
    )
    return days.store


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment has a key for the gateway."""
    monkeypatch.setenv("OPENROUTER_API_KEY", "k")


def reasons(found: tuple[Verdict, ...]) -> dict[str, Reason | None]:
    return {one.model: one.reason for one in found}


@pytest.mark.usefixtures("key")
def test_every_model_gets_its_verdict_by_slug(known: Store, arena_settings: Settings) -> None:
    found = verdicts(known, arena_settings, now=FIRST_DAY)

    assert list(reasons(found)) == sorted(reasons(found))
    assert reasons(found) == {
        "acme/free": None,
        "acme/cheap": Reason.NO_BUDGET,
        "acme/cheap:batch": Reason.VARIANT,
        "acme/dear": Reason.TOO_EXPENSIVE,
        "zeta/router": Reason.ROUTER,
        "zeta/going": Reason.EXPIRING,
    }


@pytest.mark.usefixtures("key")
def test_settings_decide(known: Store, arena_settings: Settings) -> None:
    wanted = arena_settings.model_copy(
        update={
            "budget": Decimal(100),
            "match_budget": Decimal(100),
            "wanted_variants": " :batch ,",
            "expiring_days": 1.0,
        }
    )

    assert counts(verdicts(known, wanted, now=FIRST_DAY)) == {"eligible": 5, "router": 1}


def test_without_a_key_nothing_can_be_called_and_the_commonest_reason_comes_first(
    known: Store, arena_settings: Settings
) -> None:
    found = verdicts(known, arena_settings, now=FIRST_DAY)

    assert list(counts(found).items()) == [
        ("no key", 2),
        ("expiring", 1),
        ("router", 1),
        ("too expensive", 1),
        ("variant not wanted", 1),
    ]


def test_a_price_that_somebody_set_is_the_one_that_counts(
    known: Store, arena_settings: Settings
) -> None:
    with known.write() as connection:
        connection.execute(
            update(Model)
            .where(Model.slug == "acme/dear")
            .values(
                override_set_by="yaml", override_prompt=Decimal(0), override_completion=Decimal(0)
            )
        )

    (dear,) = (v for v in verdicts(known, arena_settings) if v.model == "acme/dear")

    assert dear.estimate == 0
    assert dear.reason is Reason.NO_KEY


def test_a_gateway_needs_to_be_declared_and_to_have_its_key(
    known: Store, arena_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with known.write() as connection:
        connection.execute(
            update(Model).where(Model.slug == "acme/free").values(gateway="together")
        )

    def told() -> tuple[Reason | None, str | None]:
        (free,) = (v for v in verdicts(known, arena_settings) if v.model == "acme/free")
        return free.reason, free.detail

    undeclared = (Reason.NO_KEY, "gateway together is not declared in models.yaml")
    assert told() == undeclared

    with known.write() as connection:
        connection.execute(
            insert(Gateway).values(
                name="together",
                base_url="https://example.org/v1",
                key_variable="TOGETHER_API_KEY",
                updated_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
    assert told() == (Reason.NO_KEY, "set TOGETHER_API_KEY")

    monkeypatch.setenv("TOGETHER_API_KEY", "k")
    assert told() == (None, None)

    with known.write() as connection:
        connection.execute(update(Gateway).values(declared=False))
    assert told() == undeclared


def test_a_gateway_without_key_variable_needs_none(known: Store, arena_settings: Settings) -> None:
    with known.write() as connection:
        connection.execute(update(Model).values(gateway="local"))
        connection.execute(
            insert(Gateway).values(
                name="local",
                base_url="http://127.0.0.1:8000/v1",
                updated_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )

    assert reasons(verdicts(known, arena_settings))["acme/free"] is None


def test_all_of_it_takes_five_statements_however_many_models_there_are(
    known: Store, arena_settings: Settings
) -> None:
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(known.engine, "before_cursor_execute", count)
    verdicts(known, arena_settings)

    assert len([text for text in statements if text.startswith("SELECT")]) == 5


def test_variants_are_read_from_the_setting_with_or_without_colon(
    arena_settings: Settings,
) -> None:
    wanted = arena_settings.model_copy(update={"wanted_variants": "free, :thinking,,"})

    assert policy_of(wanted, ()).wanted_variants == {"free", "thinking"}


@pytest.mark.usefixtures("key")
def test_what_is_spent_and_set_aside_is_not_left(known: Store, arena_settings: Settings) -> None:
    settings = arena_settings.model_copy(update={"budget": Decimal(1)})
    window = {"window_start": datetime(1970, 1, 1, tzinfo=UTC)}
    with known.write() as connection:
        connection.execute(
            insert(Spend).values(
                budget="total", **window, spent=Decimal("0.5"), assumed=Decimal("0.25"),
                reserved=Decimal("0.25"),
            )
        )  # fmt: skip

    found = {one.model: one for one in verdicts(known, settings, now=FIRST_DAY)}

    cheap = found["acme/cheap"]
    assert (cheap.reason, cheap.detail) == (Reason.NO_BUDGET, "it is used up; raise ARENA_BUDGET")
    assert found["acme/free"].eligible
