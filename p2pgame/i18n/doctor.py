"""The sentences of `p2pgame doctor`: what each finding means to a player, and what to do about it.

To add one: a code in `p2pgame.net.doctor.findings.FindingCode`, and here a sentence, or a function that builds it.
"""

from collections.abc import Callable, Mapping
from typing import Final

from p2pgame.core.errors import Param
from p2pgame.i18n.catalogue import enumerated, gettext, ngettext
from p2pgame.i18n.errors import sentence
from p2pgame.i18n.ways import way_text
from p2pgame.net.doctor.findings import Finding, FindingCode

__all__ = ["ADVICE_SENTENCES", "MESSAGE_SENTENCES", "advice", "message"]

Params = Mapping[str, Param]
Text = str | Callable[[Params], str]
"""A message id whose parameters are those of the finding, or what builds the text of them."""


def message(finding: Finding) -> str:
    """What was found, in the language in use."""
    return _text(MESSAGE_SENTENCES[finding.code], finding.params)


def advice(finding: Finding) -> str:
    """What to do; empty if there is nothing to do."""
    text = ADVICE_SENTENCES.get(finding.code)
    return "" if text is None else _text(text, finding.params)


def _text(text: Text, params: Params) -> str:
    return gettext(text, **params) if isinstance(text, str) else text(params)


def _labels(joined: Param) -> str:
    return enumerated(way_text(word) for word in str(joined).split(", "))


def _interface(code: FindingCode) -> Callable[[Params], str]:
    """The sentence of `code` about an interface, which begins with the interface and its addresses."""

    def build(params: Params) -> str:
        if params["kind"] == "unknown":
            shown = gettext("{interface} has {addresses}", **params)
        else:
            kind = way_text(str(params["kind"]))
            shown = gettext("{interface} ({kind}) has {addresses}", **{**params, "kind": kind})
        return gettext(_INTERFACE_SENTENCES[code], interface_with_addresses=shown)

    return build


_INTERFACE_SENTENCES: Final[dict[FindingCode, str]] = {
    FindingCode.INTERFACE: "{interface_with_addresses}.",
    FindingCode.NO_CARRIER: "{interface_with_addresses}, but no cable is plugged in or no Wi-Fi joined.",
    FindingCode.VPN: (
        "{interface_with_addresses}. Players are seldom found by themselves through a VPN, and some VPNs hide the "
        "local network."
    ),
    FindingCode.VIRTUAL_INTERFACE: "{interface_with_addresses}; no players are to be expected there.",
    FindingCode.SELF_ASSIGNED_ADDRESS: (
        "{interface_with_addresses}: it made up this address (169.254…) since no router gave it one."
    ),
}


def _heard(text: str, number: int) -> str:
    if not number:
        return text
    heard = ngettext("{n} datagram of others heard.", "{n} datagrams of others heard.", number)
    return f"{text} {heard}"


def _broadcast(params: Params) -> str:
    text = gettext("{methods}: sent and heard back.", methods=_labels(params["passed"]))
    return _heard(text, int(params["heard"]))


def _broadcast_partly(params: Params) -> str:
    texts = {"passed": _labels(params["passed"]), "blocked": _labels(params["blocked"])}
    if params["errors"]:
        text = gettext(
            "{passed}: sent and heard back; not heard: {blocked} ({errors}).",
            errors=params["errors"],
            **texts,
        )
    else:
        text = gettext("{passed}: sent and heard back; not heard: {blocked}.", **texts)
    return _heard(text, int(params["heard"]))


def _broadcast_blocked(params: Params) -> str:
    blocked = _labels(params["blocked"])
    if params["errors"]:
        text = gettext(
            "Broadcast is blocked: {blocked} sent, but nothing came back (the system refuses: {errors}).",
            blocked=blocked,
            errors=params["errors"],
        )
    else:
        text = gettext("Broadcast is blocked: {blocked} sent, but nothing came back.", blocked=blocked)
    return _heard(text, int(params["heard"]))


def _mdns(params: Params) -> str:
    text = gettext("mDNS: sent and heard back.")
    number = int(params["devices"])
    if not number:
        return text
    return f"{text} {ngettext('{n} other device heard.', '{n} other devices heard.', number)}"


def _peer(params: Params) -> str:
    who = gettext(
        "{name} ({tag}) at {address}, found by {via}",
        name=params["name"],
        tag=params["tag"],
        address=params["address"],
        via=_labels(params["via"]),
    )
    parts = [
        gettext("UDP {ms} ms", ms=f"{params['udp_ms']:.1f}")
        if "udp_ms" in params
        else gettext("UDP does not answer"),
        _tcp(params),
    ]
    if "dialled_back" in params:
        parts.append(
            gettext("it reaches us too") if params["dialled_back"] else gettext("it does not reach us")
        )
    found = f"{who}: {', '.join(parts)}."
    if "cause" not in params:
        return found
    return f"{found} {gettext('You cannot play together: {reason}.', reason=_error(params))}"


