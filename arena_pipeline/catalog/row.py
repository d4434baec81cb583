"""One row of the catalog: every form the gateway has used since 2023, checked and brought to one
shape.

What belongs here: the meaning of fields. Rows become a catalog in `catalog.snapshot`.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError

from arena_pipeline.catalog.overrides import steady_prices
from arena_pipeline.catalog.prices import per_million
from arena_pipeline.store.types import clean_text

LONGEST_SLUG = 200
LONGEST_NAME = 300
LARGEST_LIMIT = 2**31 - 1
LATEST_CREATION = 2**33
"""Seconds since 1970 (year 2242). Close to the years 1 and 9999, PostgreSQL in another time zone
gives moments that Python can't hold.
"""

_SLUG = re.compile(r"~?\w[\w.+-]*(/\w[\w.+-]*)+(:[\w.+-]+)?", re.ASCII)
_COLUMNS = frozenset({"id", "name", "created", "context_length"})
_MAIN_PRICES = frozenset({"prompt", "completion"})


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """One model as a catalog lists it.

    Prices are USD per million tokens, None where unknown; those that change by the hour are as for
    the longest part of the day. `details` holds every other field as it came, unknown ones
    included; under `pricing` those prices that have no field here, overrides in an order of ours.
    """

    slug: str
    name: str
    price_prompt: Decimal | None = None
    price_completion: Decimal | None = None
    created: datetime | None = None
    context_length: int | None = None
    max_completion_tokens: int | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def vendor(self) -> str:
        """Who made the model: the slug's first part."""
        return self.slug.partition("/")[0].removeprefix("~")

    @property
    def canonical_slug(self) -> str | None:
        """The slug of this very release; several variants of a model share one. None if it is no
        slug.
        """
        value = self.details.get("canonical_slug")
        return value if isinstance(value, str) and is_slug(value) else None

    @property
    def expires(self) -> date | None:
        """The announced day of removal."""
        value = self.details.get("expiration_date")
        try:
            return date.fromisoformat(value[:10]) if isinstance(value, str) else None
        except ValueError:
            return None

    @property
    def other_prices(self) -> dict[str, Any]:
        """Prices besides prompt and completion, as they came."""
        pricing = self.details.get("pricing")
        return pricing if isinstance(pricing, dict) else {}


def read_row(row: object) -> CatalogModel:
    """Check one row. Raises ValueError with what is wrong, in words."""
    if not isinstance(row, dict):
        raise ValueError(f"a model is an object, this is {type(row).__name__}")
    if isinstance(pricing := row.get("pricing"), dict) and "overrides" in pricing:
        row = row | {"pricing": steady_prices(pricing)}
    try:
        checked = _Row.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error
    details = {key: value for key, value in row.items() if key not in _COLUMNS}
    pricing = row.get("pricing") or {}
    details["pricing"] = {key: value for key, value in pricing.items() if key not in _MAIN_PRICES}
    return CatalogModel(
        slug=checked.id,
        name=checked.name or checked.id,
        price_prompt=checked.pricing.prompt,
        price_completion=checked.pricing.completion,
        created=checked.created,
        context_length=checked.context_length,
        max_completion_tokens=checked.top_provider.max_completion_tokens or None,
        details=details,
    )


def slug_of(row: object) -> str | None:
    """The slug of a row that may be bad otherwise."""
    slug = row.get("id") if isinstance(row, dict) else None
    return slug if isinstance(slug, str) and is_slug(slug) else None


def is_slug(text: str) -> bool:
    """Whether `text` has the form vendor/model with an optional variant, and nothing that could
    climb a path.
    """
    return len(text) <= LONGEST_SLUG and ".." not in text and _SLUG.fullmatch(text) is not None


def _slug(value: object) -> str:
    if not isinstance(value, str) or not is_slug(value):
        raise ValueError(f"{value!r:.80} is no slug like vendor/model")
    return value


def _name(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{value!r:.60} is no name")
    if not value.isprintable():
        value = "".join(" " if unicodedata.category(sign) in _UNSEEN else sign for sign in value)
    return clean_text(value).strip()[:LONGEST_NAME]


_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Control, formatting (text direction) and line separator characters: they have no place in a name.
"""


def _limit(value: object) -> int | None:
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value <= LARGEST_LIMIT
    ):
        raise ValueError(f"{value!r:.60} is no number of tokens")
    return int(value)


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError
        if not 0 <= value <= LATEST_CREATION:
            raise ValueError
        return datetime.fromtimestamp(int(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{value!r:.60} is no time in seconds since 1970") from error


def _object(value: object) -> object:
    """Null and the empty list stand for an empty object here and there in the catalog."""
    return {} if value is None or value == [] else value


class _Part(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", frozen=True)


_Price = Annotated[Decimal | None, PlainValidator(per_million)]
_Limit = Annotated[int | None, PlainValidator(_limit)]


class _Pricing(_Part):
    prompt: _Price = None
    completion: _Price = None


class _TopProvider(_Part):
    max_completion_tokens: _Limit = None


class _Row(_Part):
    id: Annotated[str, PlainValidator(_slug)]
    name: Annotated[str, PlainValidator(_name)] = ""
    created: Annotated[datetime | None, PlainValidator(_moment)] = None
    context_length: _Limit = None
    pricing: Annotated[_Pricing, BeforeValidator(_object)] = _Pricing()
    top_provider: Annotated[_TopProvider, BeforeValidator(_object)] = _TopProvider()
