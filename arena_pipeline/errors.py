"""Errors of this system: one root, one child per part, each message a sentence a person can act on.

What belongs here: classes that several packages raise or catch. An error only one module knows
lives in that module and still derives from `ArenaError`, so that the command line and Dagster can
show it without a traceback.
"""


class ArenaError(Exception):
    """Root of everything this system refuses or can't do, in words meant for its user."""


class StoreError(ArenaError):
    """The store can't be opened, migrated or written."""


class NoArenaYet(StoreError):
    """There is no store where the settings say, or it is empty; nothing is wrong with it."""


class RecordingError(ArenaError):
    """A match can't be recorded as given; nothing of it was written."""


class ReplayError(ArenaError):
    """A replay is missing, damaged, or says something else than the store."""


class NotFound(ArenaError):
    """A name that nothing in the store answers to."""
