"""A whole store taken elsewhere: copied into another database, compared by digests, kept as a file
before a migration.

What belongs here: rows as they cross from one database to the other. Backups, with replays and
files, are `operations.backup`; who asked for a copy is `operations.copying`.
"""

from arena_pipeline.store.copying.digests import TableDigest, store_digest, store_digests
from arena_pipeline.store.copying.stores import Copied, check_target, copy_store

__all__ = [
    "Copied",
    "TableDigest",
    "check_target",
    "copy_store",
    "store_digest",
    "store_digests",
]
