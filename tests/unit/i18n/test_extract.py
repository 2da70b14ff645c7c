"""Every text is found by the extraction, and every text that was found can be translated."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from p2pgame.i18n import catalogue
from p2pgame.i18n.catalogue import game_text, gettext, install, ngettext, placeholders
from p2pgame.i18n.extract import MessageId, extract_game, main
from tests.sources import PACKAGE, calls, modules
from tests.unit.i18n.pseudo import ONE_PROCESS, game_folders, install_pseudo, platform

pytestmark = ONE_PROCESS

DYNAMIC = {
    "cli/bot.py": 1,
    "cli/main.py": 1,
    "cli/replay.py": 2,
    "games/tron/view.py": 1,
    "i18n/catalogue.py": 1,
    "i18n/chat.py": 2,
    "i18n/conformance.py": 2,
    "i18n/doctor.py": 4,
    "i18n/errors.py": 5,
    "i18n/games.py": 7,
    "i18n/lint.py": 2,
    "i18n/rooms.py": 1,
    "i18n/usage.py": 1,
    "i18n/ways.py": 1,
    "ui/inputs.py": 1,
    "ui/scenes/how_to.py": 2,
    "ui/sentences.py": 1,
}
"""Calls whose text is no literal: it comes from a table, or from a game, and is extracted there."""


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        install_pseudo(tmp_path_factory.mktemp("locale"), monkeypatch)
        yield
    install("en")


@cache
def called() -> list[tuple[Path, ast.Call]]:
    """Each call that looks a text up, with its module."""
    names = ("gettext", "ngettext", "game_text", "gettext_noop", "_")
    return [
        (path, node)
        for path, tree in modules()
        for node in calls(tree)
        if isinstance(node.func, ast.Name) and node.func.id in names
    ]


def is_literal(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Name)
    texts = {"ngettext": call.args[:2], "game_text": call.args[1:2]}.get(call.func.id, call.args[:1])
    return all(isinstance(text, ast.Constant) and isinstance(text.value, str) for text in texts)


def test_texts_are_literals_so_that_they_can_be_found() -> None:
    dynamic = [path.relative_to(PACKAGE).as_posix() for path, call in called() if not is_literal(call)]
    assert Counter(dynamic) == DYNAMIC


def test_no_text_is_put_together_before_it_is_looked_up() -> None:
    for path, call in called():
        for argument in call.args:
            assert not isinstance(argument, ast.JoinedStr | ast.BinOp), f"{path}:{call.lineno}"


def test_every_text_of_the_platform_is_reachable(pseudo: None) -> None:
    messages = platform()
    assert len(messages) > 300
    for message in messages:
        if message.plural:
            shown = {name: name for name in placeholders(message.plural)} | {"n": 1}
            assert ngettext(message.text, message.plural, 1, **shown).startswith("[!! "), message
            assert ngettext(message.text, message.plural, 2, **shown).startswith("[!! "), message
        else:
            params = {name: name for name in placeholders(message.text)}
            assert gettext(message.text, **params).startswith("[!! "), message


@pytest.mark.parametrize("folder", game_folders(), ids=lambda folder: folder.name)
def test_every_text_of_a_game_is_reachable(pseudo: None, folder: Path) -> None:
    messages = extract_game(folder)
    assert len(messages) > 5
    for message in messages:
        params = {name: name for name in placeholders(message.text)}
        assert game_text(f"p2pgame.games.{folder.name}", message.text, **params).startswith("[!! "), message


def test_placeholders_are_plain_names() -> None:
    messages = platform() + [m for folder in game_folders() for m in extract_game(folder)]
    for message in messages:
        for text in (message.text, message.plural):
            assert all(name.isidentifier() for name in placeholders(text)), message


def test_all_kinds_of_texts_of_a_game_are_found(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(
        """
Rule = Literal["fast", "very_slow"]
class Config:
    best_of: Literal[3, 5] = 3
    rule: Rule = "fast"
class Frogs(Game):
    name = "frogs"
    title = "Frogs"
    def validate(self, state, player, move):
        raise IllegalMoveError("{point} is wet", point="H8")
    def outcome(self, state):
        return Outcome(winners=(), reason="all wet" if state else "all dry")
""",
        "utf-8",
    )
    (tmp_path / "view.py").write_text(
        """
class View:
    hint = "Jump"
    def status(self, match):
        return _("Round {round}", round=1) + game_text(__package__, "wet") + ngettext("{n} frog", "{n} frogs", 2)
""",
        "utf-8",
    )
    texts = {message.text for message in extract_game(tmp_path)}
    assert texts == {
        "Best of", "Rule", "fast", "very slow", "Frogs", "{point} is wet", "all wet", "all dry", "Jump",
        "Round {round}", "wet", "{n} frog",
    }  # fmt: skip


def test_a_template_is_printed_that_a_catalogue_can_be_made_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(PACKAGE / "games" / "gomoku")]) == 0
    out = capsys.readouterr().out
    assert 'msgid "{point} is taken"\nmsgstr ""' in out
    assert catalogue._parsed("gomoku.pot", out) is not None
    assert main([]) == 0
    assert 'msgid_plural "match over after {n} frames' in capsys.readouterr().out


def test_messages_are_found_once() -> None:
    messages = platform()
    assert len({message.text for message in messages}) == len(messages)
    assert all(isinstance(message, MessageId) for message in messages)
