"""By which rules a SnakeBench game was played, and how many apples ended it: told by its date.

Stamps are compared as the naive texts they are: the two changes of rules fall well inside one zone
each.
"""

from arena_pipeline.importers.snakebench.game import PlayedGame

FIRST, MOVED_BODIES, APPLES_DECIDE = "2025-02-04", "2025-06-12", "2025-12-11"
"""The rule versions of Snake that SnakeBench played by, oldest first."""

MOVED_BODIES_FROM = "2025-06-12T12:00"
"""Start (Pacific) from which bodies are judged after they moved. The games tell no more than that
the change falls between 11:08, when the last one ended that only the older rules explain, and
20:49, when the first began that only the newer do; noon is taken.
"""

APPLES_DECIDE_FROM = "2025-12-11T12:00"
"""Start (UTC) from which apples decide between two who die together. No game of that day is known
that tells the two apart; noon is taken.
"""

_DAYS_OF_CHANGE = {
    MOVED_BODIES_FROM[:10]: (FIRST, MOVED_BODIES),
    APPLES_DECIDE_FROM[:10]: (MOVED_BODIES, APPLES_DECIDE),
}

_TARGETS = (("2025-12-13", 50), ("2025-11-22", 30))
"""First day and number of apples of each target, newest first. Copies of the program went on with
30 after 50 had come, so that a game may be of either."""


def rule_versions(game: PlayedGame) -> tuple[str, ...]:
    """The rule versions that the game may have been played by, the likeliest first.

    On a day of change both are, since programs that ran then went on with what they had started
    with. A game without any date may be of any time.
    """
    stamp = game.started_text or game.ended_text
    if stamp is None:
        return APPLES_DECIDE, MOVED_BODIES, FIRST
    if stamp >= APPLES_DECIDE_FROM:
        likely = APPLES_DECIDE
    else:
        likely = MOVED_BODIES if stamp >= MOVED_BODIES_FROM else FIRST
    others = _DAYS_OF_CHANGE.get(stamp[:10], ())
    return likely, *(version for version in others if version != likely)


def apple_target(game: PlayedGame) -> int | None:
    """How many apples ended the game or would have ended it; None where no number would.

    Two snakes alive before the last round say that somebody had eaten enough. Else it is the target
    of the day, the lowest one that nobody reached.
    """
    position = game.turns[-1].after if game.turns else game.initial
    scores = [seat.score for seat in game.seats] if position is None else position.scores
    top = max(scores)
    if position is not None and sum(position.alive) > 1 and len(game.turns) < game.max_rounds:
        return top or None
    day = game.started_text or game.ended_text or ""
    fit = (target for since, target in _TARGETS if day >= since and top < target)
    return min(fit, default=None)
