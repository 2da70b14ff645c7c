"""Interrupted and differing matches, measured between hosts: ``python tests/bench/bench_reconnect.py [WORD]``.

As root, on an otherwise idle machine. WORD picks the figures whose function has it in its name. All hosts of the lab
share one clock. "Playing again": both sides have compared the hash of a frame that none had compared before. Every
match is played to its end afterwards, and counts as lost if a frame was played twice, if the two ends differ, or if one
of the two recorded files does not verify.
"""

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.programs import Bench  # noqa: E402
from tests.bench.run import ms  # noqa: E402
from tests.bench.table import Figure, print_table  # noqa: E402
from tests.lab.lan import DEVICE, why_no_lab  # noqa: E402
from tests.lab.peer import Event, Peer  # noqa: E402
from tests.lab.realtime import TICK_RATE, frame_of, pair  # noqa: E402
from tests.lab.reconnect import assert_went_on, newest_frame, playing_again  # noqa: E402

GAMES = ("gomoku", "pong", "tron")
FAR_RTT_MS = 50
NEAR_RTT_MS = 4


def options(game: str, seconds: float) -> tuple[str, int, int]:
    """Milliseconds to think, frames to play and frames after which the match is disturbed; it lasts `seconds` then."""
    if game == "gomoku":
        return "60", 40, 4
    return "0", 90 + round(TICK_RATE * seconds), 90


def play(bench: Bench, game: str, seconds: float = 3.0, *extra: str) -> tuple[Peer, Peer]:
    """Alice and Bob in the middle of a match that would last `seconds` more."""
    think, frames, middle = options(game, seconds)
    peers = pair(bench.start, game, frames, None, "--think-ms", think, "--seed", "3", *extra)
    frame_of(peers[0], middle)
    return peers


# --- the cable


def cut(bench: Bench, host: int, seconds: float) -> float:
    """Pull the cable of `host` for `seconds`; Unix time at which it is back."""
    bench.lan.cut(host)
    time.sleep(seconds)
    back = time.time()
    bench.lan.mend(host)
    return back


def cable(runs: int) -> Iterator[Figure]:
    for game in GAMES:
        for ipv6 in (True, False):
            samples = []
            for run in range(runs):
                with Bench() as bench:
                    if not ipv6:
                        for host in (0, 1):
                            bench.lan.disable_ipv6(host)
                    peers = play(bench, game)
                    back = cut(bench, run % 2, 10 + random.Random(run).random())
                    samples.append(ms(playing_again(peers, newest_frame(*peers)) - back))
                    assert_went_on([peers[0]], [peers[1]])
            wire = "" if ipv6 else ", IPv4 alone"
            yield Figure(f"{game}: cable back after 10 s{wire}, to playing again", 1000, "ms", samples)


def address(runs: int) -> Iterator[Figure]:
    """Another address of the same subnet, as a DHCP server may give after a while."""
    for game in GAMES:
        samples = []
        for run in range(runs):
            with Bench() as bench:
                for host in (0, 1):
                    bench.lan.disable_ipv6(host)
                peers = play(bench, game)
                bench.lan.cut(0)
                bench.lan.add_address(0, "10.77.0.99/24")
                bench.lan.remove_address(0, f"{bench.lan.address(0)}/24")
                bench.lan.run(0, ["ip", "route", "replace", "default", "dev", DEVICE], check=True)
                time.sleep(5 + random.Random(run).random())
                frame, back = newest_frame(*peers), time.time()
                bench.lan.mend(0)
                samples.append(ms(playing_again(peers, frame) - back))
                assert_went_on([peers[0]], [peers[1]])
        yield Figure(f"{game}: cable back after 5 s, another address, to playing again", 1000, "ms", samples)


def hiccup(runs: int) -> Iterator[Figure]:
    pauses: list[float] = []
    stalls: list[float] = []
    for run in range(runs):
        with Bench() as bench:
            peers = play(bench, "pong")
            frame = newest_frame(*peers)
            cut(bench, run % 2, 0.3)
            playing_again(peers, frame + 30)
            assert_went_on([peers[0]], [peers[1]])
            pauses += [float(len(peer.all("match_paused"))) for peer in peers]
            stalls += [ms(longest_silence(peer.all("hash"), frame)) for peer in peers]
    yield Figure("pong: cable out for 0.3 s, pauses that a player is shown", 0, "", pauses, "max")
    yield Figure("pong: the same, longest time without a confirmed frame", 600, "ms", stalls, "max")


def longest_silence(events: list[Event], frame: int) -> float:
    """Seconds between two hashes, of those from `frame` on."""
    times = [e["t"] for e in events if e["frame"] >= frame]
    return max(later - sooner for sooner, later in pairwise(times))


def flapping(runs: int) -> Iterator[Figure]:
    for game in GAMES[1:]:  # by turns, nothing is played for most of the time anyway
        samples = []
        for run in range(runs):
            with Bench() as bench:
                peers = play(bench, game, 25.0)
                for _ in range(30):
                    back = cut(bench, run % 2, 0.5)
                    frame = newest_frame(*peers)
                    time.sleep(0.5)
                samples.append(ms(playing_again(peers, frame) - back))
                assert_went_on([peers[0]], [peers[1]], timeout=60)
        name = f"{game}: cable out every other 500 ms for 30 s, then to playing again"
        yield Figure(name, 1000, "ms", samples)


