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

from p2pgame.cli.common import count, discovery_port_of, node_config, run_loop, seconds, words
from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer
from p2pgame.core.registry import installed
from p2pgame.discovery.failure import Failure, explain
from p2pgame.discovery.peer import Peer
from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.errors import sentence
from p2pgame.net.doctor.facts import best_of
from p2pgame.net.doctor.reach import examine, tcp_ms, udp_ms
from p2pgame.net.interfaces import listen_host
from p2pgame.net.node import Node
from p2pgame.net.udp import normalise
from p2pgame.net.unicast import UnicastPort
from p2pgame.session import events as e

__all__ = ["add_arguments", "run"]

_TIMEOUT = 1.0
_MORE_ADDRESSES = 0.3
"""Seconds after a peer was first heard, for its other addresses to be heard."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        type=words,
        metavar="PEER|HOST[:PORT]",
        help=gettext("name, tag or id of a peer; or an address"),
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
            hosts, port = await _resolve(args)
            if not hosts:
                facts = {"target": args.target, "seconds": round(args.wait)}
                printer.event(time.time(), e.ErrorEvent(code="no_such_peer", params=facts))
                return Exit.NO_SUCH_PEER
            await unicast.open(discovery_port_of(args) + 1, listen_host(args.interface))
            best = (await _best_of(printer, unicast, hosts, port), port)
            printer.line(gettext("pinging {host} port {port}", host=best[0], port=port))
            udp = await _series(
                printer, "udp", args, lambda: udp_ms(unicast, [best], tries=1, spacing=_TIMEOUT)
            )
            tcp = await _series(printer, "tcp", args, lambda: tcp_ms(best))
            return Exit.DONE if udp or tcp else Exit.CONNECTION_LOST
        finally:
            unicast.close()

    return run_loop(main)


async def _resolve(args: argparse.Namespace) -> tuple[list[str], int]:
    """All addresses of the target, the likeliest first, and its port; none if nothing is known."""
    host, _, port = args.target.rpartition(":")
    if host and port.isdecimal() and (":" not in host or host.startswith("[")):
        return await _lookup(host.strip("[]"), int(port)), int(port)
    if (peer := await _discover(args)) is not None:
        return list(peer.addresses), peer.udp_port
    return await _lookup(args.target, discovery_port_of(args) + 1), discovery_port_of(args) + 1


async def _discover(args: argparse.Namespace) -> Peer | None:
    """Find the peer that the target names, by discovery."""
    heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def look(*_: object) -> None:
        if node.discovery.find(args.target) is not None and not heard.done():
            heard.set_result(None)

    node = Node(node_config(args), installed(), look)
    try:
        await node.start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(heard, args.wait)
            await asyncio.sleep(_MORE_ADDRESSES)
        return node.discovery.find(args.target)
    finally:
        await node.stop()


async def _best_of(printer: Printer, unicast: UnicastPort, hosts: list[str], port: int) -> str:
    """The address to ping. If there are several, all are tried, and each that fails is shown with its reason."""
    if len(hosts) == 1:
        return hosts[0]
    facts = await examine(unicast, hosts, port, port)
    best = best_of(facts)
    for fact in facts:
        if fact.failure is None or fact is best:
            continue
        why = explain([Failure(fact.failure, fact.address, port)], answers=fact.udp_ms is not None)
        reason = sentence(why.code, why.params)
        printer.line(gettext("not {host}: {reason}", host=fact.address, reason=reason))
        if printer.json:
            event = {"event": "address", "address": fact.address, "code": why.code, "message": reason}
            printer.object({"t": time.time(), **event})
    return best.address


async def _lookup(host: str, port: int) -> list[str]:
    """What `host` resolves to; none if it is no host."""
    if not 0 < port < 65536:
        return []
    with contextlib.suppress(OSError, UnicodeError):  # the latter: a label that is no host name's
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        return list(dict.fromkeys(normalise(info[4])[0] for info in infos))
    return []


async def _series(
    printer: Printer,
    kind: str,
    args: argparse.Namespace,
    probe: Callable[[], Coroutine[None, None, float | Failure | None]],
) -> int:
    """Probe again and again; returns the number of answers."""
    times: list[float] = []
    for number in range(1, args.count + 1):
        if number > 1:
            await asyncio.sleep(args.interval)
        answer = await probe()
        rtt = answer if isinstance(answer, float) else None
        if rtt is not None:
            times.append(rtt)
            result = f"{rtt:.2f} ms"
        elif isinstance(answer, Failure):
            result = sentence(answer.code, answer.params)
        else:
            result = gettext("no answer")
        printer.line(f"{kind} {number}: {result}")
        if printer.json:
            pong = {"transport": kind, "seq": number, "rtt_ms": None if rtt is None else round(rtt, 3)}
            failed = {"code": answer.code} if isinstance(answer, Failure) else {}
            printer.object({"t": time.time(), "event": "pong", **pong, **failed})
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
