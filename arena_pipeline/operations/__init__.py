"""Keeping an arena running: backups, notices, purging what is old.

What belongs here works on the arena as a whole. That a single match or rating is right is the
business of `matches` and `leaderboard`; what is wrong right now is told by `doctor`.
"""
