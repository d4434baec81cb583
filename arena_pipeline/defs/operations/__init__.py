"""Operating an arena in Dagster: backups, notices, purging, standings by day."""
