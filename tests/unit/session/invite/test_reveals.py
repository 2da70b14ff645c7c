"""Both sides of an accepted invitation open what they committed to, once, and to each other alone."""

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session.invite.invitation import Invitation
from p2pgame.session.invite.reveals import Reveals
from p2pgame.wire import messages as m
from tests.unit.session.invite.test_invitation import agree, make
from tests.unit.session.sides import EVE, Side


class Revealing(Side):
    def __init__(self, me: PeerId, other: PeerId) -> None:
        super().__init__(me, other)
        self.elected: list[Invitation] = []
        self.reveals = Reveals(
            self.connections, self.table, lambda invitation, _: self.elected.append(invitation)
        )


def accepted() -> tuple[Revealing, Revealing]:
    ours, theirs = make(ours=True), make(ours=False)
    agree(ours, theirs)
    ours.link = theirs.link = 1
    sides = Revealing(theirs.peer, ours.peer), Revealing(ours.peer, theirs.peer)
    for side, invitation in zip(sides, (ours, theirs), strict=True):
        side.reveals.start(invitation)
    return sides


def refused(side: Side, message: m.Message, link: int = 1) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as error:
        side.hear(message, link=link)
    return error.value


def test_both_elect_the_same_host() -> None:
    ann, ben = accepted()
    (to_ben,), (to_ann,) = ann.said(), ben.said()
    ann.hear(to_ann)
    ben.hear(to_ben)
    (one,), (other,) = ann.elected, ben.elected
    assert one.election == other.election is not None


def test_a_second_reveal_is_refused_from_the_table() -> None:
    ann, ben = accepted()
    (reveal,) = ben.said()
    ann.hear(reveal)
    assert refused(ann, reveal).params == {"message": "reveal", "scope": "reveal", "phase": "elected"}


def test_another_nonce_than_the_one_committed_to_is_refused() -> None:
    ann, _ = accepted()
    assert refused(ann, m.Reveal(invite=b"i" * 16, nonce=b"x" * 32)).code == "bad_reveal"
    assert ann.elected == []


def test_what_crossed_the_end_or_comes_from_a_stranger_is_ignored() -> None:
    ann, ben = accepted()
    (reveal,) = ben.said()
    ann.link(2, EVE)
    ann.hear(reveal, link=2)
    assert not ann.reveals.is_of(2, b"i" * 16)
    ann.reveals.finish()
    ann.hear(reveal)
    assert ann.elected == []
