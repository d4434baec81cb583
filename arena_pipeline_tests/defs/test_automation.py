import dagster as dg
import pytest
from dagster._core.definitions.asset_daemon_cursor import AssetDaemonCursor

TAIL = {
    "matches", "participants", "elo_ratings", "leaderboard", "exports", "standing_days",
    "warehouse",
}  # fmt: skip


class Look:
    """The automation sensor, looking again and again."""

    def __init__(self, definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
        self.definitions, self.instance = definitions, instance
        self.cursor: AssetDaemonCursor | None = None

    def __call__(self) -> set[str]:
        """What it asks for this time."""
        result = dg.evaluate_automation_conditions(
            defs=self.definitions,
            instance=self.instance,
            asset_selection=dg.AssetSelection.all(),
            cursor=self.cursor,
        )
        self.cursor = result.cursor
        return {
            asset.to_user_string()
            for asset in self.definitions.resolve_asset_graph().get_all_asset_keys()
            if result.get_num_requested(asset)
        }


@pytest.fixture
def look(definitions: dg.Definitions, instance: dg.DagsterInstance) -> Look:
    look = Look(definitions, instance)
    look()
    return look


def materialized(instance: dg.DagsterInstance, asset: str, partition: str | None = None) -> None:
    if partition is not None:
        instance.add_dynamic_partitions("agents", [partition])
    instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=partition))


def test_a_quiet_arena_is_left_alone(look: Look) -> None:
    assert look() == set()


def test_one_agents_placement_refreshes_everything_behind_it_once(
    look: Look, instance: dg.DagsterInstance
) -> None:
    instance.add_dynamic_partitions("agents", ["nobody has placed this one"])
    materialized(instance, "placement_matches", "greedy")

    assert look() == TAIL
    assert look() == set()


def test_the_league_refreshes_everything_behind_it(
    look: Look, instance: dg.DagsterInstance
) -> None:
    materialized(instance, "league_matches")

    assert look() == TAIL


def test_placements_between_two_looks_make_one_refresh(
    look: Look, instance: dg.DagsterInstance
) -> None:
    for agent in ("greedy", "random", "flood"):
        materialized(instance, "placement_matches", agent)

    assert look() == TAIL
    assert look() == set()


def test_what_was_refreshed_since_by_somebody_is_not_refreshed_again(
    look: Look, instance: dg.DagsterInstance
) -> None:
    materialized(instance, "placement_matches", "greedy")
    for asset in TAIL:
        materialized(instance, asset)

    assert look() == set()


def test_new_agents_in_the_registry_refresh_nothing_but_the_warehouse(
    look: Look, instance: dg.DagsterInstance
) -> None:
    for asset in ("models", "agents", "evaluation_queue"):
        materialized(instance, asset)

    assert look() == {"warehouse"}
    assert look() == set()
