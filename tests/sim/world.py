"""The network of `p2pgame.testing` with Gomoku on it."""

from p2pgame.core.registry import Plugin
from p2pgame.testing import network
from p2pgame.testing.network import SimPeer as Peer

__all__ = ["GOMOKU", "Peer", "World"]

GOMOKU = Plugin("p2pgame.games.gomoku")


class World(network.World):
    """``World(seed=7, delay=0.005)``; see `p2pgame.testing.network`."""

    def __init__(self, seed: int = 1, delay: float = 0.005, jitter: float = 0.0) -> None:
        super().__init__(GOMOKU, seed, delay, jitter)
