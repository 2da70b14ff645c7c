"""Networks that carry more in one direction than in the other."""

import time

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import Lan
from tests.lab.match import assert_played

pytestmark = pytest.mark.lab

GAME = ("--game", "gomoku", "--frames", "6")
WATCH = ("peers", "--watch")


def test_who_hears_no_broadcast_lists_those_who_hear_its_own(lan: Lan, start: Start) -> None:
    lan.block(1, "deaf")
    alice = start(0, "Alice", *WATCH)
    bob = start(1, "Bob", *WATCH)
    alice.wait_for("peer_found", peer=bob.id)
    bob.wait_for("peer_found", peer=alice.id)


def test_ping_hears_an_answer_that_comes_from_another_address_of_the_peer(lan: Lan, start: Start) -> None:
    lan.add_address(1, "10.77.0.99/24")
    start(1, "Bob", *WATCH).wait_for("announcing")
    ping = start(0, "Alice", "ping", "10.77.0.99:41421", "--count", "2", "--interval", "0")
    ping.assert_exit(0)
    received = {event["transport"]: event["received"] for event in ping.all("ping_stats")}
    assert received == {"udp": 2, "tcp": 2}


@pytest.mark.parametrize("inviter", ["who is hidden", "who is not"])
def test_a_guest_behind_a_router_stays_listed_and_plays(lan3: Lan, start: Start, inviter: str) -> None:
    lan3.hide(2, behind=1)
    asks = "Alice" if inviter == "who is hidden" else "Bob"
    roles = {asks: ("--accept",), "Bob" if asks == "Alice" else "Alice": ("--invite", asks, "--wait", "15")}
    watcher = start(0, "Watcher", *WATCH)
    port = watcher.wait_for("announcing")["tcp_port"]
    alice = start(0, "Alice", "bot", *GAME, *roles["Alice"])
    home = f"{lan3.address(0)}:{alice.wait_for('announcing')['tcp_port']}"
    assert home.endswith(str(port + 1))
    bob = start(2, "Bob", "bot", *GAME, "--peer", home, *roles["Bob"])
    assert_played(alice, bob, timeout=30)


def test_a_guest_behind_a_router_is_not_lost(lan3: Lan, start: Start) -> None:
    lan3.hide(2, behind=1)
    alice = start(0, "Alice", *WATCH)
    bob = start(2, "Bob", *WATCH, "--peer", lan3.address(0))
    for one, other in ((alice, bob), (bob, alice)):
        one.wait_for("peer_found", peer=other.id)
    time.sleep(8)  # longer than a beacon holds
    assert not alice.all("peer_lost")
    assert not bob.all("peer_lost")
