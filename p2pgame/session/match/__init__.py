"""One match: `Match` by turns, `realtime.RealtimeMatch` by the clock, and the parts of both.

turns      how it begins, moves, and what a message means in which phase
realtime   ticks and packets: rollback, `channel`, `delay`, `gauges`
rejoining  another session: who has what (`catchup`)
mendable   states that differ (`mending`)
ending     resignations and signatures
base       facts, state, outbox; `recorder` takes it all down
"""

from p2pgame.session.match.base import Phase
from p2pgame.session.match.turns import Match

__all__ = ["Match", "Phase"]
