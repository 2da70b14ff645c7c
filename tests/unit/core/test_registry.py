"""Plug-ins: built-in, a stranger's, and broken ones."""

import hashlib
import importlib
import logging
import py_compile
import re
import struct
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from p2pgame.core import P2PGameError, registry
from p2pgame.core.game import Level
from p2pgame.core.registry import Plugin, Registry, installed, rules_digest
from tests import plugin as plugins
from tests.plugin import plugin

RULES = """
from p2pgame.core import Game

class Toy(Game):
    name = {name!r}
    title = {title!r}
    state_type = input_type = int
    def initial(self, setup): return 0
    def validate(self, state, player, move): pass
    def advance(self, state, inputs): return state + 1
    def outcome(self, state): return None

GAME = Toy()
"""


@pytest.fixture(autouse=True)
def _loaded_anew() -> Iterator[None]:
    """No test sees the games that another one found."""
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes importable game packages; they are gone after the test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def make(folder: str, *, name: str = "toy", title: str = "Toy", bot: str | None = None) -> str:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
        (tmp_path / folder / "rules.py").write_text(
            RULES.format(name=name, title=title), "utf-8", newline="\n"
        )
        if bot is not None:
            (tmp_path / folder / "bot.py").write_text(bot, "utf-8")
        return folder

    yield make
    for module in set(sys.modules) - before:
        del sys.modules[module]


def test_gomoku_is_installed_through_its_entry_point() -> None:
    games = installed()
    plugin = games.get("gomoku")
    assert plugin is not None
    assert plugin.game.title == "Gomoku"
    assert plugin.has_bot
    assert games.digests()["gomoku"] == plugin.digest
    assert len(plugin.digest) == 16
    assert plugin in list(games)
    assert games.get("no-such-game") is None


def test_the_digest_is_of_the_text_of_the_rules_whatever_its_line_ends(package, tmp_path: Path) -> None:
    plain, changed, windows = (Plugin(package(n)) for n in ("toy_plain", "toy_changed", "toy_windows"))
    assert plain.digest == windows.digest == changed.digest
    rules = tmp_path / "toy_windows" / "rules.py"
    rules.write_bytes(rules.read_bytes().replace(b"\n", b"\r\n"))
    rules = tmp_path / "toy_changed" / "rules.py"
    rules.write_bytes(rules.read_bytes().replace(b"state + 1", b"state + 2"))
    assert Plugin("toy_windows").digest == plain.digest
    assert Plugin("toy_changed").digest != plain.digest


def test_the_digest_is_a_labelled_hash_that_any_language_can_compute() -> None:
    label, text = b"p2pgame.rules", b"GAME = Toy()\n# done"
    data = struct.pack(">I", len(label)) + label + struct.pack(">I", len(text)) + text
    wanted = hashlib.sha256(data).hexdigest()[:16]
    assert wanted == "2eac7692a7f3bca4"
    assert rules_digest("GAME = Toy()\r\n# done\r\n") == wanted
    assert rules_digest("GAME = Toy()\r# done") == wanted
    assert rules_digest("GAME = Toy()\n# done\n\n") != wanted


def test_bots_are_made_with_their_seed_or_missed_in_plain_words(package) -> None:
    code = "class Bot:\n    def __init__(self, seed):\n        self.seed = seed\n    choose = None\n"
    plain = Plugin(package("toy_bot", bot=code))
    assert not plain.bot_levels
    assert plain.bot(5, Level.HARD)._bot.seed == 5
    without = Plugin(package("toy_botless"))
    assert not without.has_bot
    with pytest.raises(P2PGameError, match="no_bot: game='toy'"):
        without.bot(5)


def test_bots_with_levels_are_made_with_theirs(package) -> None:
    code = (
        "from typing import Annotated\nimport msgspec\n"
        "class Options(msgspec.Struct, frozen=True):\n    level: Annotated[int, msgspec.Meta(ge=1, le=3)] = 2\n"
        "class Bot:\n    options = Options\n    def __init__(self, seed, options):\n"
        "        self.given = seed, options.level\n    choose = None\n"
    )
    plugin = Plugin(package("toy_levels", bot=code))
    assert plugin.bot_levels == 3
    assert plugin.bot(5)._bot.given == (5, 2)
    assert plugin.bot(5, Level.EASY)._bot.given == (5, 1)
    assert plugin.bot(5, Level.EASY, {"level": "3"})._bot.given == (5, 3)
    with pytest.raises(P2PGameError, match="bad_bot_option"):
        plugin.bot(5, chosen={"level": "4"})


