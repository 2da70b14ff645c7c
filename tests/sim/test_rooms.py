"""Whole rooms on the virtual network: rounds one after another, and a leader or member that vanishes at any step."""

import random
from functools import partial
from typing import Any

import pytest

from p2pgame.core.errors import LocalProtocolError
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.testing.network import SimPeer
from p2pgame.wire.bounds import COUNTDOWN, KEPT_TIME, KICK_TIME, LINK_IDLE_TIMEOUT, SEEK_TIMEOUT, TABLE_TIME
from tests.sim.rooms_world import ROUND_TIME, Hall, agree, begun, timed  # noqa: F401

pytestmark = pytest.mark.usefixtures("timed")


@pytest.mark.parametrize("count", [1, 2, 3, 4, 8])
def test_all_ready_play_round_after_round_without_being_asked_again(count: int) -> None:
    hall = Hall(seed=count)
    peers = hall.crowd(count, bots=2)
    hall.all_ready(peers)
    hall.run(COUNTDOWN + 0.5)
    first = agree(peers)
    assert len(first.election.players) == min(count + 2, 8)
    assert first.bots.count("medium") == min(2, 8 - count)
    assert set(first.members) == {peer.id for peer in peers}
    hall.run(ROUND_TIME + TABLE_TIME + 1.5)
    second = agree(peers, 1)
    assert second.election.seed != first.election.seed
    assert second.election.match != first.election.match
    for peer in peers:
        view = hall.view(peer)
        assert (view.phase, view.round) == ("playing", 2)
        assert sum(view.wins) == 1
        assert not peer.told(e.ErrorEvent)


def test_the_table_shows_who_won_and_a_hold_stops_the_next_round_until_it_is_released() -> None:
    hall = Hall()
    ann, ben, cid = peers = hall.crowd(3)
    hall.all_ready(peers)
    hall.run(COUNTDOWN + ROUND_TIME + 1.0)
    agreement = agree(peers)
    winner = agreement.election.seed % 3
    for peer in peers:
        view = hall.view(peer)
        assert view.phase == "table"
        assert view.last == (winner,)
        assert [view.wins[seat] for seat in range(3)] == [int(seat == winner) for seat in range(3)]
    hall.order(ben, c.HoldRound(True))
    hall.run(TABLE_TIME + 2.0)
    assert all(hall.view(peer).held and hall.view(peer).phase == "table" for peer in peers)
    hall.order(cid, c.HoldRound(False))
    hall.run(COUNTDOWN + 0.5)
    assert hall.view(ann).phase == "playing"


def test_who_is_not_ready_is_waited_for_and_the_leader_may_start_anyway() -> None:
    hall = Hall()
    ann, ben, _ = peers = hall.crowd(3)
    hall.all_ready(peers[:2])
    hall.run(10.0)
    assert hall.view(ann).phase == "open"
    with pytest.raises(LocalProtocolError) as refused:
        hall.order(ben, c.StartRound())
    assert refused.value.code == "not_leader"
    hall.order(ann, c.StartRound())
    hall.run(COUNTDOWN + 0.5)
    assert len(agree(peers).members) == 3


def test_who_says_in_the_countdown_that_it_is_not_ready_stops_it() -> None:
    hall = Hall()
    _, ben, _ = peers = hall.crowd(3)
    hall.all_ready(peers)
    hall.run(1.0)
    hall.order(ben, c.SetReady(False))
    hall.run(5.0)
    for peer in peers:
        assert not begun(peer)
        seconds = [event.seconds for event in peer.told(e.RoundStarting)]
        assert seconds == [pytest.approx(COUNTDOWN, abs=0.1), 0.0]


def test_two_people_on_one_machine_have_two_seats_and_one_peer_id() -> None:
    hall = Hall()
    ann, ben = peers = hall.crowd(2, seats=4)
    hall.order(ben, c.SetLocalPlayers(2))
    hall.run(0.5)
    assert [seat.name for seat in hall.view(ann).seats] == ["P0", "P1", "P1 (2)", ""]
    hall.all_ready(peers)
    hall.run(COUNTDOWN + 0.5)
    agreement = agree(peers)
    assert agreement.election.players == (ann.id, ben.id, ben.id)
    assert agreement.names == ("P0", "P1", "P1 (2)")


