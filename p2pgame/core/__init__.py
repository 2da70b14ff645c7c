"""The ground floor: what a game is, its random numbers, its hash. Pure; imports nothing of the package."""

from p2pgame.core.errors import DesyncError, ForfeitError, IllegalMoveError, P2PGameError
from p2pgame.core.game import Absence, Bot, Game, Level, NoConfig, Outcome, Setup, SlowBot
from p2pgame.core.rng import Rng
from p2pgame.core.snapshot import decode, encode, state_hash
from p2pgame.core.terms import Clock, Takebacks

__all__ = [
    "Absence",
    "Bot",
    "Clock",
    "DesyncError",
    "ForfeitError",
    "Game",
    "IllegalMoveError",
    "Level",
    "NoConfig",
    "Outcome",
    "P2PGameError",
    "Rng",
    "Setup",
    "SlowBot",
    "Takebacks",
    "decode",
    "encode",
    "state_hash",
]
