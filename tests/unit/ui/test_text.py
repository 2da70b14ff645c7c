"""Any string can be measured, cut, wrapped and drawn."""

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.ui.text import Fonts

WHITE = (255, 255, 255)
ANY = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    pygame.freetype.init()
    return Fonts()


def ink(surface: pygame.Surface) -> int:
    """How many pixels are not empty."""
    return pygame.mask.from_surface(surface).count()


@given(text=ANY, size=st.integers(6, 60))
def test_any_text_is_one_line_of_its_width(fonts: Fonts, text: str, size: int) -> None:
    surface = fonts.render(text, size, WHITE)
    assert surface.get_height() == fonts.height(size)
    assert surface.get_width() == max(1, fonts.width(text, size))


@given(text=ANY, width=st.integers(20, 300))
def test_cut_text_fits(fonts: Fonts, text: str, width: int) -> None:
    cut = fonts.fit(text, 16, width)
    assert fonts.width(cut, 16) <= width
    if fonts.width(text, 16) <= width:
        assert cut == text


@given(text=st.text(st.sampled_from("ab 张\n"), max_size=80), width=st.integers(30, 200))
def test_wrapped_lines_fit(fonts: Fonts, text: str, width: int) -> None:
    assert all(fonts.width(line, 16) <= width for line in fonts.wrap(text, 16, width))


def test_words_are_kept_when_wrapping(fonts: Fonts) -> None:
    lines = fonts.wrap("one two three four five", 16, fonts.width("three four", 16))
    assert " ".join(lines).split() == ["one", "two", "three", "four", "five"]
    assert len(lines) > 1


def test_a_glyph_that_no_font_has_is_a_box_each(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts = Fonts()
    monkeypatch.setattr(fonts, "_find", lambda character, *, bold: None)
    one, two = fonts.render("𗀀", 20, WHITE), fonts.render("𗀀𗀁", 20, WHITE)
    assert ink(one) > 0
    assert ink(two) == 2 * ink(one)


def test_combining_marks_do_not_grow_the_line(fonts: Fonts) -> None:
    assert fonts.render("a" + "\u0301" * 5000, 20, WHITE).get_height() == fonts.height(20)


def test_controls_and_surrogates_vanish(fonts: Fonts) -> None:
    assert fonts.width("a\0\x1b\n\u202e\ud800b", 20) == fonts.width("ab", 20)


def test_the_same_line_is_drawn_once(fonts: Fonts) -> None:
    assert fonts.render("again", 20, WHITE) is fonts.render("again", 20, WHITE)


def test_chinese_shows_where_the_system_has_a_font(fonts: Fonts) -> None:
    if fonts._find("张", bold=False) is None:
        pytest.skip("no Chinese font here")
    assert fonts.render("张", 20, WHITE).get_width() > 10
    assert pygame.image.tobytes(fonts.render("张", 20, WHITE), "RGBA") != pygame.image.tobytes(
        fonts.render("伟", 20, WHITE), "RGBA"
    )
