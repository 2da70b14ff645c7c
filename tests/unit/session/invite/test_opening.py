"""Who may take the seat that an accepted invitation keeps."""

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.invite.opening import Opening
from p2pgame.wire import messages as m
from tests.unit.session.invite.test_invitation import agree, make

STRANGER = peer_id_of(b"s" * 32)
SESSION = 9


def elected() -> tuple[Opening, m.Join, PeerId]:
    """Our side once the nonces are out, the join that is right, and who may say it."""
    ours, theirs = make(ours=True), make(ours=False)
    agree(ours, theirs)
    ours.link = theirs.link = 1
    board = Connections()
    opening = Opening(theirs.peer, ours, board, 0.0)
    opening.on_reveal(1, theirs.reveal(), 0.0)
    election = ours.election
    assert election is not None
    for link, peer in ((1, ours.peer), (SESSION, ours.peer)):
        board.links[link] = Connection(peer, "Ben", 0.0)
    return opening, m.Join(match=election.match, epoch=1, token=election.token), ours.peer


def test_only_the_other_member_with_the_token_of_this_match_is_seated() -> None:
    opening, join, peer = elected()
    wrong = [
        (STRANGER, join),
        (peer, m.Join(match="0" * 16, epoch=join.epoch, token=join.token)),
        (peer, m.Join(match=join.match, epoch=2, token=join.token)),
        (peer, m.Join(match=join.match, epoch=join.epoch, token=b"x" * 16)),
    ]
    for who, what in wrong:
        with pytest.raises(RemoteProtocolError, match="no seat") as error:
            opening.on_join(SESSION, who, what)
        assert error.value.code == "no_seat"
        assert not opening.bound
    opening.on_join(SESSION, peer, join)
    assert opening.session == SESSION
