"""Texts about known players."""

from p2pgame.core.ids import long_tag_of
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.ui.client import Client
from p2pgame.ui.sentences import day, listed

__all__ = ["called", "known_peer", "marks", "name_and_tag", "nicknames", "when"]


def nicknames(client: Client) -> dict[str, str]:
    """Local names by peer id; only those that differ from the peers' own names."""
    return {known.peer: known.name for known in client.known() if known.name != known.own_name}


def called(client: Client, peer: str, shown: str) -> str:
    """The local name of `peer`, else `shown`, its own name."""
    return nicknames(client).get(peer, shown)


def name_and_tag(client: Client, peer: str, shown: str) -> str:
    """The local name of `peer`, else `shown`, and its long tag."""
    return f"{called(client, peer, shown)} ({long_tag_of(peer)})"


def known_peer(client: Client, peer: str) -> KnownPeer | None:
    """Our entry for `peer`, if we know it."""
    return next((known for known in client.known() if known.peer == peer), None)


def when(known: KnownPeer | None) -> str:
    """The day of the last match, local time."""
    if known is None or known.met_at <= 0:
        return gettext("never played together")
    on = day(known.met_at)
    return gettext("last met {day}", day=on) if on else gettext("met before")


def marks(known: KnownPeer, shown: Trust) -> str:
    """Decisions about a peer that the badge `shown` does not show, e.g. ``verified · muted``; may be empty."""
    verified = known.verified and shown is not Trust.VERIFIED
    return listed(gettext("verified") if verified else "", gettext("muted") if known.muted else "")
