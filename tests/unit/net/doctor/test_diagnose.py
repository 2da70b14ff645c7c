"""Hand-made facts of broken machines, the findings, and their sentences."""

from typing import Any

import msgspec
import pytest

from p2pgame.discovery.failure import FailureCode
from p2pgame.i18n.doctor import MESSAGE_SENTENCES, advice, message
from p2pgame.i18n.errors import sentence
from p2pgame.net.doctor.diagnose import CLOCK_JUMP, diagnose
from p2pgame.net.doctor.facts import (
    AddressFact,
    BroadcastFact,
    ErrorFact,
    Facts,
    FirewallFact,
    InterfaceFact,
    MdnsFact,
    PeerFact,
    PortFact,
)
from p2pgame.net.doctor.findings import Finding, FindingCode, playable

HEARD = (
    BroadcastFact(method="directed", target="192.168.1.255", looped=True),
    BroadcastFact(method="limited", target="255.255.255.255", looped=True),
)
SILENT = tuple(msgspec.structs.replace(fact, looped=False) for fact in HEARD)
CABLE = InterfaceFact(name="eth0", addresses=("192.168.1.7",), kind="wired", carrier=True, broadcasts=HEARD)
WIFI = InterfaceFact(name="wlan0", addresses=("192.168.1.8",), kind="wifi", carrier=True, broadcasts=HEARD)
LOOPBACK = InterfaceFact(name="lo", addresses=("127.0.0.1",), kind="loopback", broadcasts=HEARD)
REACHED = AddressFact(address="192.168.1.9", udp_ms=0.4, tcp_ms=0.6)
ON_IPV6 = AddressFact(address="fe80::9%eth0", udp_ms=0.4, tcp_ms=0.6)
ALICE = PeerFact(
    peer="a" * 52, name="Alice", tag="AAAA", addresses=(REACHED,), tcp_port=41421, via=("broadcast", "mdns"),
    dialled_back=True,
)  # fmt: skip
HEALTHY = Facts(
    platform="linux",
    python="3.12.1",
    pygame="pygame 2.6.1",
    ports=PortFact(discovery=41420, preferred=41421, own=41421),
    interfaces=(CABLE,),
    mdns=MdnsFact(looped=frozenset({"eth0", "wlan0"}), devices=3),
    peers=(ALICE,),
)


def ill(**changes: Any) -> list[Finding]:
    return diagnose(msgspec.structs.replace(HEALTHY, **changes))


def alice(**changes: Any) -> PeerFact:
    return msgspec.structs.replace(ALICE, **changes)


def closed(code: FailureCode = FailureCode.NO_ANSWER, udp_ms: float | None = 0.4) -> AddressFact:
    """An address that TCP does not get to."""
    return AddressFact(address="192.168.1.9", udp_ms=udp_ms, failure=code)


def test_two_firewalls_that_open_for_each_other_are_no_problem() -> None:
    findings = ill(peers=(alice(addresses=(closed(),), dialled_back=False, punched=True),))
    assert playable(findings)
    assert "both sides" in message(one(findings, "peer"))
    assert bad(findings) == {("inbound", "warning")}


def bad(findings: list[Finding]) -> set[tuple[str, str]]:
    """Check and level of everything that is not well."""
    return {(f.check, f.level) for f in findings if f.level != "ok"}


def one(findings: list[Finding], check: str) -> Finding:
    (found,) = [finding for finding in findings if finding.check == check]
    return found


def test_healthy() -> None:
    findings = diagnose(HEALTHY)
    assert not bad(findings)
    assert playable(findings)


def on(interface: InterfaceFact, *networks: str) -> InterfaceFact:
    return msgspec.structs.replace(interface, networks=networks)


MUTED = msgspec.structs.replace(CABLE, broadcasts=SILENT)
ONE_WAY = msgspec.structs.replace(CABLE, broadcasts=(HEARD[0], SILENT[1]))
REFUSED = tuple(msgspec.structs.replace(fact, error="Operation not permitted") for fact in SILENT)
DEAF = MdnsFact()
FAULT = ErrorFact("data_directory_unusable", {"path": "x"})
OTHER_RULES = alice(compatible=False, reason="other_rules", reason_params={"games": "pong"})
UFW = FirewallFact(name="ufw", active=True, drops=True)

