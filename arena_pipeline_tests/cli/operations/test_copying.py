"""`arena store digest`, `arena store copy`."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from arena_pipeline.store import Store, open_store
from arena_pipeline.store.copying import store_digest, store_digests
from arena_pipeline.store.migrate import downgrade
from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.postgres import Cluster


@pytest.fixture
def server_url(postgres_cluster: Cluster) -> Iterator[str]:
    """An empty database on a server."""
    url = postgres_cluster.create_database()
    yield url
    postgres_cluster.drop_database(url)


def test_digests_are_the_store_s(arena: Arena, played_store: Store) -> None:
    shown = arena("store", "digest", "--json").document

    found = store_digests(played_store)
    assert shown["digest"] == store_digest(found)
    assert shown["tables"] == {name: one._asdict() for name, one in found.items()}


def test_store_alone_shows_the_digests(arena: Arena, played_store: Store) -> None:
    out = arena("store").out

    assert out == arena("store", "digest").out
    for name, found in store_digests(played_store).items():
        assert [name, str(found.rows), found.sha256[:12]] in [
            line.split() for line in out.splitlines()
        ]


def test_a_copy_to_a_server_and_back_has_the_same_digests(
    arena: Arena,
    played_dir: Path,
    server_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = arena("store", "copy", server_url, "--reason", "moving", "--json").document
    board = arena("leaderboard", "--json").document
    monkeypatch.setenv("ARENA_DATABASE_URL", server_url)

    assert arena("store", "digest", "--json").document["digest"] == there["digest"]
    assert arena("leaderboard", "--json").document == board
    back = arena("store", "copy", f"sqlite:///{tmp_path / 'back.sqlite3'}", "--json").document
    assert back["digest"] == arena("store", "digest", "--json").document["digest"]
    assert [act["action"] for act in arena("audit", "--json").document["audit"]] == ["copy"] * 2


def test_a_copy_says_what_to_set_and_never_the_password(
    arena: Arena, played_dir: Path, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPY_TO", server_url)
    password = server_url.split(":")[2].partition("@")[0]

    ran = arena("store", "copy", "--to-env", "COPY_TO")

    masked = server_url.replace(password, "***")
    assert ran.code == 0
    assert f"ARENA_DATABASE_URL={masked}" in ran.out.splitlines()
    assert f"stay in {played_dir}" in " ".join(ran.out.split())
    assert password not in ran.out + ran.err + arena("audit", "--json").out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "copy needs the URL of an empty database, or --to-env VARIABLE"),
        (("sqlite:///a", "--to-env", "B"), 2, "copy needs the URL of an empty database"),
        (("--to-env", "NOT_THERE"), 2, "the environment holds nothing under NOT_THERE"),
        (("mysql://me:secret@host/arena",), 1, "URL names 'mysql'; use sqlite:///..."),
        (("sqlite:////nowhere/arena.sqlite3",), 1, "folder of the store /nowhere/arena.sqlite3"),
    ],
)
def test_a_target_that_is_none_is_one_sentence(
    arena: Arena, played_dir: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    ran = arena("store", "copy", *words)

    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)
    assert told in ran.err
    assert "secret" not in ran.err


def test_a_file_that_is_no_database_is_one_sentence(
    arena: Arena, played_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("these are notes and no database " * 50)

    ran = arena("store", "copy", f"sqlite:///{tmp_path / 'notes.txt'}")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "file is not a database" in ran.err


def test_a_command_that_migrates_says_where_the_store_is_kept(
    arena: Arena, played_dir: Path
) -> None:
    with closing(open_store(f"sqlite:///{played_dir / 'arena.sqlite3'}")) as store:
        downgrade(store, "0003")

    ran = arena("league", "--matches", "1", "--json")

    [kept] = (played_dir / "backups").iterdir()
    assert ran.code == 0
    assert str(kept) in ran.err
