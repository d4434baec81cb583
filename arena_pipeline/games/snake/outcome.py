"""Who won a match of Snake, by how much, and what a learner gets for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from arena_pipeline.games.protocol import Outcome, PlayerOutcome, Result

if TYPE_CHECKING:
    from arena_pipeline.games.snake.state import SnakeState


def outcome(state: "SnakeState") -> Outcome:
    """How `state` ended.

    Between two, whoever outlives the other wins whatever was eaten. In every other end the most
    apples win, dead snakes' included: several on top tie and the rest lose. Places share ties;
    rewards run evenly from 1 for the first place to -1 for the last, ties sharing their mean, so
    that they sum to zero.
    """
    if state.ended_by is None:
        raise ValueError(f"The match is not over; it is at round {state.round}.")
    return outcome_of(
        _results(state),
        state.scores,
        [death and (death[0], death[1].value) for death in state.deaths],
        [len(body) for body in state.bodies],
        state.ended_by,
    )


def outcome_of(
    results: Sequence[Result],
    scores: Sequence[int],
    deaths: Sequence[tuple[int, str] | None],
    lengths: Sequence[int],
    ended_by: str,
) -> Outcome:
    """The outcome of a match with these results, by seat; `deaths` are (round, reason)."""
    ranks = _ranks(results, scores)
    return Outcome(
        players=tuple(
            PlayerOutcome(
                result=results[seat],
                placement=1 + sum(other > ranks[seat] for other in ranks),
                score=float(scores[seat]),
                reward=_reward(ranks, seat),
                death_round=death[0] if (death := deaths[seat]) else None,
                death_reason=death[1] if death else None,
                metrics={"length": lengths[seat]},
            )
            for seat in range(len(results))
        ),
        ended_by=ended_by,
    )


def _results(state: "SnakeState") -> tuple[Result, ...]:
    alive, scores = state.alive, state.scores
    if len(scores) == 2 and not all(alive):
        if any(alive):
            return tuple(Result.WON if lives else Result.LOST for lives in alive)
        return state.rules.double_death(scores)
    top = max(scores)
    first = Result.TIED if scores.count(top) > 1 else Result.WON
    return tuple(first if score == top else Result.LOST for score in scores)


def _ranks(results: Sequence[Result], scores: Sequence[int]) -> Sequence[int]:
    """A number for each seat that is larger for a better place and equal for a shared one."""
    if len(results) == 2:
        return [("lost", "tied", "won").index(result.value) for result in results]
    return scores


def _reward(ranks: Sequence[int], seat: int) -> float:
    beaten = sum(rank < ranks[seat] for rank in ranks)
    beaten_by = sum(rank > ranks[seat] for rank in ranks)
    return (beaten - beaten_by) / (len(ranks) - 1)
