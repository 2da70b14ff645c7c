"""For authors of games: prove that a game is deterministic, and play it over a network that exists in memory only.

See docs/writing-a-game.md. Used by the tests of the package's own games as well.
"""

from p2pgame.testing.errors import NoInputError, NotDeterministicError
from p2pgame.testing.inputs import RandomInputs, random_inputs
from p2pgame.testing.synctest import SyncReport, SyncTest

__all__ = ["NoInputError", "NotDeterministicError", "RandomInputs", "SyncReport", "SyncTest", "random_inputs"]
