"""What `p2pgame doctor` says of machines whose interfaces and ports are not as most are."""

import socket

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import Lan
from tests.lab.test_doctor import examine, named, one

pytestmark = pytest.mark.lab


def test_mdns_is_held_by_another_program_and_two_networks_have_one_number(lan: Lan, start: Start) -> None:
    script = "ip link add other type veth peer name end; ip addr add 10.77.0.201/24 dev other; ip link set other up"
    lan.run(1, ["sh", "-ec", script], check=True)
    with lan.open_socket(1, socket.SOCK_DGRAM) as holder:
        holder.bind(("", 5353))
        events = examine(start)
    assert "UDP port 5353 for itself" in one(events, "mdns")["message"]
    assert "firewall" not in one(events, "mdns")["advice"]
    assert "10.77.0.0/24" in one(events, "networks")["message"]


def test_more_interfaces_than_mdns_is_heard_on(lan: Lan, start: Start) -> None:
    script = (
        "for i in $(seq 1 22); do ip link add w$i type veth peer name e$i; "
        "ip addr add 10.$i.0.1/24 broadcast + dev w$i; ip link set w$i up; ip link set e$i up; done"
    )
    lan.run(1, ["sh", "-ec", script], check=True)
    events = examine(start)
    unheard = [e for e in events if e.get("check") == "mdns" and e["level"] == "note"]
    assert len(unheard) == 3, "23 have an address, and the system allows for 20"
    assert all("--interface" in event["advice"] for event in unheard)
    assert "mdns" not in named(events, "warning", "problem")


def test_two_firewalls_that_open_for_each_other_are_found_to(lan: Lan, start: Start) -> None:
    for host in (0, 1):
        lan.block(host, "uninvited")
    alice = start(0, "Alice", "bot", "--game", "gomoku", "--accept")
    alice.wait_for("announcing")
    events = examine(start)
    assert "both sides" in one(events, "peer")["message"]
    assert not named(events, "problem")
