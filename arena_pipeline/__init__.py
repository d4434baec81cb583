"""An arena that runs itself: models play games, and every number on the leaderboard can be traced to its matches.

The house and the way of the data are told in docs/architecture.md; this package imports nothing by itself.
"""

__version__ = "0.1.0"
