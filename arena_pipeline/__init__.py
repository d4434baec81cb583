"""An arena that runs itself: models play games, and every number can be traced to its matches.

The house and the way of the data are in docs/architecture.md; this package imports nothing itself.
"""

__version__ = "0.1.0"
