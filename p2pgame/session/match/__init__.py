"""One match: `Match` by turns, with its parts below it; `session.realtime` is the other kind.

turns      how it begins, moves, and what a message means in which phase
rejoining  another session
mendable   states that differ
ending     resignations and signatures
base       facts, state, outbox
"""

from p2pgame.session.match.base import Phase
from p2pgame.session.match.turns import Match

__all__ = ["Match", "Phase"]
