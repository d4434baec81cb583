"""The operational database: tables, engine, transactions, migrations. The only place that builds an
engine.
"""

from arena_pipeline.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
