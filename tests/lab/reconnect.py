"""Interrupted matches: when a match goes on, and what must be true of one that did. Asked of events and files.

A side is a list of programs: a player whose program was killed has played with the next one since. Knows the command
line, the events and the lab; not the package.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.lab.lan import Lan
from tests.lab.match import assert_exits, hashes
from tests.lab.peer import Event, Peer

__all__ = [
    "Side",
    "assert_went_on",
    "assert_written",
    "newest_frame",
    "playing_again",
    "replay_of",
    "verified",
]

_ROOT = Path(__file__).parents[2]
Side = Sequence[Peer]


def newest_frame(*peers: Peer) -> int:
    """The newest frame that any of `peers` has compared with the other side; 0: none."""
    return max((e["frame"] for peer in peers for e in peer.all("hash")), default=0)


def playing_again(peers: Sequence[Peer], frame: int, timeout: float = 30.0) -> float:
    """Wait until all `peers` have compared a frame after `frame`; Unix time at which the last of them did."""

    def later(peer: Peer) -> Event | None:
        return next((e for e in peer.events if e["event"] == "hash" and e["frame"] > frame), None)

    return max(
        float(peer.wait_until(f"frame after {frame}", lambda peer=peer: later(peer), timeout)["t"])
        for peer in peers
    )


def assert_went_on(lan: Lan, *sides: Side, timeout: float = 30.0) -> Event:
    """Wait for both sides to end well; neither lost, changed or forged a frame. The ``match_ended`` of the first."""
    last = [side[-1] for side in sides]
    assert_exits(*last, code=0, timeout=timeout)
    everybody = [peer for side in sides for peer in side]
    stories = "\n".join(peer.story() for peer in everybody)
    ends = [peer.wait_for("match_ended") for peer in last]
    for field in ("match", "outcome", "frames", "hash"):
        assert ends[0][field] == ends[1][field], f"the sides differ in {field}\n{stories}"
    match, frames = ends[0]["match"], ends[0]["frames"]
    known: dict[int, str] = {}
    for peer in everybody:
        for frame, value in hashes(peer, match).items():
            assert known.setdefault(frame, value) == value, f"frame {frame} was played twice\n{stories}"
        assert not peer.all("desync"), stories
        assert not peer.all("error"), stories
        assert "Traceback" not in peer.log, stories
    assert known[frames] == ends[0]["hash"], stories
    for side in sides:
        assert_written(lan, side[-1], ends[0])
    return ends[0]


def replay_of(peer: Peer) -> Path:
    """The one file of a match in the data directory of `peer`."""
    (path,) = (peer.data_dir / "replays").glob("*.p2preplay")
    return path


def verified(lan: Lan, peer: Peer, path: Path | None = None) -> tuple[int, Event]:
    """Exit code and verdict of ``p2pgame replay verify`` of the file that `peer` wrote."""
    program = [sys.executable, "-m", "p2pgame", "replay", "--json", "verify", str(path or replay_of(peer))]
    done = lan.run(peer.host, program, stdin=subprocess.DEVNULL, cwd=_ROOT)
    lines: list[Any] = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines, f"exit {done.returncode}: {done.stderr}"
    return done.returncode, lines[-1]


def assert_written(lan: Lan, peer: Peer, end: Event) -> None:
    """The file of `peer` is whole, comes out the same when played again, and both players signed it."""
    code, verdict = verified(lan, peer)
    assert code == 0, f"{peer.name}: {verdict}\n{peer.story()}"
    assert sorted(verdict["signed_by"]) == [0, 1], verdict
    assert verdict["frames"] == end["frames"], verdict
