"""Events in words, for people who run a command."""

import json

import pytest

from p2pgame.cli.output import Printer
from p2pgame.session import events as e

DESYNC = e.MatchDesync(match="m", frame=7, ours="aa", theirs="bb", path="x")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (e.MatchPaused(match="m", reason="connection"), "the other side is not heard"),
        (e.MatchPaused(match="m", reason="restarted"), "looking for the other side"),
        (e.MatchPaused(match="m", reason="desync"), "the two games differ"),
        (e.MatchPaused(match="m", reason="of another version"), "of another version"),
        (e.MatchResumed(match="m", reason="connection"), "the match continues"),
        (
            e.MatchResumable(match="m", game="pong", peer="p" * 32, name="Ann", frames=60, started=0.0),
            "Pong with Ann",
        ),
        (DESYNC, "frame 7: here aa, there bb (it cannot be repaired)"),
        (
            e.MatchDesync(
                match="m", frame=7, ours="aa", theirs="bb", path="x", differences=("x: 1 ≠ 2", "y: 3 ≠ 4"),
                mended=True, taken="theirs",
            ),
            "frame 7: x: 1 ≠ 2; y: 3 ≠ 4 (repaired: their state is taken)",
        ),
        (
            e.MatchDesync(
                match="m", frame=7, ours="aa", theirs="bb", path="x", mended=True, taken="ours",
            ),
            "(repaired: our state is kept)",
        ),
    ],
)  # fmt: skip
def test_an_interruption_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], event: e.Event, words: str
) -> None:
    Printer(json=False).event(0.0, event)
    (line,) = capsys.readouterr().out.splitlines()
    assert words in line


def test_json_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    Printer(json=True).event(1.5, DESYNC)
    assert json.loads(capsys.readouterr().out) == {
        "t": 1.5, "event": "desync", "match": "m", "frame": 7, "ours": "aa", "theirs": "bb", "path": "x",
        "differences": [], "mended": False, "taken": "",
    }  # fmt: skip
