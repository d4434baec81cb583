"""`make practice` without the UI: from an empty folder to a newcomer's place on the ladder."""

import json
import os
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from arena_pipeline_tests.drills.arenas import ARENA
from arena_pipeline_tests.postgres import Cluster


@pytest.mark.soak
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_newcomer_finds_its_place_and_both_ledgers_agree(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    """Shows what a newcomer sees of it: models placed, a new one appearing, its place and price."""
    environment = {**os.environ, "ARENA_DATA_DIR": str(tmp_path)}
    if database == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        environment["ARENA_DATABASE_URL"] = cluster.create_database()

    ran = subprocess.run(
        [*ARENA, "practice", "--no-serve", "--json", "--latency", "0.02"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    places = {row["competitor"]: row for row in told["ladder"]}
    newcomer = places["practice/newcomer"]
    assert told["placements"]["practice/newcomer"] == {"state": "ranked", "error": None}
    assert newcomer["matches"] >= 3
    assert Decimal(newcomer["cost"]) > 0
    billed, assumed = (Decimal(told["spent"][name]) for name in ("billed", "assumed"))
    assert billed <= Decimal(told["server"]["cost"]) <= billed + assumed
