"""The process that reads a store by ADBC and passes on what it reads as Arrow streams.

A process of its own because the SQLite driver brings its own copy of SQLite: two copies in one
process undo each other's file locks. Started by path by `store.arrow`, it imports nothing of ours.

On its standard input come JSON lines: first `driver`, `uri` and the statements that `begin` the one
transaction, then one `sql` a line. Each is answered on its standard output by `S`, an Arrow stream
and `.`, or by `E`, four bytes of length and a message; `E` may also stand in place of `.`. It ends
with its input.
"""

import importlib
import json
import sys
from typing import Any, BinaryIO

PIPE_BYTES = 1 << 20
"""Asked of the system for the pipe, so that reading and what is done with it go side by side."""


def main() -> None:
    """Answer line after line."""
    out = open(1, "wb", buffering=0, closefd=False)  # noqa: SIM115 - kept to the end
    _widen(out)
    statement = None
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            if statement is None:
                statement = _begin(request)
                out.write(b".")
            else:
                _answer(statement, request["sql"], out)
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side tells it
            message = str(error).encode()
            out.write(b"E" + len(message).to_bytes(4, "big") + message)


def _begin(request: dict[str, Any]) -> Any:
    # The drivers' DB-API modules would import pandas, which takes longer than a small table.
    from adbc_driver_manager import AdbcConnection, AdbcStatement

    driver = importlib.import_module(f"adbc_driver_{request['driver']}")
    statement = AdbcStatement(AdbcConnection(driver.connect(request["uri"])))
    for begin in request["begin"]:
        for _ in _stream(statement, begin):
            """Read to its end, or it would still be under way when the next one begins."""
    statement.set_options(**request["options"])
    return statement


def _answer(statement: Any, sql: str, out: BinaryIO) -> None:
    import pyarrow as pa

    reader = _stream(statement, sql)
    out.write(b"S")
    with pa.ipc.new_stream(out, reader.schema) as stream:
        for batch in reader:
            stream.write_batch(batch)
    out.write(b".")


def _stream(statement: Any, sql: str) -> Any:
    import pyarrow as pa

    statement.set_sql_query(sql)
    stream, _ = statement.execute_query()
    return pa.RecordBatchReader._import_from_c(stream.address)


def _widen(out: BinaryIO) -> None:
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        except OSError:
            return  # the system allows less


if __name__ == "__main__":
    main()
