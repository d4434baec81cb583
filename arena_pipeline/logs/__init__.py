"""Log lines: one for each act worth knowing, pretty or as JSON, never with a secret.

How a module writes one and where they go is in `writing`, how they look in `looks`.
"""

from arena_pipeline.logs.writing import Logger, configure, logger

__all__ = ["Logger", "configure", "logger"]
