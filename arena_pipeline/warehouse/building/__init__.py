"""How the warehouse is made: what changed in the store, reading it, files, the DuckDB file.

`warehouse.build` puts these steps together; nobody else calls them.
"""
