"""What we may say, and how often; whoever is refused learns why."""

import pytest

from p2pgame.chat.author import BURST, Author
from p2pgame.core.errors import LocalProtocolError
from p2pgame.wire.chat import LOBBY, Kind, decode_line
from tests.signers import Signer

ROOM = b"12345678"


def refusal(author: Author, text: str, now: float, *, kind: Kind = Kind.TEXT, where: bytes = LOBBY) -> str:
    try:
        author.line(where, kind, text, "Ann", now, now)
    except LocalProtocolError as error:
        return error.code
    return ""


def test_lines_are_signed_counted_for_each_place_and_cleaned() -> None:
    author = Author(Signer(1), b"instance")
    lines = [
        author.line(where, Kind.TEXT, text, "Ann", 0.0, 12.5)
        for where, text in ((LOBBY, " a\u202e "), (ROOM, "b"), (LOBBY, "c"))
    ]
    assert [(x.line.where, x.line.counter, x.line.text) for x in lines] == [
        (LOBBY, 1, "a"), (ROOM, 1, "b"), (LOBBY, 2, "c"),
    ]  # fmt: skip
    for signed in lines:
        assert signed.verify()
        assert decode_line(signed.data) == signed
        assert signed.line.time == 12_500


def test_one_budget_for_all_places_that_comes_back_in_one_and_a_half_seconds_a_line() -> None:
    author = Author(Signer(1), bytes(8))
    assert [refusal(author, f"{n}", 0.0, where=(LOBBY, ROOM)[n % 2]) for n in range(BURST + 1)] == [
        ""
    ] * BURST + ["chat_too_fast"]
    with pytest.raises(LocalProtocolError) as refused:
        author.line(LOBBY, Kind.TEXT, "now?", "Ann", 0.1, 0.0)
    assert refused.value.params == {"seconds": 2}
    assert refusal(author, "x", 1.49) == "chat_too_fast"
    assert refusal(author, "x", 1.51) == ""


def test_the_same_again_waits_ten_seconds_and_costs_nothing_of_the_budget() -> None:
    author = Author(Signer(1), bytes(8))
    assert refusal(author, "again", 0.0) == ""
    assert {refusal(author, "again", 0.1 * n) for n in range(20)} == {"chat_repeated"}
    assert refusal(author, "again", 0.0, where=ROOM) == "", "elsewhere it is news"
    assert refusal(author, "something", 9.0) == ""
    assert refusal(author, "again", 9.5) == "", "something else was said between"
    assert refusal(author, "again", 19.6) == ""


def test_nothing_too_much_and_no_code_that_is_none() -> None:
    author = Author(Signer(1), bytes(8))
    assert refusal(author, "\u200b ", 0.0) == "chat_empty"
    assert refusal(author, "x" * 201, 0.0) == "chat_too_long"
    assert refusal(author, "\U0001f600" * 200, 0.0) == "", "the largest line"
    assert refusal(author, "Not A Code", 0.0, kind=Kind.PHRASE) == "chat_empty"
    assert refusal(author, "good_game", 0.0, kind=Kind.PHRASE) == ""
