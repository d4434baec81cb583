"""Purging: what grows without end and no rating needs is moved away or deleted, when told to.

What belongs here: payloads of old calls (`calls`, `archive`), old files of ours (`files`), and how
the findings are told (`lots`). Dagster's own growth is purged in `defs.operations`, since only
there Dagster may be imported. Never touched: matches, seats, places, rating events, standings,
replays, catalogs.
"""
