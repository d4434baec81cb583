"""Reading the settings: arguments, then what the data folder fixes, then `ARENA_<NAME>` in the
environment, then `arena.toml` in the working directory, then the default; and the places that
follow from them.
"""

import difflib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from arena_pipeline.masking import mask_path, mask_secrets
from arena_pipeline.settings.fields import Fields
from arena_pipeline.settings.folder import FOLDER_FILE, BadSettings, FolderSource, fixed_settings

PREFIX = "ARENA_"
TOML_FILE = Path("arena.toml")
PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent

Source = Literal["data folder", "environment", "arena.toml", "default"]


class Settings(Fields):
    """All settings, checked. Build it with `Settings.load()`, which turns mistakes into one
    sentence.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, toml_file=TOML_FILE, extra="forbid", frozen=True, env_ignore_empty=True
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
        """Arguments, then the data folder's own, then the environment, then `arena.toml`."""
        outer = (env_settings, TomlConfigSettingsSource(settings_cls))
        return init_settings, FolderSource(settings_cls, (init_settings, *outer)), *outer

    @classmethod
    def load(cls, **values: object) -> Self:
        """Read and check all settings; `values` win over environment and file.

        Raises BadSettings naming each setting that can't be used.
        """
        try:
            return cls(**values)  # type: ignore[arg-type]
        except ValidationError as error:
            raise BadSettings(_explain(error, _fixed(cls, values))) from error
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
    def warehouse_dir(self) -> Path:
        """Where the DuckDB warehouse and its Parquet files lie."""
        return self.root / "warehouse"

    @property
    def archive_dir(self) -> Path:
        """Where payloads of calls lie that were purged from the store."""
        return self.root / "archive"

    @property
    def backups(self) -> Path:
        """Where backups go that are made by themselves."""
        return (self.backup_dir or self.root / "backups").expanduser().resolve()

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
    def history_dir(self) -> Path | None:
        """The folder with SnakeBench's history, absolute; None: there is none."""
        return None if self.import_dir is None else self.import_dir.expanduser().resolve()

    @property
    def history_models(self) -> Path | None:
        """SnakeBench's list of models, absolute; None: there is none."""
        return None if self.import_models is None else self.import_models.expanduser().resolve()

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
        in_folder = fixed_settings(self.root).keys()
        in_toml = TomlConfigSettingsSource(type(self))().keys()
        environment = {key.upper() for key, value in os.environ.items() if value}

        def source(name: str) -> Source:
            if name in in_folder:
                return "data folder"
            if PREFIX + name.upper() in environment:
                return "environment"
            return "arena.toml" if name in in_toml else "default"

        return {name: source(name) for name in type(self).model_fields}

    def shown(self) -> dict[str, object]:
        """Each setting's value fit for showing: passwords are masked, and all but the host of the
        notices' address, whose path is a secret.
        """
        values: dict[str, object] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                mask = mask_path if name == "notify_url" else mask_secrets
                value = mask(value.get_secret_value())
            elif name == "catalog_url":
                value = mask_secrets(value)
            values[name] = str(value) if isinstance(value, Path) else value
        return values


def _fixed(settings: type[BaseSettings], values: Mapping[str, object]) -> frozenset[str]:
    """The names that the data folder fixes."""
    others = (
        InitSettingsSource(settings, dict(values)),
        EnvSettingsSource(settings),
        TomlConfigSettingsSource(settings),
    )
    return frozenset(FolderSource(settings, others)())


def _explain(error: ValidationError, fixed: frozenset[str]) -> str:
    sentences = []
    for problem in error.errors(include_url=False, include_input=False):
        key = "_".join(str(part) for part in problem["loc"])
        file = f"{FOLDER_FILE} of the data folder" if key in fixed else TOML_FILE
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, Settings.model_fields, n=1)
            hint = f"did you mean {near[0]}?" if near else "arena settings lists them all"
            sentences.append(f"{file}: {key} is no setting; {hint}")
        else:
            what = problem["msg"].removeprefix("Value error, ")
            variable = PREFIX + key.upper()
            in_environment = key not in fixed and variable in os.environ
            where = variable if in_environment else f"{file}: {key}"
            sentences.append(f"{where}: {what}")
    return "; ".join(sentences)
