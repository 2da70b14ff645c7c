"""One match: `match.Match`, composed of parts of one concern each.

match              phases, messages, and how the parts work together
core               what all parts share: facts, frames, members, outbox
remote             one other member
exchange           how inputs travel: `turns` by moves, `ticks` by the clock (`channel`, `delay`)
decisions          what the host decides beyond the inputs
ending             the last hash, and signatures
desync_repair      states that differ (`desync_diagnosis`, `snapshot_chunks`)
recovery           another session: who has what (`catchup`)
recorder           the records of the match's file
network_statistics figures for the overlay and the end
"""

from p2pgame.session.match.core import Phase
from p2pgame.session.match.match import Match

__all__ = ["Match", "Phase"]
