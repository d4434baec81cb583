"""An arena that runs itself: models play games, and every number can be traced to its matches.

The house and the way of the data are in docs/architecture.md. This package imports nothing itself;
`open_arena` is fetched when somebody asks for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["__version__", "open_arena"]

if TYPE_CHECKING:
    from arena_pipeline.frames import open_arena
else:

    def __getattr__(name: str) -> object:
        if name != "open_arena":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return import_module("arena_pipeline.frames").open_arena

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
