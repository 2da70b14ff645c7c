"""A stranger on the LAN sends bytes that mean nothing, or meant something once: nothing changes for the others."""

import random
import socket
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import DISCOVERY_PORT, Lan
from tests.lab.match import assert_played, started
from tests.lab.peer import Peer

pytestmark = pytest.mark.lab

ACCEPT = ("bot", "--game", "gomoku", "--accept")
INVITE = ("bot", "--game", "gomoku", "--invite")


def answers(sock: socket.socket, seconds: float) -> list[bytes]:
    """Every datagram that comes in within `seconds`."""
    deadline = time.monotonic() + seconds
    heard = []
    with suppress(TimeoutError):
        while (left := deadline - time.monotonic()) > 0:
            sock.settimeout(left)
            heard.append(sock.recv(4096))
    return heard


def captured_beacons(lan: Lan, seconds: float = 1.0) -> list[bytes]:
    """What passes on the discovery port of host 2, which runs nothing, from the first on for so long."""
    with lan.open_socket(2, socket.SOCK_DGRAM) as ears:
        ears.bind(("", DISCOVERY_PORT))
        ears.settimeout(10)
        return [ears.recv(4096), *answers(ears, seconds)]


def junk(rng: random.Random, samples: list[bytes]) -> bytes:
    """Random bytes, or a real beacon with a bit turned, its end missing or a tail grown."""
    if not samples or rng.random() < 0.4:
        return rng.randbytes(rng.choice((0, 1, 16, 200, 1200, 8000)))
    data = bytearray(rng.choice(samples))
    match rng.randrange(3):
        case 0:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        case 1:
            del data[rng.randrange(len(data)) :]
        case _:
            data += rng.randbytes(rng.randrange(1, 2000))
    return bytes(data)


