"""Two windows that play renju with the opening swap2 and a clock: choices, a takeback, a draw that is refused, a cable.

What the screens showed is kept in ``tests/output``.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.lab.conftest import Start
from tests.lab.display import open_display, require_display
from tests.lab.lan import Lan
from tests.lab.people import GRACE_S, OUTPUT, Person, knows
from tests.lab.reconnect import assert_written

pytestmark = [pytest.mark.lab, pytest.mark.window]
CHOSEN = {"rule": "renju", "opening": "swap2", "clock": "3 min + 2 s", "takebacks": "3 takebacks"}


@pytest.fixture
def masters(lan: Lan, start: Start, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[list[Person]]:
    """Alice, whose settings have these options, and Bob."""
    require_display()
    pictures, number = OUTPUT / request.node.name, count(1)
    with ExitStack() as stack:
        found = []
        for host, name in enumerate(("Alice", "Bob")):
            data = tmp_path / name
            data.mkdir(mode=0o700)
            settings = {"name": name, "game": "gomoku", "options": {"gomoku": CHOSEN if not host else {}}}
            (data / "settings.json").write_text(json.dumps(settings))
            display = stack.enter_context(open_display("1280x720"))
            peer = start(host, name, "play", data_dir=data, **display.env)
            display.wait_window()
            peer.wait_for("announcing")
            found.append(Person(peer, display, pictures, number))
        for one, other in zip(found, found[::-1], strict=True):
            knows(one, other)
        time.sleep(0.5)
        yield found
        for person in found:
            assert "Traceback" not in person.peer.log, person.peer.story()


def test_renju_with_swap2_and_a_clock(lan: Lan, masters: list[Person]) -> None:
    alice, bob = masters
    alice.display.press("Return")
    bob.peer.wait_for("invite_received")
    time.sleep(GRACE_S)
    bob.picture("invited")
    bob.display.press("Return")
    started = [person.peer.wait_for("match_started") for person in masters]
    match = started[0]["match"]
    first, second = sorted(masters, key=lambda person: started[masters.index(person)]["me"])
    time.sleep(GRACE_S)
    for person in masters:
        person.display.press("Left")  # shows the cursor where it is
    for person in masters:
        person.picture("begun")
    moves = 0

    def moved(player: Person) -> None:
        nonlocal moves
        moves += 1
        for person in masters:
            event = person.peer.wait_for("move", 5, match=match, frame=moves)
            assert event["player"] == (0 if player is first else 1)

    for stone in ((7, 7), (8, 7), (6, 8)):  # the opening of the first player: black, white, black
        first.put(stone)
        moved(first)
    time.sleep(0.5)
    second.picture("asked")
    second.display.press("Return")  # the first choice
    moved(second)
    time.sleep(0.5)
    for person in masters:
        person.picture("chosen")

    asker, other = alice, bob
    asker.display.press("Tab", "Return")  # the first button beside the board: take back
    wanted = other.peer.wait_for("takeback_asked", match=match)
    time.sleep(0.5)
    other.picture("asked for a takeback")
    other.display.press("Tab", "Return")  # the first button on it: allow
    taken = [person.peer.wait_for("taken_back", match=match) for person in masters]
    assert [(event["player"], event["frame"]) for event in taken] == [(wanted["player"], moves + 1)] * 2
    moves += 1

    asker.display.press("Tab", "Return")  # from the first button to the next: offer a draw
    other.peer.wait_for("draw_offered", match=match)
    time.sleep(0.5)
    other.picture("offered a draw")
    other.display.press("Tab", "Tab", "Return")
    asker.peer.wait_for("draw_refused", match=match)

    lan.cut(1)
    for person in masters:
        person.peer.wait_for("match_paused", 6, reason="connection")
    time.sleep(5.0)
    for person in masters:
        person.picture("waiting")
    lan.mend(1)
    for person in masters:
        person.peer.wait_for("match_resumed", 6)
    time.sleep(0.5)
    for person in masters:
        person.picture("resumed")

    asker.resign()
    ends = [person.peer.wait_for("match_ended") for person in masters]
    assert ends[0]["outcome"]["reason"] == "resigned"
    assert ends[0]["hash"] == ends[1]["hash"]
    assert_written(*(person.peer for person in masters))
