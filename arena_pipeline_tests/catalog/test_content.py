from typing import Any

import pytest

from arena_pipeline.catalog.content import DEEPEST_ROW, VOLATILE, digest_of, lasting_content
from arena_pipeline_tests.catalog.rows import row


def nested(levels: int) -> Any:
    """Lists within lists, so many in all."""
    inner: list[Any] = []
    for _ in range(levels - 1):
        inner = [inner]
    return inner


def test_what_changes_daily_is_left_out_and_the_row_stays_as_it_is() -> None:
    whole = row("acme/one", benchmarks={"elo": 1}, voices=["b", "a"])
    before = dict(whole)

    content = lasting_content(whole)

    assert whole == before
    assert content.keys() == whole.keys() - VOLATILE
    assert content["voices"] == ["a", "b"]


@pytest.mark.parametrize("items", [[2, 1], ["b", 1], [["b"], ["a"]], [{"b": 1}, {"a": 1}]])
def test_only_words_have_no_order(items: list[Any]) -> None:
    assert lasting_content({"items": items}) == {"items": items}


def test_words_are_sorted_however_deep_they_lie() -> None:
    assert lasting_content({"a": [{"b": {"c": ["y", "x"]}}]}) == {"a": [{"b": {"c": ["x", "y"]}}]}


@pytest.mark.parametrize("field", ["anything", "benchmarks"])
def test_a_row_may_be_as_deep_as_the_limit_and_no_deeper(field: str) -> None:
    lasting_content({field: nested(DEEPEST_ROW - 1)})

    with pytest.raises(ValueError, match="nested deeper than 32 levels"):
        lasting_content({field: nested(DEEPEST_ROW)})


def test_the_digest_stands_for_the_rows_that_can_be_used_and_those_that_cant() -> None:
    one, two = lasting_content(row("acme/one")), lasting_content(row("acme/two"))
    digest = digest_of({"acme/one": one, "acme/two": two}, ["acme/bad", ""])

    assert digest == digest_of({"acme/two": two, "acme/one": one}, ["", "acme/bad"])
    assert digest != digest_of({"acme/one": one, "acme/two": two}, [""])
    assert digest != digest_of({"acme/one": one}, ["acme/bad", ""])
