"""What every test shares: a clean environment, the test PostgreSQL server, the shared data.

Fixtures of one package's tests live in a conftest beside them.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from arena_pipeline_tests.postgres import Cluster

HERE = Path(__file__).resolve().parent

SHARED_DATA = Path(os.environ.get("ARENA_SHARED_DATA") or HERE.parent.parent / "shared" / "data")
"""Read before the environment is cleared below."""

# A busy machine is slow now and then; a test is too slow when its time-out says so.
settings.register_profile("arena", deadline=None)
settings.load_profile("arena")

SECRETS = ("OPENROUTER_API_KEY",)


def pytest_configure(config: pytest.Config) -> None:
    """Load the fixtures that have a module of their own, and let processes hear Ctrl-C.

    Not `pytest_plugins`: pytest refuses that in a conftest below the folder it is started in.
    A run that a script started in the background ignores Ctrl-C, and so would all it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.import_plugin("arena_pipeline_tests.store_fixtures")


@pytest.fixture(scope="session", autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No setting or key of the person running the tests reaches them, and nothing phones home.

    Dagster's telemetry has no switch but the dagster.yaml of its home.
    """
    home = tmp_path_factory.mktemp("dagster_home")
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.startswith("ARENA_") or name in SECRETS:
                patch.delenv(name)
        patch.setenv("DAGSTER_HOME", str(home))
        yield


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server for the whole session; ask it for a database of your own."""
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data from other systems, which is not part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no shared data at {SHARED_DATA} (set ARENA_SHARED_DATA)")
    return SHARED_DATA


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that reads the shared data says so, or the count at the end would lie."""
    unmarked = [
        item.nodeid
        for item in items
        if "shared_data" in getattr(item, "fixturenames", ())
        and item.get_closest_marker("shared") is None
    ]
    if unmarked:
        raise pytest.UsageError(
            "These tests read shared_data and lack @pytest.mark.shared:\n  " + "\n  ".join(unmarked)
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many of the tests on shared data ran, since without it they vanish quietly."""
    ran, skipped = (
        len(
            {
                report.nodeid
                for outcome in outcomes
                for report in terminalreporter.stats.get(outcome, [])
                if "shared" in getattr(report, "keywords", ())
            }
        )
        for outcomes in (("passed", "failed", "error", "xfailed", "xpassed"), ("skipped",))
    )
    terminalreporter.write_line(f"shared data: {ran} tests ran, {skipped} skipped")
