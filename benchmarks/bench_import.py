"""Importing the Dagster code location, against a bare `import dagster`, each in a fresh process.

Dagster imports it anew in every process that serves the UI, the daemon and each run.
"""

import statistics
import subprocess
import sys
import time

ROUNDS = 7
TARGET = 2.5


def seconds(statement: str) -> float:
    """Median time of a process that runs `statement`."""
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    nothing = seconds("pass")
    bare = seconds("import dagster") - nothing
    ours = seconds("import arena_pipeline.definitions") - nothing
    loaded = (
        seconds("import arena_pipeline.definitions as d; d.defs().get_repository_def()") - nothing
    )
    print(f"import dagster                      {bare:.2f} s")
    print(f"import arena_pipeline.definitions   {ours:.2f} s   {ours / bare:.2f} (target {TARGET})")
    print(f"and with all definitions loaded     {loaded:.2f} s   {loaded / bare:.2f}")


if __name__ == "__main__":
    main()
