"""Which placements share a run."""

from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.defs.evaluation.batching import LONGEST_KEY, batches
from arena_pipeline.evaluation.upcoming import Placement

NAMES = [f"vendor/model-{number}" for number in range(12)]


def placement(agent: str, *, calls: bool = True) -> Placement:
    return Placement(agent, "snake", 1, f"snake/{agent}/attempt 1", calls)


def agents(ready: list[Placement], partitions: list[str], most: int) -> list[tuple[str, ...]]:
    return [batch.agents for batch in batches(ready, partitions, most)]


def test_agents_that_call_models_share_runs_of_so_many_and_bots_have_their_own() -> None:
    ready = [placement("a"), placement("bot", calls=False), placement("b"), placement("c")]

    assert agents(ready, [], 2) == [("a",), ("bot",), ("b", "c")]
    assert agents([ready[0], ready[2], ready[3]], [], 2) == [("a", "b"), ("c",)]


def test_only_partitions_side_by_side_share_a_run() -> None:
    ready = [placement("c"), placement("a")]

    assert agents(ready, ["a", "b", "c"], 8) == [("c",), ("a",)]
    assert agents(ready, ["b", "a", "c"], 8) == [("a", "c")]


def test_the_key_of_a_run_says_whom_it_places_in_which_attempt_and_is_never_long() -> None:
    (short,) = batches([placement("a"), placement("b")], [], 8)
    (long,) = batches([placement(name) for name in NAMES], [], 20)

    assert short.run_key == "snake/a/attempt 1 + snake/b/attempt 1"
    assert len(long.run_key) < LONGEST_KEY
    assert long.run_key.startswith("snake/vendor/model-0/attempt 1 and 11 others/")


@given(
    st.lists(st.sampled_from(NAMES), unique=True),
    st.lists(st.sampled_from(NAMES), unique=True),
    st.sets(st.sampled_from(NAMES)),
    st.integers(1, 5),
)
def test_everybody_is_in_one_run_and_a_run_is_a_whole_range(
    ready: list[str], partitions: list[str], callers: set[str], most: int
) -> None:
    found = agents([placement(one, calls=one in callers) for one in ready], partitions, most)

    order = [*partitions, *(one for one in ready if one not in partitions)]
    assert sorted(agent for batch in found for agent in batch) == sorted(ready)
    for batch in found:
        first = order.index(batch[0])
        assert tuple(order[first : first + len(batch)]) == batch
        assert len(batch) <= most
        assert len(batch) == 1 or set(batch) <= callers
