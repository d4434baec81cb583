"""Builds that are killed, meet each other, meet readers, and find things in their folder."""

import fcntl
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.building.files import KEPT_BUILDS, Layout
from arena_pipeline.warehouse.errors import WarehouseError
from arena_pipeline.warehouse.manifest import MANIFEST, read_manifest
from arena_pipeline.warehouse.opening import connect
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.warehouse.stocked import MONTHS, files_of, record

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"])
"""For what happens to files alone: the database makes no difference to it."""

KILLED_AT = (
    ("step", 1),
    ("step", 30),
    ("os.rename", 2),
    ("os.rename", 3),
    ("os.rename", 4),
    ("shutil.rmtree", 3),
)
"""While tables are read, before each of the renamings of publishing,
before an old build is removed.
"""


def start(settings: Settings, url: str, *moment: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "arena_pipeline_tests.warehouse.builder"),
            *(str(settings.root), url, *map(str, moment)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )


def matches_in(settings: Settings) -> int:
    with connect(settings) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM matches").fetchall()
        return int(count)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@ON_SQLITE
def test_a_build_killed_at_any_moment_leaves_a_whole_warehouse(
    stocked: Store, arena_settings: Settings, store_url: str
) -> None:
    layout = Layout(arena_settings.warehouse_dir)
    build(stocked, arena_settings)
    build(stocked, arena_settings)
    known = 12
    for moment in KILLED_AT:
        record(stocked, arena_settings, known, known + 1, [MONTHS[2]])
        killed = start(arena_settings, store_url, *moment)
        killed.communicate()

        assert killed.returncode == -signal.SIGKILL, moment
        assert matches_in(arena_settings) in (known, known + 1), moment
        assert matches_of(layout) in (known, known + 1), moment
        known += 1
        build(stocked, arena_settings)
        assert matches_in(arena_settings) == matches_of(layout) == known, moment

    after = build(stocked, arena_settings)
    rows = matches_in(arena_settings)
    whole = build(stocked, arena_settings, full=True)

    assert (after.kind, rows) == ("incremental", known)
    assert files_of(after.parquet) == files_of(whole.parquet)
    assert names_in(layout.root) == {"arena.duckdb", "parquet", "builds", ".lock"}
    assert len(names_in(layout.builds)) == KEPT_BUILDS
    assert names_in(layout.build(whole.id)) == {"parquet", "database.json"}


def matches_of(layout: Layout) -> int:
    return read_manifest(layout.parquet).rows()["matches"]


def test_a_killed_first_build_leaves_nothing_that_could_be_opened(
    stocked: Store, arena_settings: Settings, store_url: str
) -> None:
    start(arena_settings, store_url, "step", 25).communicate()

    with pytest.raises(WarehouseError, match=r"There is no warehouse .*; run: arena warehouse"):
        connect(arena_settings)
    assert build(stocked, arena_settings).tables["matches"] == 12
    assert len(names_in(arena_settings.warehouse_dir / "builds")) == 1


