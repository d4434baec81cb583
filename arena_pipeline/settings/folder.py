"""What a data folder fixes of itself: `settings.json` in it, written by `arena practice`, so that
every command that names the folder works with the same settings.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from arena_pipeline.errors import ArenaError

FOLDER_FILE = Path("settings.json")
"""Its place in the data folder."""


class BadSettings(ArenaError):
    """A setting that can't be used, by name, with what is wrong."""


def fix_settings(folder: Path, values: Mapping[str, object]) -> None:
    """Write what a folder fixes, so that no reader sees half of it; a second time replaces it.

    Secrets do not belong here. Raises OSError where the folder can't be written.
    """
    beside = folder / f"{FOLDER_FILE}.{os.getpid()}.part"
    beside.write_text(json.dumps(values, indent=1, default=str) + "\n", encoding="utf-8")
    beside.replace(folder / FOLDER_FILE)


def fixed_settings(folder: Path) -> dict[str, Any]:
    """What a folder fixes; nothing where it has no such file.

    Raises BadSettings if it can't be read or is no JSON object.
    """
    path = folder / FOLDER_FILE
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise BadSettings(f"Can't read {path}: {error}") from error
    if not isinstance(read, dict):
        raise BadSettings(f"{path} should hold one JSON object of names and values")
    return read


class FolderSource(PydanticBaseSettingsSource):
    """What the data folder fixes. Which folder that is, the other sources say: the first wins."""

    def __init__(
        self, settings_cls: type[BaseSettings], others: tuple[PydanticBaseSettingsSource, ...]
    ) -> None:
        super().__init__(settings_cls)
        self._others = others

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """One value of the file, as pydantic asks for it."""
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """The values of the file. Raises BadSettings."""
        default = self.settings_cls.model_fields["data_dir"].default
        named = (source().get("data_dir") for source in self._others)
        folder = Path(next((one for one in named if one is not None), default))
        return fixed_settings(folder.expanduser())
