"""The warehouse at a million matches: full build, refresh of a thousand new ones, memory, reading.

    python benchmarks/bench_warehouse.py [--postgres] [--matches 1000000] [--keep FOLDER]

The store is generated in bulk (300 agents, 24 months). Each build runs in a process of its own, so
that its memory is its own; reading as Arrow is compared with the bare ADBC driver in the same run.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import duckdb
import psycopg
from sqlalchemy import select

from arena_pipeline.importers.snakebench.ladder import ensure_ladder_as_published
from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.arrow import arrow_view
from arena_pipeline.store.migrate import migrate
from arena_pipeline.store.tables import Base
from arena_pipeline.warehouse.building.months import rows_of
from arena_pipeline.warehouse.opening import connect
from arena_pipeline.warehouse.tables import TABLES
from arena_pipeline_tests.postgres import Cluster
from arena_pipeline_tests.warehouse import asked

AGENTS = 300
MODELS = 100
MONTHS = 24
NEW = 1000
FULL_SECONDS, REFRESH_SECONDS, MOST_MB, READ_RATIO = 20.0, 2.0, 1500, 0.70
QUESTIONS_SECONDS = 3.0
READ_TABLES = ("matches", "participants", "rating_events")
BLOCK = 20_000

AGENT_OF = f"((n * 7919 + slot * (1 + n % 299)) % {AGENTS})"
"""Two different agents for the seats of match `n`."""

MOMENT = "TIMESTAMP '2024-12-01 00:00:00' + to_microseconds(CAST(n AS BIGINT) * {step})"
SEATS = "(SELECT n, unnest([0, 1]) AS slot FROM numbers)"

GENERATED = {
    "models": (
        (
            "id, slug, source, display_name, vendor, version, is_active, access, price_prompt, "
            "price_completion, details, discovered_at"
        ),
        (
            f"SELECT m, 'vendor-' || m % 12 || '/model-' || m, 'openrouter', 'Model ' || m, "
            "'vendor-' || m % 12, 1, true, 'auto', (m % 40 / 8.0)::VARCHAR, (m % "
            "50 / 2.0)::VARCHAR, "
            f"'{{}}', TIMESTAMP '2024-11-01' FROM range(1, {MODELS + 1}) t(m)"
        ),
    ),
    "kinds": ("name, title, enabled", "SELECT unnest(['llm', 'bench']), 'Kind', true"),
    "agents": (
        (
            "id, alias, kind, model_id, model_version, settings, version, "
            "is_default, active, source, "
            "config_digest, created_at"
        ),
        (
            "SELECT a + 1, 'agent-' || a, 'bench', a % 100 + 1, 1, '{}', 1, false, true, 'yaml', "
            f"sha256(a::VARCHAR), TIMESTAMP '2024-11-01' FROM range({AGENTS}) t(a)"
        ),
    ),
    "matches": (
        (
            "id, uuid, config_id, purpose, state, seed, rule_version, started_at, "
            "ended_at, rounds, "
            "ended_by, total_score, replay_path, replay_digest, crashed, revision, info"
        ),
        (
            "SELECT n + 1, uuid(), 1, 'league', 'finished', n, '2025-12-11', {moment}, {moment}, "
            "20 + n % 80, 'last_alive', n % 13, strftime({moment}, '%Y/%m/%d/') || "
            "md5(n::VARCHAR) || "
            "'.replay.zst', sha256(n::VARCHAR), false, 0, '{{}}' FROM numbers"
        ),
    ),
    "participants": (
        (
            "match_id, slot, agent_id, model_id, name, score, reward, result, "
            "placement, death_round, "
            "death_reason, agent_faults, gateway_faults, faults, metrics"
        ),
        (
            f"SELECT n + 1, slot, {AGENT_OF} + 1, {AGENT_OF} % 100 + 1, 'agent-' || {AGENT_OF}, "
            "(n + slot) % 13 / 2, CASE (n + slot) % 2 WHEN 0 THEN 1 ELSE -1 END, "
            "CASE (n + slot) % 2 WHEN 0 THEN 'won' ELSE 'lost' END, 1 + (n + slot) % 2, "
            "CASE (n + slot) % 2 WHEN 0 THEN NULL ELSE 20 + n % 80 END, "
            "CASE (n + slot) % 2 WHEN 0 THEN NULL ELSE 'wall' END, 0, 0, '{{}}', "
            "'{{\"length\": 3}}' "
            f"FROM {SEATS}"
        ),
    ),
    "ladder_matches": (
        "ladder_id, epoch, match_id, sequence, position, digest, ended_at",
        "SELECT 1, 1, n + 1, n + 1, n + 1, sha256('link' || n), {moment} FROM numbers",
    ),
    "rating_events": (
        'ladder_id, epoch, sequence, competitor, system, "before", "after"',
        (
            f"SELECT 1, 1, n + 1, 'agent-' || {AGENT_OF}, 'elo', 1500 + sin(n) * 300, "
            f"1500 + sin(n + 1) * 300 FROM {SEATS}"
        ),
    ),
}
DERIVED = (
    (
        "INSERT INTO standings (ladder_id, competitor, agent_id, elo, matches, wins, losses, ties, "
        "score_total) SELECT 1, name, min(agent_id), 1500 + min(agent_id), count(*), "
        "sum(CASE result WHEN 'won' THEN 1 ELSE 0 END), sum(CASE result WHEN "
        "'won' THEN 0 ELSE 1 END),"
        " 0, sum(score) FROM participants GROUP BY name"
    ),
    (
        "UPDATE ladders SET next_sequence = (SELECT count(*) + 1 FROM matches), "
        "next_position = (SELECT count(*) + 1 FROM matches), chain_head = 'head', "
        "competitor = 'agent' WHERE id = 1"
    ),
)


def generate(store: Store, first: int, last: int, matches: int) -> None:
    """Rows of matches `first` to `last` of `matches`, in bulk; everything else with the first."""
    generator = duckdb.connect()
    generator.execute("SET TimeZone = 'UTC'")
    generator.execute(f"CREATE TABLE numbers AS SELECT n FROM range({first}, {last}) t(n)")
    moment = MOMENT.format(step=int(MONTHS * 30.4 * 86_400 * 1e6) // matches)
    for name, (columns, statement) in GENERATED.items():
        is_small = name in ("models", "kinds", "agents")
        if is_small and first > 0:
            continue
        rows = generator.execute(statement if is_small else statement.format(moment=moment))
        put(store, name, columns, rows)
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM standings")
        for statement in DERIVED:
            connection.exec_driver_sql(statement)
    if store.is_sqlite:
        connection = sqlite3.connect(str(store.engine.url.database))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    else:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def put(store: Store, table: str, columns: str, rows: duckdb.DuckDBPyConnection) -> None:
    width = columns.count(",") + 1
    if store.is_sqlite:
        connection = sqlite3.connect(str(store.engine.url.database), isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        insert = f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * width)})"
        while block := rows.fetchmany(BLOCK):
            connection.executemany(insert, (tuple(map(plain, row)) for row in block))
        connection.execute("COMMIT")
        connection.close()
        return
    url = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        while block := rows.fetchmany(BLOCK):
            for row in block:
                copy.write_row(row)


def plain(value: object) -> object:
    """A value as SQLite gets it from the arena."""
    if isinstance(value, int | float | str) or value is None:
        return value
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if hasattr(value, "strftime") else str(value)


BUILD = """
import json, resource, sys
from arena_pipeline.settings import Settings
from arena_pipeline.store import open_store
from arena_pipeline.warehouse.build import build
folder, url, kind = sys.argv[1:]
settings = Settings.load(data_dir=folder, **({"database_url": url} if url else {}))
built = build(open_store(settings.store_url), settings, full=kind == "full")
peak = sum(
    resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
)
said = (built.seconds, peak / 1024, built.rebuilt, built.kept, built.bytes, built.kind, built.notes)
print(json.dumps(said))
"""
"""Peak memory is that of the build and of the process that reads the store, together."""


def built(settings: Settings, kind: str) -> tuple[float, float]:
    """Seconds and peak megabytes of a build in a process of its own."""
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(settings.root), url, kind],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds, peak, rebuilt, kept, size, made, notes = json.loads(done.stdout)
    print(f"    ({made}: {rebuilt} months of tables read, {kept} taken over, {size / 1e6:.0f} MB)")
    for note in notes:
        print(f"    {note}")
    return seconds, peak


def reading(store: Store) -> None:
    """Rows per second of our Arrow reading against the bare driver, table by table."""
    for name in READ_TABLES:
        statement = rows_of(store, TABLES[name], None, {})
        with arrow_view(store) as view:
            sql = view.sql(statement)
            view.stream(select(Base.metadata.tables["kinds"].c.name)).read_all()
            began = time.perf_counter()
            rows = sum(batch.num_rows for batch in view.stream(statement))
            ours = time.perf_counter() - began
        began = time.perf_counter()
        bare = bare_read(store, sql)
        seconds = time.perf_counter() - began
        assert bare - int(store.is_sqlite) == rows
        print(
            f"reading {name:<14} {rows / ours:>10,.0f} rows/s, bare ADBC {rows / seconds:>10,.0f}"
            f"   {seconds / ours:.2f} (target {READ_RATIO})"
        )


def bare_read(store: Store, sql: str) -> int:
    if store.is_sqlite:
        from adbc_driver_sqlite.dbapi import connect

        connection = connect(str(store.engine.url.database))
    else:
        from adbc_driver_postgresql.dbapi import connect

        url = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return sum(batch.num_rows for batch in cursor.fetch_record_batch())


def questions(settings: Settings) -> None:
    """Seconds of all questions of docs/questions.md together, and of the slowest."""
    seconds = {}
    with connect(settings) as connection:
        for one in asked.questions():
            began = time.perf_counter()
            connection.execute(one.sql).fetchall()
            seconds[one.title] = time.perf_counter() - began
    slowest = max(seconds, key=lambda title: seconds[title])
    print(
        f"{len(seconds)} questions   {sum(seconds.values()):6.2f} s (target {QUESTIONS_SECONDS}), "
        f"slowest {seconds[slowest]:.2f} s: {slowest}"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--postgres", action="store_true")
    arguments.add_argument("--matches", type=int, default=1_000_000)
    arguments.add_argument("--keep", type=Path, help="folder for the arena, kept afterwards")
    given = arguments.parse_args()
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        values: dict[str, object] = {"data_dir": folder}
        if given.postgres:
            values["database_url"] = stack.enter_context(Cluster()).create_database()
        settings = Settings.load(**values)
        store = open_store(settings.store_url)
        migrate(store)
        ensure_defaults(store)
        ensure_ladder_as_published(store)
        began = time.perf_counter()
        generate(store, 0, given.matches, given.matches)
        print(f"generated {given.matches:,} matches in {time.perf_counter() - began:.0f} s")
        reading(store)
        seconds, peak = built(settings, "full")
        print(f"full build      {seconds:6.1f} s (target {FULL_SECONDS}), {peak:,.0f} MB")
        store.engine.dispose()
        generate(store, given.matches, given.matches + NEW, given.matches)
        seconds, peak = built(settings, "")
        print(f"{NEW} new ones  {seconds:6.2f} s (target {REFRESH_SECONDS}), {peak:,.0f} MB")
        print(f"most memory allowed: {MOST_MB} MB")
        questions(settings)
        store.close()


if __name__ == "__main__":
    main()
