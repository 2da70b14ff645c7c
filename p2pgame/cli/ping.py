"""`p2pgame ping`: round trips to a peer over UDP and TCP, printed as ping does.

Speaks the plain-text probes of docs/protocol.md, so it works against any peer, known or not.
"""

import argparse
import asyncio
import contextlib
import socket
import statistics
import time
from collections.abc import Callable, Coroutine

from p2pgame.cli.common import count, node_config, run_loop, seconds
from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer
from p2pgame.core.registry import installed
from p2pgame.discovery.seeds import SocketAddress
from p2pgame.i18n.catalogue import gettext
from p2pgame.net.doctor.reach import tcp_ms, udp_ms
from p2pgame.net.interfaces import listen_host
from p2pgame.net.node import Node
from p2pgame.net.udp import normalise
from p2pgame.net.unicast import UnicastPort
from p2pgame.session import events as e

__all__ = ["add_arguments", "run"]

_TIMEOUT = 1.0
_CHOICE_TRIES = 4
_CHOICE_SPACING = 0.25
"""Seconds: a peer answers ten text pings a second, and those that are counted come on top."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", metavar="PEER|HOST[:PORT]", help=gettext("name, tag or id of a peer; or an address")
    )
    parser.add_argument(
        "--count", type=_some, default=5, metavar="N", help=gettext("round trips of each kind (default 5)")
    )
    parser.add_argument(
        "--interval",
        type=seconds,
        default=0.2,
        metavar="S",
        help=gettext("seconds between them (default 0.2)"),
    )
    parser.add_argument(
        "--wait",
        type=seconds,
        default=3.0,
        metavar="S",
        help=gettext("how long to look for PEER (default 3)"),
    )


def _some(text: str) -> int:
    if not (value := count(text)):
        raise argparse.ArgumentTypeError(gettext("at least one is needed"))
    return value


def run(args: argparse.Namespace) -> int:
    printer = Printer(json=args.json)

    async def main() -> int:
        unicast = UnicastPort()
        try:
            target = await _resolve(args, unicast)
            if target is None:
                facts = {"target": args.target, "seconds": round(args.wait)}
                printer.event(time.time(), e.ErrorEvent(code="no_such_peer", params=facts))
                return Exit.NO_SUCH_PEER
            printer.line(gettext("pinging {host} port {port}", host=target[0], port=target[1]))
            udp = await _series(
                printer, "udp", args, lambda: udp_ms(unicast, [target], tries=1, spacing=_TIMEOUT)
            )
            tcp = await _series(printer, "tcp", args, lambda: tcp_ms([target]))
            return Exit.DONE if udp or tcp else Exit.CONNECTION_LOST
        finally:
            unicast.close()

    return run_loop(main)


async def _resolve(args: argparse.Namespace, unicast: UnicastPort) -> SocketAddress | None:
    """The address of the target that answers, else the likeliest; None if nothing is known. Opens `unicast`."""
    host, _, port = args.target.rpartition(":")
    found: list[SocketAddress] = []
    if host and port.isdecimal() and (":" not in host or host.startswith("[")):
        found = await _lookup(host.strip("[]"), int(port))
    elif (peer := await _discover(args)) is not None:
        found = [peer]
    else:
        found = await _lookup(args.target, args.discovery_port + 1)
    await unicast.open(args.discovery_port + 1, listen_host(args.interface))
    return await _choose(unicast, lambda: found)


async def _discover(args: argparse.Namespace) -> SocketAddress | None:
    """Find the peer that the target names, by discovery."""
    heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def look(*_: object) -> None:
        if node.discovery.find(args.target) is not None and not heard.done():
            heard.set_result(None)

    def addresses() -> list[SocketAddress]:
        peer = node.discovery.find(args.target)
        return [] if peer is None else [(address, peer.udp_port) for address in peer.addresses]

    node = Node(node_config(args), installed(), look)
    try:
        await node.start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(heard, args.wait)
        return await _choose(node.unicast, addresses)
    finally:
        await node.stop()


async def _choose(unicast: UnicastPort, addresses: Callable[[], list[SocketAddress]]) -> SocketAddress | None:
    """The address that answers a ping first, else the first one. More addresses may come to be known meanwhile."""
    for _ in range(_CHOICE_TRIES):
        found = addresses()
        if not found:
            return None
        answer = await unicast.ping(found, _CHOICE_SPACING)
        if answer is not None:
            return answer[0]
    return found[0]


async def _lookup(host: str, port: int) -> list[SocketAddress]:
    """What `host` resolves to; none if it is no host."""
    if not 0 < port < 65536:
        return []
    with contextlib.suppress(OSError, UnicodeError):  # the latter: a label that is no host name's
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        return list(dict.fromkeys(normalise(info[4]) for info in infos))
    return []


async def _series(
    printer: Printer,
    kind: str,
    args: argparse.Namespace,
    probe: Callable[[], Coroutine[None, None, float | None]],
) -> int:
    """Probe again and again; returns the number of answers."""
    times: list[float] = []
    for number in range(1, args.count + 1):
        if number > 1:
            await asyncio.sleep(args.interval)
        try:
            rtt = await probe()
        except UnicodeError:  # a label that is no host name's
            rtt = None
        if rtt is not None:
            times.append(rtt)
        printer.line(f"{kind} {number}: {gettext('no answer') if rtt is None else f'{rtt:.2f} ms'}")
        if printer.json:
            value = None if rtt is None else round(rtt, 3)
            printer.object(
                {"t": time.time(), "event": "pong", "transport": kind, "seq": number, "rtt_ms": value}
            )
    loss = 100 * (args.count - len(times)) / args.count
    figures = (
        {
            "min_ms": round(min(times), 3),
            "avg_ms": round(statistics.fmean(times), 3),
            "max_ms": round(max(times), 3),
            "mdev_ms": round(statistics.pstdev(times), 3),
        }
        if times
        else {}
    )
    counts = gettext(
        "{kind}: {sent} sent, {answered} answered, {loss} % lost",
        kind=kind,
        sent=args.count,
        answered=len(times),
        loss=f"{loss:.0f}",
    )
    if times:
        shown = {name.removesuffix("_ms"): f"{value:.2f}" for name, value in figures.items()}
        counts = gettext("{counts}, min {min}, avg {avg}, max {max}, mdev {mdev} ms", counts=counts, **shown)
    printer.line(counts)
    if printer.json:
        printer.object(
            {
                "t": time.time(),
                "event": "ping_stats",
                "transport": kind,
                "sent": args.count,
                "received": len(times),
                **figures,
            }
        )
    return len(times)
