"""Events in words, for people who run a command."""

import json
import threading

import pytest

from p2pgame.cli import games
from p2pgame.cli.main import main
from p2pgame.cli.output import Printer
from p2pgame.core.registry import Registry, installed
from p2pgame.session import events as e

DESYNC = e.MatchDesync(match="m", frame=7, ours="aa", theirs="bb", path="x")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (e.MatchPaused(match="m", reason="connection"), "the other side is not heard"),
        (e.MatchPaused(match="m", reason="closed"), "closed its program"),
        (e.MatchPaused(match="m", reason="restarted"), "looking for the other side"),
        (e.MatchPaused(match="m", reason="desync"), "the two games differ"),
        (e.MatchPaused(match="m", reason="adjourned"), "asking the other side to go on"),
        (e.MatchAdjourned(match="m", reason="agreed"), "it goes on when both want to"),
        (e.MatchAdjourned(match="m", reason="declined"), "does not want to go on now"),
        (e.MatchAdjourned(match="m", reason="busy"), "is busy"),
        (e.MatchAdjourned(match="m", reason="not_now"), "stays adjourned"),
        (e.MatchAdjourned(match="m", reason="no_seat"), "(no_seat)"),
        (e.MatchResumeAsked(match="m", game="pong", peer="p" * 26, name="Ann"), "your adjourned match of Pong"),
        (
            e.MatchResumable(
                match="m", game="pong", peer="p" * 32, name="Ann", frames=60, started=0.0, adjourned=True
            ),
            "Pong with Ann (PPPP-PPPP) is adjourned after 60 frames",
        ),
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


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (e.ErrorEvent(code="silent", params={"name": "Ann", "seconds": 5}), "nothing was heard from Ann"),
        (e.ErrorEvent(code="not_now", params={"reason": "match_on"}), "a match is on"),
        (e.ErrorEvent(code="illegal_move", params={"reason": "{point} is taken", "point": "H8"}), "H8 is taken"),
        (e.ErrorEvent(code="of_another_version"), "of_another_version"),
        (e.InviteDeclined(invite="00", peer="p" * 26, name="Ann", game="pong", reason="busy"), "Ann is busy"),
        (
            e.InviteDeclined(
                invite="00", peer="p" * 26, name="Ann", game="pong", reason="unreachable",
                params={"code": "no_answer", "cause": "no_route", "address": "10.0.0.9", "port": 41421},
            ),
            "Ann cannot be reached: this machine has no route to 10.0.0.9",
        ),
    ],
)  # fmt: skip
def test_codes_become_words_and_json_has_both(
    capsys: pytest.CaptureFixture[str], event: e.Event, words: str
) -> None:
    Printer(json=False).event(0.0, event)
    assert words in capsys.readouterr().out
    Printer(json=True).event(0.0, event)
    shown = json.loads(capsys.readouterr().out)
    assert words in shown["message"]
    assert shown.get("params", {}) == getattr(event, "params", {})


def test_what_a_game_prints_is_not_between_our_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a plug-in does while it is imported, or in its rules on another thread."""

    def chatty() -> Registry:
        print("hello from a game")
        thread = threading.Thread(target=print, args=("and from its thread",))
        thread.start()
        thread.join()
        return installed()

    monkeypatch.setattr(games, "installed", chatty)
    assert main(["games", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [json.loads(line)["game"] for line in out.splitlines()] == ["gomoku", "pong", "tron"]
    assert err == "hello from a game\nand from its thread\n"
    print("after the command stdout is everybody's again")
    assert capsys.readouterr().out
