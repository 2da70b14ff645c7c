"""Addresses as limits count them. Pure text; resolves nothing."""

import ipaddress
from functools import lru_cache

__all__ = ["network_of"]

_HOST_BITS = 64
"""A host takes as many addresses of its IPv6 network as it likes (RFC 8981)."""


@lru_cache(256)  # asked at each connection
def network_of(address: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 of an IPv6 address with its scope.

    IPv4-mapped addresses count as IPv4. What is no address stands for itself.
    """
    bare, _, scope = address.partition("%")
    try:
        parsed = ipaddress.ip_address(bare)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    prefix = ipaddress.IPv6Address(int(parsed) >> _HOST_BITS << _HOST_BITS)
    return f"{prefix}/64{scope and '%'}{scope}"
