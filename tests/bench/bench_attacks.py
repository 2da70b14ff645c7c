"""What a hostile host costs two honest ones: ``python tests/bench/bench_attacks.py [WORD]``.

As root, on an otherwise idle machine: the attacker shares its processors. Three hosts of the lab, the third ours
(`tests.lab.attacker`). WORD picks the figures whose function has it in its name. A row that misses its target is
marked; the exit code is 1 if a match did not end well.
"""

import argparse
import asyncio
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from p2pgame.discovery.limits import TokenBucket  # noqa: E402
from p2pgame.net.links import LinkHandler, Links  # noqa: E402
from p2pgame.net.tls import Credentials  # noqa: E402
from p2pgame.replay.reader import WORK_MAX, read  # noqa: E402
from p2pgame.replay.records import Inputs, Repaired  # noqa: E402
from p2pgame.storage.identity import Identity, open_identity  # noqa: E402
from p2pgame.wire.beacon import Flag  # noqa: E402
from p2pgame.wire.bounds import CONNECTIONS_MAX  # noqa: E402
from tests.bench import bench_fairness  # noqa: E402
from tests.bench.programs import Bench  # noqa: E402
from tests.bench.run import ACCEPT, INVITE, ms, time_of  # noqa: E402
from tests.bench.table import Figure, print_table  # noqa: E402
from tests.lab.attacker import Attacker, forged, invented  # noqa: E402
from tests.lab.crowd import Stranger as Dialler  # noqa: E402
from tests.lab.display import open_display  # noqa: E402
from tests.lab.forge import Datagram, Wire  # noqa: E402
from tests.lab.lan import why_no_lab  # noqa: E402
from tests.lab.peer import Peer  # noqa: E402
from tests.lab.realtime import assert_equal_hashes, frame_of, pair  # noqa: E402
from tests.lab.stranger import Stranger  # noqa: E402
from tests.lab.test_realtime import udp_arrived  # noqa: E402
from tests.unit.replay.made import file_of, header_of  # noqa: E402
from tests.unit.testing.games import Dots  # noqa: E402
from tests.unit.wire.samples import HELLO  # noqa: E402

CROWD = [f"10.77.0.{number}" for number in range(100, 250)]
FLOOD = 100_000
PACE = 10
"""A millisecond's rest after so many: at full speed the wire of the lab loses most, and nobody is attacked."""
SECONDS = 40
"""Of the match."""


def flood(kind: str, beacons: list[bytes]) -> Iterator[Figure]:
    """All of `beacons` at full speed while Pong is played."""
    with Bench(3) as bench, Attacker(bench.lan, 2) as attacker:
        peers = pair(bench.start, "pong", 60 * SECONDS)
        frame_of(peers[0], 120)
        before = [peer.memory_kb() for peer in peers]
        peak = list(before)
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.1):
                peak[:] = [max(most, peer.memory_kb()) for most, peer in zip(peak, peers, strict=True)]

        with ThreadPoolExecutor(1) as thread:
            watching = thread.submit(watch)
            arrived = udp_arrived(bench.lan, 0)
            began = time.monotonic()
            attacker.shout(beacons, CROWD, pause_every=PACE)
            seconds = time.monotonic() - began
            time.sleep(1)
            arrived = udp_arrived(bench.lan, 0) - arrived
            over.set()
            watching.result()
        lost = [len(a.all("peer_lost", peer=b.id)) for a, b in (peers, peers[::-1])]
        ends = assert_equal_hashes(*peers, timeout=2 * SECONDS)
    rate = f"{len(beacons)} {kind} beacons sent and {arrived} datagrams heard in {seconds:.0f} s"
    growth = [(most - was) / 1000 for most, was in zip(peak, before, strict=True)]
    yield Figure(f"{rate}: resident memory of a player, growth", 10, "MB", growth, "max")
    yield Figure(f"{rate}: times a player lost the other", 0, "", lost, "max")
    for field, target in (("p99_late_ms", 20), ("max_late_ms", 20), ("stalls", 0), ("p99_rollback", 8)):
        if field in ends[0]["stats"]:
            yield Figure(f"{rate}: {field}", target, "", [end["stats"][field] for end in ends], "max")


def beacons_signed() -> Iterator[Figure]:
    yield from flood("signed", invented(FLOOD))


