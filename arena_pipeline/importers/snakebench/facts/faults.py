"""Turns that did not come from the player: what SnakeBench wrote into the rationale of such a move.

It never stored a fault of its own. A call that failed is told by how the text begins, a reply
without a direction by how it ends; the same words anywhere else are a player's own.
"""

from arena_pipeline.players.protocol import FaultKind

_ERROR = "Provider error: "
"""How the rationale of a move drawn for a failed call begins, since 2025-11-13."""

_RANDOM = "This is a random move: "
_DIRECTIONS = ("UP", "DOWN", "LEFT", "RIGHT")
_ENDS = tuple(_RANDOM + direction for direction in _DIRECTIONS)
"""What was put at the end of a reply in which no direction was found."""


def fault_of(rationale: str | None) -> str | None:
    """The kind of fault a rationale tells of: "gateway_error", "no_action", or None for a turn that
    the player itself decided.

    A reply that names a direction anywhere was not without one, so one that merely ends in the
    words of the fallback is none: SnakeBench looked for the letters in upper case, within words
    too, and this does.
    """
    if not rationale:
        return None
    if is_provider_error(rationale):
        return FaultKind.GATEWAY_ERROR.value
    if not rationale.endswith(_ENDS):
        return None
    reply = rationale[: rationale.rindex(_RANDOM)].upper()
    if any(direction in reply for direction in _DIRECTIONS):
        return None
    return FaultKind.NO_ACTION.value


def is_provider_error(rationale: str) -> bool:
    """Whether the whole text is the message of a failed call."""
    return rationale.startswith(_ERROR)
