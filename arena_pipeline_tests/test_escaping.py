"""Escaping: no name becomes a formula, a tag, a link or another column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.escaping import csv_cell, markdown_cell, plain_line

texts = st.text(max_size=30) | st.text(alphabet="=+-@'\t|<>`\\[]()_*&#;:ht\n", max_size=30)


@given(texts)
def test_no_csv_cell_starts_like_a_formula(text: str) -> None:
    assert not csv_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(texts, texts)
def test_different_texts_stay_different_in_csv(one: str, other: str) -> None:
    assert (csv_cell(one) == csv_cell(other)) == (one == other)


@pytest.mark.parametrize("name", ["anna", "openai/gpt-5:free", "Zürich 模型", ""])
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert csv_cell(name) == plain_line(name) == markdown_cell(name) == name


@given(texts)
def test_a_markdown_cell_is_one_line_of_one_column_without_html(text: str) -> None:
    cell = markdown_cell(text)

    assert len(cell.splitlines()) <= 1
    assert "<" not in cell
    assert "|" not in cell.replace("\\\\", "").replace("\\|", "")


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("a|b", r"a\|b"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("![x](y)", r"\!\[x\]\(y\)"),
        ("https://evil.example", "https&#58;//evil.example"),
        ("www.evil.example", "www&#46;evil.example"),
        ("&lt;", "&amp;lt;"),
        ("two\nlines\u2028more", "two lines more"),
        ("\u202etxet", "txet"),
    ],
)
def test_markup_becomes_text_in_markdown(name: str, cell: str) -> None:
    assert markdown_cell(name) == cell
