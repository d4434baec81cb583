import pytest

from arena_pipeline.registry.declared.patterns import Patterns, is_pattern


@pytest.mark.parametrize(
    ("pattern", "slug", "fits"),
    [
        ("*", "acme/one", True),
        ("acme/*", "acme/one:free", True),
        ("acme/*", "acme2/one", False),
        ("*:free", "acme/one:free", True),
        ("acme/one", "acme/one", True),
        ("acme/one", "acme/one:free", False),
        ("acme/on?", "acme/one", True),
        ("Acme/*", "acme/one", False),
    ],
)
def test_a_pattern_fits_the_whole_slug(pattern: str, slug: str, fits: bool) -> None:
    assert (Patterns([pattern]).first(slug) == pattern) is fits


def test_a_slug_itself_goes_before_patterns_and_those_go_in_order() -> None:
    patterns = Patterns(["*", "acme/*", "acme/one"])

    assert patterns.first("acme/one") == "acme/one"
    assert patterns.first("acme/two") == "*"
    assert Patterns([]).first("acme/one") is None


def test_what_stands_for_several_is_a_pattern() -> None:
    assert is_pattern("acme/*")
    assert not is_pattern("acme/one:free")
