"""Whether a peer's port answers: the text ping of docs/protocol.md over UDP, an opened connection over TCP."""

import asyncio
import socket
import struct
import time
from collections.abc import Sequence
from typing import Final

import aiohappyeyeballs

from p2pgame.discovery.seeds import SocketAddress
from p2pgame.net.links import CONNECT_STAGGER, address_infos
from p2pgame.net.unicast import UnicastPort

__all__ = ["reason", "tcp_ms", "udp_ms"]

TRIES: Final = 3
SPACING: Final = 0.4
"""Seconds for each UDP try."""
CONNECT_TIMEOUT: Final = 1.5


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


async def tcp_ms(to: Sequence[SocketAddress]) -> float | None:
    """Milliseconds to open a connection to one of a peer's addresses; None if none opened in time.

    Later addresses are tried while earlier ones do not answer (RFC 8305).
    """
    began = time.perf_counter()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            infos = [info for source in to for info in await address_infos(*source)]
            if not infos:
                return None
            sock = await aiohappyeyeballs.start_connection(infos, happy_eyeballs_delay=CONNECT_STAGGER)
    except (OSError, TimeoutError):
        return None
    took = (time.perf_counter() - began) * 1000
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, as an abort does
    sock.close()
    return took


def reason(error: OSError | None) -> str:
    """What the system says went wrong, without the number."""
    return (error.strerror or str(error)) if error is not None else "refused"
