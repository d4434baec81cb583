"""A wrong clock for real processes: libfaketime, told by a file that may change while they run."""

from pathlib import Path

LIBRARIES = (
    *Path("/usr/lib").glob("*/faketime/libfaketime.so.1"),
    *Path("/usr/lib/faketime").glob("libfaketime.so.1"),
)
"""Where Debian's package `faketime` puts it."""


class Clock:
    """The clock of processes that were started with `environment`; ours stays right.

    Only what people call the time is moved: how long something takes is measured by another clock,
    which never jumps on a real machine either.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set("+0")

    def set(self, offset: str) -> None:
        """Put the clock forward or back from the right time: `+0`, `-1h`, `-2d`."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{offset}\n", encoding="ascii")
        beside.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to see this clock; all that it starts see it too."""
        return {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
