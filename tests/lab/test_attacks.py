"""A stranger beside two honest hosts does his worst: they keep each other, their match and their manners.

Short versions; `tests/bench/bench_attacks.py` gives the figures. Asserted here is what does not depend on how fast
this machine is.
"""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from p2pgame.wire.beacon import Flag, decode, encode_beacon
from p2pgame.wire.bounds import CONNECTIONS_MAX
from tests.fuzz.targets.lan import beacon_of
from tests.lab.attacker import Attacker, forged, invented
from tests.lab.conftest import Start
from tests.lab.forge import Wire
from tests.lab.lan import DISCOVERY_PORT, Lan
from tests.lab.match import assert_played
from tests.lab.peer import Peer
from tests.lab.realtime import assert_equal_hashes, frame_of, pair
from tests.lab.stranger import Stranger
from tests.signers import Signer

pytestmark = pytest.mark.lab

ACCEPT = ("bot", "--game", "gomoku", "--accept")
INVITE = ("bot", "--game", "gomoku", "--invite")
CROWD = [f"10.77.0.{number}" for number in range(100, 250)]
"""Addresses that nobody has."""


def assert_still_there(peer: Peer, other: Peer) -> None:
    assert not peer.all("peer_lost", peer=other.id), peer.story()
    names = {e["name"] for kind in ("peer_found", "peer_updated") for e in peer.all(kind, peer=other.id)}
    assert names == {other.name}


def test_a_flood_of_invented_identities_changes_nothing_between_two_who_play(lan3: Lan, start: Start) -> None:
    beacons = invented(1500, flags=Flag.SOLICIT)
    beacons += forged(beacons)
    with Attacker(lan3, 2) as attacker:
        alice, bob = pair(start, "pong", 300)
        frame_of(alice, 60)
        before = [peer.memory_kb() for peer in (alice, bob)]
        attacker.shout(beacons, CROWD, pause_every=3)
        for peer, was, other in ((alice, before[0], bob), (bob, before[1], alice)):
            assert peer.memory_kb() - was < 10_000, "memory grew with the flood"
            assert_still_there(peer, other)
            assert len(peer.all("peer_found")) > 10, "the flood did not arrive"
            assert len(peer.all("peer_found")) - len(peer.all("peer_lost")) <= 1024
    assert_equal_hashes(alice, bob, timeout=30)


