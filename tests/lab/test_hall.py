"""A hall of 28 machines on one wire, and one of two subnets, on real kernels.

From about 40 namespaces on the kernel's shared neighbour table overflows.
"""

import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import DISCOVERY_PORT, Lan, require_lab
from tests.lab.match import assert_played
from tests.lab.peer import Peer

pytestmark = [pytest.mark.lab, pytest.mark.timing, pytest.mark.timeout(240)]

PEERS = 28
LOT = 4
"""That start at once."""
ACCEPT = ("bot", "--game", "gomoku", "--accept")


@pytest.fixture
def crowd() -> Iterator[Lan]:
    """So many hosts on a wire that loses nearly a third of all broadcasts."""
    require_lab()
    with Lan(PEERS) as made:
        made.impair(broadcast_loss=0.3, multicast_loss=0.3)
        yield made


def knows_all(peer: Peer) -> bool:
    return len({event["peer"] for event in peer.all("peer_found")}) >= PEERS - 1


def test_a_hall_that_loses_a_third_of_its_broadcasts_is_complete_at_once_and_then_quiet(
    crowd: Lan, start: Start
) -> None:
    peers: list[Peer] = []
    for first in range(
        0, PEERS, LOT
    ):  # few processors: who starts must not wait for those who start beside it
        peers += [start(host, f"P{host}", *ACCEPT) for host in range(first, first + LOT)]
        last = max(float(peer.wait_for("announcing", 90)["t"]) for peer in peers[first:])
        time.sleep(1.0)
    for peer in peers:
        peer.wait_until(f"{PEERS - 1} others", partial(knows_all, peer), 30)
    complete = max(peer.all("peer_found")[PEERS - 2]["t"] for peer in peers)
    assert complete - last <= 2.0
    time.sleep(4)
    crowd.counters(reset=True)
    time.sleep(8)
    sent = crowd.counters()
    frames = sum(
        host.get(f"udp/{cast}/{DISCOVERY_PORT}", 0) for host in sent for cast in ("broadcast", "multicast")
    )
    assert frames / 8 <= 25
    assert not any(peer.all("peer_lost") for peer in peers)


@pytest.fixture
def campus() -> Iterator[Lan]:
    """Hosts 0 and 1 in one subnet, 3 and 4 in another, and host 2 is the router between them."""
    require_lab()
    with Lan(5) as made:
        made.route(2, 3, 4)
        yield made


def test_one_address_given_once_joins_two_subnets_and_any_two_of_them_play(campus: Lan, start: Start) -> None:
    here = [start(0, "Ann", *ACCEPT)]
    there = [start(3, "Cid", *ACCEPT, "--frames", "6"), start(4, "Dan", *ACCEPT, "--frames", "6")]
    for peer in (*here, *there):
        peer.wait_for("announcing", 30)
    here.append(start(1, "Ben", *ACCEPT, "--peer", "10.78.0.4"))
    for one in (*here, *there):
        for other in {*here, *there} - {one}:
            one.wait_for("peer_found", 90, peer=other.id)
    assert here[0].wait_for("peer_found", peer=there[1].id)["address"] == "10.78.0.5"
    eve = start(0, "Eve", "bot", "--game", "gomoku", "--frames", "6", "--invite", "Dan")  # given no address
    assert_played(there[1], eve, timeout=60)
    assert not any(peer.all("peer_lost", reason="expired") for peer in (*here, *there))
