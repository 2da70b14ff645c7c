"""From facts to findings: pure, so that every sick machine can be examined in a test.

This module judges the machine itself; what the network lets through is judged by `p2pgame.net.doctor.judge_lan`.
"""

import ipaddress
from collections.abc import Callable, Iterator
from typing import Final

from p2pgame.net.doctor.facts import Facts, InterfaceFact
from p2pgame.net.doctor.findings import Finding, Level
from p2pgame.net.doctor.judge_lan import judge_isolation, judge_mdns, judge_peers, judge_reach, judge_ways

__all__ = ["CLOCK_JUMP", "judge"]

CLOCK_JUMP: Final = 5.0
"""Seconds by which the clocks may part."""

_KINDS: Final = {
    "wired": "wired",
    "wifi": "Wi-Fi",
    "vpn": "a VPN",
    "container": "of virtual machines or containers",
    "loopback": "this machine only",
    "unknown": "",
}


def judge(facts: Facts) -> list[Finding]:
    """All findings, from the program outwards to the other players."""
    return [finding for check in _CHECKS for finding in check(facts)]


def _program(facts: Facts) -> Iterator[Finding]:
    versions = f"Python {facts.python}, {facts.pygame or 'no pygame'}"
    if facts.conflict is not None:
        yield _finding_with_fix("program", facts.conflict)
    elif not facts.pygame:
        yield Finding(
            check="program",
            level="warning",
            message=f"{versions}: there can be no window.",
            advice="Install it: python -m pip install pygame. Without it `p2pgame bot` and `p2pgame demo` work.",
        )
    else:
        yield Finding(check="program", level="ok", message=f"{versions}.")
    if facts.display is not None and facts.conflict is None and facts.pygame:
        yield Finding(
            check="display",
            level="note",
            message="No window can be opened here: there is no display.",
            advice="Start from a desktop session; without one, `p2pgame bot`, `demo` and `peers` work.",
        )


def _finding_with_fix(check: str, text: str) -> Finding:
    message, _, fix = text.partition("; fix: ")
    return Finding(check=check, level="problem", message=f"{message}.", advice=f"Run: {fix}" if fix else "")


def _start(facts: Facts) -> Iterator[Finding]:
    """Why it could not even start."""
    ports = facts.ports
    if not ports.shareable:
        holder = f" It belongs to {ports.holder}." if ports.holder else ""
        yield Finding(
            check="discovery_port",
            level="problem",
            message=f"UDP port {ports.discovery}, where players find each other, is taken by another program.{holder}",
            advice="End that program, or give all machines another port with --discovery-port.",
        )
    elif facts.start_error:
        yield Finding(
            check="start",
            level="problem",
            message=f"p2pgame cannot start: {facts.start_error}.",
            advice=(
                "Connect a cable or join a Wi-Fi, then try again."
                if "interface" in facts.start_error and not facts.selected
                else "Change that, then try again."
            ),
        )
    else:
        yield Finding(
            check="discovery_port",
            level="ok",
            message=f"UDP port {ports.discovery}, shared by all players, is open.",
        )


def _own_port(facts: Facts) -> Iterator[Finding]:
    ports = facts.ports
    if ports.own == ports.preferred:
        yield Finding(
            check="own_port", level="ok", message=f"Port {ports.own} (TCP and UDP), for matches, is open."
        )
    elif ports.own:
        holder = ports.preferred_holder or "another program, perhaps a second p2pgame,"
        yield Finding(
            check="own_port",
            level="note",
            message=f"Port {ports.preferred} is used by {holder} so matches use port {ports.own} (TCP and UDP).",
            advice=f"Nothing to do, unless a firewall lets only port {ports.preferred} through.",
        )


def _interfaces(facts: Facts) -> Iterator[Finding]:
    if not facts.interfaces:
        return
    if all(interface.kind == "loopback" for interface in facts.interfaces):
        yield Finding(
            check="interfaces",
            level="note" if facts.selected else "problem",
            message="Only this machine itself is reached: other machines are not.",
            advice=(
                "That is what --interface asked for."
                if facts.selected
                else "Connect a cable or join a Wi-Fi. On one machine alone, `p2pgame demo` plays."
            ),
        )
        return
    for interface in facts.interfaces:
        yield from _interface(interface)
    outward = [i for i in facts.interfaces if i.kind in ("wired", "wifi", "unknown")]
    if len(outward) > 1:
        yield Finding(
            check="interfaces",
            level="note",
            message=f"This machine is in {len(outward)} networks at once ({', '.join(i.name for i in outward)}).",
            advice="All are used. If peers come and go, name the right one with --interface.",
        )
    elif not outward:
        yield Finding(
            check="interfaces",
            level="warning",
            message="There is no ordinary network here, only VPNs or virtual ones.",
            advice="To play with the people in the room, connect a cable or join their Wi-Fi.",
        )


