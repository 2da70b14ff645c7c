"""`p2pgame ping`: round trips to a peer over UDP and TCP, printed as ping does.

Speaks the plain-text probes of docs/protocol.md, so it works against any peer, known or not.
"""

import argparse
import asyncio
import contextlib
import statistics
import time
from collections.abc import Callable, Coroutine

from p2pgame.cli.common import count, node_config, run_loop, seconds
from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer
from p2pgame.core.registry import installed
from p2pgame.net.doctor.reach import tcp_ms, udp_ms
from p2pgame.net.node import Node
from p2pgame.session import events as e

__all__ = ["add_arguments", "run"]

_TIMEOUT = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="PEER|HOST[:PORT]", help="name, tag or id of a peer; or an address")
    parser.add_argument(
        "--count", type=_some, default=5, metavar="N", help="round trips of each kind (default 5)"
    )
    parser.add_argument(
        "--interval", type=seconds, default=0.2, metavar="S", help="seconds between them (default 0.2)"
    )
    parser.add_argument(
        "--wait", type=seconds, default=3.0, metavar="S", help="how long to look for PEER (default 3)"
    )


def _some(text: str) -> int:
    if not (value := count(text)):
        raise argparse.ArgumentTypeError("at least one is needed")
    return value


def run(args: argparse.Namespace) -> int:
    printer = Printer(json=args.json)

    async def main() -> int:
        found = await _resolve(args)
        if found is None:
            printer.event(time.time(), e.ErrorEvent(code="no_such_peer", params={"name": repr(args.target)}))
            return Exit.NO_SUCH_PEER
        host, port = found
        printer.line(f"pinging {host} port {port}")
        udp = await _series(printer, "udp", args, lambda: udp_ms(found, tries=1, spacing=_TIMEOUT))
        tcp = await _series(printer, "tcp", args, lambda: tcp_ms(found))
        return Exit.DONE if udp or tcp else Exit.CONNECTION_LOST

    return run_loop(main)


async def _resolve(args: argparse.Namespace) -> tuple[str, int] | None:
    """Host and unicast port of the target: an address as it stands, or what discovery finds."""
    host, _, port = args.target.rpartition(":")
    if host and port.isdecimal() and (":" not in host or host.startswith("[")):
        return (host.strip("[]"), int(port)) if 0 < int(port) < 65536 else None
    loop = asyncio.get_running_loop()
    found: asyncio.Future[tuple[str, int]] = loop.create_future()

    def look(*_: object) -> None:
        peer = node.discovery.find(args.target)
        if peer is not None and not found.done():
            found.set_result((peer.address, peer.udp_port))

    node = Node(node_config(args), installed(), look)
    try:
        await node.start()
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(found, args.wait)
    finally:
        await node.stop()
    with contextlib.suppress(OSError, UnicodeError):  # the latter: a label that is no host name's
        await loop.getaddrinfo(args.target, None)
        return args.target, args.discovery_port + 1
    return None


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
        printer.line(f"{kind} {number}: " + ("no answer" if rtt is None else f"{rtt:.2f} ms"))
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
    text = "".join(f", {name.removesuffix('_ms')} {value:.2f}" for name, value in figures.items())
    printer.line(
        f"{kind}: {args.count} sent, {len(times)} answered, {loss:.0f} % lost{text}{' ms' if text else ''}"
    )
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