@pytest.mark.parametrize("name", ["", "Toy", "to y", "toy\n", "t" * 25, "töy"])
def test_names_that_cannot_go_on_the_wire_are_refused(package, name: str) -> None:
    with pytest.raises(P2PGameError, match="bad_game_name"):
        Plugin(package(f"toy_name_{abs(hash(name))}", name=name))


def test_games_come_in_the_order_of_their_titles(package) -> None:
    plugins = [Plugin(package(f"toy_{t}", name=t, title=t.title())) for t in ("tron", "chess", "pong")]
    assert [p.game.name for p in Registry(plugins)] == ["chess", "pong", "tron"]


def test_a_broken_package_is_logged_and_left_out(
    package, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    points = [
        EntryPoint("good", package("toy_good"), registry.GROUP),
        EntryPoint("gone", "no_such_package_here", registry.GROUP),
        EntryPoint("bad", package("toy_bad", name="BAD"), registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda *, group: points if group == registry.GROUP else [])
    with caplog.at_level(logging.WARNING):
        games = installed()
    assert [p.game.name for p in games] == ["toy"]
    assert [r.getMessage().split(" cannot")[0] for r in caplog.records] == ["game gone", "game bad"]


NO_GAMES = {
    "syntax": (("GAME = Add()", "GAME = "), "^SyntaxError"),
    "exception": (("GAME = Add()", "GAME = Add(1)"), "^TypeError"),
    "exit": (("GAME = Add()", "exit()"), "^SystemExit"),
    "no GAME": (("GAME = Add()", ""), "AttributeError: module .* 'GAME'"),
    "abstract": (("def outcome", "def ending"), "^TypeError: Can't instantiate"),
    "title": (('title = "Add"', "title = None"), "Expected `str`.*title"),
    "name": (('name = "add"', "name = 7"), "bad_game_name"),
    "tick rate": (("tick_rate = 0", "tick_rate = 59.94"), "Expected `int`.*tick_rate"),
    "players": (
        ("tick_rate = 0", "min_players, max_players = 4, 2"),
        "ValueError: min_players > max_players",
    ),
    "teams": (("tick_rate = 0", "tick_rate = 0\n    teams = 2"), "Expected `bool`.*teams"),
    "join": (("tick_rate = 0", "tick_rate = 0\n    join = None"), "Expected `bool`.*join"),
    "absence": (
        ("tick_rate = 0", "tick_rate = 0\n    absence = 'later'"),
        "Invalid enum value 'later'.*absence",
    ),
    "no input type": (("GAME = Add()", "del Add.input_type\nGAME = Add()"), "AttributeError.*input_type"),
    "neutral": (
        ("tick_rate = 0\n    neutral = 0", "tick_rate = 60\n    neutral = 3"),
        "Invalid enum value 3",
    ),
    "default": (("speed: Literal[1, 2] = 1", "speed: Literal[1, 2]"), "Missing required argument"),
    "choice": (("speed: Literal[1, 2] = 1", "speed: Literal[1, 2] = 3"), "Invalid enum value 3"),
    "type of an option": (("speed: Literal[1, 2] = 1", "speed: 'Nothing' = 1"), "NameError"),
}


@pytest.mark.parametrize("case", NO_GAMES)
def test_what_cannot_be_a_game_is_refused_with_its_place(case: str, tmp_path: Path) -> None:
    change, text = NO_GAMES[case]
    folder = tmp_path / f"no_game_{list(NO_GAMES).index(case)}"
    with pytest.raises(P2PGameError) as caught, plugin(folder, ("rules.py", *change)):
        pass
    assert re.search(text, str(caught.value)) or re.search(text, str(caught.value.params.get("error")))
    if text.startswith("^"):
        assert caught.value.params["place"] == f"{folder.name}/rules.py:37"


def test_a_game_without_its_source_is_left_out_and_does_not_stop_the_others(
    package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its digest is asked for before the window opens."""
    points = [EntryPoint(n, package(f"toy_{n}", name=n), registry.GROUP) for n in ("whole", "bare")]
    rules = tmp_path / "toy_bare" / "rules.py"
    py_compile.compile(str(rules), cfile=str(rules.with_suffix(".pyc")))
    rules.unlink()
    monkeypatch.setattr(registry, "entry_points", lambda *, group: points)
    games = installed()
    assert list(games.digests()) == ["whole"]
    assert "no_rules_source" in caplog.text


GRID = {
    "__init__.py": "",
    "rules/__init__.py": "from .. import board\nfrom .moves import *\n"
    "from grid_game.engine.core import Add\nGAME = Add()\n",
    "rules/moves.py": "def f():\n    from . import deep\n",
    "rules/deep.py": "import msgspec\n",
    "board.py": "from . import rules\n",
    "engine/__init__.py": "",
    "engine/core.py": plugins.RULES,
    "view.py": "import pygame\n",
    "bot.py": "from .table import TABLE\n",
    "table.py": "TABLE = 1\n",
}
COVERED = ["board", "engine", "engine.core", "rules.deep", "rules.moves"]
"""Besides `rules`, in the order in which they count."""


@pytest.fixture
def grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes a game whose rules are a package, with some files other than in `GRID`, and gives its digest."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def digest(changed: dict[str, str] | None = None) -> str:
        forget()
        for name, text in (GRID | (changed or {})).items():
            path = tmp_path / "grid_game" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        importlib.invalidate_caches()
        return Plugin("grid_game").digest

    def forget() -> None:
        for module in [name for name in sys.modules if name.partition(".")[0] == "grid_game"]:
            del sys.modules[module]

    yield digest
    forget()


def test_the_digest_covers_every_module_of_the_game_that_the_rules_import(grid) -> None:
    before = grid()
    texts = {name: GRID[f"{name.replace('.', '/')}.py"] for name in COVERED if name != "engine"} | {
        "engine": ""
    }
    assert before == rules_digest(GRID["rules/__init__.py"], texts)
    covered = {name for name in GRID if grid({name: GRID[name] + "# x\n"}) != before}
    assert covered == {"rules/__init__.py", "board.py", "engine/__init__.py", "engine/core.py", "rules/deep.py",
                       "rules/moves.py"}  # fmt: skip
    assert grid() == before


def test_the_order_of_imports_does_not_matter_but_which_text_is_whose(grid) -> None:
    assert rules_digest("x", {"a": "1", "b": "2"}) == rules_digest("x", {"b": "2", "a": "1"})
    others = [
        rules_digest("x", {"a": "2", "b": "1"}),
        rules_digest("x", {"a": "1"}),
        rules_digest("x", {"a": "1b2"}),
    ]
    assert len({rules_digest("x"), rules_digest("x", {"a": "1", "b": "2"}), *others}) == 5
    data = b"".join(
        struct.pack(">I", len(part)) + part for part in (b"p2pgame.rules", b"x", b"a", b"1", b"b", b"2")
    )
    assert rules_digest("x\r\n", {"b": "2\n", "a": "1"}) == hashlib.sha256(data).hexdigest()[:16]


def test_what_the_games_own_package_defines_counts_if_the_rules_take_it(grid) -> None:
    taken = {"rules/moves.py": "from .. import SIZE\n", "__init__.py": "SIZE = 3\n"}
    assert grid(taken) != grid({**taken, "__init__.py": "SIZE = 4\n"})


def test_a_module_without_a_source_is_refused(grid, tmp_path: Path) -> None:
    grid()
    source = tmp_path / "grid_game" / "engine" / "core.py"
    py_compile.compile(str(source), cfile=str(source.with_suffix(".pyc")))
    source.unlink()
    with pytest.raises(P2PGameError, match="no_rules_source"):
        Plugin("grid_game")
