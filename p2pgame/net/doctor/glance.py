"""What stands in the way of play on this machine, found without a packet: interfaces and firewalls.

For the lobby, while nobody is there; `gather` finds out much more and takes part in the network for it.
"""

import sys
from collections.abc import Sequence

from p2pgame.net.doctor.diagnose import diagnose
from p2pgame.net.doctor.facts import Facts, PortFact
from p2pgame.net.doctor.findings import Finding
from p2pgame.net.doctor.firewall import firewalls
from p2pgame.net.doctor.machine import interface_fact
from p2pgame.net.interfaces import list_interfaces

__all__ = ["glance"]

_CHECKS = ("interface", "interfaces", "networks", "firewall", "permission")


def glance(selected: Sequence[str], discovery: int, own: int) -> list[Finding]:
    """What is wrong or worth a word, the worst first. `selected`: interfaces. Blocks while firewalls are asked."""
    interfaces = tuple(interface_fact(interface) for interface in list_interfaces(selected))
    facts = Facts(
        platform=sys.platform,
        python="",
        pygame="",
        ports=PortFact(discovery=discovery, own=own),
        interfaces=interfaces,
        selected=bool(selected),
        firewalls=firewalls(),
    )
    order = ("problem", "warning", "note")
    found = [f for f in diagnose(facts) if f.check in _CHECKS and f.level in order]
    return sorted(found, key=lambda finding: order.index(finding.level))
