"""What the system tells of interfaces and ports."""

import os
import socket
import sys
from pathlib import Path

import pytest

from p2pgame.net.doctor.machine import (
    interface_fact,
    kind_of_name,
    port_holder,
    sockets_on,
    udp_shareable,
)
from p2pgame.net.interfaces import Interface, IPv4

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
UDP = HEADER + "  7: 00000000:A1CC 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 4711 2 0 0\n"
TCP = HEADER + "  7: 00000000:A1CD 00000000:0000 {} 00000000:00000000 00:00000000 00000000 0 0 4712 2 0 0\n"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("eth0", "wired"), ("enp3s0", "wired"), ("Ethernet 2", "wired"), ("wlp2s0", "wifi"), ("Wi-Fi", "wifi"),
        ("WLAN", "wifi"), ("lo", "loopback"), ("lo0", "loopback"), ("tun0", "vpn"), ("tailscale0", "vpn"),
        ("utun4", "vpn"), ("wg0", "vpn"), ("docker0", "container"), ("br-0a1b2c3d4e5f", "container"),
        ("vethab12", "container"), ("vEthernet (WSL)", "container"), ("en0", "unknown"), ("Local", "unknown"),
    ],
)  # fmt: skip
def test_names(name: str, kind: str) -> None:
    assert kind_of_name(name) == kind


def test_devices_tell_more_than_names(tmp_path: Path) -> None:
    for directory in ("net0/wireless", "net1/bridge", "net2", "net3", "net4/device"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "net2/tun_flags").write_text("0x1\n")
    (tmp_path / "net3/tun_flags").write_text("0x1002\n")  # a TAP, which carries broadcast
    kinds = [
        interface_fact(Interface(f"net{n}", 0, (IPv4("10.0.0.1", 24),), ()), tmp_path).kind for n in range(5)
    ]
    assert kinds == ["wifi", "container", "vpn", "unknown", "wired"]


def test_loopback_is_known_by_its_address(tmp_path: Path) -> None:
    assert interface_fact(Interface("x", 0, (IPv4("127.0.0.1", 8),), ()), tmp_path).kind == "loopback"


def test_sockets_on() -> None:
    assert sockets_on(0xA1CC, UDP, listening=False) == {"socket:[4711]"}
    assert sockets_on(0xA1CE, UDP, listening=False) == set()
    assert sockets_on(0xA1CD, TCP.format("0A"), listening=True) == {"socket:[4712]"}
    assert sockets_on(0xA1CD, TCP.format("01"), listening=True) == set()
    assert sockets_on(0xA1CC, HEADER + "garbage\n\n", listening=False) == set()


def test_port_holder(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/udp").write_text(UDP)
    (tmp_path / "77/fd").mkdir(parents=True)
    (tmp_path / "77/comm").write_text("otherd\n")
    (tmp_path / "77/fd/3").symlink_to("socket:[4711]")
    (tmp_path / "78").mkdir()  # a process that has just ended
    assert port_holder(0xA1CC, "udp", proc=tmp_path) == "otherd (process 77)"
    assert port_holder(0xA1CC, "tcp", proc=tmp_path) == ""
    assert port_holder(0xA1CC, "udp", proc=tmp_path / "none") == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
def test_port_holder_finds_this_very_process() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        assert port_holder(sock.getsockname()[1], "udp").endswith(f"(process {os.getpid()})")


def test_a_selfish_program_is_noticed() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("", 0))
        port = sock.getsockname()[1]
        assert not udp_shareable(port)
    assert udp_shareable(port)