def test_a_ninth_player_watches_and_sits_down_when_a_seat_is_free() -> None:
    hall = Hall()
    peers = hall.crowd(9)
    ninth = peers[8]
    assert ninth.id not in {seat.peer for seat in hall.view(ninth).seats}
    hall.all_ready(peers)
    hall.run(COUNTDOWN + 0.5)
    assert len(agree(peers[:8]).members) == 8
    assert not begun(ninth)
    hall.order(peers[3], c.LeaveRoom())
    hall.run(ROUND_TIME + TABLE_TIME + 2.0)
    assert set(agree([peers[0], ninth]).members) == {peer.id for peer in peers if peer is not peers[3]}


def test_who_joins_while_a_round_is_played_plays_in_the_next_one() -> None:
    hall = Hall()
    peers = hall.crowd(2)
    room = hall.view(peers[0]).room
    hall.all_ready(peers)
    hall.run(COUNTDOWN + 1.0)
    late = hall.add("Late")
    hall.order(late, c.JoinRoom(room=room))
    hall.run(1.0)
    assert hall.view(late).match == begun(peers[0])[0][0].election.match
    assert not begun(late)
    hall.run(ROUND_TIME + TABLE_TIME + 1.0)
    assert len(agree([*peers, late]).members) == 3


def test_a_room_that_is_full_locked_or_not_there_refuses_in_words() -> None:
    hall = Hall()
    peers = hall.crowd(16)
    room = hall.view(peers[0]).room
    late = hall.add("Late")
    hall.order(late, c.JoinRoom(room=room))
    hall.run(1.0)
    assert late.first(e.RoomLeft).reason == "full"
    hall.order(peers[9], c.LeaveRoom())
    hall.run(1.0)
    hall.order(peers[0], c.SetLocked(True))
    hall.order(late, c.JoinRoom(room=room))
    hall.run(1.0)
    assert late.told(e.RoomLeft)[-1].reason == "locked"
    listed = peers[0].lobby.listed_room
    assert listed is not None
    late.lobby.set_rooms(lambda _: type(listed)(room="0" * 16, leader=peers[1].id, name="", game="toy"))
    hall.order(late, c.JoinRoom(room="0" * 16))
    hall.run(1.0)
    assert late.told(e.RoomLeft)[-1].reason == "no_such_room"
    late.lobby.set_rooms(lambda _: None)
    with pytest.raises(LocalProtocolError) as refused:
        hall.order(late, c.JoinRoom(room="1" * 16))
    assert refused.value.code == "no_such_room"


def test_a_kicked_key_cannot_come_back_for_a_minute_even_under_another_leader() -> None:
    hall = Hall()
    ann, ben, cid = hall.crowd(3)
    room = hall.view(ann).room
    hall.order(ann, c.Kick(cid.id))
    hall.run(0.5)
    assert cid.first(e.RoomLeft).reason == "kicked"
    assert ben.first(e.MemberLeft).reason == "kicked"
    hall.order(cid, c.JoinRoom(room=room))
    hall.run(0.5)
    assert cid.told(e.RoomLeft)[-1].reason == "kicked"
    hall.order(ann, c.HandOver(ben.id))
    hall.run(0.5)
    assert ann.first(e.LeaderChanged).peer == ben.id
    hall.order(cid, c.JoinRoom(room=room))
    hall.run(0.5)
    assert [left.reason for left in cid.told(e.RoomLeft)] == ["kicked"] * 3
    hall.run(KICK_TIME)
    hall.order(cid, c.JoinRoom(room=room))
    hall.run(0.5)
    assert len(hall.view(cid).members) == 3


def test_a_vote_of_most_of_the_seated_people_counts() -> None:
    hall = Hall()
    ann, ben, cid = hall.crowd(3)
    hall.order(ben, c.StartVote(kind="kick", argument=cid.id))
    hall.run(0.3)
    assert cid.first(e.VoteStarted).argument == cid.id
    assert hall.view(ann).vote is not None
    hall.order(ann, c.CastVote(True))
    hall.run(0.3)
    assert ben.first(e.VoteEnded).passed
    assert cid.first(e.RoomLeft).reason == "kicked"
    hall.order(ben, c.StartVote(kind="restart"))
    hall.run(0.3)
    assert ben.told(e.ErrorEvent)[-1].params == {"reason": "vote_too_soon"}


