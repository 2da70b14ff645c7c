"""Two people at two machines, with the keyboard alone: names, lobby, invitation, a match to its end, a return match.

Real windows under Xvfb in two hosts of the lab. What the screens showed is kept in ``tests/output``.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from tests.lab.conftest import Start
from tests.lab.display import Display, open_display, require_display
from tests.lab.lan import Lan
from tests.lab.match import hashes
from tests.lab.peer import Event, Peer

pytestmark = [pytest.mark.lab, pytest.mark.window]

OUTPUT = Path(__file__).parents[1] / "output"
GRACE_S = 0.8
"""A dialog that has just popped up takes no key for a moment, lest it take one meant for what it covers."""
Point = tuple[int, int]
"""Column and row on the board, from 0 at the bottom left."""
ROWS = {0: 7, 1: 3}
"""Each player builds a five in a row of its own: the row by player index."""


@dataclass
class Person:
    """Somebody at a screen and a keyboard."""

    peer: Peer
    display: Display
    pictures: Path
    number: Iterator[int]
    cursor: Point = (7, 7)

    @property
    def name(self) -> str:
        return self.peer.name

    def picture(self, what: str) -> Path:
        return self.display.screenshot(
            self.pictures / f"{next(self.number):02d}-{self.name.lower()}-{what}.png"
        )

    def put(self, point: Point) -> None:
        """Move the cursor to `point` and place a stone."""
        across, up = point[0] - self.cursor[0], point[1] - self.cursor[1]
        steps = ["Right" if across > 0 else "Left"] * abs(across) + ["Up" if up > 0 else "Down"] * abs(up)
        self.display.press(*steps, "Return")
        self.cursor = point


@pytest.fixture
def people(lan: Lan, start: Start, request: pytest.FixtureRequest) -> Iterator[tuple[Person, Person]]:
    """Alice at host 0 and Bob at host 1, both past the question for their name."""
    require_display()
    pictures, number = OUTPUT / request.node.name, count(1)
    with ExitStack() as stack:
        found = []
        for host, name in enumerate(("Alice", "Bob")):
            display = stack.enter_context(open_display("1280x720"))
            peer = start(host, name, "play", "--name", "", **display.env)  # no name yet: a first run
            display.wait_window()
            peer.wait_for("announcing")
            found.append(Person(peer, display, pictures, number))
        alice, bob = found
        for person in found:
            time.sleep(0.5)  # until the first picture is drawn
            person.picture("name")
            person.display.press(*["BackSpace"] * 24)
            person.display.type(person.name)
            person.display.press("Return")
        knows(alice, bob)
        knows(bob, alice)
        yield alice, bob
        for person in found:
            assert "Traceback" not in person.peer.log, person.peer.story()


def knows(one: Person, other: Person) -> None:
    """Wait until `one` has been told the name of `other`."""

    def told() -> bool:
        events = ("peer_found", "peer_updated")
        return any(one.peer.all(event, peer=other.peer.id, name=other.name) for event in events)

    one.peer.wait_until(f"news of {other.name}", told)


def has_started(peer: Peer, matches: int) -> bool:
    return len(peer.all("match_started")) > matches


def begin(one: Person, other: Person, matches: int) -> tuple[Event, Event]:
    """Wait for the match after `matches` earlier ones on both screens; both then show their cursors."""
    events = []
    for person in (one, other):
        person.peer.wait_until("match", partial(has_started, person.peer, matches))
        events.append(person.peer.all("match_started")[matches])
        time.sleep(0.3)
        person.cursor = (7, 7)
        person.display.press("Left")  # shows the cursor where it is
    assert events[0]["match"] == events[1]["match"]
    return events[0], events[1]


def play_to_a_win(one: Person, other: Person, matches: int) -> Event:
    """Player 0 makes a five on row 8 while player 1 makes four on row 4; the ``match_ended`` of `one`."""
    begun = begin(one, other, matches)
    match = begun[0]["match"]
    at = {event["me"]: person for event, person in zip(begun, (one, other), strict=True)}
    for frame in range(9):
        player = frame % 2
        at[player].put((5 + frame // 2, ROWS[player]))
        for person in (one, other):
            person.peer.wait_for("move", 5, match=match, frame=frame + 1, player=player)
        if frame == 5:
            one.picture("match")
            other.picture("match")
    ended = [person.peer.wait_for("match_ended", match=match) for person in (one, other)]
    for event in ended:
        assert event["outcome"] == {"winners": [0], "reason": "five in a row"}
        assert event["frames"] == 9
    assert hashes(one.peer, match) == hashes(other.peer, match)
    assert set(hashes(one.peer, match)) >= set(range(1, 10))
    return ended[0]


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
    alice.display.press("Escape")
    time.sleep(GRACE_S)
    alice.picture("resign")
    alice.display.press("Right", "Return")
    for person in people:
        ended = person.peer.wait_for("match_ended")
        assert ended["outcome"]["reason"] == "resigned"
        assert ended["outcome"]["winners"] == [bob.peer.wait_for("match_started")["me"]]


def test_the_other_machine_dies_in_the_match(lan: Lan, people: tuple[Person, Person]) -> None:
    alice, bob = people
    alice.display.press("Return")
    bob.peer.wait_for("invite_received")
    time.sleep(GRACE_S)
    bob.display.press("Return")
    begin(alice, bob, 0)
    bob.peer.kill()
    alice.peer.wait_for("match_ended", 10)
    time.sleep(0.5)
    alice.picture("lost")
    alice.peer.wait_for("peer_lost", 9, peer=bob.peer.id)
    assert alice.peer.process.poll() is None
