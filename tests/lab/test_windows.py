"""Two people at two machines, with the keyboard alone: names, lobby, invitation, a match to its end, a return match.

Real windows under Xvfb in two hosts of the lab. What the screens showed is kept in ``tests/output``.
"""

import shutil
import time
from pathlib import Path

import pytest

from p2pgame.storage.identity import open_identity
from tests.lab.conftest import Start
from tests.lab.display import open_display, require_display
from tests.lab.lan import Lan
from tests.lab.people import GRACE_S, OUTPUT, Person, begin, play_to_a_win, put_stones

pytestmark = [pytest.mark.lab, pytest.mark.window]

CLAIM_AFTER_S = 30.0


def test_two_people_play_with_the_keyboard(lan: Lan, people: tuple[Person, Person]) -> None:
    alice, bob = people
    alice.picture("lobby")

    alice.display.press("Return")  # the only one in the list is chosen
    alice.peer.wait_for("invite_sent", name="Bob")
    bob.peer.wait_for("invite_received", name="Alice")
    time.sleep(GRACE_S)
    alice.picture("inviting")
    bob.picture("invited")
    bob.display.press("Return")
    play_to_a_win(alice, bob, matches=0)
    time.sleep(0.5)
    alice.picture("result")
    bob.picture("result")

    bob.display.press("Return")  # a return match
    alice.peer.wait_for("invite_received", name="Bob", rematch=True)
    time.sleep(GRACE_S)
    alice.picture("rematch")
    alice.display.press("Return")
    play_to_a_win(bob, alice, matches=1)
    first, second = alice.peer.all("match_started")
    assert {first["me"], second["me"]} == {0, 1}, "in a return match the colours are swapped"

    time.sleep(0.5)
    bob.display.press("Escape")  # back to the lobby
    time.sleep(0.5)
    bob.display.press("Escape")  # leave?
    time.sleep(GRACE_S)
    bob.picture("leaving")
    bob.display.press("Right", "Return")
    bob.peer.assert_exit(0, 3)
    alice.peer.wait_for("peer_lost", 1, peer=bob.peer.id, reason="goodbye")
    time.sleep(0.3)
    alice.picture("alone")


def test_declining_and_resigning(lan: Lan, people: tuple[Person, Person]) -> None:
    alice, bob = people
    alice.display.press("Return")
    bob.peer.wait_for("invite_received")
    time.sleep(GRACE_S)
    bob.display.press("Escape")
    alice.peer.wait_for("invite_declined", name="Bob", reason="declined")
    time.sleep(0.3)
    alice.picture("declined")

    after = len(alice.peer.events)
    bob.display.press("Return")
    alice.peer.wait_for("invite_received", after=after)
    time.sleep(GRACE_S)
    alice.display.press("Return")
    begin(alice, bob, 0)
    alice.resign()
    for person in people:
        ended = person.peer.wait_for("match_ended")
        assert ended["outcome"]["reason"] == "resigned"
        assert ended["outcome"]["winners"] == [bob.peer.wait_for("match_started")["me"]]


def test_the_other_machine_dies_in_the_match(lan: Lan, people: tuple[Person, Person]) -> None:
    """It does not come back: the match can be claimed after half a minute."""
    alice, bob = people
    alice.display.press("Return")
    bob.peer.wait_for("invite_received")
    time.sleep(GRACE_S)
    bob.display.press("Return")
    started, _ = begin(alice, bob, 0)
    bob.peer.kill()
    paused = alice.peer.wait_for("match_paused", 8, reason="connection")
    alice.peer.wait_for("peer_lost", 12, peer=bob.peer.id)
    alice.picture("waiting")
    time.sleep(paused["t"] + CLAIM_AFTER_S + GRACE_S - time.time())
    alice.picture("choice")
    alice.display.press("Right", "Return")
    ended = alice.peer.wait_for("match_ended", 5)
    assert ended["outcome"] == {"winners": [started["me"]], "reason": "claimed"}
    time.sleep(0.5)
    alice.picture("claimed")
    assert alice.peer.process.poll() is None


def test_leaving_a_match_to_resume_it_later(lan: Lan, people: tuple[Person, Person], start: Start) -> None:
    alice, bob = people
    alice.display.press("Return")
    bob.peer.wait_for("invite_received")
    time.sleep(GRACE_S)
    bob.display.press("Return")
    begun = begin(alice, bob, 0)
    put_stones(begun, people, range(3))
    bob.display.close_window()
    time.sleep(0.5)
    bob.picture("leave")
    bob.display.press("Tab", "Return")
    bob.peer.assert_exit(0, 3)
    alice.peer.wait_for("match_paused", 2, reason="closed")
    time.sleep(0.5)
    alice.picture("closed")
    bob.peer = start(1, "Bob", "play", data_dir=bob.peer.data_dir, **bob.display.env)
    bob.display.wait_window()
    bob.peer.wait_for("match_resumable")
    time.sleep(GRACE_S)
    bob.picture("resumable")
    bob.display.press("Return")
    for person in people:
        person.peer.wait_for("match_resumed", 5)
    assert not alice.peer.all("match_ended")


def test_a_copied_disk_is_mended_in_the_window(
    lan: Lan, start: Start, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    require_display()
    open_identity(tmp_path / "disk").release()
    copy = start(
        0, "Copy", "peers", "--watch", data_dir=Path(shutil.copytree(tmp_path / "disk", tmp_path / "copy"))
    )
    with open_display("1280x720") as display:
        ours = start(1, "Bob", "play", data_dir=tmp_path / "disk", **display.env)
        display.wait_window()
        assert ours.id == copy.id
        ours.wait_for("identity_copied")
        time.sleep(GRACE_S)
        display.screenshot(OUTPUT / request.node.name / "copied.png")
        display.press("Return")
        new = ours.wait_for("announcing", after=ours.events.index(ours.wait_for("identity_copied")))
        assert new["peer"] != copy.id
        ours.wait_for("peer_found", peer=copy.id)
        copy.wait_for("peer_found", peer=new["peer"])
        time.sleep(0.5)
        display.screenshot(OUTPUT / request.node.name / "mended.png")
        assert "Traceback" not in ours.log, ours.story()
