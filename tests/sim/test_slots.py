"""Strangers with throwaway keys take all places for requests: whom we know gets one all the same."""

from collections.abc import Callable

import pytest

from p2pgame.session import events as e
from p2pgame.session.people.known_peer import KnownPeer
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.wire.bounds import INVITES_PENDING_MAX, REQUESTS_PER_ADDRESS, VERIFY_PENDING_MAX
from tests.sim.world import Peer, World

Ask = Callable[[Peer, Peer], None]


def invite(one: Peer, other: Peer) -> None:
    one.invite(other)


def compare(one: Peer, other: Peer) -> None:
    one.do("verify", other.id, other.name, one.world.now)


KINDS = pytest.mark.parametrize(
    ("ask", "places", "received"),
    [(invite, INVITES_PENDING_MAX, e.InviteReceived), (compare, VERIFY_PENDING_MAX, e.VerifyRequested)],
    ids=["invitations", "comparisons"],
)


def refused(peer: Peer) -> bool:
    return any(event.reason == "busy" for event in peer.told(e.InviteDeclined)) or any(
        event.reason == "rejected" for event in peer.told(e.VerifyEnded)
    )


def know(ann: Peer, *friends: Peer) -> None:
    ann.lobby.trust_store = TrustStore(
        KnownPeer(peer=friend.id, name=friend.name, met_at=1.0) for friend in friends
    )


@KINDS
def test_a_friend_displaces_the_oldest_stranger(ask: Ask, places: int, received: type[e.Event]) -> None:
    world = World()
    ann = world.add("Ann")
    strangers = [world.add(f"P{number}") for number in range(places + 2)]
    for stranger in strangers:
        ask(stranger, ann)
        world.run(0.1)
    assert [refused(stranger) for stranger in strangers] == [False] * places + [True] * 2
    ben = world.add("Ben")
    know(ann, ben)
    ask(ben, ann)
    world.run(0.5)
    assert len(ann.told(received)) == places + 1
    assert not refused(ben)
    assert [refused(stranger) for stranger in strangers[:places]] == [True] + [False] * (places - 1)


@KINDS
def test_strangers_at_one_address_leave_room_for_one_from_elsewhere(
    ask: Ask, places: int, received: type[e.Event]
) -> None:
    world = World()
    ann = world.add("Ann")
    crowd = [world.add(f"P{number}") for number in range(places + 2)]
    for stranger in crowd:
        stranger.address = ("10.9.9.9", stranger.address[1])
        ask(stranger, ann)
        world.run(0.1)
    assert len(ann.told(received)) == REQUESTS_PER_ADDRESS
    ben = world.add("Ben")
    ask(ben, ann)
    world.run(0.5)
    assert len(ann.told(received)) == REQUESTS_PER_ADDRESS + 1
    assert not refused(ben)


@KINDS
def test_friends_do_not_displace_each_other(ask: Ask, places: int, received: type[e.Event]) -> None:
    world = World()
    ann = world.add("Ann")
    friends = [world.add(f"P{number}") for number in range(places + 1)]
    know(ann, *friends)
    for friend in friends:
        friend.address = ("10.9.9.9", friend.address[1])
        ask(friend, ann)
        world.run(0.1)
    assert [refused(friend) for friend in friends] == [False] * places + [True]
