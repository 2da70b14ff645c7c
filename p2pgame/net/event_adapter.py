"""Turns events of discovery into the events of a node."""

from p2pgame.core.ids import tag_of
from p2pgame.discovery import events as d
from p2pgame.discovery.peer import Peer
from p2pgame.session import events as e

__all__ = ["event_of"]


def event_of(event: d.Found | d.Updated | d.Lost) -> e.Event:
    """What a node reports of it."""
    peer = event.peer
    match event:
        case d.Found():
            return _about(e.PeerFound, peer)
        case d.Updated():
            return _about(e.PeerUpdated, peer)
        case d.Lost(reason=reason):
            return e.PeerLost(peer=peer.peer, name=peer.name, instance=peer.instance, reason=reason)


def _about(kind: type[e.PeerFound] | type[e.PeerUpdated], peer: Peer) -> e.Event:
    return kind(
        peer=peer.peer,
        name=peer.name,
        tag=tag_of(peer.peer),
        instance=peer.instance,
        address=peer.address,
        tcp_port=peer.tcp_port,
        udp_port=peer.udp_port,
        via=peer.via,
        status=peer.status,
        games=tuple(sorted(peer.games)),
        compatible=peer.compatible,
        reason=peer.reason,
        reason_params=peer.reason_params,
        unreachable="" if peer.unreachable is None else peer.unreachable.code,
        unreachable_params={} if peer.unreachable is None else peer.unreachable.params,
    )
