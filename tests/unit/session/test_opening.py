"""Who may join the session of a match, how members are connected to its host, and what ends it before it begins."""

from collections.abc import Mapping
from typing import Any

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session import events as e
from p2pgame.session.agreement import Agreement
from p2pgame.session.effects import CloseLink, Dial, Send
from p2pgame.session.election import Election
from p2pgame.session.opening import Opening, OpeningPhase, SessionOpener
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import SESSION_TIMEOUT
from tests.unit.session.sides import ANN, BEN, EVE, GOMOKU, NAMES, FakeMatches, Side

CID = EVE
TRIO = (ANN, BEN, CID)
MATCH, TOKEN = "00112233445566ff", b"t" * 16
SHARED = {ANN: 1, BEN: 2, CID: 3}
"""Links that stand before, to each of them."""


class Matches(FakeMatches):
    """Takes any number of links."""

    begun: dict[PeerId, int] | None = None

    def uses(self, link: int) -> bool:
        return self.begun is not None and link in self.begun.values()

    def begin(self, agreement: Agreement, links: Mapping[PeerId, int], now: float) -> None:
        self.begun = dict(links)
        self.calls.append(("begin", agreement, dict(links), now))

    def cancel(self) -> tuple[int, ...]:
        self.calls.append(("cancel",))
        links, self.begun = self.begun, None
        return tuple((links or {}).values())


class Member(Side):
    """A side that opens a session with `members`."""

    def __init__(self, me: PeerId, members: tuple[PeerId, ...] = TRIO, **options: Any) -> None:
        super().__init__(me, me, linked=False)
        self.matches = Matches()
        self.opener = SessionOpener(me, self.connections, self.table, self.matches)
        self.connections.used = lambda link: self.opener.uses(link) or link in SHARED.values()
        self.failed: list[tuple[str, dict[str, Any], float]] = []
        others = {peer: NAMES[peer] for peer in members if peer != me}
        for peer in others:
            self.link(SHARED[peer], peer)
        self.opener.expect(
            Opening(
                others=others,
                failed=lambda code, params, now: self.failed.append((code, dict(params), now)),
                asks=lambda peer: SHARED[peer] if SHARED[peer] in self.connections.links else None,
                **options,
            )
        )

    @property
    def opening(self) -> Opening:
        assert self.opener.opening is not None
        return self.opener.opening

    def dialled(self) -> tuple[PeerId, object]:
        """Whom it dials now, and for what."""
        (dial,) = [effect for effect in self.effects() if isinstance(effect, Dial)]
        return dial.peer, self.connections.take_purpose(dial.ticket)

    def opened(self, link: int, peer: PeerId, purpose: object, now: float = 1.0) -> None:
        self.link(link, peer)
        self.opener.link_opened(link, peer, purpose, now)


def agreement(host: PeerId = ANN, epoch: int = 1, members: tuple[PeerId, ...] = TRIO) -> Agreement:
    order = (host, *(peer for peer in members if peer != host))
    return Agreement(
        election=Election(MATCH, host, order, members, seed=1, token=TOKEN, epoch=epoch),
        plugin=GOMOKU,
        config=None,
        config_bytes=b"\x80",
        names=tuple(NAMES[peer] for peer in members),
    )


def join(epoch: int = 1, match: str = MATCH, token: bytes = TOKEN) -> m.Join:
    return m.Join(match=match, session=epoch, token=token)


def host_of_two(**options: Any) -> Member:
    """Ann, who waits for Ben and Cid; each has another link, 12 and 13."""
    ann = Member(ANN, **options)
    ann.link(12, BEN)
    ann.link(13, CID)
    ann.opener.connect(agreement(), 0.0)
    ann.told()
    return ann


def test_the_host_begins_when_all_others_have_joined_and_not_before() -> None:
    ann = host_of_two()
    ann.hear(join(), link=12)
    assert ann.opening.phase is OpeningPhase.CONNECTING
    ann.now = 2.0
    ann.hear(join(), link=13)
    ((what, agreed, links, now),) = ann.matches.calls
    assert (what, agreed, links, now) == ("begin", agreement(), {BEN: 12, CID: 13}, 2.0)


