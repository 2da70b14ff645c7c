"""Many installed games, for tests: Gomoku under other names."""

import copy

from p2pgame.core.registry import Plugin, Registry

__all__ = ["registry_of"]


def registry_of(number: int) -> Registry:
    """`number` games, with titles that begin alike and are long."""
    plugins, gomoku = [], Plugin("p2pgame.games.gomoku")
    for i in range(number):
        plugin = copy.copy(gomoku)
        plugin.game = copy.copy(plugin.game)
        plugin.game.name = f"game_{i}"
        plugin.game.title = f"Air Hockey for Two, Table {i:03d}" + " of the Hall" * (i % 5)
        plugins.append(plugin)
    return Registry(plugins)
