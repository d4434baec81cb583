"""What the models file wants of one model: access, playing, prices. Pure decisions.

A flag that a person set is never touched; what the file set is taken back when the file says it no
more. Whether a model is retired is decided in `registry.declared.retiring`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from arena_pipeline.registry.declared.patterns import Patterns
from arena_pipeline.store.tables import Access, SetBy


class Prices(Protocol):
    """USD per million tokens; None: unknown."""

    @property
    def prompt(self) -> Decimal | None:
        """For tokens sent."""

    @property
    def completion(self) -> Decimal | None:
        """For tokens written."""


@dataclass(frozen=True, slots=True)
class ModelFlags:
    """What has been decided about a model, by columns of `models`."""

    id: int
    slug: str
    removed_at: datetime | None = None
    access: str = Access.AUTO
    access_set_by: str | None = None
    access_reason: str | None = None
    is_active: bool = False
    is_active_set_by: str | None = None
    is_active_reason: str | None = None
    override_prompt: Decimal | None = None
    override_completion: Decimal | None = None
    override_set_by: str | None = None
    retired_at: datetime | None = None
    retired_set_by: str | None = None
    retired_reason: str | None = None
    retired_until_change: bool = False

    def changes(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the wanted columns that are not so yet."""
        return {name: value for name, value in wanted.items() if getattr(self, name) != value}


def access(model: ModelFlags, allow: Patterns, deny: Patterns) -> dict[str, Any]:
    """The columns of the access as they are to be; deny wins over allow."""
    if model.access_set_by == SetBy.PERSON:
        return {}
    if pattern := deny.first(model.slug):
        return _access(Access.DENY, SetBy.YAML, f"deny: {pattern}")
    if pattern := allow.first(model.slug):
        return _access(Access.ALLOW, SetBy.YAML, f"allow: {pattern}")
    return _access(Access.AUTO, None, None) if model.access_set_by == SetBy.YAML else {}


def playing(model: ModelFlags, active: Patterns) -> dict[str, Any]:
    """The columns of `is_active` as they are to be.

    A model that the policy lets play already is left to it, so that it goes on when the pattern
    goes.
    """
    if model.is_active_set_by == SetBy.PERSON:
        return {}
    ours = model.is_active_set_by == SetBy.YAML
    if pattern := active.first(model.slug):
        is_open = ours or not model.is_active
        return _playing(True, SetBy.YAML, f"active: {pattern}") if is_open else {}
    return _playing(False, None, None) if ours else {}


def override(model: ModelFlags, prices: Prices | None) -> dict[str, Any]:
    """The columns of the prices that count instead of the catalog's."""
    if model.override_set_by == SetBy.PERSON:
        return {}
    return {
        "override_prompt": prices.prompt if prices else None,
        "override_completion": prices.completion if prices else None,
        "override_set_by": str(SetBy.YAML) if prices else None,
    }


def _access(access: Access, by: SetBy | None, reason: str | None) -> dict[str, Any]:
    by_name = str(by) if by else None
    return {"access": str(access), "access_set_by": by_name, "access_reason": reason}


def _playing(is_active: bool, by: SetBy | None, reason: str | None) -> dict[str, Any]:
    by_name = str(by) if by else None
    return {
        "is_active": is_active,
        "is_active_set_by": by_name,
        "is_active_reason": reason,
    }
