"""What of a match's traffic gets through to a peer, address by address: the text ping of docs/protocol.md over UDP, an
opened connection over TCP."""

import asyncio
import socket
import struct
import time
from collections.abc import Sequence
from typing import Final

from p2pgame.discovery.failure import Failure
from p2pgame.discovery.seeds import SocketAddress
from p2pgame.net.dial import DialError, connect
from p2pgame.net.doctor.facts import AddressFact
from p2pgame.net.unicast import UnicastPort

__all__ = ["examine", "reason", "tcp_ms", "udp_ms"]

TRIES: Final = 3
SPACING: Final = 0.4
"""Seconds for each UDP try."""


async def examine(
    port: UnicastPort, addresses: Sequence[str], udp_port: int, tcp_port: int, rtt: float | None = None
) -> tuple[AddressFact, ...]:
    """All addresses of a peer at once. `rtt`: the round trip in seconds, if it is known."""

    async def one(address: str) -> AddressFact:
        udp, tcp = await asyncio.gather(
            udp_ms(port, [(address, udp_port)], spacing=max(SPACING, 2 * (rtt or 0.0))),
            tcp_ms((address, tcp_port), rtt),
        )
        if isinstance(tcp, Failure):
            return AddressFact(address=address, udp_ms=udp, failure=tcp.code)
        return AddressFact(address=address, udp_ms=udp, tcp_ms=tcp)

    return tuple(await asyncio.gather(*map(one, addresses)))


async def udp_ms(
    port: UnicastPort, to: Sequence[SocketAddress], *, tries: int = TRIES, spacing: float = SPACING
) -> float | None:
    """Round trip in milliseconds from `port` to whichever address of a peer answers first.

    None if nothing came back of `tries`, `spacing` seconds apart.
    """
    for _ in range(tries):
        answer = await port.ping(to, spacing)
        if answer is not None:
            return answer[1]
    return None


async def tcp_ms(to: SocketAddress, rtt: float | None = None) -> float | Failure:
    """Milliseconds to open a connection, or why none opened. `rtt`: the round trip in seconds, if it is known."""
    began = time.perf_counter()
    try:
        sock = await connect(*to, rtt or 0.0)
    except DialError as error:
        return error.failure
    took = (time.perf_counter() - began) * 1000
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, as an abort does
    sock.close()
    return took


def reason(error: OSError | None) -> str:
    """What the system says went wrong, without the number."""
    return (error.strerror or str(error)) if error is not None else "refused"