def _tcp(params: Params) -> str:
    if "tcp_ms" in params:
        return gettext("TCP {ms} ms", ms=f"{params['tcp_ms']:.1f}")
    if "punched" in params:
        return gettext("TCP opens if both sides try at once, through both firewalls")
    return gettext("TCP does not open ({reason})", reason=_failure(params))


def _failure(params: Params) -> str:
    """Why TCP does not open."""
    return sentence(str(params["failure"]), {"address": params["failed_at"], "port": params["port"]})


_REACH_ADVICE_SENTENCES: Final[dict[str, str]] = {
    "tcp_refused": "On {name}'s machine, let TCP port {port} through the firewall, or start p2pgame again.",
    "tcp_rejected": "On {name}'s machine, let TCP port {port} through the firewall.",
    "tcp_dropped": "On {name}'s machine, let TCP port {port} through the firewall.",
    "another_program": "Wait until {name} is listed with its new address, or start p2pgame there again.",
    "hung_up": "Set the clock of {name}'s machine; then start p2pgame there again.",
    "stalled": "The network or {name}'s machine is slow: come nearer to the access point, or use a cable.",
    "clock_off": "Set the clock of this machine, best automatically; then start p2pgame again.",
    "no_route": "Check the address and netmask of this machine, and whether a VPN hides the local network.",
    "sending_forbidden": "Switch the VPN off, or allow it to reach the local network; look at the firewall here.",
    "nobody_there": "Let both machines join the same network: another Wi-Fi, a phone's hotspot or a cable.",
    "nothing_answers": (
        "Try without a VPN; let port {port} (TCP and UDP) through the firewalls; try another Wi-Fi or a cable."
    ),
}
"""What to do where TCP does not open, by the reason."""


def _peer_advice(params: Params) -> str:
    if "failure" in params:
        return gettext(_REACH_ADVICE_SENTENCES[str(params["failure"])], **params)
    if "udp_ms" not in params:
        return gettext("On {name}'s machine, let UDP port {port} through the firewall.", **params)
    return gettext("Install the same version of p2pgame on both machines.") if "cause" in params else ""


def _peer_address(params: Params) -> str:
    return gettext(
        "{name} ({tag}) is reached at another address, not at this one: {reason}.",
        name=params["name"],
        tag=params["tag"],
        reason=_error(params),
    )


def _error(params: Params) -> str:
    """The sentence of the error ``cause`` with its parameters."""
    return sentence(str(params["cause"]), params)


def _firewall_advice(params: Params) -> str:
    return gettext(_FIREWALL_SENTENCES[str(params["firewall"])], **params)


_FIREWALL_SENTENCES: Final[dict[str, str]] = {
    "ufw": "If players do not show up: sudo ufw allow {discovery}/udp; sudo ufw allow {own}; sudo ufw allow 5353/udp",
    "firewalld": "If players do not show up: sudo firewall-cmd --add-port={discovery}/udp --add-port={own}/udp "
    "--add-port={own}/tcp --add-service=mdns",
    "nftables": "If players do not show up, let in UDP {discovery}, UDP 5353 and port {own} (TCP and UDP).",
    "Windows": "Settings > Network: make this network private, and allow Python or p2pgame when Windows asks.",
    "macOS": "If players do not show up: System Settings > Network > Firewall > Options: allow Python or p2pgame.",
}