def test_a_guest_dials_the_host_joins_and_begins_on_that_link_alone() -> None:
    ben = Member(BEN)
    ben.opener.connect(agreement(), 0.0)
    peer, purpose = ben.dialled()
    assert peer == ANN
    ben.opened(21, ANN, purpose)
    assert ben.said() == [join()]
    ((_, _, links, _),) = ben.matches.calls
    assert links == {ANN: 21}
    assert ben.told() == [e.HostElected(match=MATCH, host=ANN, players=TRIO, epoch=1)]


def test_who_plays_alone_with_bots_begins_at_once() -> None:
    ann = Member(ANN, (ANN,))
    ann.opener.connect(agreement(members=(ANN,)), 0.0)
    assert [call[0] for call in ann.matches.calls] == ["begin"]


def test_a_guest_whose_dial_fails_asks_to_be_dialled_and_the_host_does_it_once_for_each() -> None:
    ben, ann = Member(BEN), host_of_two()
    ben.opener.connect(agreement(), 0.0)
    _, purpose = ben.dialled()
    ben.opener.dial_failed(object(), 1.0)
    assert ben.said() == []
    ben.opener.dial_failed(purpose, 1.0)
    (sent,) = ben.effects()
    assert isinstance(sent, Send)
    assert (sent.link, sent.message) == (SHARED[ANN], m.DialMe(match=MATCH))
    for link in (SHARED[BEN], SHARED[BEN], SHARED[CID]):
        ann.hear(m.DialMe(match=MATCH), link=link)
    dials = [effect.peer for effect in ann.effects() if isinstance(effect, Dial)]
    assert dials == [BEN, CID]


def test_the_host_that_dialled_joins_the_guest() -> None:
    ann, ben = host_of_two(), Member(BEN)
    ben.opener.connect(agreement(), 0.0)
    ann.hear(m.DialMe(match=MATCH), link=SHARED[BEN])
    _, purpose = ann.dialled()
    ann.opened(22, BEN, purpose)
    assert ann.said() == [join()]
    assert ann.opening.links == {BEN: 22}
    ben.link(22, ANN)
    ben.hear(join(), link=22)
    assert ben.matches.begun == {ANN: 22}


def test_a_guest_that_can_ask_nobody_to_dial_fails_at_once() -> None:
    ben = Member(BEN)
    del ben.connections.links[SHARED[ANN]]
    ben.opener.connect(agreement(), 0.0)
    _, purpose = ben.dialled()
    ben.opener.dial_failed(purpose, 1.5)
    assert ben.failed == [("connect_failed", {"name": "Ann"}, 1.5)]


def test_only_members_with_the_token_of_this_match_are_let_in() -> None:
    ann = host_of_two()
    stranger = PeerId("z" * 26)
    ann.connections.links[14] = type(ann.connections.links[12])(stranger, "Zoe", 0.0)
    wrong = [
        (14, join()),
        (12, join(match="0" * 16)),
        (12, join(epoch=2)),
        (12, join(token=b"x" * 16)),
    ]
    for link, message in wrong:
        with pytest.raises(RemoteProtocolError) as refused:
            ann.hear(message, link=link)
        assert refused.value.code == "no_seat"
    assert ann.opening.links == {}


def test_guests_do_not_join_each_other() -> None:
    ben = Member(BEN)
    ben.opener.connect(agreement(), 0.0)
    ben.link(13, CID)
    with pytest.raises(RemoteProtocolError):
        ben.hear(join(), link=13)


def test_where_nothing_is_opened_no_seat_is_kept() -> None:
    ann = host_of_two()
    ann.opener.finish()
    with pytest.raises(RemoteProtocolError) as refused:
        ann.hear(join(), link=12)
    assert refused.value.code == "no_seat"
    ann.hear(m.DialMe(match=MATCH), link=SHARED[BEN])
    assert [effect for effect in ann.effects() if isinstance(effect, Dial)] == []


def test_a_join_that_overtakes_the_election_waits_for_it() -> None:
    ann = Member(ANN)
    ann.link(12, BEN)
    ann.hear(join(), link=12)
    assert ann.opener.uses(12)
    assert ann.opening.links == {}
    ann.opener.connect(agreement(), 1.0)
    assert ann.opening.links == {BEN: 12}


