"""A stranger with an identity of his own, who shakes hands as the protocol wants it and then says what he likes.

Runs in the process of the test on a socket of the host he was given.
"""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

from p2pgame.core.ids import PeerId
from p2pgame.core.registry import installed
from p2pgame.net.tls import Credentials, connect_tls
from p2pgame.session.link import Link, LinkClosed, LinkOpened, MessageReceived
from p2pgame.storage.identity import Identity, open_identity
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import PROTOCOL
from tests.lab.lan import Lan

__all__ = ["Caller"]


class Caller:
    """On `host`, with an identity of `directory`."""

    def __init__(self, lan: Lan, host: int, directory: Path) -> None:
        self._lan = lan
        self._host = host
        self.identity: Identity = open_identity(directory)

    def say(
        self, to: tuple[str, int], peer: str, messages: Sequence[m.Message], seconds: float = 3.0
    ) -> list[m.Message | LinkClosed]:
        """Open a link to `peer` at address `to` and send `messages`; what comes back until they hang up."""
        return asyncio.run(self._say(to, PeerId(peer), messages, seconds))

    async def _say(
        self, to: tuple[str, int], peer: PeerId, messages: Sequence[m.Message], seconds: float
    ) -> list[m.Message | LinkClosed]:
        loop = asyncio.get_running_loop()
        sock = self._lan.open_socket(self._host, socket.SOCK_STREAM)
        sock.setblocking(False)
        await loop.sock_connect(sock, to)
        reader, writer = await asyncio.open_connection(sock=sock)
        heard: list[m.Message | LinkClosed] = []
        try:
            async with asyncio.timeout(seconds):
                stream = await connect_tls(reader, writer, Credentials(self.identity), peer)
                link = Link(self._hello(), loop.time())
                while not link.closed:
                    stream.write(link.data_to_send())
                    await stream.receive()
                    data = stream.decrypt()
                    if not data and not stream.ended:
                        continue
                    for event in link.receive_data(data, loop.time()):
                        match event:
                            case LinkOpened():
                                for message in messages:
                                    link.send(message)
                            case MessageReceived(message=message):
                                heard.append(message)
                            case LinkClosed():
                                heard.append(event)
        except TimeoutError:
            pass
        finally:
            writer.transport.abort()
        return heard

    def _hello(self) -> m.Hello:
        return m.Hello(
            protocol=PROTOCOL,
            version="1.0",
            instance="00" * 8,
            name="Mallory",
            tcp_port=1,
            games=installed().digests(),
        )
