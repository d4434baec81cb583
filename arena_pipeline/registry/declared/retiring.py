"""Whether the models file takes a model out of evaluation. Pure decisions.

A pattern of the file retires what fits it, its policy what the catalog has not listed for long;
either is taken back when it no longer holds. What a person retired, or said may play, is left as it
is, and so is whom the policy retired until the catalog says something else of it, unless a pattern
fits it too.
"""

from datetime import datetime, timedelta
from typing import Any

from arena_pipeline.registry.declared.flags import ModelFlags
from arena_pipeline.registry.declared.patterns import Patterns
from arena_pipeline.store.tables import SetBy

_OURS = (SetBy.YAML, SetBy.POLICY)


def retirement(
    model: ModelFlags, patterns: Patterns, removed_days: int | None, now: datetime
) -> dict[str, Any]:
    """The columns of the retirement as they are to be."""
    if model.retired_at is not None and model.retired_set_by not in _OURS:
        return {}
    set_by, reason = _cause(model, patterns, removed_days, now) or (None, None)
    if model.retired_until_change and set_by != SetBy.YAML:
        return {}
    return {
        "retired_until_change": False,
        "retired_at": (model.retired_at or now) if set_by else None,
        "retired_set_by": set_by,
        "retired_reason": reason,
    }


def _cause(
    model: ModelFlags, patterns: Patterns, removed_days: int | None, now: datetime
) -> tuple[str, str] | None:
    if model.is_active and model.is_active_set_by == SetBy.PERSON:
        return None
    if pattern := patterns.first(model.slug):
        return str(SetBy.YAML), f"retire: {pattern}"
    since = model.removed_at
    if removed_days is None or since is None or now - since < timedelta(days=removed_days):
        return None
    return str(SetBy.POLICY), f"no longer in the catalog since {since:%Y-%m-%d}"
