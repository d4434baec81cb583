"""Of several versions of one game, which is worth most: pure, and the same in whatever order they
come.

A file that its game wrote itself (v0, native v1) is worth more than one made from such a file later
(migrated v1, also with costs filled in), and that more than a mere header. Then it counts whether
the moves fit the rules, how many turns there are, and how much is known of them. What is left is
decided by the digest.
"""

from arena_pipeline.importers.snakebench.game import Layout, PlayedGame
from arena_pipeline.importers.snakebench.recording.prepared import Worth

_ORIGINAL, _REWRITTEN, _HEADER = 2, 1, 0
_KINDS = {
    Layout.V1_MIGRATED: _REWRITTEN,
    Layout.V1_COSTS: _REWRITTEN,
    Layout.HEADER: _HEADER,
}

VERIFIED = "verified"


def worth(game: PlayedGame, verification: str) -> Worth:
    """How much this version tells: kind, verified or not, turns, rationales, tokens and costs
    known.
    """
    moves = [move for turn in game.turns for move in turn.moves.values()]
    return (
        _KINDS.get(game.layout, _ORIGINAL),
        int(verification == VERIFIED),
        len(game.turns),
        sum(bool(move.rationale) for move in moves),
        sum(move.input_tokens is not None for move in moves),
        sum(move.cost is not None for move in moves),
    )


def is_better(new: tuple[Worth, str], old: tuple[Worth, str]) -> bool:
    """Whether the first of two versions, each as (worth, digest), is to be kept.

    Of equal worth, the one with the smaller digest.
    """
    return (new[0], _reversed(new[1])) > (old[0], _reversed(old[1]))


def _reversed(digest: str) -> int:
    return -int(digest or "0", 16)
