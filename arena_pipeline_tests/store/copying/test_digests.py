"""Digests: the same for the same values, however a database writes them, and for no others."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text, update

from arena_pipeline.errors import StoreError
from arena_pipeline.store import Store
from arena_pipeline.store.copying import store_digest, store_digests
from arena_pipeline.store.copying.digests import canonical_json
from arena_pipeline.store.engine import normalise_url
from arena_pipeline.store.tables import Kind, Match, StandingDay
from arena_pipeline.store.types import clean_json
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.postgres import Cluster

ALIKE = [
    ('{"a":1.0,"b":[2.50]}', '{"b": [2.5], "a": 1}'),
    ("1e300", "1" + "0" * 300),
    ("1e-07", "0.0000001"),
    ("-0.0", "0"),
    ('"\\u00e9\\ud83c\\udca1"', '"é🂡"'),
    ('{"a": 1, "a": 2}', '{"a": 2}'),
    ("[ ]", "[]"),
]
DIFFERENT = [
    ("1", '"1"'),
    ("null", '"null"'),
    (str(2**53), str(2**53 + 1)),
    ("0.1", "0.10000000000000001"),
    ("[1,2]", "[2,1]"),
    ("true", "1"),
    ("[]", "{}"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_json_that_means_the_same_is_alike(one: str, other: str) -> None:
    assert canonical_json(one) == canonical_json(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_json_that_means_something_else_is_not(one: str, other: str) -> None:
    assert canonical_json(one) != canonical_json(other)


@pytest.mark.parametrize("value", ["NaN", "{", "", None])
def test_what_is_no_json_stays_as_it_is(value: str | None) -> None:
    assert canonical_json(value) == value


DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def test_json_is_alike_on_its_way_through_postgresql(postgres_cluster: Cluster) -> None:
    engine = create_engine(normalise_url(postgres_cluster.create_database()))

    @settings(max_examples=60)
    @given(DOCUMENTS)
    def law(document: Any) -> None:
        written = json.dumps(clean_json(document))
        query = text("SELECT CAST(CAST(:written AS jsonb) AS text)")
        assert canonical_json(connection.scalar(query, {"written": written})) == canonical_json(
            written
        )

    with engine.connect() as connection:
        law()
    engine.dispose()


def test_a_digest_is_that_of_lines_of_json(store: Store) -> None:
    with store.write() as connection:
        rows = [("é", 'a "b"', False), ("Z", "z", True)]
        connection.execute(
            store.insert(Kind),
            [{"name": name, "title": title, "enabled": on} for name, title, on in rows],
        )
    lines = '["kinds","name","title","enabled"]\n["Z","z",1]\n["é","a \\"b\\"",0]\n'

    found = store_digests(store)["kinds"]

    assert found == (2, hashlib.sha256(lines.encode()).hexdigest())


def test_both_databases_have_the_same_digests(filled_stores: dict[str, Store]) -> None:
    tables = ("models", "model_prices", "spend", "prompts", "standing_days", "participants")

    sqlite, postgresql = (store_digests(store) for store in filled_stores.values())

    assert [sqlite[name] for name in tables] == [postgresql[name] for name in tables]
    assert all(sqlite[name].rows for name in tables)


def test_a_changed_value_changes_the_digest_of_its_table(own_store: Store) -> None:
    before = store_digests(own_store)

    with own_store.write() as connection:
        connection.execute(update(Match).where(Match.id == 1).values(rounds=Match.rounds + 1))

    after = store_digests(own_store)
    assert [name for name in after if after[name] != before[name]] == ["matches"]
    assert store_digest(after) != store_digest(before)


def test_zero_has_no_sign(own_store: Store) -> None:
    def digest_with(elo: float) -> object:
        with own_store.write() as connection:
            connection.execute(update(StandingDay).values(elo=elo))
        return store_digests(own_store)["standing_days"]

    assert digest_with(-0.0) == digest_with(0.0) != digest_with(5e-324)


def test_progress_ends_at_all_rows(filled_store: Store) -> None:
    told: list[tuple[int, int]] = []

    found = store_digests(filled_store, lambda done, total: told.append((done, total)))

    rows = sum(table.rows for table in found.values())
    assert told[-1] == (rows, rows)


def test_a_writer_is_not_waited_for(store: Store) -> None:
    before = store_digests(store)

    with store.write() as connection:
        connection.execute(store.insert(Kind), [{"name": "bot", "title": "Bot"}])
        assert store_digests(store) == before


def test_the_order_of_tables_does_not_matter_to_the_whole(store: Store) -> None:
    add_agents(store, "anna")
    found = store_digests(store)

    assert store_digest(dict(reversed(found.items()))) == store_digest(found)


def test_a_store_that_was_never_migrated_has_none(empty_store: Store) -> None:
    with pytest.raises(StoreError, match="is empty"):
        store_digests(empty_store)