def test_an_offer_brings_somebody_in_or_is_declined() -> None:
    hall = Hall()
    ann, ben = hall.crowd(2)
    cid, dan = hall.add("Cid"), hall.add("Dan")
    hall.order(ben, c.InviteIntoRoom(cid.id))
    hall.order(ben, c.InviteIntoRoom(dan.id))
    hall.run(0.5)
    offer = cid.first(e.RoomOffered)
    assert (offer.peer, offer.game) == (ben.id, "toy")
    cid.lobby.set_rooms(lambda _: None)  # it is listed nowhere: the offer is enough
    hall.order(cid, c.JoinRoom(room=offer.room))
    hall.order(dan, c.DeclineRoom(room=offer.room))
    hall.run(0.5)
    assert len(hall.view(ann).members) == 3
    assert ben.first(e.ErrorEvent) == e.ErrorEvent(code="room_declined", params={"name": "Dan"})


def test_who_declines_after_some_time_is_heard() -> None:
    hall = Hall()
    _, ben = hall.crowd(2)
    dan = hall.add("Dan")
    hall.order(ben, c.InviteIntoRoom(dan.id))
    hall.run(LINK_IDLE_TIMEOUT + 5.0)
    hall.order(dan, c.DeclineRoom(room=dan.first(e.RoomOffered).room))
    hall.run(0.5)
    assert ben.first(e.ErrorEvent) == e.ErrorEvent(code="room_declined", params={"name": "Dan"})


def test_who_cannot_be_dialled_comes_in_and_plays() -> None:
    hall = Hall()
    ann = hall.add("Ann")
    room = hall.open(ann)
    ben, cid = hall.add("Ben"), hall.add("Cid")
    ann.dialable = cid.dialable = False
    for peer in (ben, cid):
        hall.order(peer, c.JoinRoom(room=room))
    hall.run(5.0)
    assert hall.inside([ann, ben]) == [ann, ben]
    hall.settled([ann, ben, cid] if cid in hall.inside([cid]) else [ann, ben])


def test_a_host_whom_somebody_cannot_reach_is_passed_over() -> None:
    """The wire between host and one guest is cut just after the election: the next one carries the round."""
    passed = 0
    for seed in range(6):
        hall = Hall(seed=seed)
        peers = hall.crowd(4)
        elected: list[Any] = []

        def cut(
            event: e.Event, hall: Hall = hall, peers: list[SimPeer] = peers, e0: list[Any] = elected
        ) -> None:
            if isinstance(event, e.HostElected) and not e0:
                e0.append(event)
                host = next(peer for peer in peers if peer.id == event.host)
                guest = next(peer for peer in peers if peer is not host and peer is not peers[0])
                hall.cut.add(frozenset((host.id, guest.id)))

        for peer in peers:
            peer.on_event = cut
        hall.all_ready(peers)
        hall.run(COUNTDOWN + 25.0)
        rounds = {agreement.election.epoch for agreement, _ in begun(peers[0])}
        passed += 2 in rounds
        assert begun(peers[0]), "a round is played at last"
    assert passed


def test_members_who_cannot_reach_each_other_play_under_a_host_whom_both_reach() -> None:
    for seed in range(5):
        hall = Hall(seed=seed)
        ann = hall.add("Ann")
        room = hall.open(ann)
        ben, cid = hall.add("Ben"), hall.add("Cid")
        hall.cut.add(frozenset((ben.id, cid.id)))
        for peer in (ben, cid):
            hall.order(peer, c.JoinRoom(room=room))
        hall.run(3.0)
        hall.all_ready([ann, ben, cid])
        hall.run(COUNTDOWN + 1.0)
        assert agree([ann, ben, cid]).election.host == ann.id


STEPS = {
    "open": 0.0,
    "countdown": 1.5,
    "gathering": COUNTDOWN + 0.065,
    "committed": COUNTDOWN + 0.08,
    "begun": COUNTDOWN + 0.1,
    "playing": COUNTDOWN + 2.0,
    "ending": COUNTDOWN + ROUND_TIME + 0.06,
    "table": COUNTDOWN + ROUND_TIME + 3.0,
}


@pytest.mark.parametrize("count", [3, 4, 8])
@pytest.mark.parametrize("power", [True, False], ids=["killed", "unplugged"])
@pytest.mark.parametrize("step", list(STEPS))
def test_a_leader_that_vanishes_is_followed_by_the_next_member(step: str, power: bool, count: int) -> None:
    hall = Hall(seed=count)
    leader, *others = peers = hall.crowd(count)
    hall.all_ready(peers)
    hall.at(hall.now + STEPS[step], lambda: hall.kill(leader, power=power))
    hall.run(STEPS[step] + SEEK_TIMEOUT)
    assert {hall.view(peer).leader for peer in others} == {others[0].id}
    for peer in others:
        assert not peer.told(e.RoomLeft)
        assert [event.peer for event in peer.told(e.LeaderChanged)] == [others[0].id]
    hall.run(KICK_TIME)
    hall.settled(peers)


