"""A crowd of strangers with keys of their own, as a program of its own: ``python -m tests.lab.crowd --help``.

Speaks TLS by itself (`asyncio.start_tls`), so that the same crowd attacks any version of ours. Prints one JSON object
at its end: how many connections came through and how many did not.
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import os
import ssl
import tempfile
from itertools import count, cycle

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.core.registry import installed
from p2pgame.core.snapshot import encode
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import PROTOCOL
from p2pgame.wire.framing import frame
from p2pgame.wire.prologue import HEADER_SIZE, MAGIC, certificate_length, prologue

__all__ = ["Stranger"]

_AT_ONCE = 32
"""Handshakes under way, where they are to be as many as possible."""
_LINKS_TIMEOUT = 1.0


class Stranger:
    """One throwaway identity."""

    def __init__(self) -> None:
        key = Ed25519PrivateKey.generate()
        self.peer: PeerId = peer_id_of(key.public_key().public_bytes_raw())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.peer)])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
            .not_valid_after(dt.datetime(9999, 12, 31, tzinfo=dt.UTC))
            .sign(key, None)
        )
        self.certificate = certificate.public_bytes(Encoding.DER)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with tempfile.NamedTemporaryFile() as file:
            file.write(pem + certificate.public_bytes(Encoding.PEM))
            file.flush()
            self.context.load_cert_chain(file.name)

    async def dial(
        self, host: str, port: int, source: str
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection through TLS. Raises `OSError` and `EOFError`."""
        reader, writer = await asyncio.open_connection(host, port, local_addr=(source, 0))
        try:
            writer.write(prologue(self.certificate))
            header = await reader.readexactly(HEADER_SIZE)
            if header[:4] != MAGIC:  # a line of English
                raise ConnectionRefusedError
            await reader.readexactly(certificate_length(header))
            await writer.start_tls(self.context, ssl_handshake_timeout=5)
        except BaseException:
            writer.transport.abort()
            raise
        return reader, writer


def _hello() -> bytes:
    hello = m.Hello(
        protocol=PROTOCOL,
        version="1.0",
        instance="00" * 8,
        name="Crowd",
        tcp_port=1,
        games=installed().digests(),
    )
    return frame(m.encode_message(hello))


def _invite() -> bytes:
    plugin = installed().get("gomoku")
    assert plugin is not None
    invite = m.Invite(
        invite=os.urandom(16),
        game="gomoku",
        digest=plugin.digest,
        config=encode(plugin.game.config_type()),
        frames=0,
        rematch_of=None,
        commitment=os.urandom(32),
        candidate=m.Candidate(),
    )
    return frame(m.encode_message(invite))


class _Crowd:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.through = self.refused = 0
        self.strangers = cycle([Stranger() for _ in range(args.keys)])
        self.sources = cycle(args.source)
        self._busy: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def _link(self, say: bytes, rate: float, stop: float) -> None:
        """One connection until it is cut; says `say` at first, then heartbeats at `rate` a second."""
        loop = asyncio.get_running_loop()
        stranger, source = next(self.strangers), next(self.sources)
        try:
            reader, writer = await stranger.dial(self.args.host, self.args.port, source)
        except (OSError, EOFError):
            self.refused += 1
            return
        finally:
            self._places.release()
        self.through += 1
        sink = loop.create_task(_swallow(reader))
        try:
            writer.write(say)
            beat = frame(m.encode_message(m.Heartbeat(nonce=1)))
            sent, began = 0, loop.time()
            while loop.time() < stop and not sink.done():
                due = int((loop.time() - began) * rate)
                if due > sent:
                    writer.write(beat * (due - sent))
                    sent = due
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await writer.drain()
                await asyncio.sleep(0.02 if rate else 0.2)
        except OSError:
            pass
        finally:
            sink.cancel()
            writer.transport.abort()

    def _begin(self, say: bytes, rate: float, stop: float) -> None:
        task = asyncio.get_running_loop().create_task(self._link(say, rate, stop))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def run(self) -> None:
        args, loop = self.args, asyncio.get_running_loop()
        began = loop.time()
        stop = began + args.seconds
        if args.what == "handshakes":
            for number in count():
                if loop.time() >= stop:
                    break
                if args.rate:
                    await asyncio.sleep(began + number / args.rate - loop.time())
                else:
                    await self._places.acquire()
                self._begin(b"", 0.0, stop)
        else:
            say = _hello() + (_invite() if args.what == "invites" else b"")
            for _ in range(args.links):
                self._begin(say, args.rate, stop)
                await asyncio.sleep(0.02)
        if self._busy:
            await asyncio.wait(self._busy, timeout=stop + _LINKS_TIMEOUT - loop.time())
        print(json.dumps({"through": self.through, "refused": self.refused}))


async def _swallow(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(65_536):
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("handshakes", "messages", "invites"))
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument(
        "--rate", type=float, default=0.0, help="handshakes a second, or heartbeats a second on each link"
    )
    parser.add_argument("--links", type=int, default=16)
    parser.add_argument("--keys", type=int, default=16)
    parser.add_argument("--source", nargs="+", required=True)
    asyncio.run(_Crowd(parser.parse_args()).run())


if __name__ == "__main__":
    main()
