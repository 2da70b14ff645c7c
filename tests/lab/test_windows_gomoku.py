"""Two windows play renju with the opening swap2 and a clock, by mouse: choices, other colours, marked fouls, a
takeback, a draw that is refused, a cable, and a foul that loses.

What the screens showed is kept in ``tests/output``.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import msgspec
import pygame
import pygame.freetype
import pytest

from p2pgame.core import Setup
from p2pgame.games.gomoku.rules import GAME, Choice, Config, Input, Move, State, parse_point
from p2pgame.games.gomoku.view import button_box, geometry_of
from p2pgame.netcode.clocks import ClockFace
from p2pgame.session.view import Requests
from p2pgame.ui.scenes.match import MatchScene
from tests.lab.conftest import Start
from tests.lab.display import open_display, require_display
from tests.lab.lan import Lan
from tests.lab.people import GRACE_S, OUTPUT, Person, knows
from tests.lab.reconnect import assert_written
from tests.ui.desk import Desk

pytestmark = [pytest.mark.lab, pytest.mark.window]

CONFIG = Config("renju", 15, "swap2", "3 min + 2 s", "3 takebacks")
SIZE = (1280, 720)
CLOCKS = pygame.Rect(520, 12, 170, 44)
"""The middle of the line of players."""


@pytest.fixture
def masters(lan: Lan, start: Start, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[list[Person]]:
    """Alice, whose settings have the clock and the takebacks, and Bob."""
    require_display()
    pictures, number = OUTPUT / request.node.name, count(1)
    chosen = {"clock": CONFIG.clock, "takebacks": CONFIG.takebacks}
    with ExitStack() as stack:
        found = []
        for host, name in enumerate(("Alice", "Bob")):
            data = tmp_path / name
            data.mkdir(mode=0o700)
            settings = {"name": name, "game": "gomoku", "options": {"gomoku": chosen if not host else {}}}
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


class Layout:
    """Where the board and the buttons are in a window of `SIZE` whose player is asked something."""

    def __init__(self) -> None:
        desk = Desk()
        desk.start_match()
        face = ClockFace(main=180_000, period=0, periods=0, used=0, running=False, at=0.0)
        view = desk.client.match()
        assert view is not None
        asked = Requests(draw_offered=True)
        desk.client._match = msgspec.structs.replace(view, config=CONFIG, clocks=(face, face), requests=asked)
        desk.resize(SIZE)
        desk.go()
        scene = desk.top(MatchScene)
        self.board = scene.match_board.board
        buttons = (*scene.requests.buttons, *scene.requests.widgets)
        self.buttons = {button.label: button.rect.center for button in buttons}


@pytest.fixture
def layout(monkeypatch: pytest.MonkeyPatch) -> Iterator[Layout]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    pygame.display.init()
    pygame.freetype.init()
    yield Layout()
    pygame.quit()


class Table:
    """The match as both people play it: who is to move does, and both programs tell of it."""

    def __init__(self, people: list[Person], board: pygame.Rect) -> None:
        self.states: list[State] = [GAME.initial(Setup(2, 0, CONFIG))]
        self._board = board
        self._at = {}
        for person in people:
            begun = person.peer.wait_for("match_started")
            self._at[begun["me"]] = person
        self.match = begun["match"]
        self.frame = 0

    @property
    def state(self) -> State:
        return self.states[-1]

    def mover(self) -> Person:
        return self._at[self.state.turn]

    def say(self, choice: Choice) -> None:
        """By the button."""
        geometry = geometry_of(self._board, self.state)
        choices = self.state.choices
        self.mover().display.click(*button_box(choices.index(choice), choices, geometry).center)
        self._passed(choice)

    def put(self, name: str) -> None:
        self.mover().display.click(*self.spot(name))
        self._passed(Move(parse_point(name)))

    def spot(self, name: str) -> tuple[int, int]:
        """Where a point is on the screens."""
        return geometry_of(self._board, self.state).at(parse_point(name))

    def taken_back(self) -> None:
        """The last move was; that is a frame as well."""
        self.states.pop()
        self.frame += 1

    def _passed(self, move: Input) -> None:
        inputs = [move if player == self.state.turn else None for player in (0, 1)]
        player, self.frame = self.state.turn, self.frame + 1
        self.states.append(GAME.advance(self.state, inputs))
        for person in self._at.values():
            person.peer.wait_for("move", 5, match=self.match, frame=self.frame, player=player)


def pixels(person: Person, what: str, rect: pygame.Rect) -> bytes:
    """A part of the screen of somebody."""
    picture = pygame.image.load(str(person.picture(what)))
    return pygame.image.tobytes(picture.subsurface(rect), "RGB")


def test_swap2_renju_with_a_clock_by_mouse(lan: Lan, masters: list[Person], layout: Layout) -> None:
    alice, bob = masters
    choose_options(alice)
    alice.picture("options")
    alice.display.press("Return")
    invited = bob.peer.wait_for("invite_received")["config"]
    assert (invited["rule"], invited["opening"], invited["clock"]) == ("renju", "swap2", CONFIG.clock)
    time.sleep(GRACE_S)
    bob.picture("invited")
    bob.display.press("Return")
    table = Table(masters, layout.board)
    time.sleep(GRACE_S)
    for name in ("F8", "A1", "G8"):
        table.put(name)
    second = table.mover()
    time.sleep(0.3)
    second.picture("choice")
    table.say("more")
    for name in ("O15", "H9"):
        table.put(name)
    first = table.mover()
    assert first is not second
    table.say("white")
    assert table.state.black == 1
    for name in ("A3", "H10", "A5"):
        table.put(name)
    black, white = table.mover(), first
    assert black is second, "it has Black now"
    look_at_a_foul(table, masters)

    white.display.click(*layout.buttons["Take back"])
    black.peer.wait_for("takeback_asked", match=table.match)
    time.sleep(GRACE_S)
    black.picture("asked for a takeback")
    black.display.click(*layout.buttons["Accept"])  # at the place of Allow
    for person in masters:
        person.peer.wait_for("taken_back", match=table.match)
    table.taken_back()
    time.sleep(0.3)
    for person in masters:
        person.picture("taken back")
    table.put("A6")

    white.display.click(*layout.buttons["Offer draw"])
    black.peer.wait_for("draw_offered", match=table.match)
    time.sleep(GRACE_S)
    black.picture("offered a draw")
    black.display.click(*layout.buttons["Refuse"])
    white.peer.wait_for("draw_refused", match=table.match)

    pull_the_cable(lan, masters)

    table.put("H8")
    ends = [person.peer.wait_for("match_ended") for person in masters]
    for person, ended in zip(masters, ends, strict=True):
        assert ended["outcome"] == {"winners": [0], "reason": "forbidden double three"}
        time.sleep(0.3)
        person.picture("result")
    assert ends[0]["hash"] == ends[1]["hash"]
    assert_written(*(person.peer for person in masters))


def look_at_a_foul(table: Table, masters: list[Person]) -> None:
    """On both screens H8 is marked, until that is switched off."""
    time.sleep(0.3)
    at = pygame.Rect(0, 0, 11, 11)
    at.center = table.spot("H8")
    for person in masters:
        marked = pixels(person, "fouls", at)
        person.display.press("End")
        time.sleep(0.3)
        assert pixels(person, "no-fouls", at) != marked
        person.display.press("End")


def pull_the_cable(lan: Lan, masters: list[Person]) -> None:
    """While a clock runs, which stands then."""
    lan.cut(1)
    for person in masters:
        person.peer.wait_for("match_paused", 6, reason="connection")
    time.sleep(0.5)
    before = [pixels(person, "cut", CLOCKS) for person in masters]
    time.sleep(3.0)
    assert [pixels(person, "waiting", CLOCKS) for person in masters] == before, "time stands"
    lan.mend(1)
    for person in masters:
        person.peer.wait_for("match_resumed", 6)
    time.sleep(0.5)
    for person in masters:
        person.picture("resumed")


def choose_options(person: Person) -> None:
    """Renju and swap2 in the lobby, by keys: from the list past its three buttons to the games and their options."""
    press = person.display.press
    press("Tab", "Tab", "Tab", "Tab", "Tab", "Right", "Right")
    press("Tab", "Tab", "Right", "Right")
    time.sleep(0.3)
    press(*["shift+Tab"] * 7)
