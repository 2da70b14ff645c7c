"""Rooms on the virtual network, with matches that only take time: what the members agree on is what is looked at."""

from collections.abc import Mapping
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from p2pgame.core.errors import LocalProtocolError
from p2pgame.core.game import Outcome
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session import lobby as module
from p2pgame.session.agreement import Agreement
from p2pgame.session.room_view import RoomView
from p2pgame.testing import network
from p2pgame.testing.network import SimPeer
from tests.toy import TOY
from tests.unit.session.sides import FakeMatches

__all__ = ["PLUGIN", "ROUND_TIME", "Hall", "TimedMatches", "agree", "begun", "timed"]

ROUND_TIME = 5.0
PLUGIN = cast(
    "Plugin", SimpleNamespace(game=TOY, digest="0123456789abcdef", has_bot=True, package="tests.toy")
)


class TimedMatches(FakeMatches):
    """Each match lasts `ROUND_TIME`, and is won by the player that its seed names. A guest's begins with its host's."""

    started: ClassVar[set[tuple[str, int]]] = set()
    """Matches that their hosts have begun, and the epochs."""

    def __init__(self, registry: Any, connections: Any, *about: Any, **callbacks: Any) -> None:
        super().__init__(*about, **callbacks)
        self.connections = connections
        self.begun: list[tuple[Agreement, dict[PeerId, int]]] = []
        self.agreed: tuple[Agreement, dict[PeerId, int]] | None = None
        self.due: float | None = None
        """When to look whether the host began, or when the match ends."""

    @property
    def playing(self) -> bool:
        return self.busy and self.agreed is None

    def uses(self, link: int) -> bool:
        agreed = self.agreed or (self.begun[-1] if self.playing else None)
        return agreed is not None and link in agreed[1].values()

    def begin(self, agreement: Agreement, links: Mapping[PeerId, int], now: float) -> None:
        if self.busy:
            return
        self.busy = True
        self.agreed = agreement, dict(links)
        self.due = now
        if agreement.election.host not in links:
            self.started.add((agreement.election.match, agreement.election.epoch))

    def cancel(self) -> tuple[int, ...]:
        if self.agreed is not None:
            self.agreed = self.due = None
            self.busy = False
        return ()

    def handle_timeout(self, now: float, datagrams: Any = ()) -> None:
        if self.due is None or now < self.due:
            return
        if self.playing:
            self._end()
        elif self.agreed is not None:
            self._look(*self.agreed, now)

    def _look(self, agreement: Agreement, links: dict[PeerId, int], now: float) -> None:
        election = agreement.election
        if (election.match, election.epoch) not in self.started:
            self.due = now + 0.01
            return
        self.begun.append((agreement, links))
        self.agreed = None
        self.due = now + ROUND_TIME
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

    def clear(self, keep: int | None = None) -> None:
        pass

    def leave(self, now: float) -> None:
        self._end()

    def next_deadline(self) -> float | None:
        return self.due

    def datagrams(self) -> list[Any]:
        return []

    def view(self, now: float) -> None:
        return None

    def _end(self) -> None:
        if not self.playing:
            return
        self.due = None
        self.busy = False
        election = self.begun[-1][0].election
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

    def try_order(self, peer: SimPeer, command: c.Command) -> None:
        """As `order`, if it can be done now."""
        if not peer.dead:
            with suppress(LocalProtocolError):
                self.order(peer, command)

    def all_ready(self, peers: list[SimPeer]) -> None:
        for peer in peers:
            self.try_order(peer, c.SetReady(True))

    def inside(self, peers: list[SimPeer]) -> list[SimPeer]:
        """Those who live, and are in the room."""
        views = [(peer, peer.lobby.room_view(peer.now)) for peer in peers if not peer.dead]
        return [peer for peer, view in views if view is not None and not view.joining]

    def settled(self, peers: list[SimPeer]) -> None:
        """All who are in agree on who leads, and who is in; and they play the next round together."""
        here = self.inside(peers)
        views = [self.view(peer) for peer in here]
        assert {view.leader for view in views} == {views[0].leader} <= {peer.id for peer in here}
        for view in views:
            assert {member.peer for member in view.members} == {peer.id for peer in here}
            assert all(member.connected for member in view.members)
        seated = {seat.peer for seat in views[0].seats if seat.peer}
        playing = [peer for peer in here if peer.id in seated]
        if len(playing) < TOY.min_players:
            return
        before = [len(begun(peer)) for peer in playing]
        self.all_ready(here)
        self.run(40.0)
        if any(self.view(peer).phase != "table" for peer in playing):  # not between two of them
            self.run(2.0)
        assert all(len(begun(peer)) > count for peer, count in zip(playing, before, strict=True))
        assert set(agree(playing).members) == seated

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
