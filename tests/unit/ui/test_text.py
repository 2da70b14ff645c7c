"""Any string can be measured, cut, wrapped and drawn."""

import shutil
from pathlib import Path

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.i18n.catalogue import Text
from p2pgame.ui import text as text_module
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


def pixels(surface: pygame.Surface) -> bytes:
    return pygame.image.tobytes(surface, "RGBA")


def has(fonts: Fonts, text: str) -> None:
    """Skip the test where no font here has `text`."""
    if not fonts.can_draw(text):
        pytest.skip(f"no font here has {text}")


@given(
    text=st.text(st.sampled_from("abשלםسلام नमस्ते\u0302😀张🇨🇳()1"), max_size=30), width=st.integers(30, 200)
)
def test_lines_of_all_scripts_fit(fonts: Fonts, text: str, width: int) -> None:
    assert fonts.width(fonts.fit(text, 16, width), 16) <= width
    assert all(fonts.width(line, 16) <= width for line in fonts.wrap(text, 16, width))
    surface = fonts.render(text, 16, WHITE)
    assert surface.get_size() == (max(1, fonts.width(text, 16)), fonts.height(16))


def test_arabic_letters_join(fonts: Fonts) -> None:
    has(fonts, "سلام")
    alone = sum(fonts.width(letter, 40) for letter in "سلام")
    assert fonts.width("سلام", 40) < alone - 10


def test_a_right_to_left_name_begins_at_the_right(fonts: Fonts) -> None:
    has(fonts, "שלום")
    first, whole = fonts.render("ש", 40, WHITE), fonts.render("שלום", 40, WHITE)
    edge = whole.subsurface((whole.get_width() - first.get_width(), 0, *first.get_size()))
    assert ink(edge) == pytest.approx(ink(first), rel=0.1)


def test_a_mark_sits_on_its_letter_and_takes_no_room(fonts: Fonts) -> None:
    has(fonts, "x\u0302")
    assert abs(fonts.width("x\u0302", 40) - fonts.width("x", 40)) <= 2
    assert ink(fonts.render("x\u0302", 40, WHITE)) > ink(fonts.render("x", 40, WHITE))


def test_an_emoji_that_no_font_has_is_a_face_and_no_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts = Fonts()
    monkeypatch.setattr(fonts, "_find", lambda character, *, bold: None)
    monkeypatch.setattr(fonts, "_script_fonts", lambda script: [])
    face, other = fonts.render("\U0001fae0", 30, WHITE), fonts.render("\u1200", 30, WHITE)
    assert ink(face) > 0
    assert pixels(face) != pixels(other)


def test_bold_chinese_is_bolder(fonts: Fonts) -> None:
    has(fonts, "张")
    assert ink(fonts.render("张", 30, WHITE, bold=True)) > 1.1 * ink(fonts.render("张", 30, WHITE))


def test_chinese_without_a_font_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts = Fonts()
    monkeypatch.setattr(fonts, "_fallback_fonts", lambda *, bold: [])
    if fonts.can_draw("张"):
        pytest.skip("the first font has Chinese")
    assert fonts.lacks_han
    other = Fonts()
    other.render("Ben", 16, WHITE)
    assert not other.lacks_han


def test_a_font_package_serves_where_the_system_has_none(
    fonts: Fonts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    has(fonts, "张")
    font = fonts._find("张", bold=False)
    assert font is not None
    package, name = text_module._HAN_PACKAGE
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text("raise RuntimeError('is not imported')")
    shutil.copy(str(font.path), tmp_path / package / name)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(text_module, "_SIMPLIFIED_FACE", 0)
    monkeypatch.setattr(text_module, "_FALLBACK", ())
    assert Fonts().can_draw("张")


def test_a_text_is_drawn_as_it_is_said_now(fonts: Fonts) -> None:
    held = Text("Practice", lambda: "练习")
    held._made = -1  # of another language
    assert fonts.width(held, 20) == fonts.width("练习", 20)
    assert fonts.render(held, 20, WHITE) is fonts.render("练习", 20, WHITE)
    assert fonts.wrap(held, 20, 500) == ["练习"]
    assert fonts.fit(held, 20, 500) == "练习"


@given(text=st.text(st.sampled_from("ab 张伟，。（）W、S"), min_size=1, max_size=40), size=st.integers(8, 40))
def test_a_line_in_a_room_of_its_own_width_is_not_broken(fonts: Fonts, text: str, size: int) -> None:
    assert fonts.wrap(text, size, fonts.width(text, size)) == [text]