def throw_junk(lan: Lan, targets: list[Peer], samples: list[bytes], seconds: float) -> None:
    """For `seconds`, to the discovery port, the unicast ports and the TCP ports."""
    rng = random.Random(7)
    deadline = time.monotonic() + seconds
    ports = [peer.wait_for("announcing") for peer in targets]
    with lan.open_socket(2, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        while time.monotonic() < deadline:
            for peer, port in zip(targets, ports, strict=True):
                address = lan.address(peer.host)
                for _ in range(20):
                    udp.sendto(junk(rng, samples), ("10.77.0.255", DISCOVERY_PORT))
                    udp.sendto(junk(rng, samples), (address, DISCOVERY_PORT))
                    udp.sendto(junk(rng, samples), (address, port["udp_port"]))
                with lan.open_socket(2, socket.SOCK_STREAM) as tcp, suppress(OSError):
                    tcp.settimeout(0.2)
                    tcp.connect((address, port["tcp_port"]))
                    tcp.sendall(rng.randbytes(rng.choice((1, 4, 100, 70_000))))
            time.sleep(0.01)


def test_junk_on_every_port_changes_nothing(lan3: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--think-ms", "400", "--frames", "20")
    bob = start(1, "Bob", *INVITE, "Alice", "--think-ms", "400", "--frames", "20")
    samples = captured_beacons(lan3)
    assert samples
    started(alice, bob)
    before = {peer.name: peer.memory_kb() for peer in (alice, bob)}
    throw_junk(lan3, [alice, bob], samples, 2.0)
    for peer in (alice, bob):
        assert peer.process.poll() is None, peer.story()
        assert peer.memory_kb() - before[peer.name] < 8_000, "memory grew with junk"
    assert_played(alice, bob)
    for peer, other in ((alice, bob), (bob, alice)):
        assert {event["peer"] for event in peer.all("peer_found")} == {other.id}
        assert len(peer.log.splitlines()) < 40, "junk fills the log"


def test_replayed_beacons_move_nobody(lan3: Lan, start: Start) -> None:
    alice, bob = start(0, "Alice", *ACCEPT), start(1, "Bob", *ACCEPT)
    bob.wait_for("peer_found", peer=alice.id)
    home = lan3.addresses(0)
    samples = captured_beacons(lan3, 3.0)
    assert samples
    alice.kill()
    with lan3.open_socket(2, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        deadline = time.monotonic() + 9.0
        while time.monotonic() < deadline and not bob.all("peer_lost"):
            for beacon in samples:
                udp.sendto(beacon, ("10.77.0.255", DISCOVERY_PORT))
            time.sleep(0.05)
        bob.wait_for("peer_lost", 1.0, peer=alice.id)  # old beacons keep nobody alive
        after = len(bob.events)
        for beacon in samples * 3:
            udp.sendto(beacon, ("10.77.0.255", DISCOVERY_PORT))
        time.sleep(0.5)
    assert {e["address"] for e in bob.events if "address" in e} <= home
    assert not [e for e in bob.events[after:] if e["event"] == "peer_found"], bob.story()


def test_a_person_who_types_at_the_tcp_port_gets_a_line(lan: Lan, start: Start) -> None:
    port = start(0, "Alice", *ACCEPT).wait_for("announcing")["tcp_port"]
    with lan.open_socket(1, socket.SOCK_STREAM) as probe:
        probe.connect((lan.address(0), port))
        probe.sendall(b"hello\r\n")
        probe.settimeout(3)
        with probe.makefile("rb") as stream:
            text = stream.read().decode("ascii")  # to the end: they hang up
    assert text.endswith("\n")
    assert len(text.splitlines()) == 1
    assert "p2pgame" in text


def test_a_silent_caller_is_hung_up_on(lan: Lan, start: Start) -> None:
    port = start(0, "Alice", *ACCEPT).wait_for("announcing")["tcp_port"]
    with lan.open_socket(1, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        probe.connect((lan.address(0), port))
        began = time.monotonic()
        while probe.recv(4096):
            pass
        assert time.monotonic() - began < 4.5


def test_udp_ping_gets_pong_and_no_amplification(lan: Lan, start: Start) -> None:
    port = start(0, "Alice", *ACCEPT).wait_for("announcing")["udp_port"]
    with lan.open_socket(1, socket.SOCK_DGRAM) as probe:
        probe.connect((lan.address(0), port))
        probe.send(b"ping\n")
        heard = answers(probe, 0.5)
        assert [data.strip() for data in heard] == [b"pong"]
        for data in (b"", b"pong", b"PING" * 100, b"ping" + bytes(500)):
            probe.send(data)
        assert answers(probe, 0.3) == []
        for _ in range(500):
            probe.send(b"ping\n")
        assert len(answers(probe, 0.5)) < 100, "a flood of pings is answered in full"


@pytest.mark.timing
def test_ping_prints_round_trips(lan: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT)
    alice.wait_for("announcing")
    lan.impair(delay_ms=10)
    program = [sys.executable, "-m", "p2pgame", "ping", "Alice"]
    done = lan.run(1, program, stdin=subprocess.DEVNULL, timeout=30)
    assert done.returncode == 0, done.stderr
    for way in ("udp: ", "tcp: "):
        summary = next(line for line in done.stdout.lower().splitlines() if line.startswith(way))
        assert "5 sent, 5 answered, 0 % lost" in summary
        least = float(summary.split("min ")[1].split(",")[0])
        assert 20 <= least < 30


def test_many_open_connections_do_not_keep_others_out(lan3: Lan, start: Start) -> None:
    alice = start(0, "Alice", *ACCEPT, "--frames", "6")
    port = alice.wait_for("announcing")["tcp_port"]
    callers = [lan3.open_socket(2, socket.SOCK_STREAM) for _ in range(200)]
    try:
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex((lan3.address(0), port))
        bob = start(1, "Bob", *INVITE, "Alice", "--frames", "6")
        assert_played(alice, bob)
    finally:
        for caller in callers:
            caller.close()
