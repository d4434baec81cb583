"""Comparing the warehouse with the store and with itself: whether it is behind, and whether every
row is where it should be.

That ratings are what the published matches give is checked by `warehouse.auditing`.
"""

from arena_pipeline.warehouse.checking.check import behind, check
from arena_pipeline.warehouse.checking.comparison import WarehouseCheck

__all__ = ["WarehouseCheck", "behind", "check"]