# --- the program


def asleep(runs: int) -> Iterator[Figure]:
    for game in GAMES:
        samples = []
        for run in range(runs):
            with Bench() as bench:
                peers = play(bench, game)
                sleeper = peers[run % 2]
                sleeper.process.send_signal(signal.SIGSTOP)
                time.sleep(10)
                frame, woken = newest_frame(*peers), time.time()
                sleeper.process.send_signal(signal.SIGCONT)
                samples.append(ms(playing_again(peers, frame) - woken))
                assert_went_on([peers[0]], [peers[1]])
        yield Figure(f"{game}: one side stood still for 10 s, to playing again", 1000, "ms", samples)


def killed(runs: int) -> Iterator[Figure]:
    for game in GAMES:
        for role in ("host", "guest"):
            samples = []
            for run in range(runs):
                with Bench() as bench:
                    peers = play(bench, game)
                    host = peers[0].wait_for("host_elected")["host"]
                    (victim,) = [p for p in peers if (p.id == host) == (role == "host")]
                    (other,) = [p for p in peers if p is not victim]
                    victim.kill()
                    frame = newest_frame(*peers)
                    time.sleep(random.Random(run).uniform(0.0, 4.0))
                    again = bench.start(victim.host, victim.name, *victim.args, data_dir=victim.data_dir)
                    began = float(again.wait_for("announcing")["t"])
                    samples.append(ms(playing_again((again, other), frame) - began))
                    assert_went_on([victim, again], [other])
            yield Figure(f"{game}: kill -9 of the {role}, announcing to playing again", 2000, "ms", samples)


# --- differing states


def corrupted(runs: int) -> Iterator[Figure]:
    for game in GAMES:
        for rtt in (NEAR_RTT_MS, FAR_RTT_MS):
            found: list[float] = []
            named: list[float] = []
            again: list[float] = []
            for run in range(runs):
                with Bench() as bench:
                    bench.lan.impair(delay_ms=rtt / 2)
                    frame = options(game, 0)[2] + 3 + run
                    sooner, later, last = mended(bench, game, frame, run % 2)
                    found.append(sooner)
                    named.append(later)
                    again.append(last)
            wire = f"{game}, RTT {rtt} ms: a field corrupted"
            if game == "gomoku":
                yield Figure(f"{wire}, moves until it is found", 1, "moves", found, "max")
            else:
                yield Figure(f"{wire}, frames until it is found", 10, "frames", found, "max")
            yield Figure(f"{wire}, found to named on both", 2 * rtt + 100, "ms", named)
            yield Figure(f"{wire}, found to playing again on both", 500, "ms", again)


def mended(bench: Bench, game: str, frame: int, who: int) -> tuple[float, float, float]:
    """One match in which the state of `who` is corrupted after `frame`: frames, then milliseconds twice."""
    think, frames, _ = options(game, 3.0)
    role = (("--accept",), ("--invite", "Alice"))
    peers: list[Peer] = []
    for host, name in enumerate(("Alice", "Bob")):
        extra = ("--corrupt", str(frame)) if host == who else ()
        args = ("bot", "--game", game, *role[host], "--frames", str(frames), "--think-ms", think, *extra)
        peers.append(bench.start(host, name, *args))
        peers[-1].wait_for("announcing")
    alarms = [peer.wait_for("match_paused", 30, reason="desync") for peer in peers]
    names = [peer.wait_for("desync") for peer in peers]
    resumed = playing_again(peers, max(names[0]["frame"], names[1]["frame"]))
    for peer, event in zip(peers, names, strict=True):
        assert event["mended"], peer.story()
        assert event["frame"] == frame, peer.story()
        assert event["path"], peer.story()
    first = min(float(e["t"]) for e in alarms)
    for peer in peers:
        peer.assert_exit(0, 30)
    ends = [peer.wait_for("match_ended") for peer in peers]
    assert ends[0]["hash"] == ends[1]["hash"], f"{peers[0].story()}\n{peers[1].story()}"
    detected = max(frames_passed(peer, frame, first) for peer in peers)
    return detected, ms(max(float(e["t"]) for e in names) - first), ms(resumed - first)


def frames_passed(peer: Peer, frame: int, until: float) -> float:
    """How many frames `peer` had played, Unix time `until`, since it played `frame`."""
    moves = [e for e in peer.all("move") if e["t"] <= until]
    if moves:
        return float(max(e["frame"] for e in moves) - frame)
    started = peer.wait_for("match_started")
    return (until - started["t"]) * started["tick_rate"] + 1 - frame  # the first tick passes at once


FIGURES: tuple[Callable[[int], Iterator[Figure]], ...] = (
    cable,
    address,
    hiccup,
    flapping,
    asleep,
    killed,
    corrupted,
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("word", nargs="?", default="", help=", ".join(f.__name__ for f in FIGURES))
    parser.add_argument("--runs", type=int, default=6)
    args = parser.parse_args()
    if reason := why_no_lab():
        print(reason, file=sys.stderr)
        return 1
    rows: list[Figure] = []
    for measure in FIGURES:
        if args.word in measure.__name__:
            for row in measure(args.runs):
                rows.append(row)
                print(row.name, *(f"{x:.1f}" for x in row.samples), file=sys.stderr, flush=True)
    print_table(rows)
    print(f"load {os.getloadavg()[0]:.1f}; every match went on to its end, with equal hashes and good files")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
