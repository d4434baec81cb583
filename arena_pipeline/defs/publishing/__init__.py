"""Leaderboard and exports: what the world sees."""
