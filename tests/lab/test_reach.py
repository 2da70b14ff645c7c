"""Which address of a peer is used, and what is said of those that do not work: on real kernels."""

import time

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import DEVICE, Lan
from tests.lab.match import assert_played
from tests.lab.peer import Peer

pytestmark = pytest.mark.lab

ACCEPT = ("bot", "--game", "gomoku", "--accept", "--frames", "6")
INVITE = ("bot", "--game", "gomoku", "--frames", "6", "--invite")


def add_bridges(lan: Lan, host: int, count: int = 10) -> None:
    """What Docker leaves behind: on each machine bridges of the same addresses."""
    script = "".join(
        f"ip link add br-{n:012x} type bridge; ip addr add 172.{17 + n}.0.1/16 dev br-{n:012x}; "
        f"ip link set br-{n:012x} up; "
        for n in range(count)
    )
    done = lan.run(host, ["sh", "-ec", script])
    assert not done.returncode, done.stderr


def lead_astray(lan: Lan, host: int, target: int) -> None:
    """A dead cable that wins the route: what `host` sends to the IPv4 address of `target` goes nowhere."""
    script = (
        "ip link add dead0 type veth peer name dead1; ip link set dead0 up; ip link set dead1 up; "
        f"ip route add {lan.address(target)}/32 dev dead0"
    )
    done = lan.run(host, ["sh", "-ec", script])
    assert not done.returncode, done.stderr


def test_a_machine_full_of_bridges_that_is_heard_by_mdns_alone_is_played_with(lan: Lan, start: Start) -> None:
    for host in (0, 1):
        add_bridges(lan, host)
        lan.block(host, "broadcast")
    alice = start(0, "Alice", *ACCEPT)
    alice.wait_for("announcing")
    bob = start(1, "Bob", *INVITE, "Alice")
    found = bob.wait_for("peer_found", 10, peer=alice.id)
    assert found["via"] == ["mdns"]
    assert found["address"] == lan.address(0), "no bridge is published"
    assert_played(alice, bob, timeout=20)


def link_local(lan: Lan, host: int) -> str:
    """The IPv6 address of `host` as another host writes it."""
    return next(address for address in lan.addresses(host) if "%" in address)


@pytest.fixture
def alice(lan: Lan, start: Start) -> Peer:
    peer = start(0, "Alice", *ACCEPT)
    peer.wait_for("announcing")
    return peer


def test_where_ipv4_is_dead_a_match_is_played_over_ipv6(lan: Lan, start: Start, alice: Peer) -> None:
    for host in (0, 1):
        lead_astray(lan, host, 1 - host)
    assert_played(alice, start(1, "Bob", *INVITE, "Alice"), timeout=20)


def test_ping_measures_the_address_that_lives_and_names_the_dead_one(
    lan: Lan, start: Start, alice: Peer
) -> None:
    lead_astray(lan, 1, 0)
    bob = start(1, "Bob", "ping", "Alice", "--count", "2", "--interval", "0.05")
    bob.assert_exit(0, 15)
    dead = bob.wait_for("address")
    assert dead["address"] == lan.address(0)
    assert dead["code"] == "nobody_there", dead
    assert {event["received"] for event in bob.all("ping_stats")} == {2}


def test_doctor_tries_all_addresses_and_names_the_dead_one(lan: Lan, start: Start, alice: Peer) -> None:
    lead_astray(lan, 1, 0)
    doctor = start(1, "Bob", "doctor", "--seconds", "1.5")
    doctor.assert_exit(0, 15)
    (peer,) = doctor.all("finding", check="peer")
    assert peer["level"] == "ok"
    assert f"at {link_local(lan, 0)}" in peer["message"]
    (dead,) = doctor.all("finding", check="peer_address")
    assert f"no machine answers at {lan.address(0)}" in dead["message"]
    assert DEVICE in link_local(lan, 0)


