"""Whether a peer's port answers: the text ping of docs/protocol.md over UDP, an opened connection over TCP."""

import asyncio
import secrets
import time
from typing import Final

from p2pgame.discovery.seeds import Source

__all__ = ["reason", "tcp_ms", "udp_ms"]

TRIES: Final = 3
SPACING: Final = 0.4
"""Seconds for each UDP try."""
CONNECT_TIMEOUT: Final = 1.5


class _Pong(asyncio.DatagramProtocol):
    def __init__(self, expected: bytes, answered: "asyncio.Future[None]") -> None:
        self.expected, self.answered = expected, answered

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr
        if data == self.expected and not self.answered.done():
            self.answered.set_result(None)

    def error_received(self, exc: Exception) -> None:
        """A closed port answers so; the time-out tells as much."""


async def udp_ms(to: Source, *, tries: int = TRIES, spacing: float = SPACING) -> float | None:
    """Round trip in milliseconds; None if nothing came back of `tries`, `spacing` seconds apart."""
    loop = asyncio.get_running_loop()
    token = secrets.token_hex(6).encode()
    answered: asyncio.Future[None] = loop.create_future()
    try:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Pong(b"pong " + token, answered), remote_addr=to
        )
    except OSError:
        return None
    try:
        for _ in range(tries):
            began = time.perf_counter()
            transport.sendto(b"ping " + token)
            done, _pending = await asyncio.wait([answered], timeout=spacing)
            if done:
                return (time.perf_counter() - began) * 1000
        return None
    finally:
        transport.close()


async def tcp_ms(to: Source) -> float | None:
    """Milliseconds to open a connection; None if it did not open in time."""
    began = time.perf_counter()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            _, writer = await asyncio.open_connection(*to)
    except (OSError, TimeoutError):
        return None
    took = (time.perf_counter() - began) * 1000
    writer.transport.abort()
    return took


def reason(error: OSError | None) -> str:
    """What the system says went wrong, without the number."""
    return (error.strerror or str(error)) if error is not None else "refused"
