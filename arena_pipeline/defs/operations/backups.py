"""A backup made by itself each day: off until somebody switches it on in the UI."""

import dagster as dg

from arena_pipeline.defs.defaults import ON_DEMAND, OWNERS
from arena_pipeline.defs.looks import NOTICE, table
from arena_pipeline.defs.ownership import owner_of
from arena_pipeline.defs.progress import reporter
from arena_pipeline.defs.resources import Arena
from arena_pipeline.settings import Settings


@dg.asset(
    group_name="operations",
    kinds={"python", "file"},
    owners=OWNERS,
    freshness_policy=ON_DEMAND,
    pool="backup",
    description="Everything the arena must not lose - store, replays, catalogs, models file - as "
    "one archive in the folder for backups, made while everything runs. The oldest of those made "
    "by themselves go; a backup that fails removes none. arena restore FILE is the way back. "
    "Dagster's own records are not part of it.",
)
def backup(arena: Arena) -> dg.MaterializeResult[None]:
    """Make the backup."""
    from arena_pipeline.operations.backup import make_own_backup

    report = reporter("backup")
    with arena.open() as store:
        kept = make_own_backup(
            store,
            arena.settings,
            owner_of(arena.settings.dagster_home),
            progress=lambda done, total: report(done, total or done),
        )
    manifest = kept.made.manifest
    wrong = (
        [f"{manifest.left_out} files could not be taken along"] if manifest.left_out else []
    ) + [f"an old backup could not be removed: {one}" for one in kept.failed]
    return dg.MaterializeResult(
        metadata={
            **({NOTICE: f"Backup {kept.made.file}: {'; '.join(wrong)}"} if wrong else {}),
            "file": dg.MetadataValue.path(str(kept.made.file)),
            "bytes": kept.made.bytes,
            "matches": manifest.store.matches,
            "files": sum(manifest.members.values()),
            "left out": manifest.left_out,
            "what was left out": table(
                ("file", "why"), [(one.name, one.why) for one in manifest.named]
            ),
            "older ones removed": len(kept.pruned),
        }
    )


backup_job = dg.define_asset_job(
    "daily_backup",
    selection=dg.AssetSelection.assets(backup),
    description="One backup, then the oldest ones removed.",
)


@dg.definitions
def schedules() -> dg.Definitions:
    """The asset, and `daily_backup` at the time the settings say."""
    settings = Settings.load()
    return dg.Definitions(
        assets=[backup],
        jobs=[backup_job],
        schedules=[
            dg.ScheduleDefinition(
                name="daily_backup",
                job=backup_job,
                cron_schedule=settings.backup_cron,
                execution_timezone=settings.time_zone,
                default_status=dg.DefaultScheduleStatus.STOPPED,
                description="Makes a backup (ARENA_BACKUP_CRON, ARENA_BACKUP_DIR, "
                "ARENA_BACKUP_KEEP).",
            )
        ],
    )