@pytest.mark.parametrize("blocked", [(), ("inbound-tcp",)], ids=["open", "open in one direction"])
def test_a_quarter_of_a_second_each_way_is_slow_and_no_reason_not_to_play(
    lan: Lan, start: Start, blocked: tuple[str, ...]
) -> None:
    lan.impair(delay_ms=250)
    lan.block(0, *blocked)
    alice = start(0, "Alice", "bot", "--game", "gomoku", "--accept", "--frames", "1")
    alice.wait_for("announcing")
    assert_played(alice, start(1, "Bob", "bot", "--game", "gomoku", "--frames", "1", "--invite", "Alice"))


def test_doctor_waits_for_a_slow_network(lan: Lan, start: Start, alice: Peer) -> None:
    lan.impair(delay_ms=250)
    doctor = start(1, "Bob", "doctor", "--seconds", "2")
    doctor.assert_exit(0, 20)
    (peer,) = doctor.all("finding", check="peer")
    assert peer["level"] == "ok", peer


KILL_SWITCH = (
    "add table inet vpn; add chain inet vpn out {{ type filter hook output priority 0; }}; "
    "add rule inet vpn out ip daddr {target} drop"
)
ISOLATION = "add table arp wifi; add chain arp wifi in {{ type filter hook input priority 0; policy drop; }}"
"""An access point that keeps its guests apart: broadcasts pass, nobody answers a question for an address."""


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("nft", KILL_SWITCH), "sending_forbidden", "of this machine forbids sending"),
        (("nft", ISOLATION), "nobody_there", "keep its devices apart"),
        (("ip", "route", "add", "unreachable", "{target}"), "no_route", "no route to"),
        (("nft", "flush ruleset"), "", ""),
    ],
    ids=["kill switch", "client isolation", "no route", "nothing wrong"],
)
def test_who_is_heard_and_not_reached_is_listed_as_such_before_anybody_invites(
    lan: Lan, start: Start, command: tuple[str, ...], code: str, words: str
) -> None:
    for host in (0, 1):
        lan.disable_ipv6(host)
    done = lan.run(1, [part.format(target=lan.address(0)) for part in command])
    assert not done.returncode, done.stderr
    alice = start(0, "Alice", *ACCEPT)
    alice.wait_for("announcing")
    bob = start(1, "Bob", "peers", "--watch")
    bob.wait_for("peer_found", peer=alice.id)
    if code:
        listed = bob.wait_for("peer_updated", 8, peer=alice.id, unreachable=code)
        assert words in listed["message"]
    else:
        time.sleep(3.0)
    assert {event["unreachable"] for event in bob.all("peer_updated", peer=alice.id)} <= {"", code}, (
        bob.story()
    )


@pytest.mark.parametrize(
    ("rule", "cause"),
    [
        ("meta l4proto tcp drop", "tcp_dropped"),
        ("tcp flags & (syn | ack) == syn reject with icmpx type admin-prohibited", "tcp_rejected"),
    ],
    ids=["dropped", "rejected"],
)
def test_an_invitation_that_cannot_be_delivered_says_what_was_seen(
    lan: Lan, start: Start, alice: Peer, rule: str, cause: str
) -> None:
    """TCP fails in both directions, so that no other way is left; datagrams pass."""
    rules = "add table inet lab; " + "".join(
        f"add chain inet lab {chain} {{ type filter hook {chain} priority 0; }}; add rule inet lab {chain} {rule}; "
        for chain in ("input", "output")
    )
    lan.run(0, ["nft", rules], check=True)
    bob = start(1, "Bob", *INVITE, "Alice")
    declined = bob.wait_for("invite_declined", 12, peer=alice.id, reason="unreachable")
    assert (declined["params"]["code"], declined["params"]["cause"]) == ("no_answer", cause)
    assert declined["message"].startswith("Alice cannot be reached: ")
    assert declined["message"].count("Alice") == 1
    bob.assert_exit(5)
