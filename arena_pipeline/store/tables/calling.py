"""Tables of what keeps calls in bounds: the state of gateways, rates, free allowances, switches."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import Base, one_of
from arena_pipeline.store.types import OutsideText


class CircuitState(StrEnum):
    """Whether calls may go out: `closed` they may, `open` not before a time, `stopped` not until
    somebody asks again (the key is refused, the account is empty).
    """

    CLOSED = "closed"
    OPEN = "open"
    STOPPED = "stopped"


class Circuit(Base):
    """The circuit breaker of a gateway, or of one model behind it."""

    __tablename__ = "circuits"
    __table_args__ = (
        one_of("state", CircuitState),
        CheckConstraint("failures >= 0", name="failures"),
    )

    gateway: Mapped[str] = mapped_column(Text, primary_key=True, doc="The gateway (gateways.name).")
    client_name: Mapped[str] = mapped_column(
        OutsideText,
        primary_key=True,
        doc="What the gateway calls the model; empty: the gateway as a whole.",
    )
    state: Mapped[str] = mapped_column(doc="closed, open or stopped.")
    failures: Mapped[int] = mapped_column(doc="Failed calls in a row.")
    openings: Mapped[int] = mapped_column(
        default=0, doc="How often in a row it opened without a good call between."
    )
    since: Mapped[datetime] = mapped_column(doc="When it came into this state (UTC).")
    until: Mapped[datetime | None] = mapped_column(
        doc="When one call may try again (UTC); NULL: at once, or not by itself."
    )
    last_error: Mapped[str | None] = mapped_column(
        OutsideText, doc="The newest failure, as a sentence; NULL: none yet."
    )
    last_error_at: Mapped[datetime | None] = mapped_column(
        doc="When that was (UTC); NULL: none yet."
    )
    last_ok_at: Mapped[datetime | None] = mapped_column(
        doc="When a call was last answered (UTC); NULL: never."
    )


class CallRate(Base):
    """When the next call in a scope may go out, so that its rate holds across processes."""

    __tablename__ = "call_rates"

    scope: Mapped[str] = mapped_column(
        Text, primary_key=True, doc="What is limited: a gateway, or its free models together."
    )
    next_at: Mapped[datetime] = mapped_column(
        doc="When the next call would go out at an even pace (UTC)."
    )


class CallQuota(Base):
    """Calls of a free allowance in one day."""

    __tablename__ = "call_quotas"
    __table_args__ = (CheckConstraint("used >= 0 AND set_aside >= 0", name="amounts"),)

    scope: Mapped[str] = mapped_column(
        Text, primary_key=True, doc="Whose allowance it is, such as a gateway's free models."
    )
    window_start: Mapped[datetime] = mapped_column(
        primary_key=True, doc="When the day began (UTC)."
    )
    used: Mapped[int] = mapped_column(doc="Calls made.")
    set_aside: Mapped[int] = mapped_column(doc="Calls set aside for matches under way.")
    exhausted_until: Mapped[datetime | None] = mapped_column(
        doc="Until when the gateway itself says that there are no more (UTC); NULL: it did not."
    )


class Switch(Base):
    """Something a person turned on or off for the whole arena, such as a pause of everything."""

    __tablename__ = "switches"

    name: Mapped[str] = mapped_column(Text, primary_key=True, doc="What is switched: pause.")
    is_on: Mapped[bool] = mapped_column(doc="Whether it is on.")
    reason: Mapped[str | None] = mapped_column(
        OutsideText, doc="Why, in the words of whoever switched it; NULL: unsaid."
    )
    set_by: Mapped[str] = mapped_column(OutsideText, doc="Who switched it.")
    set_at: Mapped[datetime] = mapped_column(doc="When (UTC).")
