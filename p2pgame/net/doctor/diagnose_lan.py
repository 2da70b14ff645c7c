"""Turns facts about the network and its peers into findings. Pure."""

from collections.abc import Iterable, Iterator

from p2pgame.core.errors import Param
from p2pgame.discovery.failure import Failure, explain
from p2pgame.net.doctor.facts import Facts, InterfaceFact, PeerFact
from p2pgame.net.doctor.findings import Finding, FindingCode, Level

__all__ = [
    "diagnose_broadcasts",
    "diagnose_identity",
    "diagnose_isolation",
    "diagnose_mdns",
    "diagnose_peers",
    "diagnose_reach",
]

_BROADCAST_KINDS = {"wired", "wifi", "unknown"}
"""Kinds of interface where broadcast is expected to work."""


def diagnose_broadcasts(facts: Facts) -> Iterator[Finding]:
    """Broadcast and multicast, interface by interface."""
    for interface in _outward(facts):
        if interface.broadcasts:
            yield _broadcasts(facts, interface)


def _broadcasts(facts: Facts, interface: InterfaceFact) -> Finding:
    """Whether our ping was heard, by us or by others, for each method; and why not."""
    passed = [fact for fact in interface.broadcasts if fact.looped or fact.heard_by]
    blocked = [fact for fact in interface.broadcasts if not (fact.looped or fact.heard_by)]
    params: dict[str, Param] = {
        "interface": interface.name,
        "passed": _joined(fact.method for fact in passed),
        "blocked": _joined(fact.method for fact in blocked),
        "errors": _joined(fact.error for fact in blocked if fact.error),
        "heard": interface.beacons_heard,
        "port": facts.ports.discovery,
    }
    if not blocked:
        return Finding(FindingCode.BROADCAST, "ok", params)
    if passed:
        return Finding(FindingCode.BROADCAST_PARTLY, "note", params)
    return Finding(FindingCode.BROADCAST_BLOCKED, "warning", params)


def diagnose_mdns(facts: Facts) -> Iterator[Finding]:
    """Multicast DNS, interface by interface."""
    mdns = facts.mdns
    tried = [i for i in _outward(facts) if i.broadcasts and any("." in a for a in i.addresses)]
    if mdns.taken and tried:
        params: dict[str, Param] = {"holder": mdns.holder}
        yield Finding(
            FindingCode.MDNS_PORT_TAKEN_BY if mdns.holder else FindingCode.MDNS_PORT_TAKEN, "warning", params
        )
        return
    if mdns.error and tried:
        yield Finding(FindingCode.MDNS_UNAVAILABLE, "warning", {"error": mdns.error})
        return
    for interface in tried:
        if interface.name in mdns.looped:
            params = {"interface": interface.name, "devices": mdns.devices}
            yield Finding(FindingCode.MDNS, "ok", params)
        elif interface.name in mdns.not_joined:
            yield Finding(FindingCode.MDNS_TOO_MANY, "note", {"interface": interface.name})
        else:
            yield Finding(FindingCode.MDNS_BLOCKED, "warning", {"interface": interface.name})


def diagnose_reach(facts: Facts) -> Iterator[Finding]:
    """Broadcast and mDNS together: one of them is needed, or a peer that was found without."""
    tried = [i for i in _outward(facts) if i.broadcasts]
    if not tried or facts.peers or any(_gets_through(i) or i.name in facts.mdns.looped for i in tried):
        return
    yield Finding(FindingCode.NOT_DISCOVERABLE, "problem", {"port": facts.ports.discovery})


def diagnose_identity(facts: Facts) -> Iterator[Finding]:
    """Whether another computer has our identity, as after copying a disk."""
    if facts.copies:
        yield Finding(FindingCode.IDENTITY_COPIED, "problem", {"addresses": ", ".join(facts.copies)})


