"""Two windows play renju with the opening swap2, by mouse: choices, other colours, marked fouls, and one that loses.

What the screens showed is kept in ``tests/output``.
"""

import time
from collections.abc import Iterator

import pygame
import pygame.freetype
import pytest

from p2pgame.core import Setup
from p2pgame.games.gomoku.rules import GAME, Choice, Config, Input, Move, State, parse_point
from p2pgame.games.gomoku.view import button_box, geometry_of
from p2pgame.ui.scenes.match import MatchScene
from tests.lab.lan import Lan
from tests.lab.people import GRACE_S, Person
from tests.ui.desk import Desk

pytestmark = [pytest.mark.lab, pytest.mark.window]

CONFIG = Config("renju", 15, "swap2")
SIZE = (1280, 720)


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Iterator[pygame.Rect]:
    """Where the board is in a window of `SIZE`."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    pygame.display.init()
    pygame.freetype.init()
    desk = Desk()
    desk.start_match()
    scene = desk.top(MatchScene)
    scene.canvas.rescale(SIZE)
    scene.layout(SIZE)
    yield scene.match_board.board
    pygame.quit()


class Table:
    """The match as both people play it: who is to move does, and both programs tell of it."""

    def __init__(self, people: tuple[Person, Person], board: pygame.Rect) -> None:
        self.state: State = GAME.initial(Setup(2, 0, CONFIG))
        self._board = board
        self._at = {}
        for person in people:
            begun = person.peer.wait_for("match_started")
            self._at[begun["me"]] = person
        self.match = begun["match"]
        self._frame = 0

    def mover(self) -> Person:
        return self._at[self.state.turn]

    def say(self, choice: Choice) -> None:
        """By the button."""
        geometry = geometry_of(self._board, self.state)
        choices = self.state.choices
        self._click(button_box(choices.index(choice), choices, geometry).center)
        self._passed(choice)

    def put(self, name: str) -> None:
        self._click(geometry_of(self._board, self.state).at(parse_point(name)))
        self._passed(Move(parse_point(name)))

    def spot(self, name: str) -> tuple[int, int]:
        """Where a point is on the screens."""
        return geometry_of(self._board, self.state).at(parse_point(name))

    def _click(self, at: tuple[int, int]) -> None:
        self.mover().display.click(*at)

    def _passed(self, move: Input) -> None:
        inputs = [move if player == self.state.turn else None for player in (0, 1)]
        player, self._frame = self.state.turn, self._frame + 1
        self.state = GAME.advance(self.state, inputs)
        for person in self._at.values():
            person.peer.wait_for("move", 5, match=self.match, frame=self._frame, player=player)


def pixels(person: Person, what: str, at: tuple[int, int]) -> bytes:
    """The screen of somebody around a place."""
    picture = pygame.image.load(str(person.picture(what)))
    return pygame.image.tobytes(picture.subsurface(pygame.Rect(at[0] - 5, at[1] - 5, 11, 11)), "RGB")


def test_swap2_renju_by_mouse(lan: Lan, people: tuple[Person, Person], board: pygame.Rect) -> None:
    alice, bob = people
    choose_options(alice)
    alice.picture("options")
    alice.display.press("Return")
    assert bob.peer.wait_for("invite_received")["config"]["rule"] == "renju"
    time.sleep(GRACE_S)
    bob.display.press("Return")
    table = Table(people, board)
    time.sleep(0.5)
    alice.picture("match")
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

    black = table.mover()
    assert black is second, "it has Black now"
    time.sleep(0.3)
    at = table.spot("H8")
    for person in people:
        marked = pixels(person, "fouls", at)
        person.display.press("End")
        time.sleep(0.3)
        assert pixels(person, "no-fouls", at) != marked, "a foul is marked, until that is switched off"
        person.display.press("End")
    table.put("H8")
    for person in people:
        ended = person.peer.wait_for("match_ended")
        assert ended["outcome"] == {"winners": [0], "reason": "forbidden double three"}
        time.sleep(0.3)
        person.picture("result")


def choose_options(person: Person) -> None:
    """Renju and swap2 in the lobby, by keys: from the list past its three buttons to the games and their options."""
    press = person.display.press
    press("Tab", "Tab", "Tab", "Tab", "Tab", "Right", "Right")
    press("Tab", "Tab", "Right", "Right")
    time.sleep(0.3)
    press(*["shift+Tab"] * 7)
