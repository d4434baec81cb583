import pytest

from arena_pipeline.registry.declared.yaml_marks import MarkedYaml, read_yaml

TEXT = """\
bots:
  - alias: one
    settings:
      depth: 3
  - alias: two
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (1, 1)),
        (("bots",), (1, 1)),
        (("bots", 1), (5, 5)),
        (("bots", 0, "settings", "depth"), (4, 7)),
        (("bots", 1, "policy"), (5, 5)),
        (("nowhere", 3), (1, 1)),
    ],
)
def test_every_part_knows_its_line_and_column(
    path: tuple[int | str, ...], place: tuple[int, int]
) -> None:
    document = read_yaml(TEXT)

    assert isinstance(document, MarkedYaml)
    assert document.place(path) == place


def test_an_empty_text_is_an_empty_document() -> None:
    document = read_yaml("# nothing\n")

    assert isinstance(document, MarkedYaml)
    assert (document.value, document.place(("bots",))) == (None, (1, 1))


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nb: [1,\n", 3, "expected the node content"),
        ("a: 1\na: 2\n", 2, "'a' stands here twice (first in line 1)"),
        ("- x:\n    b: 1\n    b: 2\n", 3, "twice"),
        ("a: !!python/object:os.system x\n", 1, "could not determine a constructor"),
        ("a: 1\n---\nb: 2\n", 2, "expected a single document"),
        ("a: \x00\n", 1, "unacceptable character"),
        ("a: &x [1]\nb: {<<: *x}\n", 2, "an alias (*x) can't stand here"),
        (f"a: {'[' * 1000}", 1, "recursion"),
        ("a: 1\nsince: 2025-13-45\n", 2, "'2025-13-45' is no timestamp"),
        (f"a: 1\nb: {'9' * 5000}\n", 2, "is no int"),
        ("a: 1\nb: !!timestamp soon\n", 2, "'soon' is no timestamp"),
        ("a: 1\nb: !!bool soon\n", 2, "'soon' is no bool"),
        ("a: 1\nb: 'x\x01'\n", 2, "unacceptable character #x0001"),
    ],
)
def test_what_is_no_yaml_is_pointed_at(text: str, line: int, what: str) -> None:
    mistakes = read_yaml(text)

    assert isinstance(mistakes, list)
    assert mistakes[0].line == line
    assert what in mistakes[0].what
