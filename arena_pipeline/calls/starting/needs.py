"""What the seats of a match need before it starts: plain values."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arena_pipeline.calls.expecting import Expectation
from arena_pipeline.calls.limits.admission import has_allowance
from arena_pipeline.registry.gateways import GatewayRow


@dataclass(frozen=True, slots=True)
class SeatNeed:
    """What one seat of a language model needs; `expectation` None: nobody knows its price."""

    slot: int
    gateway: str
    client_name: str
    is_free: bool
    expectation: Expectation | None


def free_seats(
    seats: Sequence[SeatNeed], gateways: Mapping[str, GatewayRow]
) -> dict[str, list[SeatNeed]]:
    """Seats whose calls are of an allowance, by gateway."""
    found: dict[str, list[SeatNeed]] = defaultdict(list)
    for seat in sorted(seats, key=lambda one: one.slot):
        row = gateways.get(seat.gateway)
        if seat.is_free and row is not None and has_allowance(row):
            found[seat.gateway].append(seat)
    return found


def calls_of(seat: SeatNeed) -> int:
    """Calls that a seat is expected to take."""
    return 0 if seat.expectation is None else math.ceil(seat.expectation.turns)
