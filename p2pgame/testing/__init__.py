"""For authors of games: prove that a game is deterministic and does what the platform expects of it.

See docs/writing-a-game.md. The tests of the package's own games use it as well. Lobbies and matches over a network
that exists in memory only are in `p2pgame.testing.network`, which is not imported from here: what is here needs
msgspec and nothing else.
"""

from p2pgame.testing.checks import CHECKS, ConformanceProblem, conformance
from p2pgame.testing.errors import NoInputError, NotDeterministicError
from p2pgame.testing.inputs import RandomInputs, random_inputs, setups
from p2pgame.testing.lint import LintFinding, lint_rules, lint_source
from p2pgame.testing.synctest import SyncReport, SyncTest

__all__ = [
    "CHECKS",
    "ConformanceProblem",
    "LintFinding",
    "NoInputError",
    "NotDeterministicError",
    "RandomInputs",
    "SyncReport",
    "SyncTest",
    "conformance",
    "lint_rules",
    "lint_source",
    "random_inputs",
    "setups",
]
