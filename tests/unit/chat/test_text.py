"""Lines are made safe to draw, and otherwise stay what was written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.chat.text import MARKS_MAX, safe_line


@given(st.text(max_size=400))
def test_what_is_left_is_one_visible_line_that_stays_the_same(raw: str) -> None:
    clean = safe_line(raw)
    assert len(clean) <= 200
    assert clean == clean.strip()
    marks = 0
    for character in clean:
        category = unicodedata.category(character)
        assert category not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        marks = marks + 1 if category[0] == "M" else 0
        assert marks <= MARKS_MAX
    assert safe_line(clean) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("你好，下棋吗？", "你好，下棋吗？"),
        ("  many \t spaces\nand lines ", "many spaces and lines"),
        ("\u202eevil\u202c", "evil"),
        ("pay\u200bpal", "paypal"),
        ("\x1b[2J", "[2J"),
        ("e" + "\u0301" * 9, "\u00e9" + "\u0301" * 3),
        ("\u0301start", "start"),
        ("\u3164\u2800", ""),
        ("a\0b", "ab"),
    ],
)
def test_examples(raw: str, clean: str) -> None:
    assert safe_line(raw) == clean
