"""Tests of the registry, on real databases and with real processes."""
