"""The other side vanishes in every state, and what scripts learn from the exit code."""

import time

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import Lan
from tests.lab.match import assert_played, started

pytestmark = pytest.mark.lab

ACCEPT = ("bot", "--game", "gomoku", "--accept")
INVITE = ("bot", "--game", "gomoku", "--invite")
IMPATIENT = ("--patience", "2")
"""Seconds; more of it, and the other side may come back: see `test_reconnect`."""


def test_the_inviter_dies_in_the_match(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--think-ms", "100", *IMPATIENT)
    bob = start(1, "Bob", *INVITE, "Alice", "--think-ms", "100", *IMPATIENT)
    started(alice, bob)
    bob.kill()
    alice.assert_exit(5, 12)
    assert alice.wait_for("match_paused")["reason"] == "connection"
    assert alice.wait_for("match_ended")["outcome"]["reason"] == "resigned"
    assert "Traceback" not in alice.log


def test_the_invited_dies_in_the_match(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--think-ms", "100", *IMPATIENT)
    bob = start(1, "Bob", *INVITE, "Alice", "--think-ms", "100", *IMPATIENT)
    started(alice, bob)
    alice.kill()
    bob.assert_exit(5, 12)
    assert bob.wait_for("match_paused")["reason"] == "connection"
    assert bob.wait_for("match_ended")["outcome"]["reason"] == "resigned"
    assert "Traceback" not in bob.log


def test_the_cable_is_cut_in_the_match(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--think-ms", "100", *IMPATIENT)
    bob = start(1, "Bob", *INVITE, "Alice", "--think-ms", "100", *IMPATIENT)
    started(alice, bob)
    lan.cut(1)
    for peer in (alice, bob):
        peer.assert_exit(5, 20)


def test_a_short_cut_only_delays_the_match(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--think-ms", "50", "--frames", "20")
    bob = start(1, "Bob", *INVITE, "Alice", "--think-ms", "50", "--frames", "20")
    started(alice, bob)
    lan.cut(1)
    time.sleep(1.0)
    lan.mend(1)
    assert_played(alice, bob)


@pytest.mark.parametrize("victim", ["the inviter", "the invited"])
def test_death_just_after_accepting(lan: Lan, start: Start, victim: str) -> None:
    lan.impair(delay_ms=100)  # so that the death falls before the match has begun
    alice = start(0, "Alice", *ACCEPT)
    bob = start(1, "Bob", *INVITE, "Alice")
    doomed, other = (bob, alice) if victim == "the inviter" else (alice, bob)
    alice.wait_for("invite_accepted")
    doomed.kill()
    assert not other.all("match_started")
    clear = ("invite_cancelled", "invite_declined", "error", "match_ended")
    other.wait_until("clear event", lambda: [e for e in other.events if e["event"] in clear], 12)
    if other is bob:
        bob.assert_exit(5, 5)
    else:  # a practice opponent goes on waiting for the next
        next_one = start(1, "Cora", *INVITE, "Alice", "--frames", "6")
        next_one.assert_exit(0, 20)
    assert "Traceback" not in other.log


def test_the_inviter_dies_while_the_invitation_waits(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", "silent")
    bob = start(1, "Bob", *INVITE, "Alice")
    invite = alice.wait_for("invite_received", name="Bob")["invite"]
    bob.kill()
    alice.wait_for("invite_cancelled", 9, invite=invite, reason="vanished")


def test_the_invited_dies_while_the_invitation_waits(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", "silent")
    bob = start(1, "Bob", *INVITE, "Alice")
    alice.wait_for("invite_received", name="Bob")
    alice.kill()
    bob.wait_for("invite_declined", 9, name="Alice", reason="unreachable")
    bob.assert_exit(5)


@pytest.mark.timing
def test_ctrl_c_takes_the_invitation_back(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", "silent")
    bob = start(1, "Bob", *INVITE, "Alice")
    invite = alice.wait_for("invite_received", name="Bob")["invite"]
    bob.interrupt()
    bob.assert_exit(130, 1.0)
    alice.wait_for("invite_cancelled", 1, invite=invite, reason="cancelled")


def test_one_who_plays_is_busy_for_others(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--think-ms", "1500")
    carol = start(1, "Carol", "silent")
    bob = start(1, "Bob", *INVITE, "Alice", "--think-ms", "1500")
    started(alice, bob)
    carol.wait_until(
        "news that Alice is busy", lambda: carol.all("peer_updated", name="Alice", status="busy")
    )
    dora = start(1, "Dora", *INVITE, "Alice", "--wait", "3")
    assert dora.wait_exit(8) in (3, 6)  # not asked while she is listed as busy, or told so
    assert alice.process.poll() is None
    assert not alice.all("match_ended")


def test_nobody_of_that_name(lan: Lan, start: Start) -> None:
    bob = start(1, "Bob", *INVITE, "Nobody", "--wait", "2")
    bob.assert_exit(3, 5)
    assert "Nobody" in bob.wait_for("error")["message"]
    assert "Traceback" not in bob.log


@pytest.mark.parametrize(
    "options",
    [
        ("bot", "--game", "no-such-game", "--accept"),
        ("bot", "--game", "gomoku", "--accept", "--frames", "many"),
        ("bot", "--game", "gomoku", "--accept", "--no-such-option"),
        ("no-such-command",),
    ],
)
def test_usage(lan: Lan, start: Start, options: tuple[str, ...]) -> None:
    peer = start(0, "Alice", *options)
    peer.assert_exit(2, 5)
    assert options[-1] in peer.log or "no-such-game" in peer.log or "many" in peer.log
    assert "Traceback" not in peer.log


@pytest.mark.timing
def test_ctrl_c_in_the_match(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--matches", "0", "--think-ms", "100")
    bob = start(1, "Bob", *INVITE, "Alice", "--think-ms", "100")
    started(alice, bob)
    bob.interrupt()
    bob.assert_exit(130, 1.0)
    alice.wait_for("match_paused", 3, reason="closed")
    alice.wait_for("peer_lost", 3, peer=bob.id, reason="goodbye")