def diagnose_peers(facts: Facts) -> Iterator[Finding]:
    """Who was found, and whether a match with them can run."""
    if not facts.ports.own:
        return
    if facts.programs_here:
        yield Finding(FindingCode.PROGRAM_HERE, "note", {"names": ", ".join(facts.programs_here)})
    if not facts.peers:
        yield Finding(FindingCode.NO_PEERS, "note")
        return
    for peer in facts.peers:
        yield _peer(peer)
        yield from _other_addresses(peer)
    yield from _inbound(facts)
    if not any(_can_play(peer) for peer in facts.peers):
        yield Finding(FindingCode.NO_CONNECTION, "problem", {"port": facts.ports.own})


def _peer(peer: PeerFact) -> Finding:
    best = peer.best
    params: dict[str, Param] = {
        "name": peer.name,
        "tag": peer.tag,
        "address": best.address,
        "port": peer.tcp_port,
        "via": ", ".join(peer.via),
    }
    if best.udp_ms is not None:
        params["udp_ms"] = best.udp_ms
    if best.tcp_ms is not None:
        params["tcp_ms"] = best.tcp_ms
    elif peer.punched:
        params["punched"] = 1
    else:
        why = explain(_failures(peer), answers=any(fact.udp_ms is not None for fact in peer.addresses))
        params |= {"failure": why.code, "failed_at": why.address}
    if peer.dialled_back is not None:
        params["dialled_back"] = int(peer.dialled_back)
    level: Level = "ok"
    if (best.tcp_ms is None and not peer.punched) or best.udp_ms is None:
        level = "warning"
    elif not peer.compatible:
        level = "note"
    if not peer.compatible:
        params = {**peer.reason_params, **params, "cause": peer.reason}
    return Finding(FindingCode.PEER, level, params)


def _other_addresses(peer: PeerFact) -> Iterator[Finding]:
    """Addresses of a peer that are not reached, although another one is."""
    for fact in peer.addresses if peer.best.tcp_ms is not None else ():
        if fact.failure is not None:
            why = explain(
                [Failure(fact.failure, fact.address, peer.tcp_port)], answers=fact.udp_ms is not None
            )
            yield Finding(
                FindingCode.PEER_ADDRESS,
                "note",
                {"name": peer.name, "tag": peer.tag, **why.params, "cause": why.code},
            )


def _failures(peer: PeerFact) -> list[Failure]:
    return [
        Failure(fact.failure, fact.address, peer.tcp_port)
        for fact in peer.addresses
        if fact.failure is not None
    ]


def _inbound(facts: Facts) -> Iterator[Finding]:
    asked = [peer for peer in facts.peers if peer.dialled_back is not None]
    if any(peer.dialled_back for peer in asked):
        yield Finding(FindingCode.INBOUND, "ok")
    elif asked:
        yield Finding(FindingCode.INBOUND_BLOCKED, "warning", {"port": facts.ports.own})


def diagnose_isolation(facts: Facts) -> Iterator[Finding]:
    """A suspicion only: an access point that keeps its guests apart looks like an empty network."""
    quiet = not facts.peers and not facts.mdns.devices and not any(i.beacons_heard for i in facts.interfaces)
    for interface in facts.interfaces if quiet else ():
        if interface.kind == "wifi" and (_gets_through(interface) or interface.name in facts.mdns.looped):
            yield Finding(FindingCode.ISOLATED, "warning", {"interface": interface.name})


def _outward(facts: Facts) -> list[InterfaceFact]:
    """Where others are expected; loopback only if the user chose it."""
    return [
        i for i in facts.interfaces if i.kind in _BROADCAST_KINDS or (i.kind == "loopback" and facts.selected)
    ]


def _gets_through(interface: InterfaceFact) -> bool:
    return any(fact.looped or fact.heard_by for fact in interface.broadcasts)


def _can_play(peer: PeerFact) -> bool:
    return peer.best.tcp_ms is not None or bool(peer.dialled_back) or peer.punched


def _joined(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values))
