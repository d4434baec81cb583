"""Opening the warehouse to ask it."""

from typing import TYPE_CHECKING

from arena_pipeline.settings import Settings
from arena_pipeline.warehouse.building.files import Layout
from arena_pipeline.warehouse.columns import literal
from arena_pipeline.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    import duckdb

NAME = "arena"
"""What the warehouse is called within a connection; its tables need no prefix."""


def connect(settings: Settings) -> "duckdb.DuckDBPyConnection":
    """A connection that reads the newest warehouse and can't write to it; times are shown in UTC.

    It keeps the file it opened: connect again to see a newer build. Raises WarehouseError when
    there is no warehouse, or it can't be read.
    """
    import duckdb

    path = Layout(settings.warehouse_dir).database
    if not path.is_file():
        raise WarehouseError(f"There is no warehouse in {path.parent} yet; run: arena warehouse")
    # Attached rather than opened: a process that opens a path twice gets what it opened first,
    # though another file lies there by now.
    connection = duckdb.connect(":memory:")
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH {literal(str(path))} AS {NAME} (READ_ONLY)")
        connection.execute(f"USE {NAME}")
    except duckdb.Error as error:
        connection.close()
        said = str(error).strip().partition("\n")[0]
        raise WarehouseError(
            f"The warehouse {path} can't be opened ({said}); if no other program writes to it, "
            "build it anew: arena warehouse --full"
        ) from error
    return connection
