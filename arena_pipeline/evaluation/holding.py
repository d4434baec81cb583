"""What holds a placement up by nobody's fault: for how long, and whether it is sat out on the spot.

Pure decisions. Why a call is not sent is decided in `calls`, what becomes of the evaluation in
`evaluation.placement`.
"""

from datetime import datetime, timedelta

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.plan import Refused
from arena_pipeline.errors import ArenaError

SAT_OUT = frozenset(
    {RefusalKind.RATE, RefusalKind.CONCURRENCY, RefusalKind.CIRCUIT, RefusalKind.FAILING}
)
"""What passes by itself, and soon: a placement keeps its place for it."""

PATIENCE = timedelta(minutes=2)
"""How long is sat out in all while no match comes to its end; after that the evaluation goes back
and others come in.
"""

SHORTLY = timedelta(seconds=5)
"""After which it is tried again where nobody said when, and it passes by itself."""

SHORTEST_S = 0.05

LATER = timedelta(minutes=2)
"""The same where it does not: somebody has to pay, to set a key, or to look at a gateway."""


class HeldUp(ArenaError):
    """A placement that can't go on now. `why` begins with what it lacks (`RefusalKind`); `until`:
    when trying again may help (UTC).
    """

    def __init__(self, why: str, until: datetime) -> None:
        super().__init__(why)
        self.why, self.until = why, until

    @classmethod
    def by(cls, why: str, until: datetime | None, now: datetime) -> "HeldUp":
        """The same where perhaps nobody said until when."""
        return cls(why, until if until is not None else now + _usual(kind_of(why)))

    @classmethod
    def by_refusal(cls, refused: Refused, now: datetime) -> "HeldUp":
        """The same of something that was refused."""
        return cls.by(f"{refused.kind}: {refused.detail}", refused.until, now)

    @property
    def kind(self) -> RefusalKind | None:
        """What it lacks; None where that has no name."""
        return kind_of(self.why)


def pause_of(held: HeldUp, waited_s: float, now: datetime) -> float | None:
    """The seconds to sit out, where `waited_s` were already; None: give the place to others."""
    pause = max((held.until - now).total_seconds(), SHORTEST_S)
    if held.kind not in SAT_OUT or waited_s + pause > PATIENCE.total_seconds():
        return None
    return pause


def kind_of(why: str) -> RefusalKind | None:
    """The word in front of a reason, if it is one of ours."""
    word = why.partition(":")[0]
    return RefusalKind(word) if word in [*RefusalKind] else None


def _usual(kind: RefusalKind | None) -> timedelta:
    if kind is RefusalKind.PAUSED:
        return timedelta()
    return SHORTLY if kind in SAT_OUT else LATER
