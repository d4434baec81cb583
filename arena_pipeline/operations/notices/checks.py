"""When a check turned bad: told once, and again only after it was good.

Pure decisions over what checks found; no Dagster, no database. Where results come from is the
business of `defs.operations`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one execution of a check found. `passed`: nothing wrong, warnings aside."""

    asset: str
    check: str
    run_id: str
    at: datetime
    passed: bool
    description: str | None = None

    @property
    def name(self) -> str:
        """Asset and check in one."""
        return f"{self.asset}:{self.check}"


@dataclass(frozen=True, slots=True)
class Known:
    """How a check stood when last looked at."""

    at: datetime
    bad: bool


def turned_bad(
    before: Mapping[str, Known], results: Iterable[CheckResult], since: datetime
) -> tuple[list[CheckResult], dict[str, Known]]:
    """The results by which a check turned from good (or unknown) to bad, and how all stand now.

    Results in any order; those looked at before change nothing. What happened before `since` is
    taken note of, but not told: it is no news.
    """
    known, turned = dict(before), []
    for one in sorted(results, key=lambda result: result.at):
        last = known.get(one.name)
        if last is not None and one.at <= last.at:
            continue
        if not one.passed and not (last and last.bad) and one.at >= since:
            turned.append(one)
        known[one.name] = Known(one.at, not one.passed)
    return turned, known


def to_text(known: Mapping[str, Known]) -> str:
    """How all checks stand, as text to be kept."""
    return json.dumps({name: [one.at.isoformat(), one.bad] for name, one in known.items()})


def from_text(text: str | None) -> dict[str, Known]:
    """What `to_text` made; anything else counts as knowing nothing."""
    try:
        return {
            name: Known(datetime.fromisoformat(at), bool(bad))
            for name, (at, bad) in json.loads(text or "{}").items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}
