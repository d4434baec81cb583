from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.registry.prompts import BadPrompt
from arena_pipeline.registry.prompts.files import (
    LARGEST_FILE,
    PromptFile,
    parse_prompt,
    read_prompt_file,
    written,
)
from arena_pipeline_tests.registry.prompts.prompt_files import KNOWN, WORDS, content


def test_a_file_says_name_game_and_words() -> None:
    read = parse_prompt(content("plain", WORDS, "title: A plain one"), "f.md", KNOWN)

    assert (read.name, read.game, read.title, read.text) == ("plain", "snake", "A plain one", WORDS)


def test_line_ends_blanks_around_and_a_byte_order_mark_are_no_part_of_the_words(
    tmp_path: Path,
) -> None:
    path = tmp_path / "f.md"
    said = content("plain", f"\n\n{WORDS}  \n\n\n")
    path.write_bytes(("\ufeff" + said).replace("\n", "\r\n").encode())

    assert read_prompt_file(path).digest == parse_prompt(content(), "f").digest


def test_the_digest_is_that_of_game_and_words() -> None:
    one = PromptFile("a", "snake", "{position}")

    assert one.digest == PromptFile("b", "snake", "{position}", title="B").digest
    assert one.digest != PromptFile("a", "hexes", "{position}").digest
    assert one.digest != PromptFile("a", "snake", "{position}!").digest


@pytest.mark.parametrize(
    ("said", "place", "what"),
    [
        ("Play!\n{position}", "f:1:1", "between two lines of ---"),
        ("---\nname: a\n", "f:1:1", "between two lines of ---"),
        ("---\nname: [\n---\nx", "f:2:8", ""),
        ("---\n- a\n---\n{position}", "f:2:1", "name, game"),
        (content("Big Name"), "f:2:1", "name:"),
        (content("plain", WORDS, "colour: red"), "f:4:1", "unknown key 'colour'"),
        (content("plain", WORDS, "titel: x"), "f:4:1", "did you mean 'title'"),
        (content("plain", WORDS, "forked_from: snake@0"), "f:4:1", "forked_from:"),
        (content("plain", WORDS, "title: 3"), "f:4:1", "title:"),
        (content("plain", WORDS, "name: b"), "f:4:1", "twice"),
        (content("plain", ""), "f:5:1", "says nothing"),
        (content("plain", "Play!"), "f:5:1", "{position} is missing"),
        (content("plain", "\n{position}\n{memry}"), "f:7:1", "unknown placeholder {memry}"),
        (content("plain", WORDS, game="snke"), "f:3:1", "did you mean 'snake'"),
        (content("plain", WORDS + "\0"), "f:7:1", "can't be stored"),
    ],
)
def test_a_mistake_is_told_with_its_place(said: str, place: str, what: str) -> None:
    with pytest.raises(BadPrompt) as bad:
        parse_prompt(said, "f", KNOWN)

    assert f"{place}: " in str(bad.value)
    assert what in str(bad.value)


def test_every_mistake_of_a_file_is_told() -> None:
    with pytest.raises(BadPrompt) as bad:
        parse_prompt("---\nname: A B\ncolour: red\n---\n{what}", "f", KNOWN)

    assert len(bad.value.mistakes) == 4


def test_a_file_that_cannot_be_read_is_a_bad_prompt(tmp_path: Path) -> None:
    big, binary = tmp_path / "big.md", tmp_path / "binary.md"
    big.write_bytes(b"x" * (LARGEST_FILE + 1))
    binary.write_bytes(b"---\nname: a\n\xff")

    for path, what in ((big, "64,000 bytes"), (binary, "no UTF-8"), (tmp_path, "regular file")):
        with pytest.raises(BadPrompt, match=what):
            read_prompt_file(path)
    with pytest.raises(BadPrompt, match="can't be read"):
        read_prompt_file(tmp_path / "none.md")


def test_what_is_written_reads_back() -> None:
    one = PromptFile("mine", "snake", WORDS, 'A "title": yes', "snake@1", "f")

    assert parse_prompt(written(one), "f", KNOWN) == one


@given(st.text())
def test_any_content_is_a_prompt_or_a_bad_one(said: str) -> None:
    for whole in (said, content("plain", said), f"---\n{said}\n---\n{{position}}"):
        try:
            parse_prompt(whole, "f", KNOWN)
        except BadPrompt as error:
            assert error.mistakes  # noqa: PT017 - which of the two it is does not matter
