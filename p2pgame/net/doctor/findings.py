"""What the doctor finds: codes and parameters. `p2pgame.i18n.doctor` turns them into sentences and advice."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Literal

import msgspec

from p2pgame.core.errors import Param

__all__ = ["Finding", "FindingCode", "Level", "playable"]

Level = Literal["ok", "note", "warning", "problem"]
"""``note``: good to know. ``warning``: something does not get through, play has another way. ``problem``: play will
not work like this."""


class FindingCode(Enum):
    """Everything that can be found; `check` groups them by what was examined."""

    # the program
    VERSIONS = ("versions", "program")
    PYGAME_MISSING = ("pygame_missing", "program")
    PYGAME_CONFLICT = ("pygame_conflict", "program")
    NO_DISPLAY = ("no_display", "display")
    # its start and its ports
    CANNOT_START = ("cannot_start", "start")
    NO_NETWORK = ("no_network", "start")
    DISCOVERY_PORT_OPEN = ("discovery_port_open", "discovery_port")
    DISCOVERY_PORT_TAKEN = ("discovery_port_taken", "discovery_port")
    DISCOVERY_PORT_TAKEN_BY = ("discovery_port_taken_by", "discovery_port")
    OWN_PORT_OPEN = ("own_port_open", "own_port")
    OWN_PORT_MOVED = ("own_port_moved", "own_port")
    OWN_PORT_MOVED_BY = ("own_port_moved_by", "own_port")
    # the interfaces
    INTERFACE = ("interface", "interface")
    NO_CARRIER = ("no_carrier", "interface")
    VPN = ("vpn", "interface")
    VIRTUAL_INTERFACE = ("virtual_interface", "interface")
    SELF_ASSIGNED_ADDRESS = ("self_assigned_address", "interface")
    ONLY_LOOPBACK = ("only_loopback", "interfaces")
    LOOPBACK_CHOSEN = ("loopback_chosen", "interfaces")
    SEVERAL_NETWORKS = ("several_networks", "interfaces")
    SAME_NETWORK = ("same_network", "networks")
    ONLY_VIRTUAL_NETWORKS = ("only_virtual_networks", "interfaces")
    # what gets through
    BROADCAST = ("broadcast", "broadcast")
    BROADCAST_PARTLY = ("broadcast_partly", "broadcast")
    BROADCAST_BLOCKED = ("broadcast_blocked", "broadcast")
    MDNS = ("mdns", "mdns")
    MDNS_BLOCKED = ("mdns_blocked", "mdns")
    MDNS_UNAVAILABLE = ("mdns_unavailable", "mdns")
    MDNS_PORT_TAKEN = ("mdns_port_taken", "mdns")
    MDNS_PORT_TAKEN_BY = ("mdns_port_taken_by", "mdns")
    MDNS_TOO_MANY = ("mdns_too_many", "mdns")
    NOT_DISCOVERABLE = ("not_discoverable", "reach")
    ISOLATED = ("isolated", "isolation")
    # the firewall and the system
    FIREWALL_PASSES = ("firewall_passes", "firewall")
    FIREWALL_ACTIVE = ("firewall_active", "firewall")
    FIREWALL_DROPS = ("firewall_drops", "firewall")
    NETWORK_PUBLIC = ("network_public", "firewall")
    PERMISSION_DENIED = ("permission_denied", "permission")
    NO_ROUTE = ("no_route", "permission")
    CLOCK_JUMPED = ("clock_jumped", "clock")
    # the other players
    PROGRAM_HERE = ("program_here", "program_here")
    IDENTITY_COPIED = ("identity_copied", "identity")
    NO_PEERS = ("no_peers", "peers")
    PEER = ("peer", "peer")
    PEER_ADDRESS = ("peer_address", "peer_address")
    NO_CONNECTION = ("no_connection", "reach")
    INBOUND = ("inbound", "inbound")
    INBOUND_BLOCKED = ("inbound_blocked", "inbound")

    def __init__(self, text: str, check: str) -> None:
        self.text = text
        """Stable, for scripts."""
        self.check = check
        """What was examined: a stable word for scripts."""


class Finding(msgspec.Struct, frozen=True):
    """One thing found out."""

    code: FindingCode
    level: Level
    params: Mapping[str, Param] = {}
    """Facts for the sentence. ``interface`` is the name of the interface that the finding is about. Several values
    of one kind are joined by ", "."""

    @property
    def check(self) -> str:
        return self.code.check

    @property
    def interface(self) -> str:
        """Name of the interface it is about; empty if it is about none."""
        return str(self.params.get("interface", ""))


def playable(findings: Iterable[Finding]) -> bool:
    """Whether play will work."""
    return all(finding.level != "problem" for finding in findings)
