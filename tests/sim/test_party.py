"""Matches of three to eight members: who drops out, comes back, watches, joins late, plays for two."""

import pytest

from p2pgame.session import events as e
from p2pgame.wire.decisions import Dropped, Seated
from tests.sim.party import Party


@pytest.mark.parametrize("seats", [(0, 1, 2), (0, 1, 2, 3), (0, 1, 1, None), (0, 0, 1, 2, 2, None, None, 3)])
@pytest.mark.parametrize("loss", [0.0, 0.1])
def test_all_play_to_the_same_end(seats: tuple[int | None, ...], loss: float) -> None:
    party = Party("tron", seats, delay=0.002, jitter=0.004, loss=loss, frames=1200)
    party.play_out()
    party.check()
    assert party.ended(party.host).frames >= 400
    for peer in party.members:
        started = peer.told(e.MatchStarted)[0]
        assert started.seats == tuple(n for n, s in enumerate(seats) if s == party.members.index(peer))
        assert party.verdict(peer).signed_by == tuple(
            sorted(min(n for n, s in enumerate(seats) if s == member) for member in range(len(party.members)))
        )


@pytest.mark.parametrize("at", [0.3, 1.0, 2.0, 5.0])
def test_a_guest_that_is_killed_hurts_nobody_and_gets_its_seat_back(at: float) -> None:
    party = Party("tron", (0, 1, 2, 3), delay=0.002, jitter=0.002, loss=0.02, frames=1500)
    ben = party.members[1]
    party.run(at)
    party.world.kill(ben)
    party.run(3.0)
    assert party.match(party.host).core.seating.bots == {1}
    for peer in (party.host, *party.members[2:]):
        assert party.match(peer).core.engine.stalls <= 3, peer.name
    ben.restart()
    party.let_in(ben)
    ben.do("resume", party.agreement.election.match, ben.now)
    party.run(2.0)
    assert party.match(ben).core.seats == (1,)
    assert not party.match(party.host).core.seating.bots
    party.play_out()
    party.check()
    kinds = [type(what) for what in party.match(party.host).core.log.bodies]
    assert kinds == [Dropped, Seated]
