"""`p2pgame doctor` on networks that are ill in one known way each: it names that illness and no other."""

import socket

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import DEVICE, DISCOVERY_PORT, Lan
from tests.lab.peer import Event, Peer

pytestmark = pytest.mark.lab

ACCEPT = ("bot", "--game", "gomoku", "--accept")
DOCTOR = ("doctor", "--seconds", "2")


def examine(start: Start, code: int = 0, *options: str) -> list[Event]:
    """The findings of a doctor on host 1, whose exit code is `code`; the last is the summary."""
    doctor = start(1, "Bob", *DOCTOR, *options)
    doctor.assert_exit(code, 15)
    assert "Traceback" not in doctor.log, doctor.story()
    assert doctor.events[-1]["event"] == "summary", doctor.story()
    assert doctor.events[-1]["ok"] is (code == 0)
    assert {event["event"] for event in doctor.events[:-1]} == {"finding"}
    return doctor.events


def named(events: list[Event], *levels: str) -> set[str]:
    """The checks that ended at one of `levels`."""
    return {event["check"] for event in events if event.get("level") in levels}


def one(events: list[Event], check: str) -> Event:
    (found,) = [event for event in events if event.get("check") == check]
    return found


@pytest.fixture
def alice(lan: Lan, start: Start) -> Peer:
    peer = start(0, "Alice", *ACCEPT)
    peer.wait_for("announcing")
    return peer


def test_a_healthy_network(lan: Lan, start: Start, alice: Peer) -> None:
    events = examine(start)
    assert not named(events, "warning", "problem"), events
    assert {"discovery_port", "own_port", "interface", "broadcast", "mdns", "peer", "inbound"} <= named(
        events, "ok"
    )
    assert events[-1]["peers"] == [alice.id]
    assert lan.address(1) in one(events, "interface")["message"]
    assert one(events, "broadcast")["interface"] == DEVICE
    peer = one(events, "peer")["message"]
    assert "Alice" in peer
    assert "broadcast" in peer
    assert "mdns" in peer


def test_mdns_is_blocked(lan: Lan, start: Start, alice: Peer) -> None:
    lan.block(1, "mdns")
    events = examine(start)
    assert named(events, "warning", "problem") == {"mdns"}
    assert "5353" in one(events, "mdns")["advice"]
    assert "drops" in one(events, "firewall")["message"]


def test_broadcast_is_blocked(lan: Lan, start: Start, alice: Peer) -> None:
    lan.block(1, "broadcast")
    events = examine(start)
    assert named(events, "warning", "problem") == {"broadcast"}
    assert str(DISCOVERY_PORT) in one(events, "broadcast")["advice"]
    assert "mdns" in one(events, "peer")["message"]


def test_nothing_gets_through(lan: Lan, start: Start) -> None:
    lan.block(1, "udp")
    events = examine(start, 1)
    assert named(events, "problem") == {"reach"}
    assert named(events, "warning") == {"broadcast", "mdns"}


def test_inbound_tcp_is_dropped(lan: Lan, start: Start, alice: Peer) -> None:
    lan.block(1, "inbound-tcp")
    events = examine(start)
    assert named(events, "warning", "problem") == {"inbound"}
    assert "41421" in one(events, "inbound")["advice"]


def test_the_other_side_drops_inbound_tcp(lan: Lan, start: Start, alice: Peer) -> None:
    lan.block(0, "inbound-tcp")
    events = examine(start)
    assert named(events, "warning", "problem") == {"peer"}
    assert "TCP does not open" in one(events, "peer")["message"]
    assert "Alice" in one(events, "peer")["advice"]


def test_both_sides_drop_inbound_tcp(lan: Lan, start: Start, alice: Peer) -> None:
    for host in (0, 1):
        lan.block(host, "inbound-tcp")
    assert named(examine(start, 1), "problem") == {"reach"}


def test_nobody_is_there(lan: Lan, start: Start) -> None:
    events = examine(start)
    assert not named(events, "warning", "problem")
    assert one(events, "peers")["level"] == "note"


def test_the_discovery_port_is_taken(lan: Lan, start: Start) -> None:
    with lan.open_socket(1, socket.SOCK_DGRAM) as selfish:
        selfish.bind(("", DISCOVERY_PORT))
        events = examine(start, 1)
    assert named(events, "problem") == {"discovery_port"}
    message = one(events, "discovery_port")["message"]
    assert str(DISCOVERY_PORT) in message
    assert "process" in message, "the lab has root, so the holder can be named"


def test_a_second_program_takes_the_next_port(lan: Lan, start: Start) -> None:
    start(1, "Amy", *ACCEPT).wait_for("announcing")
    events = examine(start)
    assert one(events, "own_port")["level"] == "note"
    assert "process" in one(events, "own_port")["message"]
    assert not named(events, "warning", "problem")


def test_the_app_of_this_machine_is_no_other_player(lan: Lan, start: Start, alice: Peer) -> None:
    """It reaches itself whatever the firewalls do, so counting it would hide that nobody else can be played with."""
    for host in (0, 1):
        add_bridge(lan, host)
    rules = "add table inet lab; " + "".join(
        f"add chain inet lab {hook} {{ type filter hook {hook} priority 0; }}; "
        f"add rule inet lab {hook} {end} != lo meta l4proto tcp drop; "
        for hook, end in (("input", "iif"), ("output", "oif"))
    )
    lan.run(1, ["nft", rules], check=True)
    app = start(1, "Amy", *ACCEPT)
    app.wait_for("announcing")
    events = examine(start, 1)
    assert named(events, "problem") == {"reach"}
    assert events[-1]["peers"] == [alice.id]
    assert "Amy" in one(events, "program_here")["message"]


def add_bridge(lan: Lan, host: int) -> None:
    """Docker's, with the address that it has everywhere."""
    script = "ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up"
    assert not lan.run(host, ["sh", "-ec", script]).returncode


def test_only_loopback(lan: Lan, start: Start) -> None:
    lan.link(1, "down")
    assert named(examine(start, 1), "problem") == {"interfaces"}


def test_no_interface(lan: Lan, start: Start) -> None:
    lan.link(1, "down")
    lan.link(1, "down", "lo")
    events = examine(start, 1)
    assert named(events, "problem") == {"start"}
    assert "interface" in one(events, "start")["message"]


def test_an_address_that_no_router_gave(lan: Lan, start: Start) -> None:
    lan.add_address(1, "169.254.7.7/16")
    lan.remove_address(1, f"{lan.address(1)}/24")
    assert named(examine(start), "warning") == {"interface"}
