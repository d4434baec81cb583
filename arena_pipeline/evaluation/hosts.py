"""Models whose hosts differ: one name in the catalog, but what answers depends on who serves it.

A gateway may send a model's calls to several hosts, with other weights, quantization or templates.
For each model and ladder two things are compared between hosts: results beyond what ratings expect,
and replies that were no answer. Both are tested by permutation of whole seats (turns of one match
depend on each other, seats hardly), within what each agent and config has on average, and corrected
for the number of tests by Holm's method: `ratings.differences` has the sources.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from arena_pipeline.evaluation.host_outcomes import HostSeat, host_seats
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, ladder_row
from arena_pipeline.ratings.differences import Cell, holm, permutation_p
from arena_pipeline.store import Store

LEVEL = 0.01
"""A difference is flagged when its corrected p-value is at most this: hosts are compared daily, so
5 % would cry wolf within weeks.
"""

LEAST_SEATS, LEAST_REPLIES = 8, 50
"""A host counts from so many seats and so many replies on."""

WINDOW = timedelta(days=90)
"""How old matches may be: hosts change what they run."""


class Measure(StrEnum):
    """What is compared between hosts."""

    RESULTS = "results"
    FAULTS = "faults"


@dataclass(frozen=True, slots=True)
class HostRecord:
    """What one host did for a model. `fault_share` is that of its replies; `points` the mean score
    of its seats above expectation (1 a win), each seat weighted by the host's share in its replies.
    """

    host: str
    seats: int
    replies: int
    fault_share: float
    points: float


@dataclass(frozen=True, slots=True)
class HostDifference:
    """One test: how surely the hosts of `model` differ in `measure`. `p_value` is for it alone,
    `corrected` for all tests of the ladder together.
    """

    model: str
    measure: Measure
    p_value: float
    corrected: float
    hosts: tuple[HostRecord, ...]

    @property
    def flagged(self) -> bool:
        """Whether they differ beyond chance."""
        return self.corrected <= LEVEL

    @property
    def sentence(self) -> str:
        """What a person should know of it. Names of hosts in it are hostile text."""
        faults = self.measure is Measure.FAULTS
        shown = ", ".join(
            f"{one.host} {one.fault_share:.1%}" if faults else f"{one.host} {one.points:+.2f}"
            for one in self.hosts
        )
        what = "share of faulty replies" if faults else "points a match above expectation"
        verb = "differ" if self.flagged else "do not differ surely"
        return f"hosts of {self.model} {verb} in {what}: {shown} (p = {self.corrected:.2g})"


@dataclass(frozen=True, slots=True)
class HostsReport:
    """Every test that could be made on a ladder, the surest difference first."""

    ladder: str
    differences: tuple[HostDifference, ...]

    @property
    def flagged(self) -> tuple[HostDifference, ...]:
        """Differences beyond chance."""
        return tuple(one for one in self.differences if one.flagged)

    def of(self, model: str) -> tuple[HostDifference, ...]:
        """The tests of one model (slug); none if too little is known of its hosts."""
        return tuple(one for one in self.differences if one.model == model)


def host_differences(
    store: Store, ladder: str = DEFAULT_LADDER, now: datetime | None = None
) -> HostsReport:
    """Compare the hosts of every model on a ladder that has at least two of them with enough seats
    and replies within `WINDOW`. Raises NotFound for an unknown ladder.
    """
    since = (now or datetime.now(UTC)) - WINDOW
    with store.read() as connection:
        seats = host_seats(connection, ladder_row(connection, ladder), since)
    return HostsReport(ladder, compare_hosts(seats))


def compare_hosts(seats: Iterable[HostSeat]) -> tuple[HostDifference, ...]:
    """The same, for what is known of seats."""
    models: dict[str, list[HostSeat]] = {}
    for seat in seats:
        models.setdefault(seat.model, []).append(seat)
    tests = [
        (model, measure, permutation_p(cells, f"{model} {measure}"), _records(counted))
        for model, of_model in sorted(models.items())
        if (counted := _counted(of_model))
        for measure, cells in _cells(counted)
    ]
    corrected = holm([p_value for _, _, p_value, _ in tests])
    found = [
        HostDifference(model, measure, p_value, adjusted, records)
        for (model, measure, p_value, records), adjusted in zip(tests, corrected, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (one.corrected, one.p_value, one.model)))


def _counted(seats: Sequence[HostSeat]) -> list[HostSeat]:
    """Seats of the hosts of whom enough is known, if there are two of those."""
    hosts = _by_host(seats)
    enough = {
        host
        for host, own in hosts.items()
        if len(own) >= LEAST_SEATS and sum(seat.replies for seat in own) >= LEAST_REPLIES
    }
    return [seat for seat in seats if seat.host in enough] if len(enough) > 1 else []


def _cells(seats: Sequence[HostSeat]) -> Iterator[tuple[Measure, list[Cell]]]:
    yield (
        Measure.RESULTS,
        _centred(seats, lambda seat: seat.replies / seat.answers, lambda seat: seat.points),
    )
    yield (
        Measure.FAULTS,
        _centred(seats, lambda seat: seat.replies, lambda seat: seat.faulty / seat.replies),
    )


def _centred(
    seats: Sequence[HostSeat],
    weight: Callable[[HostSeat], float],
    value: Callable[[HostSeat], float],
) -> list[Cell]:
    """Cells whose values are differences to the mean of the same agent in the same config: agents
    of one model may be pinned to hosts, and must not be taken for them.
    """
    groups: dict[tuple[int | None, int], list[HostSeat]] = {}
    for seat in seats:
        groups.setdefault((seat.agent_id, seat.config_id), []).append(seat)
    cells = []
    for group in groups.values():
        weights = [weight(seat) for seat in group]
        values = [value(seat) for seat in group]
        mean = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
        cells += [
            Cell(seat.host, w, w * (v - mean))
            for seat, w, v in zip(group, weights, values, strict=True)
        ]
    return cells


def _records(seats: Sequence[HostSeat]) -> tuple[HostRecord, ...]:
    records = []
    for host, own in sorted(_by_host(seats).items()):
        replies = sum(seat.replies for seat in own)
        shares = [seat.replies / seat.answers for seat in own]
        points = sum(share * seat.points for share, seat in zip(shares, own, strict=True))
        faulty = sum(seat.faulty for seat in own)
        records.append(HostRecord(host, len(own), replies, faulty / replies, points / sum(shares)))
    return tuple(records)


def _by_host(seats: Sequence[HostSeat]) -> Mapping[str, list[HostSeat]]:
    hosts: dict[str, list[HostSeat]] = {}
    for seat in seats:
        hosts.setdefault(seat.host, []).append(seat)
    return hosts
