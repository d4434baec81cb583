"""Ctrl-C while DuckDB is at work."""

import duckdb  # noqa: TID253 - its errors are under test
import pytest

from arena_pipeline.warehouse.errors import WarehouseError, interruptible


@pytest.mark.parametrize(
    "raised",
    [
        RuntimeError("Query interrupted"),
        duckdb.InvalidInputException("Python exception: ... KeyboardInterrupt"),
        WarehouseError("reading failed: KeyboardInterrupt"),
    ],
)
def test_what_ctrl_c_became_is_an_interrupt_again(raised: Exception) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        raise raised


@pytest.mark.parametrize("raised", [RuntimeError("bad"), WarehouseError("bad")])
def test_other_errors_stay_what_they_are(raised: Exception) -> None:
    with pytest.raises(type(raised), match="bad"), interruptible():
        raise raised


def test_an_interrupt_within_duckdb_s_reading_is_one() -> None:
    def interrupted(_: int) -> int:
        raise KeyboardInterrupt

    with duckdb.connect() as connection:
        connection.create_function("stop", interrupted, ["BIGINT"], "BIGINT")
        with pytest.raises(KeyboardInterrupt), interruptible():
            connection.execute("SELECT stop(1)").fetchall()
