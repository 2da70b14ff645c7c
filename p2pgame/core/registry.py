"""Which games are installed. Built-in games and a stranger's package register in the same way.

An entry point of the group ``p2pgame.games`` names a package (``gomoku = "p2pgame.games.gomoku"``) that has

- ``rules.py`` with ``GAME``, a `Game`: pure, imports only `p2pgame.core`;
- ``view.py`` with ``View``, which draws it (loaded only where there is a window);
- ``bot.py`` with ``Bot``, if it has one.
"""

import importlib
import importlib.util
import logging
import re
from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import entry_points
from typing import Any

from p2pgame.core.digest import short_digest
from p2pgame.core.errors import P2PGameError
from p2pgame.core.game import AnyGame, Bot

__all__ = ["GROUP", "Plugin", "Registry", "installed", "rules_digest"]

GROUP = "p2pgame.games"
_NAME = re.compile(r"[a-z0-9-]{1,24}")
_log = logging.getLogger(__name__)


class Plugin:
    """One installed game: its rules at once, its view and bot when asked for."""

    def __init__(self, package: str) -> None:
        rules = importlib.import_module(f"{package}.rules")
        self.package = package
        self.game: AnyGame = rules.GAME
        if not _NAME.fullmatch(self.game.name):
            raise P2PGameError("bad_game_name", package=package)

    @cached_property
    def digest(self) -> str:
        """The rules digest: peers of one digest play by the same rules. See `rules_digest`."""
        spec = importlib.util.find_spec(f"{self.package}.rules")
        source = (
            getattr(spec.loader, "get_source", lambda _: None)(spec.name) if spec and spec.loader else None
        )
        if source is None:
            raise P2PGameError("no_rules_source", package=self.package)
        return rules_digest(str(source))

    @property
    def has_bot(self) -> bool:
        return importlib.util.find_spec(f"{self.package}.bot") is not None

    def bot(self, seed: int) -> Bot[Any, Any]:
        """A new bot of this game. Raises `P2PGameError` if it has none."""
        if not self.has_bot:
            raise P2PGameError("no_bot", game=self.game.name)
        made: Bot[Any, Any] = importlib.import_module(f"{self.package}.bot").Bot(seed)
        return made

    def view_class(self) -> Any:
        """The class that draws the game (see `p2pgame.ui.view.View`). Imports pygame."""
        return importlib.import_module(f"{self.package}.view").View


def rules_digest(source: str) -> str:
    """16 hex digits over the text of a ``rules.py``, with the label ``p2pgame.rules``.

    Line ends are normalised first: CR LF and CR become LF, and one LF at the end of the text is left out. Comments
    and spaces count. A peer in another language claims these rules with the digest of the ``rules.py`` it follows.
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    return short_digest("rules", text.encode())[:8].hex()


class Registry:
    """Games by name, in the order of their titles."""

    def __init__(self, plugins: list[Plugin]) -> None:
        self._plugins = {p.game.name: p for p in sorted(plugins, key=lambda p: p.game.title)}

    def __iter__(self) -> Iterator[Plugin]:
        return iter(self._plugins.values())

    def get(self, name: str) -> Plugin | None:
        return self._plugins.get(name)

    def digests(self) -> dict[str, str]:
        """Game name to rules digest: what a peer tells others."""
        return {name: plugin.digest for name, plugin in self._plugins.items()}


def installed() -> Registry:
    """All games of this environment. One that cannot be loaded is logged and left out."""
    plugins = []
    for point in entry_points(group=GROUP):
        try:
            plugins.append(Plugin(point.value))
        except Exception as error:  # a stranger's package must not stop the app
            _log.warning("game %s cannot be loaded: %s", point.name, error)
    return Registry(plugins)