def test_where_elections_follow_each_other_a_join_for_the_next_one_waits() -> None:
    ann = host_of_two(renewed=True)
    ann.hear(join(epoch=2), link=12)
    assert ann.opening.links == {}
    ann.opener.connect(agreement(epoch=2), 1.0)
    assert ann.opening.links == {BEN: 12}


def test_another_host_takes_the_place_of_one_that_was_not_reached_by_all() -> None:
    ben = Member(BEN, renewed=True)
    ben.opener.connect(agreement(), 0.0)
    _, purpose = ben.dialled()
    ben.opened(21, ANN, purpose)
    ben.effects()
    ben.opener.connect(agreement(CID, epoch=2), 5.0)
    assert ben.matches.calls[-1] == ("cancel",)
    assert CloseLink(21, "done", {}) in ben.connections.effects()
    assert ben.opening.phase is OpeningPhase.CONNECTING
    assert ben.opener.next_deadline() == 5.0 + SESSION_TIMEOUT


def test_a_second_link_of_one_guest_is_superseded() -> None:
    ann = host_of_two()
    ann.link(15, BEN)
    ann.hear(join(), link=12)
    ann.hear(join(), link=12)
    ann.hear(join(), link=15)
    assert ann.opening.links == {BEN: 12}
    assert CloseLink(15, "superseded", {}) in ann.effects()


def test_a_guest_that_is_lost_while_the_host_waits_may_come_again() -> None:
    ann = host_of_two()
    ann.hear(join(), link=12)
    ann.opener.link_closed(12, "connection_lost", {}, 1.0, remote=True)
    assert ann.opening.links == {}
    assert ann.failed == []
    ann.link(16, BEN)
    ann.hear(join(), link=16)
    ann.hear(join(), link=13)
    assert ann.matches.begun == {BEN: 16, CID: 13}


def test_without_all_in_time_it_fails_and_says_who_is_missing() -> None:
    ann = host_of_two()
    ann.hear(join(), link=12)
    ann.opener.handle_timeout(SESSION_TIMEOUT - 0.01)
    assert ann.failed == []
    ann.opener.handle_timeout(SESSION_TIMEOUT)
    assert ann.failed == [("connect_failed", {"name": "Eve"}, SESSION_TIMEOUT)]
    assert ann.opener.opening is None
    assert ann.matches.calls == [("cancel",)]


def test_once_the_match_has_the_link_its_end_is_the_matchs_business() -> None:
    ben = Member(BEN)
    ben.opener.connect(agreement(), 0.0)
    _, purpose = ben.dialled()
    ben.opened(21, ANN, purpose)
    ben.opener.link_closed(21, "silent", {}, 2.0, remote=True)
    assert ben.failed == []
    ben.matches.begun = None  # the rules failed to begin
    ben.opener.link_closed(21, "rules_failed", {}, 2.0, remote=True)
    assert ben.failed == [("rules_failed", {}, 2.0)]


def test_an_invitations_link_takes_its_opening_along_and_is_closed_once_the_session_stands() -> None:
    ann = Member(ANN, (ANN, BEN), deadline=3.0)
    ann.opener.link_closed(SHARED[BEN], "silent", {"name": "Ben"}, 1.0, remote=True)
    assert ann.failed == [("silent", {"name": "Ben"}, 1.0)]
    ann = Member(ANN, (ANN, BEN), moved=SHARED[BEN])
    ann.connections.used = lambda _: False
    ann.opener.connect(agreement(members=(ANN, BEN)), 0.0)
    ann.link(12, BEN)
    ann.hear(join(), link=12)
    assert CloseLink(SHARED[BEN], "moved", {}) in ann.effects()


def test_a_dial_for_an_opening_that_is_over_is_closed() -> None:
    ben = Member(BEN)
    ben.opener.connect(agreement(), 0.0)
    _, purpose = ben.dialled()
    ben.opener.withdraw()
    ben.effects()
    ben.connections.used = lambda _: False
    ben.opened(21, ANN, purpose)
    assert ben.effects() == [CloseLink(21, "done", {})]
    assert ben.matches.begun is None
