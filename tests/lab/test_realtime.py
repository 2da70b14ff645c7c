"""Real time between two hosts: equal hashes and bounded traffic on good and bad networks, with and without UDP."""

import random
import time
from dataclasses import replace
from itertools import cycle

import pytest

from tests.lab.conftest import Start
from tests.lab.forge import Wire
from tests.lab.lan import DEVICE, DISCOVERY_PORT, Lan
from tests.lab.match import assert_exits
from tests.lab.realtime import ROWS, Row, assert_equal_hashes, drop_match_udp, frame_of, pair

pytestmark = [pytest.mark.lab, pytest.mark.timing]

TARGET_GAP = 60
"""Frames of which at least one must be compared, on any network: a second."""


@pytest.mark.parametrize(
    ("game", "row"), [("tron", ROWS[0]), ("pong", ROWS[3])], ids=["tron, LAN", "pong, far"]
)
def test_hashes_are_equal_and_traffic_is_bounded(lan: Lan, start: Start, game: str, row: Row) -> None:
    row.spoil(lan)
    frames = 300
    peers = pair(start, game, frames, row.input_delay)
    ends = assert_equal_hashes(*peers, timeout=30, largest_gap=TARGET_GAP)
    for peer, end in zip(peers, ends, strict=True):
        assert end["frames"] == frames
        assert end["outcome"] == {"winners": [], "reason": "frame limit"}
        stats = end["stats"]
        seconds = end["t"] - peer.wait_for("match_started")["t"]
        assert stats["sent_packets"] <= row.packets_per_s * (seconds + 0.1)
        assert stats["sent_bytes"] <= row.bytes_per_s * (seconds + 0.1)
        assert stats["max_rollback"] <= 8


def test_no_udp_from_the_start(lan: Lan, start: Start) -> None:
    drop_match_udp(lan, 0, 1)
    alice, bob = pair(start, "pong", 180)
    for end in assert_equal_hashes(alice, bob, timeout=30, largest_gap=TARGET_GAP):
        assert end["frames"] == 180
        assert end["stats"]["sent_packets"] <= 250


def test_no_udp_in_one_direction(lan: Lan, start: Start) -> None:
    drop_match_udp(lan, 0)
    assert_equal_hashes(*pair(start, "tron", 150), timeout=30, largest_gap=TARGET_GAP)


def test_udp_goes_and_comes_back(lan: Lan, start: Start) -> None:
    alice, bob = pair(start, "pong", 360)
    frame_of(alice, 60)
    drop_match_udp(lan, 0, 1)
    frame_of(alice, 150)
    before = udp_frames(lan)
    time.sleep(0.5)
    blocked = udp_frames(lan) - before
    for host in (0, 1):
        lan.unblock(host)
    frame_of(alice, 280)
    before = udp_frames(lan)
    time.sleep(0.5)
    back = udp_frames(lan) - before
    ends = assert_equal_hashes(alice, bob, timeout=30, largest_gap=TARGET_GAP)
    assert blocked <= 15, "only a probe now and then while UDP does not pass"
    assert back >= 30, "UDP passed again and was not used"
    for end in ends:
        assert end["frames"] == 360


def udp_frames(lan: Lan) -> int:
    """UDP datagrams to unicast ports that both hosts sent so far."""
    return sum(
        number
        for host in lan.counters()
        for kind, number in host.items()
        if kind.startswith("udp/unicast/") and not kind.endswith((f"/{DISCOVERY_PORT}", "/5353"))
    )


def test_a_new_port_is_followed(lan: Lan, start: Start) -> None:
    """As when a NAT on the way forgets, and chooses another port."""
    alice, bob = pair(start, "tron", 170)
    frame_of(alice, 60)
    port, other = alice.wait_for("announcing")["udp_port"], 45_555
    translate(lan, 0, port, other)
    frame_of(alice, 90)
    before = udp_to(lan, other)
    frame_of(alice, 150)
    followed = udp_to(lan, other) - before
    assert_equal_hashes(alice, bob, timeout=30, largest_gap=TARGET_GAP)
    assert followed >= 40, "one datagram a frame, to where they come from"


def test_a_new_address_is_followed(lan: Lan, start: Start) -> None:
    for host in (0, 1):
        lan.disable_ipv6(host)
    alice, bob = pair(start, "tron", 170)
    frame_of(alice, 60)
    lan.add_address(0, "10.77.0.99/24")
    lan.run(0, ["ip", "route", "replace", "10.77.0.0/24", "dev", DEVICE, "src", "10.77.0.99"], check=True)
    with Wire(lan, 1) as tap:
        frame_of(alice, 90)
        tap.heard()
        frame_of(alice, 150)
        heard = tap.heard()
    assert_equal_hashes(alice, bob, timeout=30, largest_gap=TARGET_GAP)
    assert sum(found.target[0] == "10.77.0.99" for found in heard) >= 40


