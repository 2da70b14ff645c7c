"""Turns facts into findings. Pure, so that tests can cover every kind of broken machine.

Covers the machine itself; `p2pgame.net.doctor.diagnose_lan` covers the network.
"""

import ipaddress
import itertools
from collections.abc import Callable, Iterator
from typing import Final

from p2pgame.core.errors import Param
from p2pgame.net.doctor.diagnose_lan import (
    diagnose_broadcasts,
    diagnose_identity,
    diagnose_isolation,
    diagnose_mdns,
    diagnose_peers,
    diagnose_reach,
)
from p2pgame.net.doctor.facts import Facts, FirewallFact, InterfaceFact
from p2pgame.net.doctor.findings import Finding, FindingCode, Level

__all__ = ["CLOCK_JUMP", "diagnose"]

CLOCK_JUMP: Final = 5.0
"""Seconds by which the clocks may part."""


def diagnose(facts: Facts) -> list[Finding]:
    """All findings, from the program outwards to the other players."""
    return [finding for check in _CHECKS for finding in check(facts)]


def _program(facts: Facts) -> Iterator[Finding]:
    if facts.conflict is not None:
        problem, _, fix = facts.conflict.partition("; fix: ")
        yield Finding(FindingCode.PYGAME_CONFLICT, "problem", {"problem": problem, "fix": fix})
    elif not facts.pygame:
        yield Finding(FindingCode.PYGAME_MISSING, "warning", {"python": facts.python})
    else:
        yield Finding(FindingCode.VERSIONS, "ok", {"python": facts.python, "pygame": facts.pygame})
    if facts.display is not None and facts.conflict is None and facts.pygame:
        yield Finding(FindingCode.NO_DISPLAY, "note")


def _start(facts: Facts) -> Iterator[Finding]:
    """Why the peer could not start."""
    ports = facts.ports
    if not ports.shareable and ports.holder:
        taken: dict[str, Param] = {"port": ports.discovery, "holder": ports.holder}
        yield Finding(FindingCode.DISCOVERY_PORT_TAKEN_BY, "problem", taken)
    elif not ports.shareable:
        yield Finding(FindingCode.DISCOVERY_PORT_TAKEN, "problem", {"port": ports.discovery})
    elif (error := facts.start_error) is not None:
        network = error.code == "no_interface"
        code = FindingCode.NO_NETWORK if network else FindingCode.CANNOT_START
        yield Finding(code, "problem", {**error.params, "cause": error.code})
    else:
        yield Finding(FindingCode.DISCOVERY_PORT_OPEN, "ok", {"port": ports.discovery})


def _own_port(facts: Facts) -> Iterator[Finding]:
    ports = facts.ports
    if ports.own == ports.preferred:
        yield Finding(FindingCode.OWN_PORT_OPEN, "ok", {"port": ports.own})
    elif ports.own and ports.preferred_holder:
        moved: dict[str, Param] = {
            "preferred": ports.preferred,
            "port": ports.own,
            "holder": ports.preferred_holder,
        }
        yield Finding(FindingCode.OWN_PORT_MOVED_BY, "note", moved)
    elif ports.own:
        yield Finding(FindingCode.OWN_PORT_MOVED, "note", {"preferred": ports.preferred, "port": ports.own})


def _interfaces(facts: Facts) -> Iterator[Finding]:
    if not facts.interfaces:
        return
    if all(interface.kind == "loopback" for interface in facts.interfaces):
        if facts.selected:
            yield Finding(FindingCode.LOOPBACK_CHOSEN, "note")
        else:
            yield Finding(FindingCode.ONLY_LOOPBACK, "problem")
        return
    for interface in facts.interfaces:
        yield _interface(interface)
    outward = [i for i in facts.interfaces if i.kind in ("wired", "wifi", "unknown")]
    if len(outward) > 1:
        names = ", ".join(i.name for i in outward)
        yield Finding(FindingCode.SEVERAL_NETWORKS, "note", {"number": len(outward), "names": names})
    elif not outward:
        yield Finding(FindingCode.ONLY_VIRTUAL_NETWORKS, "warning")
    yield from _same_networks(facts)


def _same_networks(facts: Facts) -> Iterator[Finding]:
    """Interfaces whose networks overlap, so that packets to one of them leave by the other."""
    known = [(i.name, ipaddress.ip_network(network)) for i in facts.interfaces for network in i.networks]
    for (name, network), (other, overlapping) in itertools.combinations(known, 2):
        if name != other and network.overlaps(overlapping) and not network.is_link_local:
            params: dict[str, Param] = {"names": f"{name}, {other}", "network": str(network)}
            yield Finding(FindingCode.SAME_NETWORK, "note", params)


def _interface(interface: InterfaceFact) -> Finding:
    given = [ip for ip in map(ipaddress.ip_address, interface.addresses) if ip.version == 4]
    code, level = FindingCode.INTERFACE, _OK
    if interface.carrier is False:
        code, level = FindingCode.NO_CARRIER, _WARNING
    elif interface.kind == "vpn":
        code, level = FindingCode.VPN, _NOTE
    elif interface.kind == "container":
        code, level = FindingCode.VIRTUAL_INTERFACE, _NOTE
    elif given and all(ip.is_link_local for ip in given):
        code, level = FindingCode.SELF_ASSIGNED_ADDRESS, _WARNING
    addresses = ", ".join(interface.addresses)
    return Finding(code, level, {"interface": interface.name, "kind": interface.kind, "addresses": addresses})


_OK: Final[Level] = "ok"
_NOTE: Final[Level] = "note"
_WARNING: Final[Level] = "warning"


def _firewalls(facts: Facts) -> Iterator[Finding]:
    for firewall in facts.firewalls:
        yield _firewall(facts, firewall)
    if facts.permission_denied and facts.platform == "darwin":
        yield Finding(FindingCode.PERMISSION_DENIED, "problem")
    elif facts.permission_denied:
        yield Finding(FindingCode.NO_ROUTE, "warning")


def _firewall(facts: Facts, firewall: FirewallFact) -> Finding:
    params = {
        "firewall": firewall.name,
        "discovery": facts.ports.discovery,
        "own": facts.ports.own or facts.ports.preferred,
    }
    if not firewall.active or firewall.drops is False:
        return Finding(FindingCode.FIREWALL_PASSES, "ok", params)
    if firewall.profile == "public":
        return Finding(FindingCode.NETWORK_PUBLIC, "warning", params)
    return Finding(
        FindingCode.FIREWALL_DROPS if firewall.drops else FindingCode.FIREWALL_ACTIVE, "note", params
    )


def _clock(facts: Facts) -> Iterator[Finding]:
    if abs(facts.clock_jump) > CLOCK_JUMP:
        yield Finding(FindingCode.CLOCK_JUMPED, "warning", {"seconds": round(facts.clock_jump)})


_CHECKS: Final[tuple[Callable[[Facts], Iterator[Finding]], ...]] = (
    _program,
    _start,
    _own_port,
    _interfaces,
    diagnose_broadcasts,
    diagnose_mdns,
    diagnose_reach,
    _firewalls,
    _clock,
    diagnose_identity,
    diagnose_peers,
    diagnose_isolation,
)
