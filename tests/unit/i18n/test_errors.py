"""Every error has a sentence, whatever raises it and whoever sends its code."""

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from p2pgame.core.errors import IllegalMoveError, LocalProtocolError, P2PGameError, RemoteProtocolError
from p2pgame.i18n.catalogue import placeholders
from p2pgame.i18n.errors import TABLES, sentence, sentences
from p2pgame.i18n.protocol_errors import SENTENCES as BARE
from tests.sources import PACKAGE, calls, modules

CODE = re.compile(r"[a-z0-9_]{1,32}")
ADDED = {"number", "name"}
"""Parameters that `sentence` makes of ``player``."""


class Raised(NamedTuple):
    """One place where an error is made."""

    kind: str
    code: str
    params: frozenset[str]
    open: bool
    """More parameters may come from a mapping."""
    place: str


def constants(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from constants(body)
            yield from constants(other)


def raised(path: Path, tree: ast.Module) -> Iterator[Raised]:
    for node in calls(tree):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if not name.endswith("Error") or not node.args:
            continue
        if hasattr(builtins, name) or name in ("ArgumentTypeError", "DesyncError"):
            continue
        params = frozenset(keyword.arg for keyword in node.keywords if keyword.arg is not None)
        if name == "NotDeterministicError":
            params |= {"frame"}
        loose = any(keyword.arg is None for keyword in node.keywords)
        for code in constants(node.args[0]):
            yield Raised(name, code, params, loose, f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}")


@cache
def places() -> list[Raised]:
    return [found for path, tree in modules("Error(") for found in raised(path, tree)]


def of_a_game(found: Raised) -> bool:
    return found.place.startswith("games/")


def test_what_is_raised_has_a_sentence_with_its_parameters() -> None:
    """One test for all: to collect one for each place, every worker would read the whole package."""
    for found in places():
        check(found)


def check(found: Raised) -> None:
    if found.kind in ("IllegalMoveError", "ForfeitError") and of_a_game(found):
        assert placeholders(found.code) == found.params, found
        return
    if found.kind in ("DecodeError", "_NewerError", "OperationalError", "DatabaseError"):
        return  # an error of a library
    assert CODE.fullmatch(found.code), f"a sentence instead of a code: {found}"
    if found.kind == "RemoteProtocolError":  # its parameters are for logs: the other side has the bare code
        assert found.code in BARE, f"a code without a sentence: {found}"
        return
    english = sentences().get(found.code, BARE.get(found.code))
    assert english is not None, f"a code without a sentence: {found}"
    wanted = placeholders(english)
    if not found.open:
        given = found.params | (ADDED if "player" in found.params else set())
        assert wanted <= given, f"the sentence says what is not given: {found}"
        if not found.params & {"cause", "reason"}:  # those explain another sentence
            assert found.params - {"player"} <= wanted, f"what is given is not said: {found}"


def test_the_walk_finds_what_is_raised() -> None:
    codes = {found.code for found in places()}
    assert {
        "no_bot",
        "identity_damaged",
        "wrong_number_of_players",
        "{point} is taken",
        "only_with_show",
    } <= codes
    assert len(codes) > 40


def test_no_code_is_in_two_tables_and_every_code_has_its_form() -> None:
    seen: dict[str, str] = {}
    for table in TABLES:
        if find_spec(table) is None:
            continue
        for code, english in import_module(table).SENTENCES.items():
            assert CODE.fullmatch(code), code
            assert english.strip(), code
            assert code not in seen, f"{code} is in {seen.get(code)} and in {table}"
            seen[code] = table
    assert seen.keys() == sentences().keys()


def test_codes_that_travel_have_no_parameters() -> None:
    assert [code for code, english in BARE.items() if placeholders(english)] == []


def test_the_codes_of_the_protocol_page_have_sentences() -> None:
    page = (PACKAGE.parent / "docs" / "protocol.md").read_text("utf-8")
    table = page.split("Codes of `close`:")[1].split("\n\n")[1]
    codes = re.findall(r"^\| `([a-z_0-9]+)` \|", table, re.MULTILINE)
    assert len(codes) > 30
    assert [code for code in codes if code not in BARE] == []
    assert not set(BARE) & set(import_module("p2pgame.i18n.storage_errors").SENTENCES)


def test_a_sentence_is_in_the_language_of_its_code_and_parameters() -> None:
    assert sentence(P2PGameError("settings_not_saved", path="/x", detail="No space left")) == (
        "settings cannot be saved in /x: No space left"
    )
    assert sentence("no_bot", {"game": "gomoku"}) == "Gomoku has no bot"
    assert sentence("no_bot", {"game": "chess"}) == "chess has no bot"
    assert sentence(RemoteProtocolError("wrong_frame", frame=7)) == (
        "the other program sent data for the wrong frame"
    )


@pytest.mark.parametrize("code", ["code_of_tomorrow", "x", "_", "z" * 32])
def test_a_code_of_a_newer_program_is_a_readable_sentence(code: str) -> None:
    assert sentence(code, {"frame": 3}) == f"an unexpected problem ({code})"
    assert sentence(RemoteProtocolError(code)) == f"an unexpected problem ({code})"


def test_parameters_that_are_missing_do_not_show_as_braces() -> None:
    assert sentence("settings_not_saved", {"path": "/x"}) == "an unexpected problem (settings_not_saved)"


def test_an_event_that_gives_a_reason_says_it() -> None:
    assert sentence("not_now", {"reason": "no_match_played"}) == "no match was played"
    assert sentence("not_now") == "that is not possible now"
    assert sentence("illegal_move") == "the rules do not allow that"
    assert sentence("illegal_move", {"reason": "{point} is taken", "point": "H8"}) == "H8 is taken"
    assert sentence("illegal_move", {"reason": "match_over"}) == "the match is over"
    assert sentence("not_recorded") == "the match is not recorded"
    assert sentence("not_recorded", {"reason": "match_not_recorded", "cause": "disk_full"}) == (
        "this match is not recorded: the disk is full"
    )
    facts = {"reason": "history_not_kept", "cause": "file_unusable", "path": "/x", "detail": "locked"}
    assert sentence("not_recorded", facts) == "the history is not kept: /x cannot be used: locked"


def test_an_illegal_move_is_said_by_the_game() -> None:
    assert (
        sentence(IllegalMoveError("{point} is taken", point="H8"), package="p2pgame.games.gomoku")
        == "H8 is taken"
    )
    assert sentence(IllegalMoveError("not_your_turn")) == "it is not your turn"
    assert sentence(IllegalMoveError("occupied")) == "occupied"


def test_a_player_is_called_by_name_or_number() -> None:
    assert sentence("wrong_signature", {"player": 0}, names=["Ann"]) == "the signature for Ann is not genuine"
    assert (
        sentence("wrong_signature", {"player": 1}, names=["Ann"])
        == "the signature for player 2 is not genuine"
    )
    assert (
        sentence("wrong_signature", {"player": -1}, names=["Ann"])
        == "the signature for player 0 is not genuine"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb\nc", "a [2Jb c"),
        ("\u202egnp.exe", " gnp.exe"),
        ("{path}", "{path}"),
        ("{path:>999999999}", "{path:>999999999}"),
        ("{path.__class__}", "{path.__class__}"),
        ("{", "{"),
        ("x" * 5000, "x" * 400),
    ],
)
def test_text_of_another_peer_is_safe_to_show(text: str, shown: str) -> None:
    assert sentence("file_unusable", {"path": "/x", "detail": text}) == f"/x cannot be used: {shown}"


def test_reasons_do_not_nest_for_ever() -> None:
    assert sentence("not_now", {"reason": "not_now"}) == "that is not possible now"
    assert (
        sentence("not_now", {"reason": "illegal_move", "cause": "not_now"}) == "the rules do not allow that"
    )


def test_wrong_numbers_of_players_are_said_with_the_title() -> None:
    error = LocalProtocolError("wrong_number_of_players", game="tron", players=9, least=2, most=8)
    assert sentence(error) == "9 players cannot play Tron: it is for at least 2 and at most 8"
