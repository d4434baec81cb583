"""Every setting of the arena, and the only place that reads the environment.

What can be set is in `fields`, where a value comes from in `values`, what a data folder fixes of
itself in `folder`, what child processes get in `environment`.
"""

from arena_pipeline.settings.environment import (
    child_environment,
    key_is_set,
    secret_values,
    value_of,
)
from arena_pipeline.settings.folder import FOLDER_FILE, BadSettings, fix_settings
from arena_pipeline.settings.values import (
    PREFIX,
    PROJECT_ROOT,
    TOML_FILE,
    Settings,
    Source,
)

__all__ = [
    "FOLDER_FILE",
    "PREFIX",
    "PROJECT_ROOT",
    "TOML_FILE",
    "BadSettings",
    "Settings",
    "Source",
    "child_environment",
    "fix_settings",
    "key_is_set",
    "secret_values",
    "value_of",
]