MESSAGE_SENTENCES: Final[dict[FindingCode, Text]] = {
    FindingCode.VERSIONS: "Python {python}, {pygame}.",
    FindingCode.PYGAME_MISSING: "Python {python}, no pygame: there can be no window.",
    FindingCode.PYGAME_CONFLICT: "{problem}.",
    FindingCode.NO_DISPLAY: "No window can be opened here: there is no display.",
    FindingCode.CANNOT_START: lambda params: gettext("p2pgame cannot start: {error}.", error=_error(params)),
    FindingCode.NO_NETWORK: lambda params: gettext("p2pgame cannot start: {error}.", error=_error(params)),
    FindingCode.DISCOVERY_PORT_OPEN: "UDP port {port}, shared by all players, is open.",
    FindingCode.DISCOVERY_PORT_TAKEN: "UDP port {port}, where players find each other, is taken by another program.",
    FindingCode.DISCOVERY_PORT_TAKEN_BY: (
        "UDP port {port}, where players find each other, is taken by another program. It belongs to {holder}."
    ),
    FindingCode.OWN_PORT_OPEN: "Port {port} (TCP and UDP), for matches, is open.",
    FindingCode.OWN_PORT_MOVED: (
        "Port {preferred} is used by another program, perhaps a second p2pgame, so matches use port {port} "
        "(TCP and UDP)."
    ),
    FindingCode.OWN_PORT_MOVED_BY: (
        "Port {preferred} is used by {holder}, so matches use port {port} (TCP and UDP)."
    ),
    **{code: _interface(code) for code in _INTERFACE_SENTENCES},
    FindingCode.ONLY_LOOPBACK: "Only this machine itself is reached: other machines are not.",
    FindingCode.LOOPBACK_CHOSEN: "Only this machine itself is reached: other machines are not.",
    FindingCode.SEVERAL_NETWORKS: "This machine is in {number} networks at once ({names}).",
    FindingCode.SAME_NETWORK: (
        "Two interfaces have addresses of one network ({names}: {network}). If they lead to two different networks, "
        "players in one of them cannot be reached."
    ),
    FindingCode.ONLY_VIRTUAL_NETWORKS: "There is no ordinary network here, only VPNs or virtual ones.",
    FindingCode.BROADCAST: _broadcast,
    FindingCode.BROADCAST_PARTLY: _broadcast_partly,
    FindingCode.BROADCAST_BLOCKED: _broadcast_blocked,
    FindingCode.MDNS: _mdns,
    FindingCode.MDNS_BLOCKED: "mDNS is blocked: our question did not come back.",
    FindingCode.MDNS_UNAVAILABLE: "mDNS does not work here: {error}.",
    FindingCode.MDNS_PORT_TAKEN: "mDNS does not work here: another program has UDP port 5353 for itself.",
    FindingCode.MDNS_PORT_TAKEN_BY: "mDNS does not work here: {holder} has UDP port 5353 for itself.",
    FindingCode.MDNS_TOO_MANY: (
        "mDNS is not heard here: this machine has more interfaces than the system lets a program listen on."
    ),
    FindingCode.NOT_DISCOVERABLE: (
        "Neither broadcast nor mDNS gets through: players are not found by themselves."
    ),
    FindingCode.ISOLATED: (
        "Only our own packets are heard on this Wi-Fi, nobody else's. Either nobody is there, or the Wi-Fi keeps its "
        "devices apart (“client isolation”, common in guest, hotel and school networks)."
    ),
    FindingCode.FIREWALL_PASSES: "The firewall {firewall} drops nothing.",
    FindingCode.FIREWALL_ACTIVE: "The firewall {firewall} is on.",
    FindingCode.FIREWALL_DROPS: "The firewall {firewall} is on and drops some of what comes in.",
    FindingCode.NETWORK_PUBLIC: "Windows treats this network as public and keeps other players out.",
    FindingCode.PERMISSION_DENIED: (
        "The system refuses to send to the local network: macOS has not given this program the permission."
    ),
    FindingCode.NO_ROUTE: "The system refuses to send to the local network (no route to host).",
    FindingCode.CLOCK_JUMPED: "The clock of this machine jumped by {seconds} s while the doctor looked.",
    FindingCode.PROGRAM_HERE: (
        "p2pgame runs on this machine too, as {names}. That is nobody else, and shows nothing of the network."
    ),
    FindingCode.IDENTITY_COPIED: (
        "The computer at {addresses} has the identity of this one, as after copying a disk: others see but one of them."
    ),
    FindingCode.NO_PEERS: "No other player was found, so nothing could be tried with one.",
    FindingCode.PEER: _peer,
    FindingCode.PEER_ADDRESS: _peer_address,
    FindingCode.NO_CONNECTION: (
        "Players are seen, but no connection to any of them opens, in neither direction."
    ),
    FindingCode.INBOUND: "Others can open connections to this machine.",
    FindingCode.INBOUND_BLOCKED: (
        "No player whom we asked could connect to TCP port {port} of this machine."
    ),
}

