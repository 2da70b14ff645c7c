"""What we remember of people, in words."""

import time

from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.ui.client import Client

__all__ = ["acquaintance", "called", "marks", "nicknames", "when"]


def nicknames(client: Client) -> dict[str, str]:
    """What we call those whom we call otherwise than they call themselves, by peer id."""
    return {known.peer: known.name for known in client.known() if known.name != known.own_name}


def called(client: Client, peer: str, shown: str) -> str:
    """What we call `peer`, which shows itself as `shown`."""
    return nicknames(client).get(peer, shown)


def acquaintance(client: Client, peer: str) -> KnownPeer | None:
    """What we remember of `peer`."""
    return next((known for known in client.known() if known.peer == peer), None)


def when(known: KnownPeer | None) -> str:
    """The day of the last match, local time."""
    if known is None or known.met_at <= 0:
        return "never played together"
    try:
        return "last met " + time.strftime("%d %b %Y", time.localtime(known.met_at))
    except (OverflowError, ValueError, OSError):  # a date that this system cannot say
        return "met before"


def marks(known: KnownPeer, shown: Trust) -> str:
    """What we decided about somebody besides what the badge `shown` says, e.g. ``verified · muted``; may be empty."""
    told = {Trust.VERIFIED.value: known.verified, "muted": known.muted}
    return " · ".join(word for word, is_so in told.items() if is_so and word != shown.value)
