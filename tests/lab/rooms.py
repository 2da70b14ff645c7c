"""Rooms of programs in the lab: open and join one, who carries its match, what must be true of a round.

Knows the command line, the events and the lab; not the package.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.lab.lan import Lan
from tests.lab.match import assert_exits, hashes
from tests.lab.peer import Event, Peer

__all__ = [
    "again",
    "assert_same_round",
    "guests_of",
    "host_of",
    "newest",
    "open_room",
    "played",
    "split",
    "verdict",
]

Start = Callable[..., Peer]
"""start(host, name, command, *options, data_dir=None) -> Peer"""
NAMES = ("Ann", "Ben", "Cid", "Dan", "Eve", "Fay", "Gus", "Hal")
_ROOT = Path(__file__).parents[2]


def open_room(
    start: Start,
    count: int,
    frames: int,
    *,
    game: str = "tron",
    seats: int = 0,
    bots: int = 0,
    local: int = 1,
    matches: int = 1,
    playing: bool = True,
) -> list[Peer]:
    """So many programs on as many hosts, all in the room of the first; each has `local` players. They play by now."""
    options = ["--matches", str(matches), "--local", str(local)]
    seats = seats or count * local
    first = start(
        0, NAMES[0], "bot", "--open", game, "--seats", str(seats), "--bots", str(bots),
        "--frames", str(frames), "--seed", "1", *options,
    )  # fmt: skip
    peers = [first]
    for number in range(1, count):
        seed = str(1 + number)
        peers.append(start(number, NAMES[number], "bot", "--join", NAMES[0], "--seed", seed, *options))
    if playing:
        for peer in peers:
            peer.wait_for("match_started", 30)
    return peers


def host_of(peers: Sequence[Peer]) -> Peer:
    """Who carries the match from its beginning on."""
    host = peers[0].wait_for("match_started")["host"]
    return next(peer for peer in peers if peer.id == host)


def guests_of(peers: Sequence[Peer]) -> list[Peer]:
    """All others; those who did not open the room come first."""
    host = host_of(peers)
    return sorted((peer for peer in peers if peer is not host), key=lambda peer: peer is peers[0])


def again(start: Start, peer: Peer) -> Peer:
    """Start a program that has ended again; it comes back into the room."""
    room = peer.wait_for("room_joined")["room"]
    return start(peer.host, peer.name, "bot", "--join", room, data_dir=peer.data_dir)


def newest(*peers: Peer) -> int:
    """The newest frame that any of `peers` has compared with another member."""
    return max((e["frame"] for peer in peers for e in peer.all("hash")), default=0)


def played(peers: Sequence[Peer], frame: int, timeout: float = 15.0) -> float:
    """Wait until all have compared that frame or a later one; Unix time at which the last of them did."""

    def later(peer: Peer) -> Event | None:
        return next((e for e in peer.events if e["event"] == "hash" and e["frame"] >= frame), None)

    return max(
        float(peer.wait_until(f"frame {frame}", lambda peer=peer: later(peer), timeout)["t"])
        for peer in peers
    )


def split(lan: Lan, here: Sequence[Peer], there: Sequence[Peer]) -> None:
    """Let nothing pass between these two groups, until `Lan.unblock` of all their hosts."""
    for side, others in ((here, there), (there, here)):
        sources = [address.split("%")[0] for peer in others for address in lan.addresses(peer.host)]
        rules = ["add table inet lab", "add chain inet lab split { type filter hook input priority 0; }"]
        rules += [
            f"add rule inet lab split {'ip6' if ':' in source else 'ip'} saddr {source} drop"
            for source in sources
        ]
        for peer in side:
            lan.run(peer.host, ["nft", "-f", "-"], input="\n".join(rules) + "\n").check_returncode()


def assert_same_round(peers: Sequence[Peer], *, gone: Sequence[Peer] = (), timeout: float = 30.0) -> Event:
    """Wait for all to end well, with equal hashes and outcomes; the files of all verify. A ``match_ended``.

    `gone`: programs that were killed; what they said must be true as well.
    """
    assert_exits(*peers, code=0, timeout=timeout)
    stories = "\n".join(peer.story() for peer in (*gone, *peers))
    ends = [peer.wait_for("match_ended") for peer in peers]
    for field in ("match", "outcome", "frames", "hash"):
        assert len({json.dumps(end[field]) for end in ends}) == 1, f"they differ in {field}\n{stories}"
    match, known = ends[0]["match"], dict[int, str]()
    for peer in peers:
        seen = hashes(peer, match)
        assert len(set(seen.values())) > 1, f"{peer.name}: nothing was played\n{stories}"
        for frame, value in seen.items():
            assert known.setdefault(frame, value) == value, f"frame {frame} differs\n{stories}"
        assert not peer.all("desync"), stories
        assert not peer.all("error"), stories
        assert "Traceback" not in peer.log, stories
    for peer in peers:
        if (peer.data_dir / "replays").is_dir():
            found = verdict(peer)
            assert found["ok"], f"{peer.name}: {found}\n{stories}"
            assert found["frames"] == ends[0]["frames"], f"{peer.name}: {found}\n{stories}"
    return ends[0]


def verdict(peer: Peer) -> dict[str, Any]:
    """What ``p2pgame replay verify`` says of the newest file of `peer`."""
    path = max((peer.data_dir / "replays").glob("*.p2preplay"))
    command = [sys.executable, "-m", "p2pgame", "replay", "--json", "verify", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=_ROOT, check=False)
    line: dict[str, Any] = json.loads(done.stdout.splitlines()[0])
    return line
