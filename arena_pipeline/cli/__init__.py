"""The `arena` command: a thin face over the domain packages.

What belongs here: reading arguments, showing results as tables or JSON, exit codes. No SQL and no
arithmetic; each command calls one function of the domain. Nothing slow is imported before a command
needs it, so that `arena --help` answers at once.
"""

from arena_pipeline.cli.entry import main

__all__ = ["main"]
