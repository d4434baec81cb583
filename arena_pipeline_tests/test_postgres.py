"""The test server itself: it copies databases and leaves nothing behind when its holder dies."""

import signal
import subprocess
import sys

import psycopg
import pytest

from arena_pipeline_tests.postgres import Cluster, Mode

HOLDER = """
import signal
from arena_pipeline_tests.postgres import Cluster
with Cluster() as cluster:
    print(cluster.create_database(), flush=True)
    signal.pause()
"""


def test_a_database_made_from_a_template_has_its_tables(postgres_cluster: Cluster) -> None:
    template = postgres_cluster.create_database()
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE marks (mark int)")

    copy = postgres_cluster.create_database(template)

    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM marks").fetchone() == (0,)


def test_a_dropped_database_is_gone_even_with_someone_connected(postgres_cluster: Cluster) -> None:
    url = postgres_cluster.create_database()
    with psycopg.connect(url) as still_connected:
        postgres_cluster.drop_database(url)

        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(url)
        with pytest.raises(psycopg.OperationalError):
            still_connected.execute("SELECT 1")


@pytest.mark.parametrize("killer", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_server_whose_holder_dies_is_stopped_and_removed(killer: signal.Signals) -> None:
    # The watcher inherits the holder's output, so that its end tells when everything is cleared.
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as holder:
        assert holder.stdout is not None
        url = holder.stdout.readline().strip()
        psycopg.connect(url).close()

        holder.send_signal(killer)
        holder.stdout.read()

    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(url)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_durable_server_started_again_is_where_it_was_with_all_that_was_committed(
    mode: Mode,
) -> None:
    with Cluster(durable=True) as cluster:
        url = cluster.create_database()
        with psycopg.connect(url, autocommit=True) as still_connected:
            still_connected.execute("CREATE TABLE marks (mark int)")
            still_connected.execute("INSERT INTO marks VALUES (7)")

            cluster.restart(mode)

            with pytest.raises(psycopg.OperationalError):
                still_connected.execute("SELECT 1")
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT mark FROM marks").fetchall() == [(7,)]