ADVICE_SENTENCES: Final[dict[FindingCode, Text]] = {
    FindingCode.PYGAME_MISSING: (
        "Install it: python -m pip install pygame. Without it `p2pgame bot` and `p2pgame demo` work."
    ),
    FindingCode.PYGAME_CONFLICT: lambda params: (
        gettext("Run: {fix}", fix=params["fix"]) if params["fix"] else ""
    ),
    FindingCode.NO_DISPLAY: (
        "Start from a desktop session; without one, `p2pgame bot`, `demo` and `peers` work."
    ),
    FindingCode.CANNOT_START: "Change that, then try again.",
    FindingCode.NO_NETWORK: "Connect a cable or join a Wi-Fi, then try again.",
    FindingCode.DISCOVERY_PORT_TAKEN: (
        "End that program, or give all machines another port with --discovery-port."
    ),
    FindingCode.DISCOVERY_PORT_TAKEN_BY: (
        "End that program, or give all machines another port with --discovery-port."
    ),
    FindingCode.OWN_PORT_MOVED: "Nothing to do, unless a firewall lets only port {preferred} through.",
    FindingCode.OWN_PORT_MOVED_BY: "Nothing to do, unless a firewall lets only port {preferred} through.",
    FindingCode.NO_CARRIER: "Connect it.",
    FindingCode.VPN: (
        "Friends on the VPN: start with --peer THEIR-ADDRESS. Friends in the room: switch the VPN off if they do not "
        "show up."
    ),
    FindingCode.VIRTUAL_INTERFACE: "Nothing to do.",
    FindingCode.SELF_ASSIGNED_ADDRESS: (
        "Machines on the same cable can play like this. Else check the cable or Wi-Fi password and reconnect."
    ),
    FindingCode.ONLY_LOOPBACK: (
        "Connect a cable or join a Wi-Fi. On one machine alone, `p2pgame demo` plays."
    ),
    FindingCode.LOOPBACK_CHOSEN: "That is what --interface asked for.",
    FindingCode.SEVERAL_NETWORKS: (
        "All are used. If peers come and go, name the right one with --interface."
    ),
    FindingCode.SAME_NETWORK: (
        "Nothing to do if both lead to the same router. Else disconnect the one where nobody is to play."
    ),
    FindingCode.ONLY_VIRTUAL_NETWORKS: (
        "To play with the people in the room, connect a cable or join their Wi-Fi."
    ),
    FindingCode.BROADCAST_PARTLY: "Nothing to do: one of them is enough.",
    FindingCode.BROADCAST_BLOCKED: ("Let UDP port {port} through the firewall of this machine, in and out."),
    FindingCode.MDNS_BLOCKED: (
        "Let UDP port 5353 through the firewall of this machine. Broadcast alone finds players too."
    ),
    FindingCode.MDNS_UNAVAILABLE: (
        "Let UDP port 5353 through the firewall of this machine. Broadcast alone finds players too."
    ),
    FindingCode.MDNS_PORT_TAKEN: "End that program. Broadcast alone finds players too.",
    FindingCode.MDNS_PORT_TAKEN_BY: "End that program. Broadcast alone finds players too.",
    FindingCode.MDNS_TOO_MANY: ("Name those to play on with --interface. Broadcast alone finds players too."),
    FindingCode.NOT_DISCOVERABLE: (
        "Let UDP ports {port} and 5353 through the firewall of this machine; till then type the other player's address "
        "in the lobby, or start with --peer ADDRESS."
    ),
    FindingCode.ISOLATED: (
        "If the other player is there but not listed, use another Wi-Fi, a phone's hotspot or a cable."
    ),
    FindingCode.FIREWALL_ACTIVE: _firewall_advice,
    FindingCode.FIREWALL_DROPS: _firewall_advice,
    FindingCode.NETWORK_PUBLIC: _firewall_advice,
    FindingCode.PERMISSION_DENIED: (
        "System Settings > Privacy & Security > Local Network: switch on your terminal or p2pgame."
    ),
    FindingCode.NO_ROUTE: "Check the address and netmask of this machine.",
    FindingCode.CLOCK_JUMPED: (
        "If it did not just wake from sleep, switch on automatic time; then run the doctor again."
    ),
    FindingCode.PROGRAM_HERE: "Nothing to do.",
    FindingCode.IDENTITY_COPIED: (
        "Open p2pgame on each of them but one, and choose “New identity here” when it asks; or delete identity.pem in "
        "the data directory while p2pgame does not run."
    ),
    FindingCode.NO_PEERS: (
        "Start p2pgame on the other machine, in the same Wi-Fi or on the same switch, and run this again. If it stays "
        "empty, type the other machine's address in the lobby or use --peer ADDRESS."
    ),
    FindingCode.PEER: _peer_advice,
    FindingCode.PEER_ADDRESS: "Nothing to do: one address is enough.",
    FindingCode.NO_CONNECTION: (
        "Let port {port} (TCP and UDP) through the firewall of this machine. Do the same on the other machine."
    ),
    FindingCode.INBOUND_BLOCKED: (
        "Let port {port} (TCP and UDP) through the firewall of this machine. Until then the other side is the host, "
        "which works too."
    ),
}
