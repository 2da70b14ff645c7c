"""How to run a peer."""

from pathlib import Path

import msgspec

from p2pgame.net.impair import Impairment

__all__ = ["NodeConfig"]


class NodeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a `Node` is told at its start."""

    data_dir: Path
    name: str = ""
    """Empty: ``Player-<tag>``."""
    interfaces: tuple[str, ...] = ()
    """Names or addresses; empty: all that are up, but loopback."""
    interfaces_may_be_gone: bool = False
    """At the start, too, those that are not there are waited for."""
    discovery_port: int = 41420
    seeds: tuple[str, ...] = ()
    frames: int = 0
    """Frame limit to ask for in matches; 0: none."""
    input_delay: int | None = None
    """Frames, for real-time matches that we host; None: as measured."""
    countdown: int = 0
    """Milliseconds that our player wants to be counted down before a real-time match goes on; 0: a bot plays."""
    impairment: Impairment = Impairment()
    """What to do to the datagrams of our matches."""
    corrupt: tuple[int, ...] = ()
    """Spoil our own state at these frames of a match, so that the two sides differ: for tests."""
    trace: Path | None = None
    """Where to write a protocol trace; None: nowhere."""
