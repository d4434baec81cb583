"""Tests of matches that may start, or not yet."""