ILLNESSES: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "both pygames": ({"conflict": "both; fix: pip …"}, {("program", "problem")}),
    "no pygame": ({"pygame": ""}, {("program", "warning")}),
    "no display": ({"display": "no display"}, {("display", "note")}),
    "port taken": (
        {"ports": PortFact(discovery=41420, shareable=False), "interfaces": (), "peers": (), "start_error": FAULT},
        {("discovery_port", "problem")},
    ),
    "cannot write": (
        {"ports": PortFact(discovery=41420), "interfaces": (), "peers": (), "start_error": FAULT},
        {("start", "problem")},
    ),
    "port taken by a program that shows": (
        {"ports": PortFact(discovery=41420, shareable=False, holder="x"), "interfaces": (), "peers": ()},
        {("discovery_port", "problem")},
    ),
    "no network": (
        {"ports": PortFact(discovery=41420), "interfaces": (), "peers": (), "start_error": ErrorFact("no_interface")},
        {("start", "problem")},
    ),
    "next port, as a program shows that has ours": (
        {"ports": PortFact(discovery=1, preferred=2, own=3, preferred_holder="x")}, {("own_port", "note")},
    ),
    "a method refused": (
        {"interfaces": (msgspec.structs.replace(CABLE, broadcasts=(HEARD[0], REFUSED[1])),)}, {("broadcast", "note")},
    ),
    "a firewall of unknown rules": (
        {"firewalls": (FirewallFact(name="macOS", active=True),)}, {("firewall", "note")},
    ),
    "next port": ({"ports": PortFact(discovery=1, preferred=2, own=3)}, {("own_port", "note")}),
    "loopback only": (
        {"interfaces": (LOOPBACK,), "peers": ()},
        {("interfaces", "problem"), ("peers", "note")},
    ),
    "loopback wanted": ({"interfaces": (LOOPBACK,), "selected": True, "mdns": MdnsFact(looped=frozenset({"lo"}))},
                        {("interfaces", "note")}),
    "two networks": ({"interfaces": (CABLE, WIFI)}, {("interfaces", "note")}),
    "unplugged": (
        {"interfaces": (msgspec.structs.replace(CABLE, carrier=False),)}, {("interface", "warning")},
    ),
    "no address given": (
        {"interfaces": (msgspec.structs.replace(CABLE, addresses=("169.254.3.4", "fe80::1")),)},
        {("interface", "warning")},
    ),
    "VPN beside": (
        {"interfaces": (CABLE, InterfaceFact(name="tailscale0", addresses=("100.64.0.1",), kind="vpn"))},
        {("interface", "note")},
    ),
    "VPN alone": (
        {"interfaces": (InterfaceFact(name="wg0", addresses=("10.9.0.1",), kind="vpn"),)},
        {("interface", "note"), ("interfaces", "warning")},
    ),
    "Docker beside": (
        {"interfaces": (CABLE, InterfaceFact(name="docker0", addresses=("172.17.0.1",), kind="container"))},
        {("interface", "note")},
    ),
    "one way less": ({"interfaces": (ONE_WAY,)}, {("broadcast", "note")}),
    "broadcast blocked": ({"interfaces": (MUTED,)}, {("broadcast", "warning")}),
    "broadcast blocked, nobody": (
        {"interfaces": (MUTED,), "peers": ()}, {("broadcast", "warning"), ("peers", "note")},
    ),
    "mDNS blocked": ({"mdns": DEAF}, {("mdns", "warning")}),
    "mDNS port held": ({"mdns": MdnsFact(taken=True)}, {("mdns", "warning")}),
    "mDNS port held by a program that shows": (
        {"mdns": MdnsFact(taken=True, holder="dnsmasq (process 7)")}, {("mdns", "warning")},
    ),
    "more interfaces than mDNS is heard on": (
        {"mdns": MdnsFact(not_joined=frozenset({"eth0"}))}, {("mdns", "note")},
    ),
    "two networks of one number": (
        {"interfaces": (on(CABLE, "192.168.1.0/24"), on(WIFI, "192.168.0.0/16"))},
        {("interfaces", "note"), ("networks", "note")},
    ),
    "mDNS broken": ({"mdns": MdnsFact(error="OSError: …")}, {("mdns", "warning")}),
    "all blocked": (
        {"interfaces": (MUTED,), "mdns": DEAF, "peers": ()},
        {("broadcast", "warning"), ("mdns", "warning"), ("reach", "problem"), ("peers", "note")},
    ),
    "all blocked, seed found": (
        {"interfaces": (MUTED,), "mdns": DEAF, "peers": (alice(via=("seed",)),)},
        {("broadcast", "warning"), ("mdns", "warning")},
    ),
    "a copied disk": ({"copies": ("10.0.0.2",)}, {("identity", "problem")}),
    "clock jumped": ({"clock_jump": -CLOCK_JUMP - 1}, {("clock", "warning")}),
    "clock drifted": ({"clock_jump": CLOCK_JUMP - 1}, set()),
    "nobody": ({"peers": ()}, {("peers", "note")}),
    "no UDP to peer": (
        {"peers": (alice(addresses=(AddressFact(address="192.168.1.9", tcp_ms=0.6),)),)}, {("peer", "warning")},
    ),
    "one address of a peer is dead": (
        {"peers": (alice(addresses=(closed(udp_ms=None), ON_IPV6)),)}, {("peer_address", "note")},
    ),
    "no TCP to peer": ({"peers": (alice(addresses=(closed(),)),)}, {("peer", "warning")}),
    "no TCP from peer": ({"peers": (alice(dialled_back=False),)}, {("inbound", "warning")}),
    "one of two dials back": ({"peers": (ALICE, alice(dialled_back=False))}, set()),
    "no TCP at all": (
        {"peers": (alice(addresses=(closed(),), dialled_back=False),)},
        {("peer", "warning"), ("inbound", "warning"), ("reach", "problem")},
    ),
    "other version": ({"peers": (OTHER_RULES,)}, {("peer", "note")}),
    "ufw": ({"firewalls": (UFW,)}, {("firewall", "note")}),
    "ufw off": ({"firewalls": (FirewallFact(name="ufw", active=False),)}, set()),
    "Windows public": (
        {"firewalls": (FirewallFact(name="Windows", active=True, profile="public"),)},
        {("firewall", "warning")},
    ),
    "macOS permission": (
        {"platform": "darwin", "permission_denied": True}, {("permission", "problem")},
    ),
    "no route": ({"permission_denied": True}, {("permission", "warning")}),
    "alone on Wi-Fi": (
        {"interfaces": (WIFI,), "peers": (), "mdns": MdnsFact(looped=frozenset({"wlan0"}))},
        {("peers", "note"), ("isolation", "warning")},
    ),
    "alone on Wi-Fi beside the app": (
        {
            "interfaces": (WIFI,), "peers": (), "mdns": MdnsFact(looped=frozenset({"wlan0"})),
            "programs_here": ("Anna",),
        },
        {("program_here", "note"), ("peers", "note"), ("isolation", "warning")},
    ),
    "Wi-Fi with a printer": ({"interfaces": (WIFI,), "peers": ()}, {("peers", "note")}),
    "Wi-Fi behind a firewall": (
        {"interfaces": (msgspec.structs.replace(WIFI, broadcasts=SILENT),), "peers": (), "mdns": DEAF},
        {("broadcast", "warning"), ("mdns", "warning"), ("reach", "problem"), ("peers", "note")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("illness", ILLNESSES)
def test_illness(illness: str) -> None:
    changes, expected = ILLNESSES[illness]
    findings = ill(**changes)
    assert bad(findings) == expected
    assert playable(findings) == all(level != "problem" for _, level in expected)


@pytest.mark.parametrize("illness", ILLNESSES)
def test_every_illness_has_a_remedy(illness: str) -> None:
    for finding in ill(**ILLNESSES[illness][0]):
        assert message(finding)
        assert "{" not in message(finding) + advice(finding)
        assert advice(finding) or finding.level == "ok", finding


def test_every_code_has_a_sentence_and_a_case() -> None:
    assert set(MESSAGE_SENTENCES) == set(FindingCode)
    found = {finding.code for changes, _ in ILLNESSES.values() for finding in ill(**changes)}
    assert found == set(FindingCode)


def test_a_missing_network_is_told_apart_from_what_else_hinders_the_start() -> None:
    changes = {"ports": PortFact(discovery=41420), "interfaces": (), "peers": ()}
    (start,) = [f for f in ill(**changes, start_error=ErrorFact("no_interface")) if f.check == "start"]
    assert start.code is FindingCode.NO_NETWORK
    assert "no network interface of this machine is up" in message(start)


def test_the_holder_of_the_port_is_named() -> None:
    taken = PortFact(discovery=41420, shareable=False, holder="otherd (process 77)")
    findings = ill(ports=taken, interfaces=(), peers=(), start_error=ErrorFact("discovery_port_taken"))
    assert "otherd (process 77)" in message(one(findings, "discovery_port"))


def test_a_refusal_of_the_system_is_quoted() -> None:
    findings = ill(interfaces=(msgspec.structs.replace(CABLE, broadcasts=REFUSED),))
    assert "Operation not permitted" in message(one(findings, "broadcast"))


def test_the_fix_of_a_conflict_is_the_advice() -> None:
    finding = one(ill(conflict="two pygames; fix: pip uninstall"), "program")
    assert (message(finding), advice(finding)) == ("two pygames.", "Run: pip uninstall")


def test_remedies_for_firewalls_name_the_ports_in_use() -> None:
    finding = one(ill(firewalls=(UFW,), ports=PortFact(discovery=5000, preferred=5001, own=5007)), "firewall")
    assert "5000/udp" in advice(finding)
    assert "5007" in advice(finding)


def test_isolation_is_told_as_a_suspicion() -> None:
    changes, _ = ILLNESSES["alone on Wi-Fi"]
    assert "Either nobody is there, or" in message(one(ill(**changes), "isolation"))


@pytest.mark.parametrize(
    ("code", "udp_ms", "said", "advised"),
    [
        (FailureCode.NO_ANSWER, 0.4, "TCP port 41421 does not answer", "TCP port 41421 through"),
        (FailureCode.NO_ANSWER, None, "nothing sent to 192.168.1.9 is answered", "without a VPN"),
        (FailureCode.NOBODY, None, "no machine answers at 192.168.1.9", "the same network"),
        (FailureCode.NOBODY, 0.4, "a firewall rejects TCP", "TCP port 41421 through"),
        (FailureCode.REFUSED, 0.4, "TCP port 41421 of 192.168.1.9 is closed", "TCP port 41421 through"),
        (FailureCode.NO_ROUTE, None, "this machine has no route to 192.168.1.9", "netmask"),
        (FailureCode.FORBIDDEN, None, "this machine forbids sending to 192.168.1.9", "VPN"),
    ],
)
def test_each_reason_not_to_be_reached_has_its_own_words_and_remedy(
    code: FailureCode, udp_ms: float | None, said: str, advised: str
) -> None:
    finding = one(ill(peers=(alice(addresses=(closed(code, udp_ms),)),)), "peer")
    assert said in message(finding)
    assert advised in advice(finding)


def test_an_address_that_fails_beside_one_that_works_is_named_with_its_reason() -> None:
    findings = ill(peers=(alice(addresses=(closed(FailureCode.NOBODY, None), ON_IPV6)),))
    assert "at fe80::9%eth0" in message(one(findings, "peer"))
    assert "no machine answers at 192.168.1.9" in message(one(findings, "peer_address"))


def test_every_reason_has_a_sentence_of_its_own_and_advice() -> None:
    said = [sentence(code, {"address": "ADDRESS", "port": 1}) for code in FailureCode]
    assert len(set(said)) == len(FailureCode)
    assert not any("unexpected problem" in text or "{" in text for text in said)
