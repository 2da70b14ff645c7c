"""Two windows, and the wire pulled or one of them killed in the middle of a match: they go on as if nothing had been.

What the screens showed is kept in ``tests/output``.
"""

import time
from collections.abc import Sequence

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import Lan
from tests.lab.people import GRACE_S, Person, begin, put_stones, won
from tests.lab.reconnect import assert_written, newest_frame, playing_again

pytestmark = [pytest.mark.lab, pytest.mark.window]


def pictures(people: Sequence[Person], what: str) -> None:
    for person in people:
        person.picture(what)


def invite(one: Person, other: Person) -> None:
    """By the key that invites who is chosen in the list."""
    one.display.press("Return")
    other.peer.wait_for("invite_received")
    time.sleep(GRACE_S)
    other.display.press("Return")


def pull_and_put_back(lan: Lan, people: tuple[Person, Person], seconds: float) -> float:
    """The wire of the second is out for so long; seconds from then until both play again, if they do by themselves."""
    lan.cut(1)
    for person in people:
        person.peer.wait_for("match_paused", 6, reason="connection")
    time.sleep(seconds - 3.0)
    pictures(people, "waiting")
    lan.mend(1)
    back = time.time()
    return max(person.peer.wait_for("match_resumed", 6)["t"] for person in people) - back


def test_the_wire_is_pulled_in_gomoku(lan: Lan, people: tuple[Person, Person]) -> None:
    invite(*people)
    begun = begin(*people, 0)
    put_stones(begun, people, range(5))
    pictures(people, "before")
    pull_and_put_back(lan, people, 8.0)
    time.sleep(0.5)
    pictures(people, "resumed")
    put_stones(begun, people, range(5, 9))
    won(begun[0]["match"], *people)
    time.sleep(0.5)
    pictures(people, "result")
    assert_written(*(person.peer for person in people))


def test_the_wire_is_pulled_in_pong(lan: Lan, people: tuple[Person, Person]) -> None:
    alice, bob = people
    alice.display.press("Tab", "Tab", "Tab", "Tab", "Right")  # the list, three buttons, then the game
    time.sleep(0.3)
    alice.picture("chosen")
    alice.display.press("shift+Tab", "shift+Tab", "shift+Tab", "shift+Tab")
    invite(alice, bob)
    for person in people:
        started = person.peer.wait_for("match_started")
        assert started["game"] == "pong"
        person.peer.wait_until("second frame", lambda peer=person.peer: newest_frame(peer) > 120)
        person.display.press("Up")
    pictures(people, "before")
    pull_and_put_back(lan, people, 8.0)
    frame = newest_frame(alice.peer, bob.peer)
    playing_again([alice.peer, bob.peer], frame + 30)
    pictures(people, "resumed")
    alice.resign()
    ends = [person.peer.wait_for("match_ended") for person in people]
    assert ends[0]["outcome"]["reason"] == "resigned"
    assert ends[0]["hash"] == ends[1]["hash"]
    for person in people:
        assert not person.peer.all("desync")
    assert_written(*(person.peer for person in people))


def test_a_window_is_killed_and_opened_again(lan: Lan, start: Start, people: tuple[Person, Person]) -> None:
    alice, bob = people
    invite(alice, bob)
    begun = begin(alice, bob, 0)
    put_stones(begun, people, range(5))
    victim = bob.peer
    time.sleep(0.5)  # until the last move is on the disk
    victim.kill()
    alice.peer.wait_for("match_paused", 8, reason="connection")
    time.sleep(1.0)
    bob.peer = start(1, "Bob", *victim.args, data_dir=victim.data_dir, **bob.display.env)
    bob.display.wait_window()
    offered = bob.peer.wait_for("match_resumable")
    assert offered["name"] == "Alice"
    assert offered["frames"] == 5
    time.sleep(GRACE_S)
    pictures(people, "offered")
    bob.display.press("Return")
    for person in people:
        person.peer.wait_for("match_resumed", 5)
    time.sleep(0.5)
    pictures(people, "resumed")
    bob.cursor = (7, 7)
    bob.display.press("Left")  # shows the cursor where it is
    put_stones(begun, people, range(5, 9))
    ends = [person.peer.wait_for("match_ended") for person in people]
    assert ends[0]["outcome"] == {"winners": [0], "reason": "five in a row"}
    assert ends[0]["hash"] == ends[1]["hash"]
    assert_written(*(person.peer for person in people))
