"""A small game as a package on disk, for tests that break a part of it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from p2pgame.core.registry import Plugin

__all__ = ["BOT", "RULES", "VIEW", "plugin", "write"]

RULES = """from typing import Literal
import msgspec
from p2pgame.core import Game, IllegalMoveError, Outcome, Setup

class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    speed: Literal[1, 2] = 1

class State(msgspec.Struct, frozen=True):
    frame: int = 0
    total: int = 0

class Add(Game[State, int, Config]):
    name = "add"
    title = "Add"
    tick_rate = 0
    neutral = 0
    state_type = State
    input_type = Literal[0, 1, 2]
    config_type = Config

    def initial(self, setup):
        return State()

    def to_move(self, state):
        return None if self.tick_rate else (state.frame % 2,)

    def validate(self, state, player, move):
        if move == 2:
            raise IllegalMoveError("two is too much")

    def advance(self, state, inputs):
        return State(state.frame + 1, state.total + sum(i or 0 for i in inputs))

    def outcome(self, state):
        return Outcome((0,), "enough") if state.total > 500 else None

GAME = Add()
"""
VIEW = """from p2pgame.ui.inputs import MenuAction, Press
from p2pgame.ui.view import View as Base

class View(Base):
    hint = "Press a key"

    def __init__(self, game, me, names):
        super().__init__(game, me, names)

    def handle(self, event, match, rect):
        return 1 if event == Press(MenuAction.CONFIRM) else None

    def hold(self, held, match):
        return 1 if held else 0

    def update(self, dt, match):
        return False

    def cues(self):
        return ()

    def draw(self, surface, rect, match, canvas):
        canvas.text(surface, str(match.state.total), rect.center, "heading", anchor="center")

    def side(self, player):
        return "Left" if player == 0 else "Right"

    def draw_side(self, surface, rect, player, canvas):
        surface.fill(canvas.theme.accent, rect)

    def status(self, match):
        return f"Total {match.state.total}"
"""
BOT = """class Bot:
    def __init__(self, seed):
        self.seed = seed

    def choose(self, state, player):
        return 1
"""
_TEXTS = {"rules.py": RULES, "view.py": VIEW, "bot.py": BOT}


def write(folder: Path, *changes: tuple[str, str, str]) -> None:
    """Write the game into `folder`. Each change is a file, a text that it has, and what stands there instead."""
    folder.mkdir(parents=True)
    texts = dict(_TEXTS)
    for file, old, new in changes:
        assert old in texts[file]
        texts[file] = texts[file].replace(old, new)
    for file, text in {"__init__.py": "", **texts}.items():
        (folder / file).write_text(text, "utf-8")


@contextmanager
def plugin(folder: Path, *changes: tuple[str, str, str]) -> Iterator[Plugin]:
    """The game as written, installed while the context lasts. Raises `P2PGameError` as `Plugin` does."""
    write(folder, *changes)
    before, path = set(sys.modules), list(sys.path)
    sys.path.insert(0, str(folder.parent))
    try:
        yield Plugin(folder.name)
    finally:
        sys.path[:] = path
        for module in set(sys.modules) - before:
            if module.partition(".")[0] == folder.name:
                del sys.modules[module]
