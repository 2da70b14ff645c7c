"""What the system tells of interfaces and ports."""

import os
import socket
import sys
from pathlib import Path

import pytest

from p2pgame.net.doctor.machine import port_holder, sockets_on, udp_shareable

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
UDP = HEADER + "  7: 00000000:A1CC 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 4711 2 0 0\n"
TCP = HEADER + "  7: 00000000:A1CD 00000000:0000 {} 00000000:00000000 00:00000000 00000000 0 0 4712 2 0 0\n"


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
