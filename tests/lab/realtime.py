"""Real-time matches between two hosts of the lab: the networks of the promised table, how to play one, what must hold.

Knows the command line, the events and the lab; not the package.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.lab.lan import DISCOVERY_PORT, Lan
from tests.lab.match import assert_exits, hashes, started
from tests.lab.peer import Event, Peer

__all__ = ["ROWS", "TICK_RATE", "Row", "assert_equal_hashes", "drop_match_udp", "frame_of", "pair"]

TICK_RATE = 60
_MDNS_PORT = 5353

Start = Callable[..., Peer]
"""start(host, name, command, *options) -> Peer"""


@dataclass(frozen=True)
class Row:
    """One network of the table, and the most it may cost. Bytes are payload, per player."""

    rtt_ms: float
    """Without jitter."""
    jitter_ms: float
    """Of a round trip: each way has a uniform part of 0 to half of it."""
    loss: float
    """Share lost each way."""
    input_delay: int
    packets_per_s: float
    bytes_per_s: float
    rollback: int
    """p99 of the depth."""
    stalls: int
    """In 60 s."""

    @property
    def name(self) -> str:
        return f"{self.rtt_ms:g} / {self.jitter_ms:g} / {100 * self.loss:g} %, {self.input_delay}"

    def spoil(self, lan: Lan) -> None:
        """Make the wire like this."""
        lan.impair(delay_ms=self.rtt_ms / 2, jitter_ms=self.jitter_ms / 2, loss=self.loss)


ROWS = (
    Row(4, 2, 0.00, 1, 62, 1600, 0, 0),
    Row(10, 15, 0.02, 0, 62, 2000, 2, 0),
    Row(50, 20, 0.01, 0, 62, 2200, 4, 0),
    Row(100, 20, 0.05, 0, 62, 2600, 5, 1),
)


def pair(
    start: Start, game: str, frames: int, input_delay: int | None = None, *extra: str, **env: str
) -> tuple[Peer, Peer]:
    """Two bots with a match on: the accepting one on host 0, the inviting one on host 1; `extra` options for both."""
    options = ["--frames", str(frames), *extra]
    if input_delay is not None:
        options += ["--input-delay", str(input_delay)]
    bot = ("bot", "--game", game)
    alice = start(0, "Alice", *bot, "--accept", *options, **env)
    alice.wait_for("announcing")
    bob = start(1, "Bob", *bot, "--invite", "Alice", *options, **env)
    started(alice, bob)
    return alice, bob


def frame_of(peer: Peer, frame: int, timeout: float = 60.0) -> None:
    """Wait until `peer` has compared the hash of `frame` or of a later one with the other side."""

    def there() -> Any:
        return next((e for e in reversed(peer.events) if e["event"] == "hash" and e["frame"] >= frame), None)

    peer.wait_until(f"frame {frame}", there, timeout)


def drop_match_udp(lan: Lan, *hosts: int) -> None:
    """A firewall on `hosts` that silently drops what comes in on any UDP port but those of discovery."""
    rules = (
        "add table inet lab\n"
        "add chain inet lab match { type filter hook input priority 0; }\n"
        f"add rule inet lab match udp dport != {{ {DISCOVERY_PORT}, {_MDNS_PORT} }} counter drop\n"
    )
    for host in hosts:
        lan.run(host, ["nft", "-f", "-"], input=rules).check_returncode()


def assert_equal_hashes(
    a: Peer, b: Peer, *, timeout: float, largest_gap: int | None = None
) -> tuple[Event, Event]:
    """Wait for both to end well, and compare all they said; their ``match_ended``.

    `largest_gap`: at most so many frames between two hashes that were compared.
    """
    assert_exits(a, b, code=0, timeout=timeout)
    ends = [peer.wait_for("match_ended") for peer in (a, b)]
    stories = f"{a.story()}\n{b.story()}"
    for field in ("match", "outcome", "frames", "hash"):
        assert ends[0][field] == ends[1][field], f"the sides differ in {field}\n{stories}"
    last = ends[0]["frames"]
    compared = [hashes(peer, ends[0]["match"]) for peer in (a, b)]
    common = compared[0].keys() & compared[1].keys()
    assert len(common) > 1, stories
    assert [f for f in common if compared[0][f] != compared[1][f]] == [], stories
    for peer, seen in zip((a, b), compared, strict=True):
        assert seen[last] == ends[0]["hash"]
        assert len(set(seen.values())) > 1, "nothing was played"
        if largest_gap is not None:
            gap = max(later - sooner for sooner, later in pairwise(sorted(seen)))
            assert gap <= largest_gap, f"{peer.name} compared nothing for {gap} frames\n{stories}"
        assert not peer.all("desync"), stories
        assert not peer.all("error"), stories
        assert "Traceback" not in peer.log, stories
    return ends[0], ends[1]
