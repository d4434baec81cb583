"""Names for the tests of exports, and reading what was published."""

import json
from pathlib import Path
from typing import Any

HOSTILE = '=HYPERLINK("http://evil.example")|<script>\n`x`'


def read(path: Path) -> Any:
    """A JSON file's value."""
    return json.loads(path.read_text(encoding="utf-8"))