def beacons_unsigned() -> Iterator[Figure]:
    some = forged(invented(2000))
    yield from flood("unsigned", some * (FLOOD // len(some)))


def lobby() -> Iterator[Figure]:
    """A lobby that draws without rest, in a window, while peers are invented as fast as they can be."""
    seconds = 15.0
    with (
        Bench(3) as bench,
        Attacker(bench.lan, 2) as attacker,
        open_display() as screen,
        tempfile.TemporaryDirectory() as data_dir,
    ):
        command = [sys.executable, str(ROOT / "tests/bench/lobby_fps.py"), data_dir, str(seconds)]
        program = bench.lan.popen(
            0,
            command,
            env=os.environ | screen.env | {"PYGAME_HIDE_SUPPORT_PROMPT": "1"},
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        if program.stdout is None or program.stdout.readline().strip() != "ready":
            raise AssertionError("the lobby did not open")
        attacker.shout(invented(60_000), CROWD, pause_every=PACE)
        fps, longest, listed = map(float, program.stdout.read().split())
        program.wait()
    name = f"lobby under 60,000 invented peers, {listed:.0f} listed"
    yield Figure(f"{name}: a frame (55 a second: 18.2 ms)", 18.2, "ms", [1000 / fps])
    yield Figure(f"{name}: the longest step", 100, "ms", [longest])


def connections() -> Iterator[Figure]:
    """Idle, slow and senseless TCP connections; an honest invite among them."""
    with Bench(3) as bench, Attacker(bench.lan, 2) as attacker:
        alice = bench.start(0, "Alice", *ACCEPT, "--frames", "2")
        port = alice.wait_for("announcing")["tcp_port"]
        with attacker.callers(bench.lan.address(0), port, 500) as callers, ThreadPoolExecutor(1) as thread:
            cut = thread.submit(callers.wait_cut, 30)
            bob = bench.start(1, "Bob", *INVITE, "Alice", "--frames", "2")
            sent = time_of(bob, "invite_sent")
            received = time_of(alice, "invite_received")
            seconds = cut.result()
    yield Figure("500 connections: invite_sent to invite_received", 1000, "ms", [ms(received - sent)])
    yield Figure("500 connections: until all are cut", 5, "s", [seconds])


def solicitations() -> Iterator[Figure]:
    """1,000 questions to all, in the name of an address that asked nothing."""
    for kind, signed in (("signed", True), ("unsigned", False)):
        with Bench(3) as bench, Attacker(bench.lan, 2) as attacker, Wire(bench.lan, 1) as victim:
            alice = bench.start(0, "Alice", *ACCEPT)
            alice.wait_for("announcing")
            time.sleep(4)
            beacons = invented(1000, flags=Flag.SOLICIT)
            with ThreadPoolExecutor(1) as thread:
                listening = thread.submit(attacker.beacons, 5.0, 1)
                attacker.shout(beacons if signed else forged(beacons), [bench.lan.address(1)], pause_every=1)
                mine = [beacon for beacon in listening.result() if beacon.peer == alice.id]
            hits = [d for d in victim.heard() if d.source[0] == bench.lan.address(0)]
            after = 10.0
            time.sleep(after)
            later = [d for d in victim.heard() if d.source[0] == bench.lan.address(0)]
        name = f"1,000 {kind} solicitations with a forged source"
        yield Figure(f"{name}: unicast to the victim within 5 s", 0, "", [len(hits)])
        yield Figure(f"{name}: unicast to it in the 10 s after", 0, "", [len(later)])
        yield Figure(f"{name}: beacons a second, over 5 s", 4, "/s", [len(mine) / 5])


def text_pings() -> Iterator[Figure]:
    """What comes back of a flood of text pings: to each at most its own size, and few."""
    with Bench(2) as bench:
        port = bench.start(0, "Alice", *ACCEPT).wait_for("announcing")["udp_port"]
        with bench.lan.open_socket(1, socket.SOCK_DGRAM) as probe:
            probe.connect((bench.lan.address(0), port))
            probe.setblocking(False)
            began, back = time.monotonic(), []
            while time.monotonic() < began + 5:
                probe.send(b"ping abcdefghijklmnopqrstuvwx\n")
                try:
                    back.append(len(probe.recv(4096)))
                except BlockingIOError:
                    time.sleep(0.0005)
    yield Figure("text pings for 5 s: answers a second", 12, "/s", [len(back) / 5])
    yield Figure("text pings: size of an answer to 30 bytes", 30, "B", back, "max")


RATE = 460
"""Frames a second of a stranger who means somebody in particular."""
HOME, GUEST, STRANGER, NEIGHBOUR = range(4)
"""Hosts: Alice, whoever comes to play, the attacker, and Dave, who only stands in the list."""


def beside(
    name: str,
    attack: Callable[[Stranger], Iterator[Datagram]],
    rate: float = RATE,
    *,
    prepare: Callable[[Stranger], Iterator[Datagram]] | None = None,
    fakes: int = 0,
    addresses: int = 0,
) -> Iterator[Figure]:
    """What a stranger costs a LAN of honest peers: invitations of people unknown and known, and the time in the list.

    Each guest starts in the middle of the attack, and comes again as the friend that it is by then.
    """
    with Bench(4) as bench, Stranger(bench.lan, STRANGER, fakes=fakes, addresses=addresses) as stranger:
        alice, dave = bench.start(HOME, "Alice", *ACCEPT), bench.start(NEIGHBOUR, "Dave", *ACCEPT)
        alice.wait_for("peer_found", peer=dave.wait_for("announcing")["peer"])
        dave.wait_for("peer_found", peer=alice.id)
        if prepare is not None:
            with stranger.attacking(prepare(stranger), RATE / 4):
                time.sleep(8)
            stranger.sent = 0
        times: dict[str, list[float]] = {"a stranger": [], "a friend": []}
        failed = 0
        began, busy = time.time(), alice.cpu_s()
        with stranger.attacking(attack(stranger), rate), tempfile.TemporaryDirectory() as data:
            time.sleep(10)
            for number in range(4):
                for kind, some in times.items():
                    known = len(alice.events)  # thousands: to look at all of them again is an attack, too
                    bob = bench.start(
                        GUEST,
                        f"Bob{number}",
                        *INVITE,
                        "Alice",
                        "--frames",
                        "2",
                        data_dir=Path(data, str(number)),
                    )
                    try:
                        since = time_of(bob, "announcing")
                        got = alice.wait_for("invite_received", 12, after=known, peer=bob.id)
                        some.append(ms(got["t"] - since))
                        bob.assert_exit(0, 12)
                    except AssertionError as error:
                        failed += 1
                        some.append(12_000)
                        print(f"{name}, {kind}: {str(error).splitlines()[0]}", file=sys.stderr)
                    bob.close()
            until = time.time()
            sent = stranger.sent / (until - began)
            busy = 100 * (alice.cpu_s() - busy) / (until - began)
        away = [
            100 * unlisted(a, b, bench.lan.addresses(b.host), began, until)
            for a, b in ((alice, dave), (dave, alice))
        ]
    name = f"{name} ({sent:.0f}/s)"
    yield Figure(f"{name}: invitations that failed, of 8", 0, "", [failed])
    for (kind, some), target in zip(times.items(), (3000, 1000), strict=True):
        yield Figure(f"{name}: {kind} starts, until its invitation is there", target, "ms", some, "max")
    yield Figure(f"{name}: processor of a program that is listed and asked", 15, "%", [busy])
    yield Figure(f"{name}: share of time an honest peer is not listed where it is", 1, "%", away, "max")


def unlisted(peer: Peer, other: Peer, home: set[str], since: float, until: float) -> float:
    """The share of the time that `peer` did not list `other` at one of its addresses, as it did at first."""
    gone, wrong_at = 0.0, None
    for event in peer.events:
        if event.get("peer") != other.id or event["t"] < since or not event["event"].startswith("peer_"):
            continue
        right = event["event"] != "peer_lost" and event["address"] in home
        if not right and wrong_at is None:
            wrong_at = event["t"]
        elif right and wrong_at is not None:
            gone, wrong_at = gone + event["t"] - wrong_at, None
    return (gone + (until - wrong_at if wrong_at is not None else 0.0)) / (until - since)


def honest(stranger: Stranger) -> list[str]:
    return [stranger.lan.address(host) for host in (HOME, GUEST, NEIGHBOUR)]


def quiet() -> Iterator[Figure]:
    """The same without an attack, to compare."""
    yield from beside("nobody attacks", lambda _: iter(()))


def split() -> Iterator[Figure]:
    """Beacons replayed, questions asked in the name of each, answers for all: at full rate for each pair of three."""
    yield from beside("between each two", lambda stranger: stranger.lies(*honest(stranger)), 3 * RATE)


def moved() -> Iterator[Figure]:
    """Eight that answered move to the address of who comes to play."""
    address = f"10.77.0.{GUEST + 1}"
    yield from beside(
        "eight fakes at the guest's address",
        lambda stranger: stranger.live([address]),
        16,
        prepare=lambda stranger: stranger.live(),
        fakes=8,
    )


def crowd() -> Iterator[Figure]:
    """More than the list holds, all of whom answer, from twenty addresses: as many beacons as keep them alive."""
    yield from beside(
        "300 fakes that answer",
        lambda stranger: stranger.live(),
        100,
        prepare=lambda stranger: stranger.live(),
        fakes=300,
        addresses=20,
    )


def leaving() -> Iterator[Figure]:
    """Goodbyes by mDNS in the name of all, and their addresses flooded."""
    yield from beside("mDNS goodbyes", lambda stranger: stranger.farewells(*honest(stranger)), 3 * RATE)


def ghost() -> Iterator[Figure]:
    """Somebody at a dead peer's address answers for it."""
    with Bench(4) as bench, Stranger(bench.lan, STRANGER) as stranger:
        alice, dave = bench.start(HOME, "Alice", *ACCEPT), bench.start(NEIGHBOUR, "Dave", *ACCEPT)
        alice.wait_for("peer_found", peer=dave.wait_for("announcing")["peer"])
        address = bench.lan.address(NEIGHBOUR)
        dave.kill()
        died = time.time()
        bench.lan.link(NEIGHBOUR, "down")
        bench.lan.add_address(STRANGER, f"{address}/24")
        stranger.addresses.append(address)
        with stranger.attacking(stranger.lies(bench.lan.address(HOME), address), RATE):
            try:
                seconds = time_of(alice, "peer_lost", 20, peer=dave.id) - died
            except AssertionError:
                seconds = 20.0
    yield Figure("a dead peer, for whom somebody at its address answers, is lost after", 8, "s", [seconds])


def calls() -> Iterator[Figure]:
    """Signed requests to be dialled, in the name of an address that asked nothing."""
    with Bench(4) as bench, Stranger(bench.lan, STRANGER, fakes=1) as stranger:
        alice = bench.start(HOME, "Alice", *ACCEPT)
        alice.wait_for("announcing")
        with bench.lan.open_socket(NEIGHBOUR, socket.SOCK_STREAM) as victim:
            victim.bind(("", 4000))
            victim.listen(256)
            victim.setblocking(False)
            with stranger.attacking(stranger.live(), 4):
                alice.wait_for("peer_found")
                time.sleep(1)
            stranger.sent = dials = 0
            with stranger.attacking(
                stranger.calls(alice.id, bench.lan.address(HOME), (bench.lan.address(NEIGHBOUR), 4000)), 20
            ):
                end = time.monotonic() + 20
                while time.monotonic() < end:
                    try:
                        victim.accept()[0].close()
                        dials += 1
                    except BlockingIOError:
                        time.sleep(0.01)
    yield Figure(f"{stranger.sent} calls in another's name in 20 s: dials to it", 0, "", [dials])


GARBAGE = {
    "no header of ours": b"hello, this is nothing" * 4,
    "an unknown type": b"p2pg\1\x09" + bytes(90),
    "too long": b"p2pg\1\1" + bytes(1400),
    "a match that is not": b"\x80" + bytes(40),
    "too short for its type": b"p2pg\1\x06" + bytes(20),
    "a forged beacon": forged(invented(1))[0],
    "a ping to all": b"p2pg\1\2" + bytes(16),
    "a probe of nobody": b"p2pg\1\6" + bytes(range(64)),
    "a proof of nothing": b"p2pg\1\7" + bytes(24),
}
SENDER = """
import socket, sys, time
port, rate, seconds, data = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), bytes.fromhex(sys.argv[4])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
began, sent = time.time(), 0
while time.time() < began + seconds:
    due = (time.time() - began) * rate
    while sent < due:
        sock.sendto(data, ("127.0.0.1", port))
        sent += 1
    time.sleep(0.0005)
"""


def garbage() -> Iterator[Figure]:
    """What a program pays for a datagram that is none, at its unicast port: processor time, its rest subtracted."""
    with Bench(1) as bench:
        alice = bench.start(0, "Alice", *ACCEPT)
        port = alice.wait_for("announcing")["udp_port"]
        time.sleep(3)
        rest = alice.cpu_s()
        time.sleep(5)
        rest = (alice.cpu_s() - rest) / 5
        for name, data in GARBAGE.items():
            for rate in (20_000, 60_000):
                before, arrived = alice.cpu_s(), udp_arrived(bench.lan, 0)
                bench.lan.run(0, [sys.executable, "-c", SENDER, str(port), str(rate), "5", data.hex()])
                arrived = udp_arrived(bench.lan, 0) - arrived
                cost = alice.cpu_s() - before - rest * 5
                yield Figure(
                    f"garbage ({name}), {arrived / 5:.0f}/s read: each", 5, "us", [1e6 * cost / arrived]
                )


def in_a_match(what: str, seconds: float, **options: float) -> Iterator[Figure]:
    """A crowd of strangers while Pong is played; what it costs one of the two."""
    with Bench(3) as bench, Attacker(bench.lan, 2) as attacker:
        peers = pair(bench.start, "pong", 60 * int(seconds + 30))  # also where all takes longer
        frame_of(peers[0], 120)
        alice = peers[0]
        target = (bench.lan.address(0), alice.wait_for("announcing")["tcp_port"])
        memory, descriptors, quiet = alice.memory_kb(), alice.descriptors(), alice.cpu_s()
        time.sleep(2)
        quiet = (alice.cpu_s() - quiet) / 2
        most = [0, 0]
        with attacker.crowd(what, target, CROWD, seconds, **options) as crowd:
            time.sleep(2)  # it has to start
            began, cpu = time.time(), alice.cpu_s()
            while crowd.poll() is None and time.time() < began + seconds - 2:
                most = [max(most[0], alice.memory_kb()), max(most[1], alice.descriptors())]
                time.sleep(0.1)
            ended, cpu = time.time(), alice.cpu_s() - cpu
            told = json.loads(crowd.communicate(timeout=20)[0])
        time.sleep(3)
        kept = alice.memory_kb()
        first, *_, last = [e for e in alice.all("hash") if began <= e["t"] <= ended]
        assert_equal_hashes(*peers, timeout=60)
    name = f"{what} ({told['through']} let in, {told['refused']} refused)"
    taken = (last["frame"] - first["frame"]) / (last["t"] - first["t"])
    yield Figure(f"{name}: a confirmed frame (58 a second: 17.2 ms)", 17.2, "ms", [1000 / taken])
    yield Figure(
        f"{name}: of a processor, more than in peace", 20, "%", [100 * (cpu / (ended - began) - quiet)]
    )
    yield Figure(f"{name}: resident memory, growth", 20, "MB", [(most[0] - memory) / 1000])
    yield Figure(f"{name}: of that kept 3 s later", 5, "MB", [(kept - memory) / 1000])
    yield Figure(f"{name}: descriptors, growth", CONNECTIONS_MAX, "", [most[1] - descriptors])


def handshakes() -> Iterator[Figure]:
    """As many as they can, from 150 addresses, and 60 a second.

    Before there was a bound for all strangers: 47 confirmed frames a second, 70 MB that were kept, 361 descriptors.
    """
    yield from in_a_match("handshakes", 10.0)
    yield from in_a_match("handshakes", 10.0, rate=60)


def messages() -> Iterator[Figure]:
    """190 a second on each of 16 and of 100 links.

    Before: 32 % of a processor and 31 MB that were kept, with 100 links.
    """
    for links in (16, 100):
        yield from in_a_match("messages", 10.0, rate=190, links=links, keys=links)


def invitations_in_a_flood() -> Iterator[Figure]:
    """Handshakes as many as they can; a stranger invites, then again, who was met now. Before: never received."""
    with Bench(3) as bench, Attacker(bench.lan, 2) as attacker, tempfile.TemporaryDirectory() as home:
        alice = bench.start(0, "Alice", *ACCEPT, "--frames", "2", "--matches", "2")
        target = (bench.lan.address(0), alice.wait_for("announcing")["tcp_port"])
        with attacker.crowd("handshakes", target, CROWD, 30.0):
            time.sleep(3)
            for number, (who, most) in enumerate((("a stranger", 3000), ("somebody who was met", 1000))):
                bob = bench.start(1, "Bob", *INVITE, "Alice", "--frames", "2", data_dir=Path(home) / "bob")
                sent = time_of(bob, "invite_sent")
                bob.wait_exit(15)
                received = alice.all("invite_received")[number]["t"]
                name = f"a flood of handshakes: invite_sent to invite_received of {who}"
                yield Figure(name, most, "ms", [ms(received - sent)])


def handshake() -> Iterator[Figure]:
    """Our side of one with all around it, processor time; the other side is a process of its own.

    At 50 a second nothing of ours is in the processor's caches. What OpenSSL takes of it is measured in memory, beside
    what it takes of the other side.
    """
    with tempfile.TemporaryDirectory() as home:
        ours = open_identity(Path(home))
        cold, hot = [], []
        for _ in range(3):
            cold.append(asyncio.run(_handshakes(ours, 50)))
            hot.append(asyncio.run(_handshakes(ours, 0)))
        alone = [_openssl(ours, Dialler()) for _ in range(200)]
    name = "a handshake of a stranger"
    yield Figure(f"{name}, 50 a second: processor time of ours", 1.2, "ms", cold)
    yield Figure(f"{name}, as many as they can: processor time of ours", 1.2, "ms", hot)
    yield Figure(f"{name}, in memory: OpenSSL's of ours", 1.2, "ms", [server for server, _ in alone])
    yield Figure(f"{name}, in memory: OpenSSL's of theirs", 1.2, "ms", [client for _, client in alone])


async def _handshakes(ours: Identity, rate: float) -> float:
    """Processor time of each in milliseconds."""
    links = Links(ours, lambda: HELLO, LinkHandler())
    links.handshakes.admit_stranger = lambda *_: True  # type: ignore[method-assign]
    links.handshakes.strangers_ready = lambda _: True  # type: ignore[method-assign]
    links._accepts = TokenBucket(1e9, 1e9)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    await links.listen([listener])
    began = time.process_time()
    command = [sys.executable, "-m", "tests.lab.crowd", "handshakes", *map(str, listener.getsockname())]
    command += ["--seconds", "4", "--rate", str(rate)]
    command += ["--source", *(f"127.0.1.{number}" for number in range(1, 100))]
    crowd = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    told = json.loads((await crowd.communicate())[0])
    spent = time.process_time() - began
    await links.close()
    return float(1000 * spent / told["through"])


def _openssl(ours: Identity, stranger: Dialler) -> tuple[float, float]:
    """Processor time of both sides of a handshake without anything around it, in milliseconds: server, client."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = Credentials(ours).context(stranger.certificate, server=True)
    server = context.wrap_bio(there, back, server_side=True)
    client = stranger.context.wrap_bio(back, there)
    spent = []
    for side in (client, server) * 2:  # the client speaks first, and is done after the server's flight
        began = time.thread_time()
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
        spent.append(1000 * (time.thread_time() - began))
    return spent[1] + spent[3], spent[0] + spent[2]


def replays() -> Iterator[Figure]:
    """What a made-up file of less than a megabyte can have `verify` do. Before: 2,000,000 frames of any state."""
    frames, state = 1_900_000, bytes(900_000)
    header = header_of(Dots())
    large = Repaired(frame=0, state=state, chain=bytes(16), reason="desync")
    runs = ((65535, (b"\0", b"\0")),)
    parts = [Inputs(first=n, runs=runs, hashes=b"", chain=bytes(16)) for n in range(0, frames, 65535)]
    data = file_of([header, large, *parts])
    yield Figure(f"a made-up replay of {len(data)} bytes: frames", WORK_MAX / 50, "", [read(data).frames])


FIGURES: tuple[Callable[[], Iterator[Figure]], ...] = (
    beacons_signed,
    beacons_unsigned,
    lobby,
    connections,
    solicitations,
    text_pings,
    quiet,
    split,
    moved,
    crowd,
    leaving,
    ghost,
    calls,
    garbage,
    *bench_fairness.FIGURES,
    handshakes,
    messages,
    invitations_in_a_flood,
    handshake,
    replays,
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("word", nargs="?", default="", help=", ".join(f.__name__ for f in FIGURES))
    args = parser.parse_args()
    if reason := why_no_lab():
        print(reason, file=sys.stderr)
        return 1
    failures = 0
    for measure in FIGURES:
        if args.word in measure.__name__:
            print(f"{measure.__name__} ...", file=sys.stderr, flush=True)
            try:
                print_table([*measure()])
            except Exception:  # one that fails keeps no other one from its figures
                failures += 1
                traceback.print_exc()
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
