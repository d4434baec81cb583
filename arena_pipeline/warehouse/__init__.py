"""Where people ask questions: the store's rows as Parquet and as one DuckDB file.

The only place that imports DuckDB. It reads the store and never writes to it; what it builds can be
thrown away and built again.
"""
