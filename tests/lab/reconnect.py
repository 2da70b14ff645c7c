"""Interrupted matches: when a match goes on, and what must be true of one that did. Asked of events and files.

A side is a list of programs: a player whose program was killed has played with the next one since. Knows the command
line, the events and the lab; not the package.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

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


def assert_went_on(*sides: Side, timeout: float = 30.0) -> Event:
    """Wait for both sides to end well; neither lost, changed or forged a frame. The ``match_ended`` of the first.

    Where both were killed at once, what neither had on disk yet may be played anew.
    """
    last = [side[-1] for side in sides]
    assert_exits(*last, code=0, timeout=timeout)
    everybody = [peer for side in sides for peer in side]
    stories = "\n".join(peer.story() for peer in everybody)
    ends = [peer.wait_for("match_ended") for peer in last]
    for field in ("match", "outcome", "frames", "hash"):
        assert ends[0][field] == ends[1][field], f"the sides differ in {field}\n{stories}"
    match, frames = ends[0]["match"], ends[0]["frames"]
    known: dict[int, str] = {}
    kept = _kept(sides)
    for peer in everybody:
        for frame, value in hashes(peer, match).items():
            if frame > kept and peer not in last:
                continue
            assert known.setdefault(frame, value) == value, f"frame {frame} was played twice\n{stories}"
        assert not peer.all("desync"), stories
        assert not peer.all("error"), stories
        assert "Traceback" not in peer.log, stories
    assert known[frames] == ends[0]["hash"], stories
    assert_written(*last)
    return ends[0]


def _kept(sides: Sequence[Side]) -> int:
    """The newest frame that was on a disk, or in a program that lived, at every moment."""
    if any(len(side) == 1 for side in sides):
        return sys.maxsize
    return max(e["frames"] for side in sides for e in side[-1].all("match_resumable"))


def replay_of(peer: Peer) -> Path:
    """The one file of a match in the data directory of `peer`."""
    (path,) = (peer.data_dir / "replays").glob("*.p2preplay")
    return path


def verified(*peers: Peer) -> tuple[int, list[Event]]:
    """Exit code and verdicts of ``p2pgame replay verify`` of the files that `peers` wrote."""
    files = [str(replay_of(peer)) for peer in peers]
    command = [sys.executable, "-m", "p2pgame", "replay", "--json", "verify", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=_ROOT, check=False)
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(verdicts) == len(peers), f"exit {done.returncode}: {done.stdout} {done.stderr}"
    return done.returncode, verdicts


def assert_written(*peers: Peer) -> None:
    """Their files are whole, come out the same when played again, and both players signed them."""
    code, verdicts = verified(*peers)
    stories = "\n".join(peer.story() for peer in peers)
    assert code == 0, f"{verdicts}\n{stories}"
    for peer, verdict in zip(peers, verdicts, strict=True):
        assert sorted(verdict["signed_by"]) == [0, 1], f"{verdict}\n{stories}"
        assert verdict["frames"] == peer.wait_for("match_ended")["frames"], f"{verdict}\n{stories}"