def translate(lan: Lan, host: int, port: int, other: int) -> None:
    """From now on the UDP port `port` of `host` is `other` to everybody else, and nothing reaches `port` itself."""
    rules = (
        "add table inet nat\n"
        "add chain inet nat out { type filter hook postrouting priority 300; }\n"
        "add chain inet nat in { type filter hook prerouting priority -400; }\n"
        f"add rule inet nat out udp sport {port} udp sport set {other}\n"
        f"add rule inet nat in udp dport {port} drop\n"
        f"add rule inet nat in udp dport {other} udp dport set {port}\n"
    )
    lan.run(host, ["nft", "-f", "-"], input=rules).check_returncode()


def udp_to(lan: Lan, port: int) -> int:
    """Datagrams to this port so far, of all hosts."""
    return sum(host.get(f"udp/unicast/{port}", 0) for host in lan.counters())


def test_who_closes_its_program_gives_nothing_up(lan: Lan, start: Start) -> None:
    alice, bob = pair(start, "tron", 0)
    frame_of(alice, 60)
    alice.interrupt()
    alice.assert_exit(130, 5)
    assert bob.wait_for("match_paused", 5)["reason"] == "closed"
    assert not alice.all("match_ended")
    assert not bob.all("match_ended")
    for peer in (alice, bob):
        assert not peer.all("desync")
        assert not peer.all("error"), peer.story()


def test_one_side_dies(lan: Lan, start: Start) -> None:
    alice, bob = pair(start, "tron", 0, None, "--patience", "2")
    frame_of(alice, 60)
    alice.kill()
    assert_exits(bob, code=5, timeout=15)
    assert bob.wait_for("match_ended")["frames"] >= 60
    assert "Traceback" not in bob.log, bob.story()


def test_a_stranger_floods_the_port_of_the_match(lan3: Lan, start: Start) -> None:
    """Random bytes, turned bits and replays of real datagrams, as if from the other player's address and port."""
    for host in range(3):
        lan3.disable_ipv6(host)
    with Wire(lan3, 0) as tap, Wire(lan3, 2) as stranger:
        alice, bob = pair(start, "pong", 300, 1)
        frame_of(alice, 60)
        ports = [peer.wait_for("announcing")["udp_port"] for peer in (alice, bob)]
        real = [d for d in tap.heard() if {d.source[1], d.target[1]} == set(ports) and d.payload[0] == 0x80]
        assert len(real) > 60, "nothing was captured to be replayed"
        chance = random.Random(5)
        arrived, sent, deadline = udp_arrived(lan3, 0), 0, time.monotonic() + 2.0
        for found in cycle(real):
            if time.monotonic() > deadline:
                break
            stranger.send(found)
            stranger.send(replace(found, source=(lan3.address(2), 9999)))
            stranger.send(found.saying(spoiled(found.payload, chance)))
            stranger.send(found.saying(b"\x80" + chance.randbytes(chance.randrange(1300))))
            stranger.send(found.saying(chance.randbytes(chance.randrange(60))))
            sent += 5
            time.sleep(0.002)
        frame_of(alice, 150, 0.5)  # the match is where it should be, in spite of it all
        assert udp_arrived(lan3, 0) - arrived > sent / 4
        assert not [found for found in stranger.heard() if found.source[1] in ports]
    ends = assert_equal_hashes(alice, bob, timeout=30, largest_gap=TARGET_GAP)
    assert sent > 1000
    for end in ends:
        assert end["frames"] == 300
        # What the stranger sent is no traffic of the match.
        assert end["stats"]["received_packets"] <= 400
        assert end["stats"]["sent_packets"] <= 400


def udp_arrived(lan: Lan, host: int) -> int:
    """UDP datagrams over IPv4 that the kernel of `host` gave to its programs so far."""
    names, numbers = (
        line.split()
        for line in lan.run(host, ["cat", "/proc/net/snmp"]).stdout.splitlines()
        if "Udp:" in line
    )
    return int(numbers[names.index("InDatagrams")])


def spoiled(payload: bytes, chance: random.Random) -> bytes:
    """`payload` with a bit turned."""
    data = bytearray(payload)
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)
