"""Lines of text in visual order, in pieces of one script, and broken where a reader expects it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.ui.shaping import EMOJI, PLAIN, Piece, lines, pieces, visual

ANY = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), max_size=40)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ben won", "Ben won"),
        ("张伟 won", "张伟 won"),
        ("שלום won", "םולש won"),
        ("Anna (שלום) 3", "Anna (םולש) 3"),
        ("שלום (12) הא", "אה (12) םולש"),
        ("שלום!", "!םולש"),
        ("Ben שלום!", "Ben םולש!"),
        ("سلام 12", "12 مالس"),
        ("«שלום»", "«םולש»"),
        ("等待 \u2068שלום\u2069… 12 秒", "等待 םולש… 12 秒"),
        ("\u2068שלום\u2069 3 won", "םולש 3 won"),
        ("\u2068Ben\u2069", "Ben"),
    ],
)
def test_lines_are_ordered_from_left_to_right(text: str, shown: str) -> None:
    assert visual(text) == shown


def test_marks_follow_their_letters_in_visual_order() -> None:
    shin, qamats, dot, lamed = "\u05e9", "\u05b8", "\u05c1", "\u05dc"
    assert visual(shin + dot + qamats + lamed) == lamed + shin + dot + qamats
    assert visual("n\u0308" + lamed) == "n\u0308" + lamed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("Ben 12", [Piece("Ben 12", PLAIN)]),
        ("张伟", [Piece("张伟", PLAIN)]),
        ("नमस्ते दुनिया!", [Piece("नमस्ते दुनिया", "Deva"), Piece("!", PLAIN)]),
        ("a x\u0302b", [Piece("a ", PLAIN), Piece("x\u0302", "Latn"), Piece("b", PLAIN)]),
        ("😀👍 a", [Piece("😀", EMOJI), Piece("👍", EMOJI), Piece(" a", PLAIN)]),
        ("🇨🇳", [Piece("🇨🇳", EMOJI)]),
        ("\u2068Ben", [Piece("Ben", PLAIN)]),
        ("Ben שלום", [Piece("Ben ", PLAIN), Piece("םולש", "Hebr")]),
    ],
)
def test_what_needs_shaping_is_a_piece_of_its_own(text: str, found: list[Piece]) -> None:
    assert pieces(text) == found


@given(ANY)
def test_no_character_is_lost(text: str) -> None:
    shown = "".join(piece.text for piece in pieces(text))
    brackets = str.maketrans("()[]{}«»‹›", "()()()()()".replace(")", "("))
    assert sorted(shown.translate(brackets)) == sorted(text.translate(brackets))


def broken(text: str, room: int) -> list[str]:
    return list(lines(text, room, len))


def test_chinese_is_broken_between_characters_and_no_line_begins_with_a_stop() -> None:
    assert broken("如果你离开，对手会得知。", 5) == ["如果你离", "开，对手会", "得知。"]
    assert broken("他说“很好”。", 4) == ["他说“很", "好”。"]
    for room in range(3, 9):
        for line in broken("“好”（真的）！而且 p2pgame 不会断，对吗？", room):
            assert line[0] not in "，。！？）”、"
            assert line[-1] not in "（“"


def test_words_stay_whole() -> None:
    assert broken("one two three", 7) == ["one two", "three"]
    assert broken("a p2pgame-word b", 5) == ["a", "p2pgame-word", "b"]
    assert broken("", 5) == [""]


@given(st.text(st.sampled_from("ab 张伟，。（）“”"), max_size=40), st.integers(3, 12))
def test_breaking_loses_nothing_but_spaces(text: str, room: int) -> None:
    assert "".join(broken(text, room)).replace(" ", "") == text.replace(" ", "")
