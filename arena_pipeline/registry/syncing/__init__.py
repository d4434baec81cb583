"""Taking catalogs over into the store: where one comes from, whether it is believed, what it
changes.

Begin with `sync`. Reading a catalog is in `catalog`.
"""
