"""Kinds of interface, methods of broadcast, and ways in which a peer was found, in words."""

from typing import Final

from p2pgame.i18n.catalogue import gettext

__all__ = ["WAY_SENTENCES", "way_text"]

WAY_SENTENCES: Final[dict[str, str]] = {
    "wired": "wired",
    "wifi": "Wi-Fi",
    "vpn": "a VPN",
    "container": "of virtual machines or containers",
    "loopback": "this machine only",
    "directed": "broadcast",
    "limited": "255.255.255.255",
    "multicast": "IPv6 multicast",
    "broadcast": "broadcast",
    "mdns": "mdns",
    "seed": "its address",
}


def way_text(way: str) -> str:
    """A kind of interface, a method of broadcast, or a way in which a peer was found."""
    return gettext(WAY_SENTENCES.get(way, way))
