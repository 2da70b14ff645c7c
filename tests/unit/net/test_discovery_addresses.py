"""Addresses as people type them, ports, interfaces; no traffic beyond loopback."""

import socket

import msgspec
import pytest

from p2pgame.core.errors import DiscoveryError
from p2pgame.net import interfaces as module
from p2pgame.net.discovery import parse_seed
from p2pgame.net.interfaces import Interface, InterfaceLookup, IPv4, Origin, Selection, list_interfaces
from p2pgame.net.mdns import SERVICE_TYPE, instance_of_service
from p2pgame.net.udp import TextPingResponder, bind_port, normalise, sockaddr


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("host", ("host", 7)),
        (" host:80 ", ("host", 80)),
        ("10.0.0.1", ("10.0.0.1", 7)),
        ("fe80::1%eth0", ("fe80::1%eth0", 7)),
        ("[::1]:80", ("::1", 80)),
        ("[::1]", ("::1", 7)),
    ],
)
def test_a_seed_is_a_host_and_perhaps_a_port(text: str, address: tuple[str, int]) -> None:
    assert parse_seed(text, 7) == address


@pytest.mark.parametrize(
    "text", ["", ":80", "host:", "host:0", "host:70000", "host:x", "[::1", "[::1]x", "a b", "x" * 300]
)
def test_a_malformed_seed_is_one_clear_line(text: str) -> None:
    with pytest.raises(DiscoveryError, match="bad_address"):
        parse_seed(text, 7)


def test_an_unknown_interface_is_named_with_those_there_are() -> None:
    with pytest.raises(DiscoveryError, match="no_such_interface") as caught:
        list_interfaces(["nope7"])
    assert caught.value.params["name"] == "nope7"
    assert "lo" in str(caught.value.params["names"])


def test_loopback_is_used_if_chosen_by_name_or_address() -> None:
    by_address = list_interfaces(["127.0.0.1"])
    assert by_address[0].loopback
    assert by_address[0].ipv4[0].broadcast == "127.255.255.255"
    assert list_interfaces([by_address[0].name]) == by_address


def test_an_interface_chosen_by_address_stays_chosen_when_that_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = [ETH, WLAN]
    monkeypatch.setattr(module, "_system_interfaces", lambda: system)
    selection = Selection(["10.0.0.5"])
    assert selection.interfaces() == (ETH,)
    renewed = msgspec.structs.replace(ETH, ipv4=(IPv4("10.0.0.77", 24),))
    system[:] = [WLAN, renewed]
    assert selection.interfaces() == (renewed,)
    system[:] = [WLAN]
    with pytest.raises(DiscoveryError, match="no_such_interface"):
        selection.interfaces()
    system[:] = [renewed, WLAN]
    assert selection.interfaces() == (renewed,), "it came back"
    moved = msgspec.structs.replace(WLAN, ipv4=(IPv4("10.0.0.5", 24),))
    system[:] = [renewed, moved]
    assert selection.interfaces() == (moved,), "who has the address now was meant"


def test_of_several_chosen_interfaces_one_that_is_gone_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = [LO, ETH, WLAN]
    monkeypatch.setattr(module, "_system_interfaces", lambda: system)
    selection = Selection(["eth0", "wlan0"])
    assert selection.present() == (ETH, WLAN)
    system[:] = [LO, WLAN]
    assert selection.present() == (WLAN,)
    system[:] = [LO]
    assert selection.present() == (), "nothing that was not chosen"
    assert module.listen_host(["eth0"]) == "", "it may come back"
    assert module.listen_host(["lo"]) == "127.0.0.1"


ETH = Interface("eth0", 2, (IPv4("10.0.0.5", 24),), ("fe80::5",))
WLAN = Interface("wlan0", 3, (IPv4("10.0.1.5", 24),), ("fe80::6",))
LO = Interface("lo", 1, (IPv4("127.0.0.1", 8),), ())


@pytest.mark.parametrize(
    ("interfaces", "selected", "address", "heard"),
    [
        ((ETH,), False, "10.0.0.9", True),
        ((ETH,), False, "192.168.1.1", True),
        ((ETH,), True, "192.168.1.1", False),
        ((ETH,), False, "127.0.0.1", False),
        ((LO,), True, "127.0.0.1", True),
        ((LO,), True, "10.0.0.9", False),
        ((ETH,), True, "fe80::9%eth0", True),
        ((ETH,), True, "fe80::9%2", True),
        ((ETH,), True, "fe80::9%wlan0", False),
        ((ETH,), False, "nonsense", False),
        ((ETH,), False, "nonsense:", False),
        ((ETH,), False, "::1", False),
        ((LO,), True, "::1", True),
        ((ETH, LO), True, "127.9.9.9", True),
    ],
)
def test_what_came_by_another_interface_is_not_heard(
    interfaces: tuple[Interface, ...], selected: bool, address: str, heard: bool
) -> None:
    assert (InterfaceLookup(interfaces, selected=selected).find(address) is not None) is heard


