"""The peer list on real kernels: who comes, goes, moves, and what a broken network is called."""

import json
import socket
import time
from functools import partial
from pathlib import Path

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import DISCOVERY_PORT, Lan
from tests.lab.match import assert_played
from tests.lab.peer import Peer

pytestmark = pytest.mark.lab

ACCEPT = ("bot", "--game", "gomoku", "--accept", "--frames", "6")
INVITE = ("bot", "--game", "gomoku", "--frames", "6", "--invite")
WATCH = ("peers", "--watch")


def assert_one_clear_line(peer: Peer, *words: str) -> None:
    """The program refused to go on, with one line for people that has these words."""
    assert peer.wait_exit(5) not in (0, 130), peer.story()
    lines = [line for line in peer.log.splitlines() if line.strip()]
    assert len(lines) == 1, peer.story()
    for word in words:
        assert word in lines[0].lower(), lines[0]


@pytest.mark.timing
def test_goodbye(lan: Lan, start: Start) -> None:
    alice, bob = start(0, "Alice", *ACCEPT), start(1, "Bob", *ACCEPT)
    bob.wait_for("peer_found", peer=alice.id)
    alice.interrupt()
    began = time.monotonic()
    alice.assert_exit(130, 1.0)
    lost = bob.wait_for("peer_lost", 1.0, peer=alice.id)
    assert (lost["name"], lost["reason"]) == ("Alice", "goodbye")
    assert time.monotonic() - began < 1.0
    assert "Traceback" not in alice.log


def test_a_crash_is_noticed(lan: Lan, start: Start) -> None:
    alice, bob = start(0, "Alice", *ACCEPT), start(1, "Bob", *ACCEPT)
    bob.wait_for("peer_found", peer=alice.id)
    alice.kill()
    bob.wait_for("peer_lost", 9.0, peer=alice.id, reason="expired")
    time.sleep(1.5)  # nothing that still lingers, as a record in a cache of mDNS, brings it back
    assert len(bob.all("peer_found", peer=alice.id)) == 1


@pytest.mark.parametrize("chosen", [(), ("--interface", "10.77.0.1")], ids=["all", "one by its address"])
def test_a_changed_address_is_followed_and_played_at(lan: Lan, start: Start, chosen: tuple[str, ...]) -> None:
    lan.disable_ipv6(0)  # whose address would stay
    alice, watcher = start(0, "Alice", *ACCEPT, *chosen), start(1, "Watcher", *WATCH)
    watcher.wait_for("peer_found", peer=alice.id, address=lan.address(0))
    lan.add_address(0, "10.77.0.99/24")
    lan.remove_address(0, f"{lan.address(0)}/24")
    watcher.wait_for("peer_updated", 10, peer=alice.id, address="10.77.0.99")
    assert not watcher.all("peer_lost")
    bob = start(1, "Bob", *INVITE, "Alice")
    assert_played(alice, bob)


def test_the_network_goes_and_comes_back(lan: Lan, start: Start) -> None:
    alice, watcher = start(0, "Alice", *ACCEPT), start(1, "Watcher", *WATCH)
    watcher.wait_for("peer_found", peer=alice.id)
    lan.link(0, "down")
    watcher.wait_for("peer_lost", 9, peer=alice.id, reason="expired")
    after = len(watcher.events)
    lan.link(0, "up")
    watcher.wait_for("peer_found", 8, after=after, peer=alice.id)
    bob = start(1, "Bob", *INVITE, "Alice")
    assert_played(alice, bob)


def test_started_before_the_network_is_up(lan: Lan, start: Start) -> None:
    lan.remove_address(0, f"{lan.address(0)}/24")
    lan.link(0, "down")
    alice, bob = start(0, "Alice", *ACCEPT), start(1, "Bob", *INVITE, "Alice")
    for peer in (alice, bob):
        peer.wait_for("announcing")
    lan.link(0, "up")
    lan.add_address(0, f"{lan.address(0)}/24")
    bob.wait_for("peer_found", 8, peer=alice.id)
    assert_played(alice, bob)


def test_started_before_there_is_a_cable(lan: Lan, start: Start) -> None:
    lan.cut(0)
    alice, bob = start(0, "Alice", *ACCEPT), start(1, "Bob", *INVITE, "Alice")
    for peer in (alice, bob):
        peer.wait_for("announcing")
    time.sleep(0.5)
    assert not bob.all("peer_found")
    lan.mend(0)
    assert_played(alice, bob)


