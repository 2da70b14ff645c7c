"""One match: `match.Match`, composed of parts with one concern each.

match              phases, messages, and how the parts work together
core               shared by all parts: facts, frames, members, outbox
remote             one other member
exchange           how inputs travel: `turns` by moves, `ticks` by the clock (`channel`, `delay`)
decisions          decisions of the host, requests of members
ending             the last hash, and signatures
desync_repair      repair of states that differ (`desync_diagnosis`, `snapshot_chunks`)
recovery           missing frames after a reconnect or restart (`catchup`)
recorder           the records of the match's file
network_statistics figures for the overlay and the end
"""

from p2pgame.session.match.core import Phase
from p2pgame.session.match.match import Match

__all__ = ["Match", "Phase"]
