"""What can be set: each setting's name, type, default and description, and what makes it wrong.

Where values come from is in `values`. The descriptions are what `arena settings` and the README
show.
"""

from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from arena_pipeline.cron import check_cron


class Fields(BaseSettings):
    """All settings as fields; use `Settings`, which reads them."""

    data_dir: Path = Field(Path("data"), description="Folder for everything that must last.")
    database_url: SecretStr | None = Field(
        None,
        description="Store: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DB. "
        "Unset: SQLite in the data folder.",
    )
    dagster_database_url: SecretStr | None = Field(
        None,
        description="Dagster's own storage (postgresql://...). Unset: the store's database if that "
        "is PostgreSQL, else SQLite in the data folder.",
    )
    models_file: Path = Field(
        Path("data/models.yaml"),
        description="YAML file that declares bots and agents, whatever the data folder is.",
    )
    import_dir: Path | None = Field(
        None,
        description="Folder with SnakeBench's history, which the asset imported_history takes in. "
        "Unset: it does nothing.",
    )
    import_models: Path | None = Field(
        None,
        description="SnakeBench's model_list.yaml, which says whose the names of that history are. "
        "Unset: names are found without it.",
    )
    catalog_url: str = Field(
        "https://openrouter.ai/api/v1/models", description="Address of the model catalog."
    )
    catalog_timeout_s: float = Field(
        30.0, gt=0, description="Seconds a whole catalog download may take."
    )
    catalog_max_mb: float = Field(
        50.0, gt=0, description="Largest catalog accepted, in megabytes after decompression."
    )
    catalog_retries: int = Field(
        2, ge=0, le=10, description="How often a failed catalog download is tried again."
    )
    catalog_max_drop: float = Field(
        0.25,
        ge=0,
        le=1,
        description="Share of the known models a catalog may lack before it is refused.",
    )
    price_flip_days: float = Field(
        7.0, ge=0, description="Days within which a price that goes back is shown as a flip."
    )
    catalog_cron: str = Field("0 6 * * *", description="When the daily catalog sync runs (cron).")
    wanted_variants: str = Field(
        "free, thinking", description="Variants (vendor/model:VARIANT) that may be evaluated."
    )
    min_context: int = Field(
        4000, ge=1, description="Tokens of context a model needs to be evaluated."
    )
    expiring_days: float = Field(
        7.0, ge=0, description="Models that the catalog removes within so many days are left out."
    )
    match_budget: Decimal = Field(
        Decimal("0.50"), ge=0, description="Most USD a match of one model may be expected to cost."
    )
    evaluation_budget: Decimal = Field(
        Decimal(5), ge=0, description="Most USD that one placement may cost."
    )
    budget: Decimal = Field(
        Decimal(0), ge=0, description="USD that may be spent in all. 0: only free models and bots."
    )
    activate_under: Decimal | None = Field(
        None,
        ge=0,
        description="Eligible models that a match is expected to cost no more USD than this of are "
        "made active by themselves. Unset: only somebody makes models active.",
    )
    catalog_gateway: str = Field(
        "openrouter", description="Gateway at which the models of the catalog are called."
    )
    prompts_dir: Path | None = Field(
        None,
        description="Folder with prompts of your own (*.md). Unset: prompts in the data folder.",
    )
    call_timeout_s: float = Field(
        120.0, gt=0, description="Seconds one call to a language model may take."
    )
    call_attempts: int = Field(
        4, ge=1, le=20, description="How often one question is sent at most, failed calls included."
    )
    retry_wait_s: float = Field(
        60.0,
        ge=0,
        description="Longest wait that is sat out within a turn; a longer one pauses the match.",
    )
    store_payloads: bool = Field(
        True, description="Whether requests and answers of calls are kept in the replays."
    )
    circuit_failures: int = Field(
        5, ge=1, description="Failed calls in a row after which a model or gateway is left alone."
    )
    circuit_open_s: float = Field(
        60.0,
        gt=0,
        description="Seconds it is left alone at first; each time in a row twice as long.",
    )
    free_calls_per_minute: int = Field(
        20, ge=1, description="Most calls to free models in a minute, per gateway with a key."
    )
    free_calls_per_day: int = Field(
        50, ge=0, description="Most calls to free models in a day (UTC), per gateway with a key."
    )
    void_after_hours: float = Field(
        72.0, gt=0, description="Hours after which a match that stands still is void."
    )
    time_zone: str = Field("UTC", description="Time zone of the schedules.")
    host: str = Field("127.0.0.1", description="Address the Dagster UI binds to.")
    port: int = Field(3000, ge=1, le=65535, description="Port of the Dagster UI.")
    league_matches: int = Field(
        60, ge=0, description="Matches a league run plays when no number is given."
    )
    league_cron: str = Field(
        "0 * * * *",
        description="When the league plays by itself, once its schedule is switched on (cron).",
    )
    placement_matches: int = Field(10, ge=1, description="Matches of a placement.")
    sensor_interval_s: int = Field(
        30, ge=1, description="Seconds between two looks of the sensors."
    )
    placements_per_tick: int = Field(
        10, ge=1, description="Most runs the sensor starts in one tick."
    )
    placements_per_run: int = Field(
        8, ge=1, le=200, description="Most agents that one run places side by side."
    )
    placement_backoff_s: float = Field(
        3600.0,
        gt=0,
        description="Seconds until a failed placement is tried again; each time twice as long.",
    )
    match_concurrency: int = Field(
        8, ge=1, le=10_000, description="Matches one process plays at once."
    )
    turn_timeout_s: float = Field(
        300.0,
        gt=0,
        description="Seconds a player may take for a turn, all calls for it included.",
    )
    lease_s: float = Field(
        120.0,
        gt=0,
        le=3600,
        description="Seconds after which work of a dead process may be taken over.",
    )
    warehouse_memory_mb: int = Field(
        1000, ge=100, description="Memory DuckDB may take to build the warehouse, in megabytes."
    )
    backup_cron: str = Field(
        "30 3 * * *",
        description="When a backup is made by itself, once its schedule is switched on (cron).",
    )
    backup_dir: Path | None = Field(
        None,
        description="Folder for backups made by themselves. Unset: in the data folder.",
    )
    backup_keep: int = Field(
        14, ge=1, description="How many of the backups made by themselves are kept."
    )
    purge_cron: str = Field(
        "0 5 * * 0",
        description="When old records are purged, once that schedule is switched on (cron).",
    )
    purge_runs_days: float = Field(
        30.0, ge=1, description="Days after which Dagster's runs, events and ticks may be purged."
    )
    purge_calls_days: float = Field(
        90.0,
        ge=1,
        description="Days after which payloads of calls may move from the store to Parquet.",
    )
    notify_url: SecretStr | None = Field(
        None,
        description="Address that notices (failed run, refused catalog, failed check, exhausted "
        "budget) are posted to as JSON. Unset: none are sent.",
    )
    notify_timeout_s: float = Field(
        5.0, gt=0, le=60, description="Seconds one delivery of a notice may take."
    )
    notify_attempts: int = Field(
        8, ge=1, le=20, description="How often a notice is tried before it is given up."
    )
    log_format: Literal["pretty", "json"] = Field(
        "pretty", description="How log lines look: pretty or json."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least weight of the log lines that are written."
    )

    @field_validator("catalog_cron", "league_cron", "backup_cron", "purge_cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        return check_cron(value)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(
                f"no time zone named {value!r}; write it like Europe/Berlin"
            ) from error
        return value
