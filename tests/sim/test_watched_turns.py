"""A round by turns that waits for its players, Gomoku: members of the room watch it, and nobody waits for them."""

import pytest
from msgspec.structs import replace

from p2pgame.core.registry import Plugin
from p2pgame.games.gomoku.rules import Move
from p2pgame.replay.verify import verify
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.status import StatusCode
from p2pgame.session.view import MatchView
from p2pgame.testing.network import SimPeer, World
from p2pgame.testing.recorded import replay_of
from p2pgame.wire.bounds import COUNTDOWN

GOMOKU = Plugin("p2pgame.games.gomoku")
POINTS = (112, 0, 113, 1, 114, 2, 115, 3, 116)
"""Black has five in a row with the last one."""


def seen(peer: SimPeer) -> MatchView:
    view = peer.lobby.view(peer.now)
    assert view is not None
    return view


class Table(World):
    """Anna and Ben play in a room, and Dan watches from the beginning on."""

    def __init__(self) -> None:
        super().__init__(GOMOKU, 3, delay=0.002)
        self.players = [self.add("Anna"), self.add("Ben")]
        self.dan = self.add("Dan")
        self.order(self.players[0], c.OpenRoom(game="gomoku", seats=2))
        self.room = self.players[0].first(e.RoomJoined).room
        self.enter(self.players[1])
        self.enter(self.dan, local=0)
        for peer in self.players:
            self.order(peer, c.SetReady(True))
        self.run(COUNTDOWN + 1.0)
        self.moves = 0

    def order(self, peer: SimPeer, command: c.Command) -> None:
        peer.do("execute", command, peer.now)

    def enter(self, peer: SimPeer, local: int = 1) -> None:
        self.order(peer, c.JoinRoom(room=self.room, local=local))
        self.run(0.3)

    def play(self, count: int) -> None:
        """So many moves of the two, one after the other."""
        for point in POINTS[self.moves : self.moves + count]:
            mover = next(p for p in self.players if seen(p).me in seen(p).to_move)
            self.order(mover, c.Submit(Move(point)))
            self.run(0.3)
        self.moves += count

    def frame(self, peer: SimPeer) -> int:
        return seen(peer).frame

    def check_end(self, *watchers: SimPeer) -> None:
        ends = [peer.told(e.MatchEnded)[0] for peer in (*self.players, *watchers)]
        assert len({(end.match, end.frames, end.hash, end.outcome) for end in ends}) == 1
        for peer in self.players:
            assert verify(replay_of(peer.files[ends[0].match]), GOMOKU.game, GOMOKU.digest).ok
        assert not any(peer.told(e.MatchDesync) for peer in (*self.players, *watchers))


def test_it_is_watched_from_the_beginning_and_by_who_comes_late() -> None:
    table = Table()
    table.play(3)
    eve = table.add("Eve")
    table.enter(eve, local=0)
    table.run(1.5)
    assert [table.frame(peer) for peer in (*table.players, table.dan, eve)] == [3] * 4
    assert seen(eve).me == -1
    table.play(6)
    table.check_end(table.dan, eve)


@pytest.mark.parametrize("back", [False, True])
def test_a_watcher_that_is_killed_is_waited_for_by_nobody(back: bool) -> None:
    table = Table()
    table.play(2)
    table.kill(table.dan)
    table.play(2)
    table.run(15)
    assert not any(peer.told(e.MatchPaused) for peer in table.players)
    if back:
        table.dan.restart()
        table.enter(table.dan, local=0)
        table.run(2)
        assert table.frame(table.dan) == 4
    table.play(5)
    table.check_end(*[table.dan] * back)


@pytest.mark.parametrize("number", [0, 1])
def test_a_player_that_is_killed_is_waited_for_and_comes_back_while_somebody_watches(number: int) -> None:
    table = Table()
    table.play(4)
    gone, other = table.players[number], table.players[1 - number]
    table.kill(gone)
    table.run(8)
    pause = seen(other).pause
    assert pause is not None
    assert pause.code in (StatusCode.CONNECTION, StatusCode.CLOSED)
    match = seen(other).match
    gone.restart()
    table.run(3)
    table.order(gone, c.Resume(match))
    table.run(8)
    assert seen(other).pause is None
    table.play(5)
    ends = [peer.told(e.MatchEnded)[-1] for peer in table.players]
    assert ends[0].outcome.reason == ends[1].outcome.reason == "five in a row"


def test_who_watches_is_asked_for_no_draw_and_agrees_to_none() -> None:
    table = Table()
    table.play(2)
    table.order(table.players[0], c.OfferDraw())
    table.run(0.5)
    assert seen(table.players[1]).requests.draw_offered
    assert not seen(table.dan).requests.draw_offered
    table.order(table.players[1], c.OfferDraw())
    table.run(1.0)
    table.check_end(table.dan)
    assert table.dan.told(e.MatchEnded)[0].outcome.reason == "draw agreed"


def test_a_watcher_with_other_states_is_let_go_and_stops_nothing() -> None:
    table = Table()
    table.play(2)
    match = table.dan.lobby.match
    assert match is not None
    match.core.timeline.tamper = lambda frame, state: replace(state, step=31) if frame == 4 else state
    table.play(7)
    ends = [peer.told(e.MatchEnded)[0] for peer in table.players]
    assert ends[0].hash == ends[1].hash
    assert not any(peer.told(e.MatchDesync) or peer.told(e.MatchPaused) for peer in table.players)
