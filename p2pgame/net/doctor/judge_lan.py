"""What the network lets through, and who is on it: pure judgement of facts."""

from collections.abc import Iterator, Sequence

from p2pgame.net.doctor.facts import Facts, InterfaceFact, PeerFact
from p2pgame.net.doctor.findings import Finding, Level

__all__ = ["judge_isolation", "judge_mdns", "judge_peers", "judge_reach", "judge_ways"]

_SENT_BY = {"wired", "wifi", "unknown"}
"""Kinds of interface where broadcast is expected to work."""


def judge_ways(facts: Facts) -> Iterator[Finding]:
    """Broadcast and multicast, interface by interface."""
    for interface in _outward(facts):
        if interface.ways:
            yield _ways(facts, interface)


def _ways(facts: Facts, interface: InterfaceFact) -> Finding:
    """Our ping was heard back, by us or by others, on each way; or on which not, and why."""
    through = [way for way in interface.ways if way.looped or way.heard_by]
    blocked = [way for way in interface.ways if not (way.looped or way.heard_by)]
    good, bad = _names(way.name for way in through), _names(way.name for way in blocked)
    errors = _names(way.error for way in blocked if way.error)
    heard = (
        f" {_count(interface.beacons_heard, 'datagram')} of others heard." if interface.beacons_heard else ""
    )
    level: Level = "ok"
    advice = ""
    if not blocked:
        message = f"{good}: sent and heard back.{heard}"
    elif through:
        level = "note"
        message = f"{good}: sent and heard back; not heard: {bad}{f' ({errors})' if errors else ''}.{heard}"
        advice = "Nothing to do: one of them is enough."
    else:
        level = "warning"
        refused = f" (the system refuses: {errors})" if errors else ""
        message = f"Broadcast is blocked: {bad} sent, but nothing came back{refused}.{heard}"
        advice = f"Let UDP port {facts.ports.discovery} through the firewall of this machine, in and out."
    return Finding(check="broadcast", level=level, message=message, advice=advice, interface=interface.name)


def judge_mdns(facts: Facts) -> Iterator[Finding]:
    """Multicast DNS, interface by interface."""
    mdns = facts.mdns
    tried = [i for i in _outward(facts) if i.ways and any("." in a for a in i.addresses)]
    if mdns.error and tried:
        yield Finding(
            check="mdns",
            level="warning",
            message=f"mDNS does not work here: {mdns.error}.",
            advice="Let UDP port 5353 through the firewall of this machine. Broadcast alone finds players too.",
        )
        return
    for interface in tried:
        if interface.name in mdns.looped:
            others = f" {_count(mdns.devices, 'other device')} heard." if mdns.devices else ""
            message = f"mDNS: sent and heard back.{others}"
            yield Finding(check="mdns", level="ok", message=message, interface=interface.name)
        else:
            yield Finding(
                check="mdns",
                level="warning",
                message="mDNS is blocked: our question did not come back.",
                advice="Let UDP port 5353 through the firewall of this machine. Broadcast alone finds players too.",
                interface=interface.name,
            )


def judge_reach(facts: Facts) -> Iterator[Finding]:
    """Broadcast and mDNS together: one of them is needed, or a peer that was found all the same."""
    tried = [i for i in _outward(facts) if i.ways]
    if not tried or facts.peers or any(_gets_through(i) or i.name in facts.mdns.looped for i in tried):
        return
    yield Finding(
        check="reach",
        level="problem",
        message="Neither broadcast nor mDNS gets through: players are not found by themselves.",
        advice=f"Let UDP ports {facts.ports.discovery} and 5353 through the firewall of this machine; till then type "
        "the other player's address in the lobby, or start with --peer ADDRESS.",
    )


def judge_peers(facts: Facts) -> Iterator[Finding]:
    """Who was found, and whether a match with them can run."""
    if not facts.ports.own:
        return
    if not facts.peers:
        yield Finding(
            check="peers",
            level="note",
            message="No other player was found, so nothing could be tried with one.",
            advice="Start p2pgame on the other machine, in the same Wi-Fi or on the same switch, and run this again. "
            "If it stays empty, type the other machine's address in the lobby or use --peer ADDRESS.",
        )
        return
    for peer in facts.peers:
        yield _peer(peer)
    yield from _inbound(facts)
    if not any(_can_play(peer) for peer in facts.peers):
        yield Finding(
            check="reach",
            level="problem",
            message="Players are seen, but no connection to any of them opens, in neither direction.",
            advice=_open_port(facts) + " Do the same on the other machine.",
        )


def _peer(peer: PeerFact) -> Finding:
    who = f"{peer.name} ({peer.tag}) at {peer.address}, found by {_names(peer.via)}"
    udp = f"UDP {peer.udp_ms:.1f} ms" if peer.udp_ms is not None else "UDP does not answer"
    tcp = f"TCP {peer.tcp_ms:.1f} ms" if peer.tcp_ms is not None else "TCP does not open"
    level: Level = "ok"
    advice = ""
    if peer.tcp_ms is None or peer.udp_ms is None:
        level = "warning"
        what = _names(n for n, ms in (("TCP", peer.tcp_ms), ("UDP", peer.udp_ms)) if ms is None)
        advice = f"On {peer.name}'s machine, let {what} port {peer.tcp_port} through the firewall."
    back = {True: ", it reaches us too", False: ", it does not reach us", None: ""}[peer.dialled_back]
    message = f"{who}: {udp}, {tcp}{back}."
    if not peer.compatible:
        level = "warning" if level == "warning" else "note"
        message += f" You cannot play together: {peer.reason}."
        advice = advice or "Install the same version of p2pgame on both machines."
    return Finding(check="peer", level=level, message=message, advice=advice)


def _inbound(facts: Facts) -> Iterator[Finding]:
    asked = [peer for peer in facts.peers if peer.dialled_back is not None]
    if any(peer.dialled_back for peer in asked):
        yield Finding(check="inbound", level="ok", message="Others can open connections to this machine.")
    elif asked:
        yield Finding(
            check="inbound",
            level="warning",
            message=f"Nobody whom we asked could connect to TCP port {facts.ports.own} of this machine.",
            advice=_open_port(facts) + " Until then the other side is the host, which works too.",
        )


def judge_isolation(facts: Facts) -> Iterator[Finding]:
    """A suspicion only: an access point that keeps its guests apart looks like an empty network."""
    quiet = not facts.peers and not facts.mdns.devices and not any(i.beacons_heard for i in facts.interfaces)
    for interface in facts.interfaces if quiet else ():
        if interface.kind == "wifi" and (_gets_through(interface) or interface.name in facts.mdns.looped):
            yield Finding(
                check="isolation",
                level="warning",
                message="Only our own packets are heard on this Wi-Fi, nobody else's. Either nobody is there, or the "
                "Wi-Fi keeps its devices apart (“client isolation”, common in guest, hotel and school networks).",
                advice="If the other player is there but not listed, use another Wi-Fi, a phone's hotspot or a cable.",
                interface=interface.name,
            )


def _outward(facts: Facts) -> list[InterfaceFact]:
    """Where others are expected; loopback only if the user wants it so."""
    return [i for i in facts.interfaces if i.kind in _SENT_BY or (i.kind == "loopback" and facts.selected)]


def _gets_through(interface: InterfaceFact) -> bool:
    return any(way.looped or way.heard_by for way in interface.ways)


def _can_play(peer: PeerFact) -> bool:
    return peer.tcp_ms is not None or bool(peer.dialled_back)


def _open_port(facts: Facts) -> str:
    return f"Let port {facts.ports.own} (TCP and UDP) through the firewall of this machine."


def _names(names: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
