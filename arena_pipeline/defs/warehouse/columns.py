"""The columns of all tables of the warehouse, as Dagster shows them."""

import dagster as dg

from arena_pipeline.warehouse.tables import TABLES


def warehouse_columns() -> list[dg.TableColumn]:
    """Every column as `table.column`, with its type and meaning."""
    return [
        dg.TableColumn(f"{table.name}.{column.name}", column.type, description=column.comment)
        for table in TABLES.values()
        for column in table.columns
    ]
