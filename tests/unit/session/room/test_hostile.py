"""What a member, a leader or a stranger may say in a room that is not so, and that it costs the others nothing."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.effects import CloseLink, Dial, Send
from p2pgame.session.lobby import Lobby
from p2pgame.session.people.known_peer import KnownPeer
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.session.room.member import check, outranks, successor
from p2pgame.session.room_view import ListedRoom
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import INVITE_GAP, OFFERS_MAX, PUBLISH_INTERVAL
from p2pgame.wire.rooms import Member, Player, Seat
from tests.unit.session.room.test_leader import ANN, BEN, CID, DAN, PEERS, plugin
from tests.unit.session.sides import Games

NAMES = dict(zip(PEERS, "ABCDEFGHIJKLMNOPQRST", strict=True))


class Desk:
    """A lobby, and what others say to it. Link `n` leads to peer `n`."""

    def __init__(self, me: PeerId = ANN) -> None:
        games: Any = Games(plugin())
        games.plugin.game.decode_config = lambda data: data
        self.me = me
        self.now = 0.0
        self.counter = 0
        self.lobby = Lobby(me, NAMES[me], games, self.token)

    def token(self, size: int) -> bytes:
        self.counter += 1
        return bytes([self.counter]) * size

    def link(self, peer: PeerId, number: int | None = None) -> int:
        number = PEERS.index(peer) if number is None else number
        self.lobby.link_opened(number, peer, NAMES.get(peer, "Z"), None, self.now)
        return number

    def hear(self, link: int, message: m.Message) -> None:
        self.lobby.link_message(link, m.decode_message(m.encode_message(message)), self.now)

    def said(self, link: int) -> list[m.Message]:
        """What was said on that link, and on no other, since the last call."""
        self.sent = [effect for effect in self.lobby.effects() if isinstance(effect, Send | CloseLink)]
        return [effect.message for effect in self.sent if isinstance(effect, Send) and effect.link == link]

    def closed(self) -> dict[int, str]:
        return {effect.link: effect.code for effect in self.sent if isinstance(effect, CloseLink)}

    def do(self, command: c.Command) -> None:
        self.lobby.execute(command, self.now)

    def pass_time(self, seconds: float = 2 * PUBLISH_INTERVAL) -> None:
        self.now += seconds
        self.lobby.handle_timeout(self.now)

    @property
    def state(self) -> m.RoomState:
        here = self.lobby._rooms._here
        assert here is not None
        assert here.state is not None
        return here.state


def led(*members: PeerId) -> Desk:
    """Ann leads a room, in which these are."""
    desk = Desk()
    desk.do(c.OpenRoom(game="toy"))
    for peer in members:
        desk.hear(desk.link(peer), m.RoomJoin(room=desk.state.room, local=1))
        desk.pass_time()
    desk.said(0)
    return desk


def followed() -> tuple[Desk, m.RoomState]:
    """Ben is in Ann's room, with Cid. Returns the state that Ann sent."""
    ann = led(BEN, CID)
    state = ann.state
    ben = Desk(BEN)
    ben.lobby.set_rooms(lambda _: ann.lobby.listed_room)
    ben.link(ANN)
    ben.do(c.JoinRoom(room=state.room))
    ben.hear(0, state)
    ben.link(CID)
    ben.said(0)
    return ben, state


# --- to the leader


