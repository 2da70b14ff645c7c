"""People at the screens and keyboards of two hosts, as the tests of real windows have them.

Knows the windows' keys and the events; not the package.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.lab.display import Display
from tests.lab.match import hashes
from tests.lab.peer import Event, Peer

__all__ = ["GRACE_S", "OUTPUT", "Person", "begin", "knows", "play_to_a_win", "put_stones", "won"]

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

    def resign(self) -> None:
        """By the menu, and the question after it."""
        self.display.press("Escape")
        time.sleep(GRACE_S)
        self.picture("menu")
        self.display.press("Down", "Down", "Down", "Down", "Return")
        time.sleep(GRACE_S)
        self.picture("resign")
        self.display.press("Right", "Return")


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


def put_stones(begun: Sequence[Event], people: Sequence[Person], frames: Iterable[int]) -> None:
    """Moves of the script: player 0 makes a five on row 8 while player 1 makes four on row 4."""
    match = begun[0]["match"]
    at = {event["me"]: person for event, person in zip(begun, people, strict=True)}
    for frame in frames:
        player = frame % 2
        at[player].put((5 + frame // 2, ROWS[player]))
        for person in people:
            person.peer.wait_for("move", 5, match=match, frame=frame + 1, player=player)


def play_to_a_win(one: Person, other: Person, matches: int) -> Event:
    """The whole script; the ``match_ended`` of `one`."""
    begun = begin(one, other, matches)
    put_stones(begun, (one, other), range(6))
    one.picture("match")
    other.picture("match")
    put_stones(begun, (one, other), range(6, 9))
    return won(begun[0]["match"], one, other)


def won(match: str, one: Person, other: Person) -> Event:
    """The script was played: both say that player 0 won, after the same states; the ``match_ended`` of `one`."""
    ended = [person.peer.wait_for("match_ended", match=match) for person in (one, other)]
    for event in ended:
        assert event["outcome"] == {"winners": [0], "reason": "five in a row"}
        assert event["frames"] == 9
    assert hashes(one.peer, match) == hashes(other.peer, match)
    assert set(hashes(one.peer, match)) >= set(range(1, 10))
    return ended[0]
