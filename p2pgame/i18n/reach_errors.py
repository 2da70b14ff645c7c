"""Why a peer that is heard is not reached: what was seen, in words, by `p2pgame.discovery.failure.FailureCode`.

They stand after a colon. Each has the parameters ``address`` and ``port`` at most.
"""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    # something is there and says so
    "tcp_refused": "TCP port {port} of {address} is closed: the program was ended, or a firewall there refuses",
    "tcp_rejected": "a firewall rejects TCP to {address}",
    "another_program": "another program answers at {address}",
    "hung_up": "{address} hangs up at once: its clock may be wrong, or you are blocked there",
    "stalled": "the connection to {address} opens, but nothing comes in time",
    "clock_off": "the clock of this machine is wrong by years",
    # nothing is sent from here
    "no_route": "this machine has no route to {address}",
    "sending_forbidden": "a firewall or VPN of this machine forbids sending to {address}",
    # nothing comes back
    "no_answer_at": "{address} does not answer",
    "nobody_there": "no machine answers at {address}: the Wi-Fi may keep its devices apart, or the address is old",
    "tcp_dropped": "datagrams pass, but TCP port {port} does not answer: a firewall drops it",
    "nothing_answers": "nothing sent to {address} is answered: a firewall, a VPN or a Wi-Fi that keeps devices apart",
}
