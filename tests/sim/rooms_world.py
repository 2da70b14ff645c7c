"""Rooms on the virtual network, with matches that only take time: what the members agree on is what is looked at."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from p2pgame.core.game import NoConfig, Outcome
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session import lobby as module
from p2pgame.session.agreement import Agreement
from p2pgame.session.room_view import RoomView
from p2pgame.testing import network
from p2pgame.testing.network import SimPeer
from tests.toy import TOY, ToyConfig
from tests.unit.session.sides import FakeMatches

__all__ = ["PLUGIN", "Hall", "TimedMatches"]

ROUND_TIME = 5.0
PLUGIN = cast(
    "Plugin", SimpleNamespace(game=TOY, digest="0123456789abcdef", has_bot=True, package="tests.toy")
)


class TimedMatches(FakeMatches):
    """Each match lasts `ROUND_TIME`, and is won by the player that its seed names."""

    def __init__(self, registry: Any, connections: Any, *about: Any, **callbacks: Any) -> None:
        super().__init__(*about, **callbacks)
        self.connections = connections
        self.begun: list[tuple[Agreement, dict[PeerId, int]]] = []
        self.ended = 0
        self.ends: float | None = None
        self.now = 0.0

    @property
    def current(self) -> Agreement | None:
        return self.begun[-1][0] if self.ends is not None else None

    def uses(self, link: int) -> bool:
        return self.ends is not None and link in self.begun[-1][1].values()

    def begin(self, agreement: Agreement, links: Mapping[PeerId, int], now: float) -> None:  # type: ignore[override]
        if self.ends is not None:
            return
        self.begun.append((agreement, dict(links)))
        self.busy = True
        self.ends = now + ROUND_TIME
        election = agreement.election
        self.connections.emit(
            e.MatchStarted(
                match=election.match,
                game=agreement.plugin.game.name,
                host=election.host,
                players=election.players,
                names=agreement.names,
                me=0,
                tick_rate=60,
                input_delay=0,
            )
        )
        self.callbacks["on_opening_finished"]()

    def cancel(self) -> int | None:
        return None

    def clear(self, keep: int | None = None) -> None:
        pass

    def leave(self, now: float) -> None:
        self._end()

    def next_deadline(self) -> float | None:
        return self.ends

    def datagrams(self) -> list[Any]:
        return []

    def view(self, now: float) -> None:
        return None

    def handle_timeout(self, now: float, datagrams: Any = ()) -> None:
        if self.ends is not None and now >= self.ends:
            self._end()

    def _end(self) -> None:
        agreement = self.current
        if agreement is None:
            return
        self.ends = None
        self.busy = False
        self.ended += 1
        election = agreement.election
        winner = election.seed % len(election.players)
        self.connections.emit(
            e.MatchEnded(
                match=election.match,
                outcome=Outcome(winners=(winner,), reason="time"),
                frames=1,
                hash="",
                stats=e.Stats(),
            )
        )


class Hall(network.World):
    """Peers who meet in one room. Use it with the fixture `timed`."""

    def __init__(self, seed: int = 1, delay: float = 0.005, jitter: float = 0.0) -> None:
        super().__init__(PLUGIN, seed, delay, jitter)

    def open(self, peer: SimPeer, **options: Any) -> str:
        """`peer` opens a room; returns its id."""
        self.order(peer, c.OpenRoom(game="toy", **options))
        joined = peer.told(e.RoomJoined)[-1]
        return str(joined.room)

    def order(self, peer: SimPeer, command: c.Command) -> None:
        peer.do("execute", command, peer.now)

    def crowd(self, count: int, **options: Any) -> list[SimPeer]:
        """So many peers in one room, the first of them its leader."""
        peers = [self.add(f"P{number}") for number in range(count)]
        room = self.open(peers[0], **options)
        for peer in peers[1:]:
            self.order(peer, c.JoinRoom(room=room))
            self.run(0.2)
        self.run(0.5)
        return peers

    def all_ready(self, peers: list[SimPeer]) -> None:
        for peer in peers:
            if not peer.dead:
                self.order(peer, c.SetReady(True))

    def view(self, peer: SimPeer) -> RoomView:
        view = peer.lobby.room_view(peer.now)
        assert view is not None
        return view


def begun(peer: SimPeer) -> list[tuple[Agreement, dict[PeerId, int]]]:
    """The rounds that a peer began."""
    matches: Any = peer.lobby.matches
    assert isinstance(matches, TimedMatches)
    return matches.begun


def agree(peers: list[SimPeer], number: int = -1) -> Agreement:
    """All began the same round, on links to the host, and the host on a link to each. Returns what they agreed on."""
    agreements = [begun(peer)[number][0] for peer in peers]
    first = agreements[0]
    assert all(agreement == first for agreement in agreements)
    members = set(first.members)
    for peer in peers:
        links = begun(peer)[number][1]
        expected = members - {peer.id} if peer.id == first.election.host else {first.election.host}
        assert set(links) == expected
    return first


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Matches", TimedMatches)
    monkeypatch.setattr(module, "_Starter", lambda lobby: lobby.matches)


_ = (NoConfig, ToyConfig)
