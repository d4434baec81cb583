"""Dagster only: assets, checks, sensors, schedules and their one resource, a folder per domain.

Everything here is thin: it calls one function of a domain package and shows what came back. No SQL,
no arithmetic, no decisions. To add an asset, put a module with it into the folder of its domain; it
is found by itself. Heavy libraries are imported inside functions: every run loads this anew.
"""