@pytest.mark.parametrize(
    "message",
    [
        m.RoomAsk(room="", what="ready", value=1),
        m.RoomAsk(room="", what="kick", argument=BEN),
        m.RoomCommit(room="", plan=b"p" * 32, commitments=(m.Commitment(b"c" * 32, True, True, (0,)),)),
        m.RoomReveal(room="", plan=b"p" * 32, nonces=(b"n" * 32,)),
        m.RoomRound(room="", plan=b"p" * 32, news="begun", match="0" * 16),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_stranger_is_told_that_it_is_no_member_and_nothing_changes(message: m.Message) -> None:
    desk = led(BEN)
    before = desk.state
    desk.link(DAN)
    desk.hear(3, replace(message, room=before.room))
    desk.hear(3, replace(message, room="f" * 16))
    assert desk.said(3) == [
        m.RoomLeave(room=before.room, reason="not_a_member"),
        m.RoomLeave(room="f" * 16, reason="no_such_room"),
    ]
    desk.pass_time()
    assert desk.state == before


def test_a_vote_on_behalf_of_others_counts_once_and_for_its_sender() -> None:
    desk = led(BEN, CID, DAN)
    desk.hear(1, m.RoomAsk(room=desk.state.room, what="kick", argument=DAN))
    for _ in range(5):
        desk.hear(1, m.RoomAsk(room=desk.state.room, what="ballot", value=1))
    desk.pass_time()
    assert desk.state.vote is not None
    assert desk.state.vote.yes == (BEN,)


def test_what_is_refused_is_refused_in_words_and_the_link_stays() -> None:
    desk = led(BEN)
    desk.hear(1, m.RoomAsk(room=desk.state.room, what="game", argument="chess"))
    assert desk.said(1) == [m.RoomRefused(room=desk.state.room, reason="vote_game_missing")]
    assert desk.closed() == {}


def test_a_second_program_of_one_key_is_kept_out_while_the_first_is_there() -> None:
    desk = led(BEN)
    room = desk.state.room
    desk.link(BEN, 11)
    desk.hear(11, m.RoomJoin(room=room, local=4))
    assert desk.said(11) == [m.RoomLeave(room=room, reason="already_there")]
    desk.hear(11, m.RoomAsk(room=room, what="ready", value=1))
    assert desk.said(11) == [m.RoomLeave(room=room, reason="not_a_member")]
    desk.pass_time()
    assert [(member.peer, member.local, member.ready) for member in desk.state.members[1:]] == [
        (BEN, 1, False)
    ]
    desk.lobby.link_closed(1, "connection_lost", {}, desk.now, remote=True)
    desk.hear(11, m.RoomJoin(room=room, local=1))
    desk.pass_time()
    assert [type(message) for message in desk.said(11)] == [m.RoomState]


def test_a_member_that_lies_about_its_seat_in_a_round_loses_its_link() -> None:
    desk = led(BEN, CID)
    desk.hear(2, m.RoomAsk(room=desk.state.room, what="local", value=0))
    for link in (1,):
        desk.hear(link, m.RoomAsk(room=desk.state.room, what="ready", value=1))
    desk.do(c.SetReady(True))
    for _ in range(40):
        desk.pass_time(0.1)
    assert desk.state.phase == "gathering"
    plan = desk.lobby._rooms._rounds._round
    assert plan is not None
    about = plan.plan.digest
    said = m.Commitment(b"c" * 32, True, True, (0, 1))
    desk.hear(2, m.RoomCommit(room=desk.state.room, plan=about, commitments=(said,)))
    desk.said(2)
    assert desk.closed() == {2: "not_your_seat"}
    desk.pass_time()
    assert [member.connected for member in desk.state.members] == [True, True, False]
    assert desk.state.phase == "gathering", "the others go on"
    desk.hear(1, m.RoomCommit(room=desk.state.room, plan=b"x" * 32, commitments=(said,)))
    desk.said(1)
    assert desk.closed() == {}, "a word about another plan may be late"


def test_requests_without_end_are_answered_by_few_states() -> None:
    desk = led(BEN, CID)
    for number in range(400):
        desk.hear(1, m.RoomAsk(room=desk.state.room, what="ready", value=number % 2))
        desk.now += 0.001
        desk.lobby.handle_timeout(desk.now)
    states = [message for message in desk.said(2) if isinstance(message, m.RoomState)]
    assert len(states) <= 0.4 / PUBLISH_INTERVAL + 2


def test_a_rival_does_not_take_a_room_whose_members_are_here() -> None:
    desk = led(BEN, CID)
    state = desk.state
    claim = replace(state, leader=DAN, term=99, members=(*state.members, Member(DAN, "D")))
    desk.link(DAN)
    desk.hear(3, claim)
    assert desk.said(3) == [m.RoomLeave(room=state.room, reason="moved", leader=ANN)]
    desk.hear(1, replace(state, leader=BEN, term=99))
    assert [type(message) for message in desk.said(1)] == [m.RoomState]
    desk.hear(1, replace(state, leader=BEN, term=99))
    assert desk.said(1) == [], "it is told once"
    crowded = (*state.members, *(Member(peer, "X") for peer in PEERS[3:9]))
    desk.hear(1, replace(state, leader=BEN, term=100, members=crowded))
    assert desk.lobby.listed_room is not None
    assert desk.lobby.listed_room.leader == ANN


# --- from a leader


def broken(state: m.RoomState) -> list[m.RoomState]:
    """States in which something cannot be."""
    ann, ben, cid = state.members
    seats = state.seats
    player = Player(0, ANN, "A", "", 0)
    return [
        replace(state, members=(ann, cid)),
        replace(state, members=(ann, ben, ben)),
        replace(state, leader=DAN),
        replace(state, seats=(seats[0], seats[0], *seats[2:])),
        replace(state, seats=(replace(seats[0], peer=DAN), *seats[1:])),
        replace(state, seats=(replace(seats[0], index=3), *seats[1:])),
        replace(state, seats=(replace(seats[0], base="closed"), *seats[1:])),
        replace(state, seats=(Seat(),), wins=(0, 0)),
        replace(state, phase="gathering", lineup=()),
        replace(state, phase="gathering", lineup=(player,), epoch=0),
        replace(state, phase="gathering", lineup=(player,), epoch=2),
        replace(state, phase="playing", lineup=(player,)),
        replace(state, lineup=(player, player)),
        replace(state, lineup=(replace(player, peer=""),)),
        replace(state, lineup=(replace(player, level="easy"),)),
    ]


@pytest.mark.parametrize("number", range(15))
def test_a_room_that_cannot_be_ends_the_link_and_the_leader_is_looked_for_elsewhere(number: int) -> None:
    ben, state = followed()
    check(state, BEN)
    ben.hear(0, replace(broken(state)[number], number=state.number + 1))
    ben.said(0)
    assert ben.closed() == {0: "bad_room"}
    assert ben.state == state


def test_a_round_that_the_game_is_not_for_is_not_gathered() -> None:
    """The rules of a game are made for so many players: with more or less they may fail, and blame us."""
    ann, ben = Player(0, ANN, "A", "", 0), Player(1, BEN, "B", "", 0)
    bots = tuple(Player(seat, "", "", "easy", 0) for seat in range(2, 6))
    teams = (replace(ann, team=3), replace(ben, team=1))
    for lineup in ((ben,), (ann, ben, *bots), teams):
        desk, state = followed()
        desk.lobby.registry.plugin.game.max_players = 4  # type: ignore[attr-defined]
        round_ = replace(state, number=state.number + 1, phase="gathering", epoch=1, lineup=lineup)
        desk.hear(0, round_)
        said = desk.said(0)
        assert not any(isinstance(message, m.RoomCommit) for message in said), lineup
        assert desk.closed() == {0: "bad_room"}
    desk, state = followed()
    desk.hear(0, replace(state, number=state.number + 1, phase="gathering", epoch=1, lineup=(ann, ben)))
    assert any(isinstance(message, m.RoomCommit) for message in desk.said(0))


@pytest.mark.parametrize("leader", [ANN, BEN, CID])
@pytest.mark.parametrize("change", [{"config": b"bad"}, {"digest": "f" * 16}])
def test_a_room_that_plays_what_we_have_not_is_left_whoever_is_to_lead_it(
    leader: PeerId, change: dict[str, Any]
) -> None:
    """Handed over to us, or to another, it would be drawn before anybody looked at the rules."""
    ben, state = followed()

    def decode(data: bytes) -> bytes:
        if data == b"bad":
            raise msgspec.DecodeError
        return data

    ben.lobby.registry.plugin.game.decode_config = decode  # type: ignore[attr-defined]
    ben.hear(0, replace(state, number=state.number + 1, leader=leader, **change))
    assert ben.lobby.room_view(ben.now) is None
    left = [event.reason for event in ben.lobby.events() if isinstance(event, e.RoomLeft)]
    assert left == ["incompatible"]


@pytest.mark.parametrize(
    "change",
    [
        {"members": [[ANN, "A" * 65, 1, False, True]]},
        {"members": [["nobody", "A", 1, False, True]]},
        {"members": [[ANN, "A", 5, False, True]]},
        {"members": [[ANN, "A", 1, False, True]] * 17},
        {"seats": [["open", "medium", 0, "", 0]] * 9},
        {"seats": []},
        {"seats": [["throne", "medium", 0, "", 0]]},
        {"phase": "limbo"},
        {"wins": [0] * 9},
        {"last": [8]},
        {"config": b"x" * 4097},
        {"term": 0},
        {"match": "x"},
        {"kicked": [[ANN, 1]] * 17},
        {"vote": [ANN, "mutiny", "", 1, 1, [], []]},
        {"vote": [ANN, "kick", "x" * 27, 1, 1, [], []]},
    ],
    ids=str,
)
def test_an_oversized_or_malformed_room_is_no_message(change: dict[str, Any]) -> None:
    fields = {**msgspec.to_builtins(led(BEN).state, builtin_types=(bytes,)), "type": "room_state", **change}
    with pytest.raises(RemoteProtocolError) as refused:
        m.decode_message(msgspec.msgpack.encode(fields))
    assert refused.value.code == "bad_message"


def test_only_the_leader_says_how_the_room_is() -> None:
    ben, state = followed()
    ben.hear(2, replace(state, leader=CID, term=99, locked=True))
    ben.hear(2, replace(state, number=state.number + 1, locked=True))
    ben.hear(0, replace(state, locked=True))
    assert not ben.state.locked, "another member, the leader's name in another's mouth, an old state"
    ben.hear(0, replace(state, number=state.number + 1, locked=True))
    assert ben.state.locked


def test_a_member_does_not_follow_another_while_the_leader_is_there_or_out_of_order() -> None:
    ben, state = followed()
    ben.link(DAN)
    four = replace(state, number=state.number + 1, members=(*state.members, Member(DAN, "D")))
    ben.hear(0, four)
    ben.lobby.link_closed(0, "connection_lost", {}, ben.now, remote=True)
    ben.hear(3, replace(four, leader=DAN, term=2))
    assert ben.state.leader == ANN, "Ann is dialled, and before Dan come Ben and Cid"


def test_nonces_and_hosts_come_from_the_leader_of_the_room_alone() -> None:
    ben, state = followed()
    ben.hear(2, m.RoomReveal(room=state.room, plan=b"p" * 32, nonces=(b"n" * 32,)))
    ben.hear(
        2,
        m.RoomCommit(
            room=state.room, plan=b"p" * 32, commitments=(m.Commitment(b"c" * 32, True, True, (0,)),)
        ),
    )
    ben.hear(2, m.RoomRefused(room=state.room, reason="full"))
    ben.hear(2, m.RoomLeave(room=state.room, reason="kicked"))
    assert ben.said(2) == []
    assert ben.lobby.room_view(0.0) is not None
    assert not [event for event in ben.lobby.events() if isinstance(event, e.RoomLeft | e.ErrorEvent)]


def test_a_member_that_the_leader_calls_like_somebody_verified_is_an_impostor() -> None:
    """Names are what the leader says; who somebody is, is its key."""
    ben, state = followed()
    known = KnownPeer(peer=DAN, name="Dan", own_name="Dan", verified=True)
    ben.lobby.trust_store = TrustStore([known])
    members = (*state.members[:2], replace(state.members[2], name="Dаn"), Member(DAN, "Dan", 0))
    ben.hear(0, replace(state, number=state.number + 1, members=members))
    view = ben.lobby.room_view(ben.now)
    assert view is not None
    assert [member.impostor for member in view.members] == [False, False, True, False]


# --- offers


def test_offers_are_limited_in_number_and_rate() -> None:
    desk = Desk()
    for number in range(1, 13):
        desk.now += INVITE_GAP
        link = desk.link(PEERS[number])
        offer = m.RoomOffer(
            room=f"{number:016x}", leader=PEERS[number], game="toy", digest="0123456789abcdef"
        )
        desk.hear(link, offer)
        desk.hear(link, replace(offer, room=f"{number + 100:016x}"))
    offered = [event for event in desk.lobby.events() if isinstance(event, e.RoomOffered)]
    assert [event.peer for event in offered] == PEERS[1 : 1 + OFFERS_MAX], "one a peer in five seconds"
    assert sum(desk.lobby._rooms._offers.get(event.room) is not None for event in offered) <= OFFERS_MAX


def offer_of(leader: PeerId, room: str = "a" * 16) -> m.RoomOffer:
    return m.RoomOffer(room=room, leader=leader, game="toy", digest=plugin().digest)


def asked_by(desk: Desk) -> list[PeerId]:
    """Who is asked to let us in, by its number."""
    effects = desk.lobby.effects()
    said = {PEERS[e.link] for e in effects if isinstance(e, Send) and isinstance(e.message, m.RoomJoin)}
    return sorted(said | {PeerId(e.peer) for e in effects if isinstance(e, Dial)})


@pytest.mark.parametrize("announced", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_a_stranger_leads_nobody_to_itself_by_offering_the_room_of_another(
    announced: bool, known: bool
) -> None:
    desk = Desk()
    if known:
        desk.lobby.trust_store = TrustStore([KnownPeer(peer=BEN, name="Ben", met_at=1.0)])
    listed = ListedRoom(room="a" * 16, leader=BEN, name="Ben", game="toy")
    desk.lobby.set_rooms(lambda _: listed if announced else None)
    desk.link(BEN)
    desk.link(CID)
    if not announced:
        desk.hear(1, offer_of(BEN))
    desk.hear(2, offer_of(CID))
    desk.said(0)
    desk.do(c.JoinRoom(room="a" * 16))
    assert asked_by(desk) == [BEN]


def test_somebody_we_know_offers_its_room_whatever_strangers_offered_and_announce() -> None:
    desk = Desk()
    desk.lobby.trust_store = TrustStore([KnownPeer(peer=BEN, name="Ben", met_at=1.0)])
    desk.lobby.set_rooms(lambda _: ListedRoom(room="a" * 16, leader=CID, name="Cid", game="toy"))
    desk.link(BEN)
    desk.link(CID)
    desk.hear(2, offer_of(CID))
    desk.hear(1, offer_of(BEN))
    desk.said(0)
    desk.do(c.JoinRoom(room="a" * 16))
    assert asked_by(desk) == [BEN]


def test_offers_of_strangers_leave_room_for_one_of_somebody_we_know() -> None:
    desk = Desk()
    desk.lobby.trust_store = TrustStore([KnownPeer(peer=BEN, name="Ben", met_at=1.0)])
    strangers = range(2, 3 + OFFERS_MAX)
    for number in (1, *strangers):
        desk.link(PEERS[number])
    for number in strangers:
        desk.hear(number, offer_of(PEERS[number], f"{number:016x}"))
    assert desk.said(strangers[-1]) == [m.RoomLeave(room=f"{strangers[-1]:016x}", reason="declined")]
    desk.hear(1, offer_of(BEN))
    assert desk.said(2) == [m.RoomLeave(room=f"{2:016x}", reason="declined")], "the oldest gives way"
    assert desk.lobby._rooms._offers.get("a" * 16) is not None


def test_strangers_that_fill_a_room_give_way_to_somebody_we_know() -> None:
    desk = led(*PEERS[1:9])
    for number in range(9, 16):
        desk.hear(desk.link(PEERS[number]), m.RoomJoin(room=desk.state.room, local=0))
        desk.pass_time()
    assert len(desk.state.members) == 16
    desk.hear(desk.link(PEERS[16]), m.RoomJoin(room=desk.state.room, local=1))
    assert desk.said(16) == [m.RoomLeave(room=desk.state.room, reason="full")]
    desk.lobby.trust_store = TrustStore([KnownPeer(peer=PEERS[17], name="R", met_at=1.0)])
    desk.hear(desk.link(PEERS[17]), m.RoomJoin(room=desk.state.room, local=1))
    desk.pass_time()
    assert desk.said(15) == [m.RoomLeave(room=desk.state.room, reason="full")]
    members = [member.peer for member in desk.state.members]
    assert members == [*PEERS[:15], PEERS[17]], "the newest of those who watch"


def test_an_offer_of_another_game_is_declined_unseen() -> None:
    desk = Desk()
    link = desk.link(BEN)
    desk.hear(link, m.RoomOffer(room="0" * 16, leader=BEN, game="toy", digest="f" * 16))
    assert desk.said(link) == [m.RoomLeave(room="0" * 16, reason="declined")]
    assert desk.lobby.events() == []


# --- who leads


def test_the_first_who_is_reached_leads_after_the_leader() -> None:
    order = (ANN, BEN, CID, DAN)
    assert successor(order, ANN, (), DAN) == ANN
    assert successor(order, ANN, (ANN,), DAN) == BEN
    assert successor(order, ANN, (ANN, BEN, CID), DAN) == DAN
    assert successor(order, CID, (CID,), DAN) == ANN, "the order is that of joining, whoever leads"
    assert successor(order, ANN, (ANN, BEN, CID, DAN), DAN) == DAN


def test_of_two_leaders_exactly_one_yields_as_long_as_both_say_the_truth() -> None:
    names = PEERS[:5]
    for split in range(1, 2**5 - 1):
        here = [peer for number, peer in enumerate(names) if split >> number & 1]
        there = [peer for peer in names if peer not in here]
        states = {}
        for group in (here, there):
            members = tuple(Member(peer, "", connected=peer in group) for peer in names)
            states[group[0]] = replace(led().state, leader=group[0], members=members)
        one, other = states[here[0]], states[there[0]]
        yields = (outranks(one, len(here) - 1, other), outranks(other, len(there) - 1, one))
        assert sorted(yields) == [False, True]
        assert yields[0] == (len(there) > len(here))
