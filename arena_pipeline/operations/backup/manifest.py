r"""What is in a backup's archive, in which order, and what the archive says of itself.

| member | content |
|---|---|
| `FORMAT` | `arena-backup 1\n` |
| `store.sqlite3.zst` | the whole store as a SQLite file, whatever database it is in, under zstd |
| `models.yaml` | the models file that was in use |
| `catalog/...` | fetched catalogs, refused ones too, that the store names |
| `archive/...` | payloads that were purged from the store |
| `replays/...` | replays that the store names, each checked against the digest there |
| `SHA256SUMS` | digest and name of each member before it, as `sha256sum -c` reads it |
| `manifest.json` | `Manifest`, with the digest of `SHA256SUMS` and its own |

Members of one folder are ascending by name. The manifest is written last, so that an archive that
was cut short has none. There are no secrets in it: neither settings nor keys.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

FORMAT, VERSION = "arena-backup", 1

FORMAT_NAME = "FORMAT"
STORE_NAME = "store.sqlite3.zst"
MODELS_NAME = "models.yaml"
SUMS_NAME = "SHA256SUMS"
MANIFEST_NAME = "manifest.json"
FOLDERS = ("catalog", "archive", "replays")
"""Folders of the archive, in their order."""

ORDER = (FORMAT_NAME, STORE_NAME, MODELS_NAME, *FOLDERS, SUMS_NAME, MANIFEST_NAME)
"""Members and folders in their order."""

MOST_NAMED = 1000
"""Left out files that a manifest names; others are counted."""

LARGEST_MANIFEST = 16 * 2**20
"""Bytes a manifest may have."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that belongs to the arena and could not be taken along, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """The store: its kind (sqlite, postgresql), the revision of its tables, the bytes it unpacks
    to, the number of its matches.
    """

    kind: str
    revision: str
    bytes: int
    matches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive says of itself. `members` counts them per folder; `left_out` counts what is
    not in it, `named` names the first of those; `sums` is the SHA-256 of `SHA256SUMS`, `digest`
    that of this document with an empty digest.
    """

    format: str = FORMAT
    version: int = VERSION
    made_at: datetime
    program: str
    store: StoreFacts
    members: dict[str, int]
    left_out: int
    named: tuple[LeftOut, ...]
    sums: str
    digest: str = ""

    def to_bytes(self) -> bytes:
        """The document, sealed with its own digest."""
        sealed = replace(
            self, digest=hashlib.sha256(_document(replace(self, digest=""))).hexdigest()
        )
        return _document(sealed)


def read_manifest(content: bytes) -> Manifest:
    """The manifest in these bytes. Raises ValueError unless they are exactly what was written."""
    try:
        found = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    if found.to_bytes() != content:
        raise ValueError("its digest is not its own")
    return found


def format_line(version: int = VERSION) -> bytes:
    """The content of `FORMAT`."""
    return f"{FORMAT} {version}\n".encode()


def is_name(name: str) -> bool:
    """Whether an archive may have a member of this name: none that leads out of its folder."""
    parts = name.split("/")
    if len(parts) == 1:
        return name in ORDER and name not in FOLDERS
    return (
        parts[0] in FOLDERS
        and not {"", ".", ".."} & set(parts)
        and "\\" not in name
        and name.isprintable()
    )


def place_in_order(name: str) -> tuple[int, str]:
    """By this the members of an archive ascend."""
    return ORDER.index(name.partition("/")[0]), name


def sums_line(name: str, digest: str) -> bytes:
    """The line of `SHA256SUMS` for a member."""
    return f"{digest}  {name}\n".encode()


def _document(manifest: Manifest) -> bytes:
    return (
        msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=2) + b"\n"
    )
