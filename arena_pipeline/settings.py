"""Every setting of the arena, and the only place that reads the environment.

A value comes from `ARENA_<NAME>` in the environment, else from `arena.toml` in the working
directory, else from the default here. Each field's description is what `arena settings` and the
README show.
"""

import difflib
import os
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from arena_pipeline.cron import check_cron
from arena_pipeline.errors import ArenaError
from arena_pipeline.masking import mask_secrets

PREFIX = "ARENA_"
TOML_FILE = Path("arena.toml")
PROJECT_ROOT = Path(__file__).resolve().parent.parent

Source = Literal["environment", "arena.toml", "default"]


class BadSettings(ArenaError):
    """A setting that can't be used, by name, with what is wrong."""


class Settings(BaseSettings):
    """All settings, checked. Build it with `Settings.load()`, which turns mistakes into one
    sentence.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, toml_file=TOML_FILE, extra="forbid", frozen=True, env_ignore_empty=True
    )

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
    budget: Decimal = Field(
        Decimal(0), ge=0, description="USD that may be spent in all. 0: only free models and bots."
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
        10, ge=1, description="Most placements the sensor starts in one tick."
    )
    match_concurrency: int = Field(
        8, ge=1, le=10_000, description="Matches one process plays at once."
    )
    turn_timeout_s: float = Field(120.0, gt=0, description="Seconds a player may take for a turn.")
    lease_s: float = Field(
        120.0, gt=0, description="Seconds after which work of a dead process may be taken over."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then `arena.toml`."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @field_validator("catalog_cron", "league_cron")
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

    @classmethod
    def load(cls, **values: object) -> Self:
        """Read and check all settings; `values` win over environment and file.

        Raises BadSettings naming each setting that can't be used.
        """
        try:
            return cls(**values)  # type: ignore[arg-type]
        except ValidationError as error:
            raise BadSettings(_explain(error)) from error
        except (OSError, ValueError) as error:
            raise BadSettings(f"Can't read {TOML_FILE}: {error}") from error

    @cached_property
    def root(self) -> Path:
        """The data folder, absolute."""
        return self.data_dir.expanduser().resolve()

    @property
    def replay_dir(self) -> Path:
        """Where replays lie."""
        return self.root / "replays"

    @property
    def catalog_dir(self) -> Path:
        """Where fetched catalogs lie."""
        return self.root / "catalog"

    @property
    def export_dir(self) -> Path:
        """Where leaderboards are published as files."""
        return self.root / "exports"

    @property
    def dagster_home(self) -> Path:
        """DAGSTER_HOME of this arena."""
        return self.root / "dagster"

    @property
    def models_path(self) -> Path:
        """The models file: as named, or the project's own when the default is not in the working
        directory.
        """
        if "models_file" in self.model_fields_set or self.models_file.exists():
            return self.models_file.expanduser().resolve()
        return PROJECT_ROOT / self.models_file

    @property
    def sample_catalog(self) -> Path:
        """The small catalog that ships with the project, for first runs without a network."""
        return PROJECT_ROOT / "data" / "sample_catalog.json"

    @property
    def store_url(self) -> str:
        """Address of the store, password included: not for showing."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.root / 'arena.sqlite3'}"

    @property
    def dagster_storage_url(self) -> str | None:
        """Address of Dagster's PostgreSQL storage; None where Dagster keeps SQLite files in
        `dagster_home`.
        """
        if self.dagster_database_url is not None:
            return self.dagster_database_url.get_secret_value()
        return self.store_url if self.store_url.startswith("postgres") else None

    def sources(self) -> dict[str, Source]:
        """For each setting, where its value came from."""
        in_toml = TomlConfigSettingsSource(type(self))().keys()
        environment = {key.upper() for key, value in os.environ.items() if value}

        def source(name: str) -> Source:
            if PREFIX + name.upper() in environment:
                return "environment"
            return "arena.toml" if name in in_toml else "default"

        return {name: source(name) for name in type(self).model_fields}

    def shown(self) -> dict[str, object]:
        """Each setting's value fit for showing: passwords are masked, an unset address says what it
        resolves to.
        """
        values: dict[str, object] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                value = mask_secrets(value.get_secret_value())
            elif name == "catalog_url":
                value = mask_secrets(value)
            values[name] = str(value) if isinstance(value, Path) else value
        return values


def key_is_set(variable: str) -> bool:
    """Whether the environment holds a key under this name; the key itself is never shown."""
    return bool(os.environ.get(variable))


def child_environment(settings: Settings, **extra: str) -> dict[str, str]:
    """The environment for a child process (Dagster, its code server) that has to see the same
    settings.
    """
    return {
        **os.environ,
        **_as_environment(settings),
        "DAGSTER_HOME": str(settings.dagster_home),
        **extra,
    }


def _as_environment(settings: Settings) -> Mapping[str, str]:
    given = {name for name, source in settings.sources().items() if source != "default"}
    values = {}
    for name in given | settings.model_fields_set:
        value = getattr(settings, name)
        if value is not None:
            values[PREFIX + name.upper()] = (
                value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            )
    return {
        **values,
        PREFIX + "DATA_DIR": str(settings.root),
        PREFIX + "MODELS_FILE": str(settings.models_path),
    }


def _explain(error: ValidationError) -> str:
    sentences = []
    for problem in error.errors(include_url=False, include_input=False):
        key = "_".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, Settings.model_fields, n=1)
            hint = f"did you mean {near[0]}?" if near else "arena settings lists them all"
            sentences.append(f"{TOML_FILE}: {key} is no setting; {hint}")
        else:
            what = problem["msg"].removeprefix("Value error, ")
            variable = PREFIX + key.upper()
            where = variable if variable in os.environ else f"{TOML_FILE}: {key}"
            sentences.append(f"{where}: {what}")
    return "; ".join(sentences)
