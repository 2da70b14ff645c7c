"""However a program ends in the middle of a match, the other side is told at once, and the match can be resumed."""

import signal
import time
from pathlib import Path

import pytest

from tests.lab.conftest import Start
from tests.lab.display import open_display, require_display
from tests.lab.lan import Lan
from tests.lab.peer import Peer
from tests.lab.reconnect import assert_went_on, newest_frame

pytestmark = pytest.mark.lab

BOT = ("bot", "--game", "gomoku", "--think-ms", "60", "--frames", "16")
WINDOW = ("play", "--autoplay", "accepter", "--size", "640x480")
FAULT = """
import p2pgame.ui.scenes.match as module
def update(self, dt, update=module.MatchScene.update):
    if self.match.frame > 3:
        raise ZeroDivisionError("a fault in the window")
    return update(self, dt)
module.MatchScene.update = update
"""


def left(start: Start, bob: Peer, alice: Peer, *, ends: int) -> None:
    """Alice's program has ended with that code: Bob is told that she closed it, and plays on with her next one."""
    assert bob.wait_for("match_paused", 3.0)["reason"] == "closed"
    alice.assert_exit(ends)
    assert "Traceback" not in alice.log, alice.story()
    assert len(alice.log.splitlines()) <= 1, alice.story()
    assert not alice.all("match_ended")
    again = start(alice.host, alice.name, *BOT, data_dir=alice.data_dir)
    assert_went_on([bob], [alice, again])


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda s: s.name)
def test_a_bot_that_a_signal_ends(lan: Lan, start: Start, signum: signal.Signals) -> None:
    alice = start(0, "Alice", *BOT, "--accept")
    bob = start(1, "Bob", *BOT, "--invite", "Alice")
    alice.wait_until("move", lambda: newest_frame(alice) > 3)
    alice.process.send_signal(signum)
    time.sleep(0.03)
    alice.process.send_signal(signal.SIGTERM)  # whoever is impatient disturbs no goodbye
    left(start, bob, alice, ends=130 if signum is signal.SIGINT else 128 + signum)


@pytest.mark.window
@pytest.mark.parametrize("how", ["SIGHUP", "the display goes", "a fault"])
def test_a_window_that_is_ended(lan: Lan, start: Start, tmp_path: Path, how: str) -> None:
    require_display()
    faults = tmp_path / "faults"
    faults.mkdir()
    if how == "a fault":
        (faults / "sitecustomize.py").write_text(FAULT)
    with open_display("800x600") as display:
        alice = start(0, "Alice", *WINDOW, PYTHONPATH=str(faults), TMPDIR=str(faults), **display.env)
        alice.wait_for("announcing")
        bob = start(1, "Bob", *BOT, "--invite", "Alice")
        alice.wait_until("move", lambda: newest_frame(alice) > 2)
        if how == "SIGHUP":
            alice.process.send_signal(signal.SIGHUP)
        if how != "the display goes":
            alice.wait_exit()
    left(start, bob, alice, ends=128 + signal.SIGHUP if how == "SIGHUP" else 1)
    said = {"SIGHUP": "", "the display goes": "the display is gone", "a fault": "a fault in p2pgame"}
    assert said[how] in alice.log, alice.story()
