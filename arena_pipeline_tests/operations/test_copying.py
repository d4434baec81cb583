"""Copying an arena's store: noted, and never onto itself."""

import logging
from contextlib import closing
from pathlib import Path

import pytest

from arena_pipeline.errors import StoreError
from arena_pipeline.operations.copying import copy_arena
from arena_pipeline.registry.acts.audit import By, audit
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.copying import store_digests
from arena_pipeline.store.migrate import migrate
from arena_pipeline_tests.agents import add_agents

BY = By.of("anna", "to the server")


def test_both_stores_tell_of_the_copy_and_are_alike(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="arena_pipeline")
    url = f"sqlite:///{tmp_path / 'copy.sqlite3'}"

    done = copy_arena(store, url, BY)

    with closing(open_store(url)) as target:
        assert store_digests(store) == store_digests(target) == done.tables
        [act] = audit(target)
    assert (act.actor, act.action, act.subject_kind, act.subject, act.reason) == (
        "anna",
        "copy",
        "store",
        url,
        "to the server",
    )
    assert act.before == {"address": store.address}
    assert caplog.messages == ["store copied"]


def test_a_store_is_not_copied_onto_itself(store: Store) -> None:
    url = store.engine.url.render_as_string(hide_password=False)

    with pytest.raises(StoreError, match="The target is the store itself"):
        copy_arena(store, url, BY)

    assert audit(store) == ()


def test_a_refused_copy_is_not_noted(store: Store, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'copy.sqlite3'}"
    with closing(open_store(url)) as target:
        migrate(target)
        add_agents(target, "mine")

    with pytest.raises(StoreError, match="not empty"):
        copy_arena(store, url, BY)

    assert audit(store) == ()


def test_an_address_that_is_none_is_told_by_its_name(store: Store) -> None:
    with pytest.raises(StoreError, match="COPY_TO is no database address") as refusal:
        copy_arena(store, "nonsense:secret", BY, named="COPY_TO")

    assert "secret" not in str(refusal.value)