def _interface(interface: InterfaceFact) -> Iterator[Finding]:
    kind = _KINDS[interface.kind]
    shown = f"{interface.name}{f' ({kind})' if kind else ''} has {', '.join(interface.addresses)}"
    given = [ip for ip in map(ipaddress.ip_address, interface.addresses) if ip.version == 4]

    def finding(level: Level, message: str, advice: str = "") -> Finding:
        return Finding(
            check="interface", level=level, message=message, advice=advice, interface=interface.name
        )

    if interface.carrier is False:
        yield finding("warning", f"{shown}, but no cable is plugged in or no Wi-Fi joined.", "Connect it.")
    elif interface.kind == "vpn":
        yield finding(
            "note",
            f"{shown}. Players are seldom found by themselves through a VPN, and some VPNs hide the local network.",
            "Friends on the VPN: start with --peer THEIR-ADDRESS. Friends in the room: switch the VPN off if they "
            "do not show up.",
        )
    elif interface.kind == "container":
        yield finding("note", f"{shown}; no players are to be expected there.", "Nothing to do.")
    elif given and all(ip.is_link_local for ip in given):
        yield finding(
            "warning",
            f"{shown}: it made up this address (169.254…) since no router gave it one.",
            "Machines on the same cable can play like this. Else check the cable or Wi-Fi password and reconnect.",
        )
    else:
        yield finding("ok", f"{shown}.")


def _firewalls(facts: Facts) -> Iterator[Finding]:
    ports = facts.ports
    for wall in facts.firewalls:
        if not wall.active or wall.drops is False:
            yield Finding(check="firewall", level="ok", message=f"The firewall {wall.name} drops nothing.")
            continue
        public = wall.profile == "public"
        yield Finding(
            check="firewall",
            level="warning" if public else "note",
            message=(
                "Windows treats this network as public and keeps other players out."
                if public
                else f"The firewall {wall.name} is on{' and drops some of what comes in' if wall.drops else ''}."
            ),
            advice=_ALLOW[wall.name].format(discovery=ports.discovery, own=ports.own or ports.preferred),
        )
    if facts.permission_denied:
        mac = facts.platform == "darwin"
        yield Finding(
            check="permission",
            level="problem" if mac else "warning",
            message="The system refuses to send to the local network"
            + (": macOS has not given this program the permission." if mac else " (no route to host)."),
            advice=(
                "System Settings > Privacy & Security > Local Network: switch on your terminal or p2pgame."
                if mac
                else "Check the address and netmask of this machine."
            ),
        )


_ALLOW: Final = {
    "ufw": "If players do not show up: sudo ufw allow {discovery}/udp; sudo ufw allow {own}; sudo ufw allow 5353/udp",
    "firewalld": "If players do not show up: sudo firewall-cmd --add-port={discovery}/udp --add-port={own}/udp "
    "--add-port={own}/tcp --add-service=mdns",
    "nftables": "If players do not show up, let in UDP {discovery}, UDP 5353 and port {own} (TCP and UDP).",
    "Windows": "Settings > Network: make this network private, and allow Python or p2pgame when Windows asks.",
    "macOS": "If players do not show up: System Settings > Network > Firewall > Options: allow Python or p2pgame.",
}


def _clock(facts: Facts) -> Iterator[Finding]:
    if abs(facts.clock_jump) > CLOCK_JUMP:
        yield Finding(
            check="clock",
            level="warning",
            message=f"The clock of this machine jumped by {facts.clock_jump:+.0f} s while the doctor looked.",
            advice="If it did not just wake from sleep, switch on automatic time; then run the doctor again.",
        )


_CHECKS: Final[tuple[Callable[[Facts], Iterator[Finding]], ...]] = (
    _program,
    _start,
    _own_port,
    _interfaces,
    judge_ways,
    judge_mdns,
    judge_reach,
    _firewalls,
    _clock,
    judge_peers,
    judge_isolation,
)