@pytest.mark.parametrize(
    ("address", "interface", "own"),
    [
        ("10.0.0.5", ETH, True),
        ("10.0.0.9", ETH, False),
        ("10.0.1.9", WLAN, False),
        ("172.16.0.1", None, False),
        ("fe80::5%eth0", ETH, True),
        ("fe80::9%eth0", ETH, False),
        ("fe80::9%wlan0", WLAN, False),
        ("fe80::9%tun0", None, False),
    ],
)
def test_the_origin_of_a_datagram(address: str, interface: Interface | None, own: bool) -> None:
    assert InterfaceLookup((ETH, WLAN), selected=False).find(address) == Origin(interface, own=own)


def test_tcp_and_udp_share_a_number_and_the_next_program_gets_the_next() -> None:
    tcp, udp, number = bind_port(45871, "127.0.0.1")
    next_tcp, next_udp, next_number = bind_port(number, "127.0.0.1")
    try:
        assert [sock.getsockname()[1] for sock in (tcp, *udp)] == [number] * 2
        assert next_number != number
        assert tcp.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        assert not udp[0].getblocking()
    finally:
        for sock in (tcp, *udp, next_tcp, *next_udp):
            sock.close()


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 in this Python")
def test_each_version_of_ip_has_its_own_socket_at_the_same_number() -> None:
    tcp, udp, number = bind_port(45871)
    try:
        assert [sock.family for sock in udp] == [socket.AF_INET, socket.AF_INET6]
        assert {sock.getsockname()[1] for sock in udp} == {number}
    finally:
        for sock in (tcp, *udp):
            sock.close()


def test_if_all_near_ports_are_taken_any_will_do() -> None:
    pairs = [bind_port(45901, "127.0.0.1") for _ in range(19)]
    try:
        assert len({pair[2] for pair in pairs}) == 19
    finally:
        for pair in pairs:
            for sock in (pair[0], *pair[1]):
                sock.close()


def test_an_address_that_is_not_ours_is_one_clear_line() -> None:
    with pytest.raises(DiscoveryError, match="no_free_port"):
        bind_port(45871, "192.0.2.1")


def test_addresses_are_plain_whatever_the_socket_says() -> None:
    assert normalise(("::ffff:10.0.0.1", 5, 0, 0)) == ("10.0.0.1", 5)
    assert normalise(("10.0.0.1", 5)) == ("10.0.0.1", 5)
    assert normalise(("fe80::1", 5, 0, 1)) == (f"fe80::1%{socket.if_indextoname(1)}", 5)
    assert sockaddr(("10.0.0.1", 5)) == ("10.0.0.1", 5)
    assert sockaddr(("fe80::1%3", 5)) == ("fe80::1", 5, 0, 3)


@pytest.mark.parametrize("text", [b"ping", b"ping\n", b"ping hello", b"ping 0123456789abcdefghijklmn\n"])
def test_a_typed_ping_gets_the_same_bytes_as_pong(text: bytes) -> None:
    assert TextPingResponder().answer(text, ("10.0.0.2", 1), 0.0) == b"pong" + text[4:]


@pytest.mark.parametrize(
    "text", [b"", b"pin", b"PING", b"ping ", b"ping \n\n", b"ping " + b"x" * 25, b"ping \xff", b"ping\r\n"]
)
def test_anything_else_gets_nothing(text: bytes) -> None:
    assert TextPingResponder().answer(text, ("10.0.0.2", 1), 0.0) is None


def test_text_pings_are_answered_ten_times_a_second_and_a_hundred_in_all() -> None:
    text = TextPingResponder()
    assert sum(text.answer(b"ping", ("10.0.0.2", i), 0.0) is not None for i in range(100)) == 10
    everyone = [text.answer(b"ping", (f"10.0.1.{i}", 1), 0.0) for i in range(200)]
    assert sum(answer is not None for answer in everyone) == 90


def test_the_name_of_a_service_tells_peer_and_instance() -> None:
    assert instance_of_service(f"abc-0011223344556677.{SERVICE_TYPE}") == (
        "abc",
        bytes.fromhex("0011223344556677"),
    )
    for name in ("", "abc", f"abc-00.{SERVICE_TYPE}", f"abc-{'zz' * 8}.{SERVICE_TYPE}"):
        assert instance_of_service(name) is None
