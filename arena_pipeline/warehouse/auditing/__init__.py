"""Checking published Parquet without the store: ratings and chain computed again, from the files
alone, and the place where they part from what is published.

`folder` knows the files, `reading` asks them through DuckDB, `ladder` goes through one ladder, and
`report` holds what was found.
"""

from arena_pipeline.warehouse.auditing.audit import audit
from arena_pipeline.warehouse.auditing.report import Audit, AuditError, LadderAudit, Parting

__all__ = ["Audit", "AuditError", "LadderAudit", "Parting", "audit"]
