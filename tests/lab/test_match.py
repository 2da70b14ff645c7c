"""Find, pick, play: two and three hosts, on good networks and on bad ones."""

from functools import partial

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import Lan
from tests.lab.match import assert_played, started
from tests.lab.peer import Peer

pytestmark = pytest.mark.lab

ACCEPT = ("bot", "--game", "gomoku", "--accept")


def invite(name: str, *options: str) -> tuple[str, ...]:
    return "bot", "--game", "gomoku", "--invite", name, *options


def via(of: Peer, seen_by: Peer) -> set[str]:
    """In which ways `seen_by` has heard of `of` so far."""
    events = seen_by.all("peer_found", peer=of.id) + seen_by.all("peer_updated", peer=of.id)
    return {way for event in events for way in event["via"]}


def busy(peer: Peer, seen_by: Peer) -> bool:
    """Whether `seen_by` has heard that `peer` is busy."""
    return any(seen_by.all(event, peer=peer.id, status="busy") for event in ("peer_found", "peer_updated"))


def test_two_hosts_find_each_other_both_ways_and_play_to_the_end(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT)
    carol = start(1, "Carol", "peers", "--seconds", "3")
    both = {"broadcast", "mdns"}
    carol.wait_until("Alice both ways", lambda: via(alice, carol) == both, 5)
    alice.wait_until("Carol both ways", lambda: via(carol, alice) == both, 5)
    bob = start(1, "Bob", *invite("Alice", "--seed", "1"))
    ended = assert_played(alice, bob)
    assert ended["outcome"]["reason"] in ("five in a row", "board full")
    assert ended["frames"] >= 9
    found = alice.wait_for("peer_found", peer=bob.id)
    assert found["name"] == "Bob"
    assert found["address"] in lan.addresses(1)
    assert bob.wait_for("peer_found", peer=alice.id)["status"] == "idle"
    assert "gomoku" in found["games"]
    assert found["compatible"]


@pytest.mark.parametrize(("blocked", "left"), [("mdns", "broadcast"), ("broadcast", "mdns")])
@pytest.mark.parametrize("hosts", [(0, 1), (1,)], ids=["on both", "on one"])
def test_one_way_blocked_leaves_the_other(
    lan: Lan, start: Start, blocked: str, left: str, hosts: tuple[int, ...]
) -> None:
    for host in hosts:
        lan.block(host, blocked)
    alice = start(0, "Alice", *ACCEPT, "--frames", "12")
    bob = start(1, "Bob", *invite("Alice", "--frames", "12"))
    ended = assert_played(alice, bob)
    assert ended["frames"] <= 12
    assert via(alice, bob) == via(bob, alice) == {left}


def test_both_ways_blocked_leaves_the_address(lan: Lan, start: Start) -> None:
    for host in (0, 1):
        lan.block(host, "mdns", "broadcast")
    alice = start(0, "Alice", *ACCEPT, "--frames", "6")
    port = alice.wait_for("announcing")["udp_port"]
    bob = start(1, "Bob", *invite("Alice", "--frames", "6", "--peer", f"{lan.address(0)}:{port}"))
    assert_played(alice, bob)
    assert via(alice, bob) == {"seed"}


def test_a_fifth_of_all_frames_lost(lan: Lan, start: Start) -> None:
    lan.impair(loss=0.2, delay_ms=2, jitter_ms=2)
    alice = start(0, "Alice", *ACCEPT, "--frames", "10")
    bob = start(1, "Bob", *invite("Alice", "--frames", "10"))
    assert_played(alice, bob, timeout=90)


def test_a_far_and_disorderly_network(lan: Lan, start: Start) -> None:
    lan.impair(delay_ms=40, jitter_ms=20, reorder=0.1, duplicate=0.1, rate_kbps=256)
    alice = start(0, "Alice", *ACCEPT, "--frames", "12")
    bob = start(1, "Bob", *invite("Alice", "--frames", "12"))
    ended = assert_played(alice, bob)
    assert 80 <= ended["stats"]["rtt_ms"] <= 400


def test_both_invite_at_once(lan: Lan, start: Start) -> None:
    lan.impair(delay_ms=30)  # wide enough for the invitations to cross on the wire
    alice = start(0, "Alice", *invite("Bob", "--frames", "8"))
    bob = start(1, "Bob", *invite("Alice", "--frames", "8"))
    assert_played(alice, bob)
    for peer in (alice, bob):
        assert len(peer.all("match_started")) == 1


@pytest.mark.parametrize("closed", [(0,), (1,)], ids=["the invited", "the inviting"])
def test_a_host_that_cannot_be_dialled_dials(lan: Lan, start: Start, closed: tuple[int, ...]) -> None:
    for host in closed:
        lan.block(host, "inbound-tcp")
    alice = start(0, "Alice", *ACCEPT, "--frames", "8")
    bob = start(1, "Bob", *invite("Alice", "--frames", "8"))
    assert_played(alice, bob)


def test_three_hosts_and_the_third_sees_that_two_are_busy(lan3: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--frames", "40")
    carol = start(2, "Carol", *ACCEPT)
    carol.wait_for("peer_found", peer=alice.id)
    bob = start(1, "Bob", *invite("Alice", "--think-ms", "100", "--frames", "40"))
    started(alice, bob)
    for peer in (alice, bob):
        carol.wait_until(f"news that {peer.name} is busy", partial(busy, peer, carol))
    assert_played(alice, bob)
    for peer in (alice, bob):
        carol.wait_for("peer_lost", 3, peer=peer.id, reason="goodbye")
    assert not carol.all("invite_received")
    assert carol.process.poll() is None


def test_several_matches_in_a_row(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--matches", "2")
    for seed in ("1", "2"):
        bob = start(1, f"Bob{seed}", *invite("Alice", "--seed", seed, "--frames", "6"))
        bob.assert_exit(0)
    alice.assert_exit(0)
    assert len(alice.all("match_ended")) == 2


def test_the_frame_limit_ends_a_match_without_a_winner(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--frames", "4")
    bob = start(1, "Bob", *invite("Alice", "--frames", "4"))
    ended = assert_played(alice, bob)
    assert ended["frames"] == 4
    assert ended["outcome"] == {"winners": [], "reason": "frame limit"}
