"""Every code that can be said of a file has its sentence, and every sentence the parameters that it asks for."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import p2pgame
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.snapshot import encode
from p2pgame.i18n.replay_errors import SENTENCES, replay_text
from p2pgame.replay.codec import MAGIC, decode_header
from p2pgame.replay.errors import Problem, ReplayError
from p2pgame.replay.reader import read
from p2pgame.replay.records import Inputs
from p2pgame.replay.verify import verify
from tests.unit.replay.made import DIGEST, Tape, chunk, file_of, header_of
from tests.unit.testing.games import Dots, Nim, Take

PACKAGE = Path(p2pgame.__file__).parent
SOURCES = [
    *(PACKAGE / "replay").glob("*.py"),
    PACKAGE / "session" / "saved_match.py",
    PACKAGE / "cli" / "replay.py",
]
CALLS = {"ReplayError": 0, "problem": 0, "difference": 1}
"""What takes a code, and which argument it is."""
DERIVED = {"number", "name", "cause"}
"""Parameters that `replay_text` makes of others."""
CAUSES = {
    "newer_format",
    "older_format",
    *(
        f"decision_{reason}"
        for reason in ("too_long", "malformed", "too_many", "out_of_order", "old_epoch", "of_nobody")
    ),
}
"""Codes that are only ever the cause of another."""


def raised() -> dict[str, set[str]]:
    """Each code in the sources, with the names of the parameters that stand beside it."""
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = (
                getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            )
            if not isinstance(node, ast.Call) or name not in CALLS or len(node.args) <= CALLS[name]:
                continue
            code = node.args[CALLS[name]]
            if isinstance(code, ast.Constant):
                given = {keyword.arg or "" for keyword in node.keywords}
                found[code.value] = {*given, "frame"} if name == "difference" else given
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert set(SENTENCES) == {*raised(), *CAUSES, "input_not_given", "input_not_asked"}
    assert all(re.fullmatch("[a-z_]{1,32}", code) for code in SENTENCES)


def test_every_sentence_gets_its_parameters() -> None:
    for code, params in raised().items():
        assert placeholders(SENTENCES[code]) <= params | DERIVED, code


def test_a_cause_is_told_with_the_parameters_of_what_it_causes() -> None:
    with pytest.raises(ReplayError) as refused:
        decode_header(MAGIC + b"\xff" * 8)
    assert replay_text(refused.value.code, refused.value.params) == (
        "the file has no readable header: a record claims to have 4294967295 bytes"
    )
    with pytest.raises(ReplayError) as refused:
        decode_header(MAGIC + chunk(encode({"type": "header", "format": 1})))
    assert replay_text(refused.value.code, refused.value.params) == (
        "an older p2pgame wrote this file, in format 1; this one reads format 2"
    )
    with pytest.raises(ReplayError) as refused:
        decode_header(MAGIC + chunk(encode({"type": "header", "format": 3})))
    assert replay_text(refused.value.code, refused.value.params) == (
        "a newer p2pgame wrote this file: update this one to read it"
    )


def texts(tape: Tape) -> list[str]:
    verdict = verify(read(tape.data), tape.game, DIGEST)
    return [replay_text(problem.code, problem.params, tape.header.names) for problem in verdict.problems]


def test_what_does_not_verify_is_told_in_plain_words() -> None:
    nobody = Tape(Dots(), header_of(Dots())).play(3).end(Outcome.by(EndedBy.RESIGNED, (0,)), signers=[0])
    assert texts(nobody) == ["no decision in the file ends the match in this way", "Ben has not signed it"]
    illegal = Tape(Nim(), header_of(Nim()), lambda _state, _players: (Take(1), Take(1))).play(1)
    assert texts(illegal)[1:] == ["frame 0: the input of player 2 was not asked for"]
    nonsense = Inputs(first=0, runs=((1, (encode("x"), None)),), hashes=b"", chain=bytes(16))
    verdict = verify(read(file_of([header_of(Nim()), nonsense])), Nim(), DIGEST)
    text = replay_text(verdict.problems[1].code, verdict.problems[1].params)
    assert text.startswith("frame 0 has an input that is none of nim: Expected `object`")


def test_the_sentence_of_a_game_gets_the_parameters_of_the_game() -> None:
    params = {"frame": 4, "player": 1, "reason": "{point} is taken", "move_point": "H8"}
    assert replay_text("input_illegal", params) == "frame 4: the input of player 2 is illegal: H8 is taken"


def test_a_player_without_a_name_and_an_unknown_code() -> None:
    assert replay_text("not_signed", {"player": 2}, ["Ann", "Ben"]) == "player 3 has not signed it"
    assert replay_text("of_a_later_version", {}) == "of_a_later_version"


def test_an_error_is_a_problem_as_data() -> None:
    assert ReplayError("wrong_hashes", frames=3).problem == Problem("wrong_hashes", {"frames": 3})
