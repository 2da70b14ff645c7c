"""Every code of a room that the session may say has words."""

import re
from pathlib import Path

import pytest

import p2pgame
from p2pgame.i18n import rooms

SESSION = Path(p2pgame.__file__).parent / "session"
CODES = re.compile(r"``([a-z_]+)``")


@pytest.mark.parametrize(
    ("table", "module", "field"),
    [
        (rooms.LEFT_SENTENCES, "events", "We are no longer in the room"),
        (rooms.MEMBER_LEFT_SENTENCES, "events", "Another member left our room"),
        (rooms.SEAT_SENTENCES, "events", "Who plays on a seat changed"),
        (rooms.SEAT_SENTENCES, "room_view", 'kind: str = "open"'),
        (rooms.LEVEL_SENTENCES, "room_view", "level: str"),
    ],
)
def test_every_documented_code_has_words_and_no_other(table: dict[str, str], module: str, field: str) -> None:
    """`field`: text after which a docstring lists the codes."""
    rest = (SESSION / f"{module}.py").read_text("utf-8").split(field, 1)[1]
    listed = re.search(r'``[a-z_]+``[^"]*', rest)
    assert listed is not None
    found = set(CODES.findall(listed[0]))
    assert set(table) == found


def test_a_code_of_tomorrow_is_named() -> None:
    assert rooms.left_text("of_tomorrow") == "an unexpected problem (of_tomorrow)"
    assert rooms.level_text("") == ""
    assert rooms.vote_text("game", "tron", "") == "play Tron next"
    assert rooms.vote_text("kick", "abc", "Ben") == "remove Ben from the room"