def test_several_programs_on_one_machine(lan: Lan, start: Start) -> None:
    alice, amy = start(0, "Alice", *ACCEPT), start(0, "Amy", *ACCEPT)
    watcher = start(1, "Watcher", *WATCH)
    for peer in (alice, amy):
        watcher.wait_for("peer_found", peer=peer.id, name=peer.name)
    alice.wait_for("peer_found", peer=amy.id)
    amy.wait_for("peer_found", peer=alice.id)
    assert alice.wait_for("announcing")["udp_port"] != amy.wait_for("announcing")["udp_port"]
    neighbour = start(0, "Anne", *INVITE, "Alice")
    assert_played(alice, neighbour)
    stranger = start(1, "Bob", *INVITE, "Amy")
    assert_played(amy, stranger)


def test_one_data_directory_for_two_programs(lan: Lan, tmp_path: Path) -> None:
    peers = [Peer(lan, 0, f"Alice{n}", tmp_path / "shared", *ACCEPT) for n in range(2)]
    try:
        for peer in peers:
            peer.wait_until("start or end", partial(has_started_or_ended, peer))
        running = [peer for peer in peers if peer.process.poll() is None]
        assert running, peers[0].story() + peers[1].story()
        assert len({peer.id for peer in running}) == len(running), "two programs with one identity"
        for peer in peers:
            assert "Traceback" not in peer.log, peer.story()
    finally:
        for peer in peers:
            peer.close()


def has_started_or_ended(peer: Peer) -> bool:
    return bool(peer.all("announcing")) or peer.process.poll() is not None


def test_an_identity_is_kept(lan: Lan, tmp_path: Path) -> None:
    ids = []
    for _ in range(2):
        peer = Peer(lan, 0, "Alice", tmp_path / "kept", *ACCEPT)
        try:
            ids.append(peer.id)
            peer.interrupt()
            peer.assert_exit(130, 2)
        finally:
            peer.close()
    assert ids[0] == ids[1]
    secrets = [
        path for path in (tmp_path / "kept").rglob("*") if path.is_file() and b"PRIVATE" in path.read_bytes()
    ]
    for path in secrets:
        assert path.stat().st_mode & 0o077 == 0, path


def test_peers_lists_who_is_there(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT)
    alice.wait_for("announcing")
    listing = start(1, "Bob", "peers", "--seconds", "2")
    listing.assert_exit(0, 6)
    assert listing.wait_for("peer_found", name="Alice")["peer"] == alice.id


def test_no_interface(lan: Lan, start: Start) -> None:
    lan.link(0, "down")
    lan.link(0, "down", "lo")
    assert_one_clear_line(start(0, "Alice", *ACCEPT), "interface")


def test_a_named_interface_that_is_not_there(lan: Lan, start: Start) -> None:
    assert_one_clear_line(start(0, "Alice", *ACCEPT, "--interface", "wlan7"), "wlan7")


def test_a_taken_port(lan: Lan, start: Start) -> None:
    with lan.open_socket(0, socket.SOCK_DGRAM) as selfish:
        selfish.bind(("", DISCOVERY_PORT))
        assert_one_clear_line(start(0, "Alice", *ACCEPT), str(DISCOVERY_PORT))


def test_another_discovery_port_is_another_lan(lan: Lan, start: Start) -> None:
    for host in (0, 1):
        lan.block(host, "mdns")
    alice = start(0, "Alice", *ACCEPT, "--discovery-port", "41999")
    bob = start(1, "Bob", *ACCEPT, "--discovery-port", "41999")
    carol = start(1, "Carol", *WATCH)
    assert alice.wait_for("announcing")["discovery_port"] == 41999
    alice.wait_for("peer_found", peer=bob.id)
    carol.wait_for("announcing")
    time.sleep(0.5)
    assert not carol.all("peer_found")


def test_doctor_names_what_is_heard_and_what_is_not(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT)
    alice.wait_for("announcing")
    done = start(1, "Bob", "doctor")
    done.assert_exit(0, 20)
    assert done.events
    assert all(isinstance(event, dict) and event["event"] != "not json" for event in done.events)
    assert lan.address(1) in json.dumps(done.events)