def test_idle_slow_and_senseless_connections_keep_nobody_out_and_are_cut(lan3: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--frames", "6")
    port = alice.wait_for("announcing")["tcp_port"]
    with Attacker(lan3, 2) as attacker, attacker.callers(lan3.address(0), port, 300) as callers:
        callers.left()
        bob = start(1, "Bob", *INVITE, "Alice", "--frames", "6")
        bob.wait_for("invite_sent")
        alice.wait_for("invite_received")
        callers.wait_cut(12)
        assert_played(alice, bob)


def test_handshakes_from_many_addresses_stop_no_match(lan3: Lan, start: Start) -> None:
    """A hundred keys at thirty addresses shake hands as fast as they can, and hold what they get."""
    with Attacker(lan3, 2) as attacker:
        alice, bob = pair(start, "pong", 200)
        frame_of(alice, 10)
        target = (lan3.address(0), alice.wait_for("announcing")["tcp_port"])
        before, began = alice.memory_kb(), alice.descriptors()
        with attacker.crowd("handshakes", target, CROWD[:30], 2.5, keys=10) as crowd:
            most, memory = began, before
            with suppress(OSError, IndexError):  # it has ended
                while crowd.poll() is None:
                    most, memory = max(most, alice.descriptors()), max(memory, alice.memory_kb())
                    time.sleep(0.05)
            assert_equal_hashes(alice, bob, timeout=30)
            said = json.loads(crowd.communicate(timeout=20)[0])
        assert memory - before < 20_000, "memory grew with the flood"
        assert most - began <= CONNECTIONS_MAX
        assert said["refused"] > 100, "the flood did not arrive"


def test_a_friend_and_a_stranger_get_through_a_flood_of_handshakes(
    lan3: Lan, start: Start, tmp_path: Path
) -> None:
    with Attacker(lan3, 2) as attacker:
        alice = start(0, "Alice", *ACCEPT, "--frames", "2", "--matches", "2")
        target = (lan3.address(0), alice.wait_for("announcing")["tcp_port"])
        with attacker.crowd("handshakes", target, CROWD[:30], 20.0, keys=10):
            for _ in range(2):  # a stranger; then the same one, who was met
                bob = start(1, "Bob", *INVITE, "Alice", "--frames", "2", data_dir=tmp_path / "bob")
                bob.assert_exit(0, 15)
        alice.assert_exit(0, 10)


@pytest.mark.parametrize("genuine", [True, False], ids=["signed", "unsigned"])
def test_solicitations_with_a_forged_source_hit_nobody(lan3: Lan, start: Start, genuine: bool) -> None:
    """The victim is host 1, which runs nothing."""
    alice = start(0, "Alice", *ACCEPT)
    alice.wait_for("announcing")
    time.sleep(2.5)  # past the burst of the start
    beacons = invented(1000, flags=Flag.SOLICIT)
    with Attacker(lan3, 2) as attacker, Wire(lan3, 1) as victim:
        with ThreadPoolExecutor(1) as thread:
            listening = thread.submit(attacker.beacons, 3.0, 1)
            attacker.shout(beacons if genuine else forged(beacons), [lan3.address(1)], pause_every=1)
            heard = listening.result()
        hits = [d.payload for d in victim.heard() if d.source[0] == lan3.address(0)]
    if genuine:
        assert len(alice.all("peer_found")) >= 8, "the solicitations were not heard"
    assert (
        len([beacon for beacon in heard if beacon.peer == alice.id]) <= 6 + 4 * 3
    )  # 4 a second after 6 at once
    assert hits == []


def test_who_signs_well_under_a_forged_source_has_its_victim_probed_rarely(lan3: Lan, start: Start) -> None:
    """Beacons that ask nothing are peers, and are asked whether they live: by a few bytes, few times to one address."""
    alice = start(0, "Alice", *ACCEPT)
    alice.wait_for("announcing")
    beacons = invented(1000)
    with Attacker(lan3, 2) as attacker, Wire(lan3, 1) as victim:
        began = time.monotonic()
        attacker.shout(beacons, [lan3.address(1)], pause_every=1)
        time.sleep(1.0)
        seconds = time.monotonic() - began
        hits = [d.payload for d in victim.heard() if d.source[0] == lan3.address(0)]
    assert {len(payload) for payload in hits} <= {30, 70}, "probes, and requests for a bundle without a token"
    assert len(hits) <= 8 + 4 * seconds


def test_neither_a_forged_goodbye_nor_a_forged_beacon_touches_who_lives(lan3: Lan, start: Start) -> None:
    alice, bob = start(0, "Alice", *ACCEPT), start(1, "Bob", *ACCEPT)
    bob.wait_for("peer_found", peer=alice.id)
    alice.wait_for("peer_found", peer=bob.id)
    with Attacker(lan3, 2) as attacker:
        real = next(b for b in attacker.beacons(4.0) if b.peer == alice.id)
        later = msgspec.structs.replace(real, seq=real.seq + 10_000)
        lies = [
            encode_beacon(msgspec.structs.replace(later, name="Mallory"), Signer(77)),
            encode_beacon(msgspec.structs.replace(later, flags=int(Flag.GOODBYE)), Signer(77)),
            encode_beacon(msgspec.structs.replace(later, instance=b"mallorys", name="Mallory"), Signer(77)),
        ]
        deadline = time.monotonic() + 4.0
        while time.monotonic() < deadline:
            attacker.shout(lies, [lan3.address(0), lan3.address(2)])
            attacker.leave_for(alice.id, real.instance.hex())
            time.sleep(0.05)
    assert_still_there(bob, alice)
    last = ([*bob.all("peer_found", peer=alice.id), *bob.all("peer_updated", peer=alice.id)])[-1]
    assert last["address"] in lan3.addresses(0)


def test_an_impostor_with_the_same_name_is_another_peer(lan3: Lan, start: Start) -> None:
    """A name alone invites nobody where two have it: Bob is told instead of getting the wrong one."""
    alice, bob = start(0, "Alice", *ACCEPT), start(1, "Bob", *ACCEPT)
    bob.wait_for("peer_found", peer=alice.id)
    with Attacker(lan3, 2) as attacker:
        twin = beacon_of(999, name="Alice")
        attacker.shout([twin], [lan3.address(2)])
        found = bob.wait_for("peer_found", peer=decode(twin).body.peer)  # type: ignore[union-attr]
    assert found["name"] == "Alice"
    assert_still_there(bob, alice)


def test_a_replayed_call_makes_nobody_dial(lan3: Lan, start: Start) -> None:
    for host in range(3):
        lan3.disable_ipv6(host)
    lan3.block(0, "inbound-tcp")  # so that Bob has to call
    with Wire(lan3, 0) as tap, lan3.open_socket(2, socket.SOCK_STREAM) as trap, Attacker(lan3, 2) as attacker:
        alice = start(0, "Alice", *ACCEPT, "--matches", "0", "--frames", "6")
        alice.wait_for("announcing")
        bob = start(1, "Bob", *INVITE, "Alice", "--frames", "6")
        bob.assert_exit(0, 30)
        calls = [d for d in tap.heard() if d.payload[:6] == b"p2pg\1\4" and d.source[0] == lan3.address(1)]
        assert calls, "nobody was called"
        trap.bind(("", bob.wait_for("announcing")["tcp_port"]))
        trap.listen(8)
        trap.settimeout(2.0)
        attacker.send_from_here([calls[0].payload] * 200, calls[0].target)
        with suppress(TimeoutError):
            trap.accept()
            pytest.fail("Alice dialled who replayed a call")
    assert alice.process.poll() is None


def test_nobody_comes_between_two_who_want_to_play(lan3: Lan, start: Start) -> None:
    """A stranger replays the beacons of both, asks each in the name of the other, answers for them and takes calls."""
    alice = start(0, "Alice", *ACCEPT, "--frames", "4")
    alice.wait_for("announcing")
    with Stranger(lan3, 2) as stranger, lan3.open_socket(2, socket.SOCK_STREAM) as trap:
        trap.bind(("", DISCOVERY_PORT + 1))
        trap.listen(8)  # whoever is dialled here is not the one that was meant, and says nothing
        bob = start(1, "Bob", *INVITE, "Alice", "--frames", "4")
        bob.wait_for("announcing")
        with stranger.attacking(stranger.lies(lan3.address(0), lan3.address(1)), rate=460):
            assert_played(alice, bob)
        assert stranger.sent > 100
    for here, there, host in ((alice, bob, 1), (bob, alice, 0)):
        seen = [e["address"] for e in here.events if e.get("peer") == there.id and "address" in e]
        assert set(seen) <= lan3.addresses(host)


def test_calls_with_a_forged_source_have_nobody_dialled(lan3: Lan, start: Start) -> None:
    """The victim is host 1, which runs nothing."""
    alice = start(0, "Alice", *ACCEPT)
    alice.wait_for("announcing")
    with Stranger(lan3, 2, fakes=1) as stranger, lan3.open_socket(1, socket.SOCK_STREAM) as trap:
        trap.bind(("", 4000))
        trap.listen(64)
        with stranger.attacking(stranger.live(), rate=4):
            alice.wait_for("peer_found")
            time.sleep(0.5)  # until he proved that it is his own
        calls = stranger.calls(alice.id, lan3.address(0), (lan3.address(1), 4000))
        stranger.sent = 0
        with stranger.attacking(calls, rate=40), suppress(TimeoutError):
            trap.settimeout(2.5)
            trap.accept()
            pytest.fail("Alice dialled a host that a stranger named")
        assert stranger.sent > 60
