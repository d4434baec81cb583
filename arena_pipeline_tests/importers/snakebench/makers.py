"""Small files in every layout SnakeBench ever wrote, made from matches our own engine played.

`play` plays a match (`made_matches`); one function per layout writes it down as that layout would
(`made_rounds`, `made_frames`). `make_v0`, `make_v1` and `make_header` do both at once.
"""

import json
from typing import Any

from arena_pipeline_tests.importers.snakebench.made_frames import (
    double_shifted,
    shifted,
    v1_costs,
    v1_migrated,
    v1_native,
)
from arena_pipeline_tests.importers.snakebench.made_matches import (
    LAYOUTS,
    STARTS,
    V0,
    V1,
    Played,
    new_id,
    play,
    play_with_respawn,
)
from arena_pipeline_tests.importers.snakebench.made_rounds import (
    header,
    header_line,
    v0a,
    v0b_native,
    v0b_rewritten,
    v0c,
    v0d,
    with_leading_move,
)

__all__ = [
    "LAYOUTS", "STARTS", "V0", "V1", "WRITERS", "Played", "double_shifted", "header",
    "header_line", "make", "make_header", "make_v0", "make_v1", "new_id", "play",
    "play_with_respawn", "shifted", "v0a", "v0b_native", "v0b_rewritten", "v0c", "v0d",
    "v1_costs", "v1_migrated", "v1_native", "with_leading_move", "written",
]  # fmt: skip

WRITERS = {
    "v0a": v0a,
    "v0b_rewritten": v0b_rewritten,
    "v0b_native": v0b_native,
    "v0c": v0c,
    "v0d": v0d,
    "v1_migrated": v1_migrated,
    "v1_costs": v1_costs,
    "v1_native": v1_native,
    "header": header_line,
}


def written(document: Any, *, indent: int | None = 2, crlf: bool = False) -> bytes:
    """A document as SnakeBench writes it."""
    content = json.dumps(document, indent=indent).encode()
    return content.replace(b"\n", b"\r\n") if crlf else content


def make(layout: str, number: int = 0, *, crlf: bool = False, **how: Any) -> bytes:
    """Match `number` in a layout; `how` goes to `play`."""
    played = play(number, **{"start": STARTS[layout], **how})
    return written(WRITERS[layout](played), indent=None if layout == "header" else 2, crlf=crlf)


def make_v0(number: int = 0, *, layout: str = "v0b_native", **how: Any) -> bytes:
    """Match `number` as a v0 file."""
    return make(layout, number, **how)


def make_v1(number: int = 0, *, layout: str = "v1_native", **how: Any) -> bytes:
    """Match `number` as a v1 file."""
    return make(layout, number, **how)


def make_header(number: int = 0, **how: Any) -> bytes:
    """Match `number` as a line of headers, without a line end."""
    return make("header", number, **how)
