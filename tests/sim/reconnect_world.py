"""Two people who play on, whatever becomes of the wire, their programs and their clocks.

Builds on `p2pgame.testing.network`: here are the players, the faults, and what must hold in the end.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from p2pgame.core.errors import LocalProtocolError, P2PGameError
from p2pgame.core.registry import Plugin
from p2pgame.replay.records import Mended
from p2pgame.replay.verify import verify
from p2pgame.session import events as e
from p2pgame.session.match import Match
from p2pgame.session.realtime import RealtimeMatch
from p2pgame.testing.inputs import RandomInputs
from p2pgame.testing.network import End, Peer, World, replay_of

GAMES = {name: Plugin(f"p2pgame.games.{name}") for name in ("gomoku", "pong", "tron")}
FRAMES = {"gomoku": 14, "pong": 240, "tron": 240}
THINKING = 0.05
"""Seconds from one look at the screen to the next."""


class Play(World):
    """Ann invites Ben, who accepts. `began` maps a frame to what happens when Ann's match has come to it."""

    def __init__(self, game: str, seed: int = 1, *, frames: int = 0, **network: float) -> None:
        super().__init__(GAMES[game], seed, frames=frames or FRAMES[game], **network)
        self.sent = 0
        """Pieces of the streams between the two so far."""
        self.faults: dict[int, Callable[[], None]] = {}
        """What happens when so many pieces were sent, before the next one goes out."""
        self.at_frame: dict[int, Callable[[], None]] = {}
        self.told: dict[str, list[tuple[float, e.Event]]] = {"Ann": [], "Ben": []}
        self.frames_at: dict[str, list[tuple[float, int]]] = {"Ann": [], "Ben": []}
        self.thinking = True
        self.ann, self.ben = self.add("Ann"), self.add("Ben")
        for number, peer in enumerate((self.ann, self.ben)):
            peer.on_event = partial(self._heard, peer)
            self._sit_down(peer, RandomInputs(self.plugin.game, 100 * seed + number))
        self.killed: set[str] = set()
        self.match_id = ""

    @property
    def both(self) -> tuple[Peer, Peer]:
        return self.ann, self.ben

    def other(self, peer: Peer) -> Peer:
        return self.ben if peer is self.ann else self.ann

    @property
    def host(self) -> Peer:
        return self.ann if match_of(self.ann).is_host else self.ben

    # --- what happens

    def start(self) -> None:
        """They have agreed on a match and begun it."""
        self.invite()
        self.run(0.2)
        assert self.ann.lobby.playing
        assert self.ben.lobby.playing

    def invite(self) -> None:
        self.ann.invite(self.ben)

    def until(self, condition: Callable[[], bool], seconds: float) -> float:
        """Let time pass until `condition` holds; virtual seconds it took."""
        began = self.now
        while not condition():
            assert self.now - began < seconds, f"not within {seconds} s"
            self.run(0.01)
        return self.now - began

    def wreck(self, peer: Peer, *, lost: int = 0, after: float = 0.5, power: bool = True) -> None:
        """Kill `peer`'s program and start it again; it goes on with its match by itself."""
        self.kill(peer, power=power)
        self.killed.add(peer.name)
        self.at(self.now + after, lambda: peer.restart(lost))

    def frame_of(self, peer: Peer) -> int:
        match = peer.lobby.match
        return match.frame if match is not None and not peer.dead else -1

    def playing_again(self, seconds: float) -> float:
        """Virtual seconds until a frame was confirmed on both sides that was not there before, or it is over."""
        before = [self.frame_of(peer) for peer in self.both]

        def again() -> bool:
            return all(
                not peer.dead and (self.over(peer) or self.frame_of(peer) > frame)
                for peer, frame in zip(self.both, before, strict=True)
            )

        return self.until(again, seconds)

    def over(self, peer: Peer) -> bool:
        match = peer.lobby.match
        return match is not None and match.over

    def play_to_the_end(self, seconds: float = 60.0) -> None:
        self.until(lambda: all(self.over(peer) for peer in self.both), seconds)

    # --- what must hold

    def check_agreed(self, *, errors: tuple[str, ...] = ()) -> None:
        """Both ended alike, by agreement, and their files prove it."""
        ends = [peer.told(e.MatchEnded) for peer in self.both]
        assert [len(end) for end in ends] == [1, 1]
        told = [(end[0].outcome, end[0].frames, end[0].hash) for end in ends]
        assert told[0] == told[1]
        one, other = (match_of(peer) for peer in self.both)
        assert one._timeline.log == other._timeline.log
        for peer in self.both:
            self.check_events(peer)
            assert [error.code for error in peer.told(e.ErrorEvent) if error.code not in errors] == []
            self.check_file(peer)

    def check_events(self, peer: Peer) -> None:
        """A match is paused, then resumed, and so on; and all of that while it is on."""
        if peer.name not in self.killed:
            kinds = [
                type(event) for event in peer.events if isinstance(event, e.MatchPaused | e.MatchResumed)
            ]
            assert all(kind is (e.MatchPaused, e.MatchResumed)[n % 2] for n, kind in enumerate(kinds)), kinds
        ends = peer.told(e.MatchEnded)
        if ends:
            last = peer.events.index(ends[-1])
            assert not [v for v in peer.events[last:] if isinstance(v, e.MatchPaused | e.MatchResumed)]

    def check_file(self, peer: Peer) -> None:
        """Its file is whole, true and signed by both, and takes nothing back that was confirmed."""
        records = peer.files[match_of(peer).election.match]
        replay = replay_of(records)
        verdict = verify(replay, self.plugin.game, self.plugin.digest)
        assert verdict.problems == ()
        assert set(verdict.signed_by) == {0, 1}
        assert replay.end is not None
        assert replay.end.agreed
        reasons = {record.reason for record in records if isinstance(record, Mended)}
        assert reasons <= ({"caught up", "cut"} if peer.name in self.killed else {"cut"})

    def check_free(self) -> None:
        """After all that, nothing of it is left: no link, no dial, nobody busy."""
        self.thinking = False
        for peer in self.both:
            if not peer.dead:
                peer.do("leave", peer.now)
        self.run(30.0)
        for peer in self.both:
            board = peer.lobby._board
            assert not peer.lobby.busy
            assert peer.lobby.match is None
            assert not peer.ends
            assert not board.links
            assert not board._dials
            assert not board._actions

    # --- inside

    def _deliver(self, end: End, data: bytes) -> None:
        if data and {end.owner.name, end.other.owner.name if end.other else ""} == {"Ann", "Ben"}:
            self.sent += 1
            fault = self.faults.pop(self.sent, None)
            if fault is not None:
                fault()
        super()._deliver(end, data)

    def _heard(self, peer: Peer, event: e.Event) -> None:
        self.told[peer.name].append((self.now, event))
        match event:
            case e.InviteReceived(invite=invite):
                self.at(self.now + 0.01, lambda: self._press(peer, "accept", invite))
            case e.MatchResumable(match=match):
                self.at(self.now + 0.01, lambda: self._press(peer, "resume", match))
            case e.MatchStarted(match=match):
                self.match_id = match

    def _press(self, peer: Peer, button: str, what: Any) -> None:
        if not peer.dead:
            try:
                peer.do(button, what, peer.now)
            except LocalProtocolError:
                self.pump(peer)

    def _sit_down(self, peer: Peer, inputs: RandomInputs) -> None:
        def look() -> None:
            self.at(self.now + THINKING, look)
            match = peer.lobby.match
            if peer.dead or match is None or not match.running or not self.thinking:
                return
            self._check_memory(peer)
            view = match.view()
            if view.pause is None and view.me in (view.to_move or (view.me,)) and match.outcome is None:
                if not match.game.tick_rate and view.me not in view.to_move:
                    return
                move = inputs(view.state, 2)[view.me]
                try:
                    peer.do("submit", move, peer.now)
                except P2PGameError:
                    self.pump(peer)

        self.at(THINKING, look)

    def _check_memory(self, peer: Peer) -> None:
        board, match = peer.lobby._board, match_of(peer)
        assert len(peer.ends) <= 24
        assert len(board.links) <= 24
        assert len(board._dials) <= 8
        assert len(match._hashes._theirs) <= 300
        if isinstance(match, RealtimeMatch):
            assert all(len(queue) <= 256 for queue in match._rollback._queues)
            assert len(match._rollback._states) <= match._rollback.window


def match_of(peer: Peer) -> Match:
    match = peer.lobby.match
    assert match is not None
    return match


def pauses(world: Play, peer: Peer) -> Iterator[tuple[str, str]]:
    """Kind and reason of each pause and resumption."""
    for _, event in world.told[peer.name]:
        if isinstance(event, e.MatchPaused | e.MatchResumed):
            yield type(event).__name__, event.reason
