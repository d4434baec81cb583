"""A whole catalog read from its bytes: the models it lists, the rows that can't be used, and a
digest of its content.

What belongs here: the envelope. The meaning of a row is in `catalog.row`, what the digest is taken
of in `catalog.content`; keeping the bytes in `catalog.archive`.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from arena_pipeline.catalog.content import digest_of, lasting_content
from arena_pipeline.catalog.errors import CatalogUnreadable
from arena_pipeline.catalog.row import CatalogModel, read_row, slug_of

_LONGEST_INTEGER = 30


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that can't be used: its place in the catalog (from 0), why, and its slug where that
    much could be read.
    """

    row: int
    reason: str
    slug: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As shown to people and programs."""
        return {
            "row": self.row,
            "reason": f"{self.slug}: {self.reason}" if self.slug else self.reason,
        }


@dataclass(frozen=True, slots=True)
class Catalog:
    """The models of one catalog by slug.

    `digest` stands for the content: catalogs that differ only in order, descriptions, benchmarks
    or the hour whose prices they show have the same one. `sampled_on` is the date of a sample
    catalog; real ones have none.
    """

    models: Mapping[str, CatalogModel]
    skipped: tuple[SkippedRow, ...] = ()
    digest: str = ""
    sampled_on: date | None = None

    @classmethod
    def of(cls, models: Iterable[CatalogModel]) -> Self:
        """A catalog of models that are known already, for comparing."""
        return cls({model.slug: model for model in models})

    @property
    def unread(self) -> frozenset[str]:
        """Slugs that are listed, but in a row that can't be used: neither known nor gone."""
        return frozenset(s.slug for s in self.skipped if s.slug is not None) - self.models.keys()


def parse(body: bytes) -> Catalog:
    """Read a catalog in any form the gateway has used; rows that can't be used are listed in
    `skipped`.

    Raises CatalogUnreadable if it is no catalog at all. A catalog without models is read as such:
    whether to believe it is for `registry.syncing.sync` to decide.
    """
    document = _load(body)
    if not isinstance(document, dict) or not isinstance(rows := document.get("data"), list):
        raise CatalogUnreadable(
            f"This is no catalog: {_what_is_wrong(document)}; nothing was changed"
        )
    models: dict[str, CatalogModel] = {}
    skipped: list[SkippedRow] = []
    contents: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows):
        try:
            model = read_row(row)
            content = lasting_content(row)
        except ValueError as error:
            skipped.append(SkippedRow(number, str(error), slug_of(row)))
            continue
        if model.slug in models:
            skipped.append(SkippedRow(number, "listed before; the first row counts", model.slug))
            continue
        models[model.slug], contents[model.slug] = model, content
    digest = digest_of(contents, (row.slug or "" for row in skipped))
    return Catalog(models, tuple(skipped), digest, _sampled_on(document))


def _load(body: bytes) -> object:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogUnreadable(
            f"The catalog is not UTF-8 text ({error.reason}); nothing was changed"
        ) from error
    try:
        document: object = json.loads(
            text, parse_float=_finite, parse_int=_integer, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        start = " ".join(text[:60].split())
        raise CatalogUnreadable(
            f"The catalog is not JSON ({error}); it begins with {start!r}; nothing was changed"
        ) from error
    return document


def _finite(text: str) -> float | str:
    """Numbers beyond a float stay text: neither database stores infinity in JSON."""
    number = float(text)
    return number if math.isfinite(number) else text


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_INTEGER else text


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


def _what_is_wrong(document: object) -> str:
    if not isinstance(document, dict):
        return f"an object with a list 'data' was expected, not {type(document).__name__}"
    if "error" in document:
        return f"it says error {str(document['error'])[:200]!r}"
    return "it has no list 'data'"


def _sampled_on(document: dict[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(document.get("sampled_on")))
    except ValueError:
        return None