def test_who_is_on_the_way_in_when_the_leader_dies_comes_in_to_the_next_one() -> None:
    hall = Hall()
    ann, ben, cid = hall.crowd(3)
    room = hall.view(ann).room
    late = hall.add("Late")
    hall.cut_for(60.0, ann, late)
    hall.order(late, c.JoinRoom(room=room))
    hall.run(0.5)
    hall.kill(ann)
    hall.run(8.0)
    assert not late.told(e.RoomLeft)
    for peer in (ben, cid, late):
        assert hall.view(peer).leader == ben.id
        assert late.id in {member.peer for member in hall.view(peer).members}


def test_a_leader_that_leaves_hands_over_at_once() -> None:
    hall = Hall()
    ann, ben, cid = hall.crowd(3)
    hall.order(ann, c.LeaveRoom())
    hall.run(0.3)
    for peer in (ben, cid):
        assert hall.view(peer).leader == ben.id
        assert len(hall.view(peer).members) == 2
        assert all(member.connected for member in hall.view(peer).members)
    assert ann.lobby.room_view(0.0) is None
    hall.settled([ben, cid])


FAULTS = ("freeze", "split", "cut", "reset", "leave", "hand over", "kick", "not ready", "two", "kill")


def _fault(hall: Hall, rng: random.Random, peers: list[SimPeer]) -> None:
    kind, length = rng.choice(FAULTS), rng.choice((1.0, 3.0, 8.0, 15.0))
    one, other = rng.sample(peers, 2)
    half = len(peers) // 2
    room = hall.view(peers[0]).room

    def back(command: c.Command, peer: SimPeer, after: float) -> None:
        hall.at(hall.now + after, partial(hall.try_order, peer, command))

    def happen() -> None:
        match kind:
            case "freeze":
                for peer in peers:
                    if peer is not one:
                        hall.cut_for(length, one, peer)
            case "split":
                for left in peers[:half]:
                    for right in peers[half:]:
                        hall.cut_for(length, left, right)
            case "cut":
                hall.cut_for(length, one, other)
            case "reset":
                hall.reset(one, other)
            case "leave":
                hall.try_order(one, c.LeaveRoom())
                back(c.JoinRoom(room=room), one, length)
            case "hand over":
                hall.try_order(one, c.HandOver(other.id))
            case "kick":
                hall.try_order(one, c.Kick(other.id))
            case "not ready":
                hall.try_order(one, c.SetReady(False))
                back(c.SetReady(True), one, 2.0)
            case "two":
                hall.try_order(one, c.SetLocalPlayers(2))
            case _:
                hall.kill(one, power=length < 8.0)

    hall.at(hall.now + rng.uniform(0.0, 20.0), happen)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_to_them_members_come_together_again(seed: int) -> None:
    rng = random.Random(seed)
    hall = Hall(seed, delay=rng.choice((0.002, 0.02, 0.06)), jitter=rng.choice((0.0, 0.02, 0.05)))
    peers = hall.crowd(rng.choice((3, 4, 5, 8)))
    hall.all_ready(peers)
    for _ in range(rng.randint(1, 4)):
        _fault(hall, rng, peers)
    hall.run(95.0)
    hall.settled(peers)
    for peer in peers:
        reasons = {event.reason for event in peer.told(e.RoomLeft)}
        assert reasons <= {"left", "kicked", "no_such_room"}, "the last one: whom it asked had left, too"


def test_a_leader_that_hands_over_to_one_who_does_not_hear_it_loses_no_member() -> None:
    hall = Hall(seed=3)
    ann, ben, *others = peers = hall.crowd(4)
    hall.cut_for(4.0, ann, ben)
    hall.run(0.2)
    hall.order(ann, c.LeaveRoom())
    hall.run(12.0)
    for peer in (ben, *others):
        assert not peer.told(e.RoomLeft)
        assert hall.view(peer).leader == ben.id
    hall.run(KEPT_TIME)  # Ben did not hear that Ann left
    hall.settled(peers[1:])