@ON_SQLITE
def test_a_second_build_waits_for_the_first(
    stocked: Store, arena_settings: Settings, store_url: str
) -> None:
    layout = Layout(arena_settings.warehouse_dir)
    layout.builds.mkdir(parents=True)
    with (layout.root / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        both = [start(arena_settings, store_url) for _ in range(2)]
        told = [[one.stdout.readline() for _ in range(2)] for one in both if one.stdout]
        assert not layout.database.exists()
    names = [one.communicate()[0].strip() for one in both]

    assert told == [["ready\n", "waiting\n"]] * 2
    assert names_in(layout.builds) == set(names)
    assert matches_in(arena_settings) == 12


@ON_SQLITE
def test_a_reader_keeps_what_it_has_open(stocked: Store, arena_settings: Settings) -> None:
    build(stocked, arena_settings)
    with connect(arena_settings) as reader:
        before = reader.execute("SELECT * FROM matches ORDER BY id").fetchall()
        for seed in (12, 13, 14):
            record(stocked, arena_settings, seed, seed + 1)
            build(stocked, arena_settings)

        assert reader.execute("SELECT * FROM matches ORDER BY id").fetchall() == before
        assert matches_in(arena_settings) == 15


@ON_SQLITE
def test_a_stale_log_is_not_played_into_the_new_file(
    stocked: Store, arena_settings: Settings
) -> None:
    built = build(stocked, arena_settings)
    wal = built.path.with_name("arena.duckdb.wal")
    wal.write_bytes(b"what a shell left")

    build(stocked, arena_settings)

    assert not wal.exists()
    assert matches_in(arena_settings) == 12


@ON_SQLITE
@pytest.mark.parametrize("spoiled", ["cut short", "gone", "written to"])
def test_a_spoiled_file_is_made_anew(
    stocked: Store, arena_settings: Settings, spoiled: str
) -> None:
    path = build(stocked, arena_settings).path
    if spoiled == "gone":
        path.unlink()
    elif spoiled == "written to":
        import duckdb

        with duckdb.connect(str(path)) as connection:
            connection.execute("DELETE FROM matches")
    else:
        path.write_bytes(path.read_bytes()[:5000])

    built = build(stocked, arena_settings)

    assert built.notes == ("arena.duckdb was missing or altered and is made anew from Parquet",)
    assert (built.kind, built.rebuilt, matches_in(arena_settings)) == ("incremental", 0, 12)


@ON_SQLITE
def test_a_file_of_the_build_before_that_is_gone_is_read_anew(
    stocked: Store, arena_settings: Settings
) -> None:
    parquet = build(stocked, arena_settings).parquet
    victim = next(parquet.glob("matches/*/part-0.parquet"))
    victim.write_bytes(b"")

    built = build(stocked, arena_settings)

    assert (built.rebuilt, matches_in(arena_settings)) == (1, 12)
    assert "was missing or altered and is built anew" in built.notes[0]


@ON_SQLITE
@pytest.mark.parametrize("garbage", [b"{}", b"\xff\xfe"])
def test_a_manifest_that_is_none_leads_to_a_full_build(
    stocked: Store, arena_settings: Settings, garbage: bytes
) -> None:
    parquet = build(stocked, arena_settings).parquet
    (parquet / MANIFEST).write_bytes(garbage)

    built = build(stocked, arena_settings)

    assert built.kind == "full"
    assert built.notes[0].startswith("Built in full: ")


@ON_SQLITE
def test_what_else_lies_in_the_folder_stays(stocked: Store, arena_settings: Settings) -> None:
    layout = Layout(arena_settings.warehouse_dir)
    (layout.builds / "mine.partial").mkdir(parents=True)
    (layout.builds / "notes.txt").write_text("mine")
    (layout.root / "copy.duckdb").write_text("mine")

    for _ in range(KEPT_BUILDS + 1):
        build(stocked, arena_settings)

    assert {"mine.partial", "notes.txt"} < names_in(layout.builds)
    assert len(names_in(layout.builds)) == KEPT_BUILDS + 2
    assert (layout.root / "copy.duckdb").read_text() == "mine"


@ON_SQLITE
@pytest.mark.parametrize("name", ["parquet", "arena.duckdb"])
def test_a_folder_in_the_way_is_named_and_left_alone(
    stocked: Store, arena_settings: Settings, name: str
) -> None:
    place = arena_settings.warehouse_dir / name
    place.mkdir(parents=True)
    (place / "mine").write_text("mine")

    with pytest.raises(WarehouseError, match=f"{name} is in the way"):
        build(stocked, arena_settings)

    assert (place / "mine").read_text() == "mine"


@ON_SQLITE
def test_a_link_that_leads_elsewhere_is_not_followed(
    stocked: Store, arena_settings: Settings, tmp_path: Path
) -> None:
    layout = Layout(arena_settings.warehouse_dir)
    elsewhere = tmp_path / "elsewhere" / "parquet"
    elsewhere.mkdir(parents=True)
    layout.root.mkdir()
    layout.parquet.symlink_to(elsewhere)

    built = build(stocked, arena_settings)

    assert (built.kind, names_in(elsewhere)) == ("full", set())
    assert layout.current() == layout.build(built.id)


def test_a_data_folder_may_have_any_name(sqlite_template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "it's [a] *folder* ü"
    folder.mkdir()
    (folder / "arena.sqlite3").write_bytes(sqlite_template.read_bytes())
    settings = Settings.load(data_dir=folder)
    store = open_store(settings.store_url)

    build(store, settings)
    build(store, settings)

    assert matches_in(settings) == 0
    store.close()


def test_a_folder_s_name_is_no_pattern_for_others(sqlite_template: Path, tmp_path: Path) -> None:
    for name in ("a*", "ab", "a[b]"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "arena.sqlite3").write_bytes(sqlite_template.read_bytes())
        settings = Settings.load(data_dir=folder)
        with closing(open_store(settings.store_url)) as store:
            add_agents(store, f"of {name}")
            build(store, settings)

    for name in ("a*", "a[b]"):
        settings = Settings.load(data_dir=tmp_path / name)
        with closing(open_store(settings.store_url)) as store:
            build(store, settings, full=True)
        with connect(settings) as connection:
            aliases = connection.execute("SELECT alias FROM agents").fetchall()
        assert aliases == [(f"of {name}",)]


@ON_SQLITE
def test_a_warehouse_that_can_t_be_opened_is_a_sentence(
    stocked: Store, arena_settings: Settings
) -> None:
    build(stocked, arena_settings).path.write_bytes(b"garbage" * 1000)

    with pytest.raises(WarehouseError, match=r"can't be opened .* arena warehouse --full"):
        connect(arena_settings)
