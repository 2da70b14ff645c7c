"""The laboratory itself: that its impairments, firewalls and clean-up do what they say."""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import lan as lan_module
from tests.lab.lan import DISCOVERY_PORT, Lan, require_lab, why_no_lab
from tests.lab.switch import Impairment, Switch, classify

PORT = 5000
SO_RCVBUFFORCE = 33
"""From asm/socket.h: beyond the system's limit, which holds 300 datagrams only."""


def drain(sock: socket.socket, seconds: float = 0.1) -> list[bytes]:
    """Every datagram until `seconds` pass without one."""
    sock.settimeout(seconds)
    heard = []
    while True:
        try:
            heard.append(sock.recv(2048))
        except TimeoutError:
            return heard


@pytest.fixture
def two(lan: Lan) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A UDP socket on each of two hosts, bound to PORT, their ARP tables warm."""
    with lan.open_socket(0, socket.SOCK_DGRAM) as near, lan.open_socket(1, socket.SOCK_DGRAM) as far:
        for sock in (near, far):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 21)
            sock.bind(("", PORT))
        near.sendto(b"warm", (lan.address(1), PORT))
        far.sendto(b"warm", (lan.address(0), PORT))
        assert drain(near) == drain(far) == [b"warm"]
        yield near, far


pytestmark = [pytest.mark.lab, pytest.mark.timing]


def burst(near: socket.socket, to: tuple[str, int], count: int) -> None:
    for number in range(count):
        near.sendto(number.to_bytes(2, "big"), to)
        if number % 50 == 49:
            time.sleep(0.005)  # the TAP's queue has 500 places


def test_a_clean_wire_keeps_every_frame_in_order(lan: Lan, two: tuple[socket.socket, socket.socket]) -> None:
    near, far = two
    lan.counters(reset=True)
    burst(near, (lan.address(1), PORT), 200)
    assert [int.from_bytes(data, "big") for data in drain(far)] == list(range(200))
    assert lan.counters()[0][f"udp/unicast/{PORT}"] == 200


def test_delay(lan: Lan, two: tuple[socket.socket, socket.socket]) -> None:
    near, far = two
    far.settimeout(2)
    lan.impair(0, delay_ms=30)
    times = []
    for _ in range(10):
        began = time.monotonic()
        near.sendto(b"x", (lan.address(1), PORT))
        far.recv(10)
        times.append(time.monotonic() - began)
    assert 0.030 <= statistics.median(times) < 0.040


@pytest.mark.parametrize(
    ("change", "address", "low", "high"),
    [
        ({"loss": 0.3}, "10.77.0.2", 300, 400),
        ({"broadcast_loss": 0.3}, "10.77.0.2", 500, 500),
        ({"broadcast_loss": 0.3}, "10.77.0.255", 300, 400),
        ({"multicast_loss": 0.3}, "10.77.0.255", 500, 500),
        ({"duplicate": 0.3}, "10.77.0.2", 600, 700),
    ],
)
def test_chances(
    lan: Lan,
    two: tuple[socket.socket, socket.socket],
    change: dict[str, float],
    address: str,
    low: int,
    high: int,
) -> None:
    near, far = two
    lan.impair(**change)
    burst(near, (address, PORT), 500)
    assert low <= len(drain(far)) <= high


def test_reordered_frames_are_overtaken(lan: Lan, two: tuple[socket.socket, socket.socket]) -> None:
    near, far = two
    lan.impair(reorder=0.1)
    burst(near, (lan.address(1), PORT), 200)
    heard = [int.from_bytes(data, "big") for data in drain(far)]
    assert heard != sorted(heard)
    assert sorted(heard) == list(range(200))


def test_a_rate_limited_port_takes_its_time(lan: Lan, two: tuple[socket.socket, socket.socket]) -> None:
    near, far = two
    lan.impair(0, rate_kbps=800)  # 100 bytes a millisecond
    far.settimeout(2)
    began = time.monotonic()
    for _ in range(20):
        near.sendto(bytes(958), (lan.address(1), PORT))  # 1,000 with the headers
    for _ in range(20):
        far.recv(2048)
    assert 0.19 < time.monotonic() - began < 0.25


def test_a_cut_host_is_cut_both_ways_until_mended(lan: Lan, two: tuple[socket.socket, socket.socket]) -> None:
    near, far = two
    lan.cut(1)
    near.sendto(b"a", (lan.address(1), PORT))
    far.sendto(b"b", (lan.address(0), PORT))
    assert drain(near) == drain(far) == []
    lan.mend(1)
    near.sendto(b"c", (lan.address(1), PORT))
    assert drain(far) == [b"c"]


def test_firewalls(lan: Lan) -> None:
    with (
        lan.open_socket(0, socket.SOCK_STREAM) as near,
        lan.open_socket(0, socket.SOCK_DGRAM) as probe,
        lan.open_socket(1, socket.SOCK_STREAM) as far,
        lan.open_socket(1, socket.SOCK_DGRAM) as ears,
    ):
        far.bind(("", PORT))
        far.listen()
        ears.bind(("", DISCOVERY_PORT))
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        near.settimeout(0.3)
        lan.block(1, "inbound-tcp", "broadcast")
        with pytest.raises(TimeoutError):
            near.connect((lan.address(1), PORT))
        probe.sendto(b"x", ("10.77.0.255", DISCOVERY_PORT))
        assert drain(ears) == []
        lan.unblock(1)
        probe.sendto(b"y", ("10.77.0.255", DISCOVERY_PORT))
        assert drain(ears) == [b"y"]


def test_addresses_come_and_go(lan: Lan, two: tuple[socket.socket, socket.socket]) -> None:
    near, far = two
    lan.add_address(1, "10.77.0.99/24")
    lan.remove_address(1, f"{lan.address(1)}/24")
    near.sendto(b"new", ("10.77.0.99", PORT))
    assert drain(far) == [b"new"]


@pytest.fixture
def prefix(monkeypatch: pytest.MonkeyPatch) -> str:
    """Of the namespaces that labs of this test make, so that it sees no others, and others sweep none of its own."""
    value = f"labtest{os.getpid()}"
    monkeypatch.setattr(lan_module, "_PREFIX", value)
    return value


def namespaces(prefix: str) -> set[str]:
    return {path.name for path in Path("/run/netns").glob(f"{prefix}-*")}


def test_a_failing_test_leaves_nothing_behind(prefix: str) -> None:
    require_lab()
    processes = []

    def failing_test() -> None:
        with Lan(1) as lan:
            processes.append(lan.popen(0, ["sleep", "1000"]))
            assert len(namespaces(prefix)) == 1
            raise LookupError

    with pytest.raises(LookupError):
        failing_test()
    assert processes[0].returncode is not None
    assert namespaces(prefix) == set()


def test_a_killed_lab_is_swept_by_the_next(prefix: str) -> None:
    require_lab()
    program = (
        f"import os; from tests.lab import lan; lan._PREFIX = {prefix!r}; "
        "lan.Lan(1).__enter__(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)
    assert len(namespaces(prefix)) == 1
    with Lan(1):
        pass
    assert namespaces(prefix) == set()


def test_the_reason_is_given_where_there_can_be_no_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert why_no_lab() == "the lab needs root"
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception):
        require_lab()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception):
        require_lab()


def test_the_switch_learns_where_a_host_is() -> None:
    switch = Switch(1, [-1, -1, -1])
    a, b = b"\x02" + bytes(4) + b"\x0a", b"\x02" + bytes(4) + b"\x0b"
    assert list(switch.receivers(0, b + a + b"\x08\x00")) == [1, 2]  # unknown: to all
    switch.forward(1, a + b + b"\x08\x00" + bytes(30), 0.0)
    assert list(switch.receivers(0, b + a + b"\x08\x00")) == [1]
    assert list(switch.receivers(1, b + a + b"\x08\x00")) == []


def test_one_seed_spoils_the_same_frames() -> None:
    def survivors(seed: int) -> list[int]:
        switch = Switch(seed, [-1, -1])
        switch.impairments[0] = Impairment(loss=0.5)
        for number in range(100):
            switch.forward(0, b"\xff" * 6 + bytes(8) + bytes([number]), 0.0)
        return [frame[-1] for _, _, _, frame in sorted(switch.queue)]

    assert survivors(1) == survivors(1) != survivors(2)


def test_frames_are_classified() -> None:
    udp = (
        b"\xff" * 6 + bytes(6) + b"\x08\x00" + b"\x45" + bytes(8) + b"\x11" + bytes(10) + b"\x00\x00\xa1\xcc"
    )
    assert classify(udp) == ("udp", "broadcast", 41420)
    assert classify(b"\x33\x33" + bytes(10) + b"\x86\xdd" + bytes(4)) == ("other", "multicast", 0)
    assert classify(b"\x02" + bytes(11) + b"\x08\x06") == ("arp", "unicast", 0)
