"""Who won a match of Snake, by how much, and what a learner gets for it."""

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
    results = _results(state)
    ranks = _ranks(state, results)
    seats = range(len(results))
    return Outcome(
        players=tuple(
            PlayerOutcome(
                result=results[seat],
                placement=1 + sum(other > ranks[seat] for other in ranks),
                score=float(state.scores[seat]),
                reward=_reward(ranks, seat),
                death_round=death[0] if (death := state.deaths[seat]) else None,
                death_reason=death[1].value if death else None,
                metrics={"length": len(state.bodies[seat])},
            )
            for seat in seats
        ),
        ended_by=state.ended_by,
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


def _ranks(state: "SnakeState", results: tuple[Result, ...]) -> list[int]:
    """A number for each seat that is larger for a better place and equal for a shared one."""
    if len(results) == 2:
        return [("lost", "tied", "won").index(result.value) for result in results]
    return state.scores


def _reward(ranks: list[int], seat: int) -> float:
    beaten = sum(rank < ranks[seat] for rank in ranks)
    beaten_by = sum(rank > ranks[seat] for rank in ranks)
    return (beaten - beaten_by) / (len(ranks) - 1)
