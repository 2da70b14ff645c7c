"""Two people who play on, whatever becomes of the wire, their programs and their clocks.

Builds on `p2pgame.testing.network`: here are the players, the faults, and what must hold in the end. A `Storm` draws
game, network and faults from its seed; ``python -m tests.sim.reconnect_world 17`` tells how storm 17 went, ``0-20000``
goes through them all; names of games, and ``adjourning``, may stand before the seeds.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from p2pgame.core.errors import LocalProtocolError, P2PGameError
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin
from p2pgame.replay.records import End, Header, Inputs, Note, Record, Repaired, Sealed
from p2pgame.replay.verify import verify
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.effects import Send
from p2pgame.session.match import Match
from p2pgame.session.view import MatchView
from p2pgame.testing import network
from p2pgame.testing.inputs import RandomInputs
from p2pgame.testing.network import SimPeer as Peer
from p2pgame.testing.network import World
from p2pgame.testing.recorded import replay_of
from p2pgame.wire import messages as m

GAMES = {name: Plugin(f"p2pgame.games.{name}") for name in ("gomoku", "pong", "tron")}
OTHERS = {"hands": Plugin("tests.hands"), "tally": Plugin("tests.tally")}
"""By turns. In hands both move at once, so their moves are sealed; tally has a clock, and takebacks."""
FRAMES = {"gomoku": 14, "pong": 150, "tron": 150, "hands": 30, "tally": 60}
_STRIKES = (
    "cut",
    "cut",
    "flap",
    "reset",
    "tcp",
    "udp",
    "one way",
    "kill",
    "kill",
    "power",
    "both",
    "move",
    "jump",
    "resign",
)
_AGREED = (m.RequestKind.DRAW.value, m.RequestKind.TAKEBACK.value, m.RequestKind.ADJOURN.value)
THINKING = 0.05
"""Seconds from one look at the screen to the next."""


class Play(World):
    """Ann invites Ben, who accepts."""

    def __init__(
        self, game: str, seed: int = 1, *, frames: int = 0, input_delay: int | None = 1, **network: Any
    ) -> None:
        plugin = (GAMES | OTHERS)[game]
        super().__init__(plugin, seed, frames=frames or FRAMES[game], input_delay=input_delay, **network)
        self.sent = 0
        """Pieces of the streams between the two so far."""
        self.faults: dict[int, Callable[[], None]] = {}
        """What happens when so many pieces were sent, before the next one goes out."""
        self.lies: dict[str, Callable[[m.Message], list[m.Message]]] = {}
        """By name of a peer: what it says instead of what its lobby wanted to say."""
        self.told: dict[str, list[tuple[float, e.Event]]] = {"Ann": [], "Ben": []}
        self.thinking = True
        self.adjourning = False
        """Whether players put the match aside now and then."""
        self._whims = random.Random(seed)
        self._look_again: dict[str, Callable[[], None]] = {}
        """By name of a peer: to be called when there may be a match to look at."""
        self.ann, self.ben = self.add("Ann"), self.add("Ben")
        for number, peer in enumerate((self.ann, self.ben)):
            peer.on_event = partial(self._heard, peer)
            self._sit_down(peer, RandomInputs(self.plugin.game, 100 * seed + number))
        self.killed: set[str] = set()
        self.given_up = False
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
        """Kill `peer`'s program and start it again; it goes on with its match by itself.

        `lost`: records of the file that were not on the disk yet; the header always was, and a resignation, and by
        turns a move of its own, its commitment to one, its offer of a draw or to adjourn, or a takeback that its player
        allowed.
        """
        if not peer.dead:
            self.kill(peer, power=power)
            self.killed.add(peer.name)
            records = peer.files.get(self.match_id, [])
            lost = min(lost, max(0, len(records) - 1))
            if any(
                isinstance(record, Note) and record.what == m.RequestKind.RESIGN.value for record in records
            ):
                lost = 0
            if lost and not self.plugin.game.tick_rate:
                lost = min(lost, _after_own_move(records))
            kept = [at for at, record in enumerate(records) if isinstance(record, Sealed) and record.opening]
            lost = min(lost, len(records) - 1 - kept[-1]) if kept else lost
            self.at(self.now + after, lambda: peer.restart(lost))

    def break_for(self, seconds: float, *ways: tuple[PeerId, PeerId, str]) -> None:
        """``(from, to, transport)``: what passes nothing for so long."""
        self.dead.update(ways)
        self.at(self.now + seconds, lambda: self.dead.difference_update(ways))

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
        assert one.core.timeline.log == other.core.timeline.log
        for peer in self.both:
            self.check_events(peer)
            assert [error.code for error in peer.told(e.ErrorEvent) if error.code not in errors] == []
            self.check_file(peer)

    def check_events(self, peer: Peer) -> None:
        """A match is paused, then resumed or put aside, and so on; and all of that while it is on."""
        if peer.name not in self.killed:
            paused = False
            for event in peer.events:
                if isinstance(event, e.MatchPaused | e.MatchResumed):
                    assert paused == isinstance(event, e.MatchResumed), event
                    paused = not paused
                elif isinstance(event, e.MatchAdjourned):
                    paused = False
        ends = peer.told(e.MatchEnded)
        if ends:
            last = peer.events.index(ends[-1])
            assert not [v for v in peer.events[last:] if isinstance(v, e.MatchPaused | e.MatchResumed)]

    def check_file(self, peer: Peer) -> None:
        """Its file is whole, true and signed by both, and takes nothing back that was confirmed."""
        records = peer.files[match_of(peer).id]
        replay = replay_of(records)
        verdict = verify(replay, self.plugin.game, self.plugin.digest)
        assert verdict.problems == ()
        assert set(verdict.signed_by) == {0, 1}
        assert replay.end is not None
        assert replay.end.agreed
        reasons = {record.reason for record in records if isinstance(record, Repaired)}
        assert reasons <= {"cut"}

    def end_in_file(self, peer: Peer) -> End | None:
        """How the match ended, as `peer` has it on disk."""
        records = peer.files.get(self.match_id)
        return replay_of(records).end if records else None

    def check_any_end(self) -> str:
        """Wherever it was interrupted, both are in the same place in the end; says in which."""
        if not all(peer.told(e.MatchStarted) for peer in self.both):
            for peer in self.both:
                assert not peer.lobby.busy or match_of(peer).status.paused
            self.check_free()
            return "never began"

        def ended(peer: Peer) -> bool:
            return not peer.dead and (self.over(peer) or self.end_in_file(peer) is not None)

        self.until(lambda: all(ended(peer) for peer in self.both), 60.0)
        one, other = (self.end_in_file(peer) for peer in self.both)
        assert one is not None
        assert other is not None
        place = self._place(one, other)
        if place == "agreed" and not self.killed:
            self.check_agreed()
        else:
            for peer in self.both:
                self.check_events(peer)
                replay = replay_of(peer.files[self.match_id])
                problems = verify(replay, self.plugin.game, self.plugin.digest).problems
                assert [problem for problem in problems if problem.code != "not_signed"] == []
                assert {error.code for error in peer.told(e.ErrorEvent)} <= {"no_seat", "over"}
                assert place == "forgotten" or not peer.told(e.ErrorEvent)
        self.check_free()
        return place

    def _place(self, one: End, other: End) -> str:
        """What both files say together."""
        if one.agreed and other.agreed:
            ends = [(end.outcome, end.frame, end.hash, end.chain) for end in (one, other)]
            assert ends[0] == ends[1]
            return "agreed"
        assert self.killed or self.given_up
        if one.outcome == other.outcome:
            return "ended alone"
        reasons = {one.outcome.reason, other.outcome.reason}
        if "connection lost" in reasons:  # it was over for one side, and both programs were killed
            assert self.killed
            return "forgotten"
        assert self.given_up  # and what had happened on the other side could no longer be heard
        assert "resigned" in reasons
        return "given up"

    def check_free(self) -> None:
        """After all that, nothing of it is left: no link, no dial, nobody busy."""
        self.thinking = False
        for peer in self.both:
            if not peer.dead:
                peer.do("leave", peer.now)
        self.run(30.0)
        for peer in self.both:
            board = peer.lobby._connections
            assert not peer.lobby.busy
            assert peer.lobby.match is None
            assert not peer.ends
            assert not board.links
            assert not board._dials
            assert not board.pending_effects

    # --- inside

    def _act(self, peer: Peer, action: Any) -> None:
        lie = self.lies.get(peer.name)
        if lie is None or not isinstance(action, Send):
            super()._act(peer, action)
            return
        for message in lie(action.message):
            super()._act(peer, Send(action.link, message, m.encode_message(message)))

    def _deliver(self, end: network.LinkEnd, data: bytes) -> None:
        if data and {end.owner.name, end.other.owner.name if end.other else ""} == {"Ann", "Ben"}:
            self.sent += 1
            fault = self.faults.pop(self.sent, None)
            if fault is not None:
                fault()
        super()._deliver(end, data)

    def _heard(self, peer: Peer, event: e.Event) -> None:
        self.told[peer.name].append((self.now, event))
        self._look_again[peer.name]()
        match event:
            case e.InviteReceived(invite=invite):
                self.at(self.now + 0.01, lambda: self._press(peer, "accept", invite))
            case e.MatchResumable(match=match, adjourned=False):
                self.at(self.now + 0.01, lambda: self._press(peer, "resume", match))
            case e.MatchStarted(match=match):
                self.match_id = match
            case e.MatchResumable(match=match) if self.adjourning:  # another day
                self.at(self.now + self._whims.uniform(0.1, 3.0), lambda: self._press(peer, "resume", match))
            case e.MatchResumeAsked(match=match) if self.adjourning:
                button = "not_now" if self._whims.random() < 0.2 else "resume"
                self.at(self.now + 0.01, lambda: self._press(peer, button, match))

    def _press(self, peer: Peer, button: str, what: Any) -> None:
        if not peer.dead:
            try:
                peer.do(button, what, peer.now)
            except LocalProtocolError:
                self.pump(peer)

    def _sit_down(self, peer: Peer, inputs: RandomInputs) -> None:
        """`peer` looks at the screen every `THINKING` seconds, while there is a match on it."""
        at, looking = 0.0, False

        def look_again() -> None:
            nonlocal at, looking
            if not looking:
                while at <= self.now:
                    at += THINKING
                looking = True
                self.at(at, look)

        def look() -> None:
            nonlocal looking
            looking = False
            match = peer.lobby.match
            if not self.thinking or peer.dead or match is None or not match.running:
                return
            look_again()
            self._check_memory(peer)
            view = match.view()
            self._wish(peer, view)
            if view.pause is None and view.me in (view.to_move or (view.me,)) and match.outcome is None:
                if not match.core.game.tick_rate and view.me not in view.to_move:
                    return
                move = inputs(view.state, 2)[view.me]
                try:
                    peer.do("submit", move, peer.now)
                except P2PGameError:
                    self.pump(peer)

        self._look_again[peer.name] = look_again

    def _wish(self, peer: Peer, view: MatchView) -> None:
        """Now and then a player asks for something; another one answers."""
        chance, requests = self._whims, view.requests
        if requests.answers_takeback:
            commands: list[c.Command] = [c.AnswerTakeback(chance.random() < 0.7)]
        elif requests.draw_offered:
            commands = [c.OfferDraw() if chance.random() < 0.1 else c.RefuseDraw()]
        elif requests.adjourn_asked:
            commands = [c.Adjourn() if chance.random() < 0.7 else c.RefuseAdjourn()]
        elif self.adjourning and requests.may_adjourn and chance.random() < 0.05:
            commands = [c.Adjourn()]
        elif chance.random() < 0.8 or not view.clocks:
            return
        else:
            commands = [c.GiveTime(), c.OfferDraw(), *[c.AskTakeback()] * (8 * requests.may_take_back)]
        peer.lobby.execute(chance.choice(commands), peer.now)
        self.pump(peer)

    def _check_memory(self, peer: Peer) -> None:
        board, match = peer.lobby._connections, match_of(peer)
        assert len(peer.ends) <= 24
        assert len(board.links) <= 24
        assert len(board._dials) <= 8
        assert len(match.core.linked[0].hashes._theirs) <= 300
        if match.core.engine.window:
            assert all(len(queue) <= 256 for queue in match.core.engine._queues)
            assert len(match.core.engine._states) <= match.core.engine.window


def _after_own_move(records: Sequence[Record]) -> int:
    """Records after the newest with a move of who recorded them, or with what its player agreed to."""
    me = next(record.me for record in records if isinstance(record, Header))
    newest = 0
    for number, record in enumerate(records):
        if isinstance(record, Inputs) and any(inputs[me] is not None for _, inputs in record.runs):
            newest = number
        if isinstance(record, Note) and record.what in _AGREED:
            newest = number
    return len(records) - 1 - newest


def match_of(peer: Peer) -> Match:
    match = peer.lobby.match
    assert match is not None
    return match


def pauses(world: Play, peer: Peer) -> Iterator[tuple[str, str]]:
    """Kind and reason of each pause and resumption."""
    for _, event in world.told[peer.name]:
        if isinstance(event, e.MatchPaused | e.MatchResumed):
            yield type(event).__name__, event.reason


class Storm(Play):
    """A match in which up to six things go wrong, at random."""

    def __init__(self, seed: int, game: str = "", *, adjourning: bool = False) -> None:
        """`game`: of the match; empty for any of `GAMES`. `adjourning`: it is put aside now and then."""
        chance = self.chance = random.Random(seed)
        game = game or chance.choice(tuple(GAMES))
        super().__init__(
            game,
            seed,
            frames=chance.choice(
                (14, 40, 100) if not (GAMES | OTHERS)[game].game.tick_rate else (120, 240, 480)
            ),
            delay=chance.choice((0.0005, 0.005, 0.02, 0.05)),
            jitter=chance.choice((0.0, 0.002, 0.02)),
            loss=chance.choice((0.0, 0.0, 0.02, 0.2)),
            input_delay=None,
        )
        self.adjourning = adjourning
        self.story: list[str] = [f"{game} {self.frames} frames, {self.delay} + {self.jitter} s, {self.loss}"]
        for _ in range(chance.randint(1, 6)):
            self.at(chance.uniform(0.05, 9.0), self._strike)

    def weather(self) -> str:
        """Let it all happen; says in which place both were in the end."""
        self.invite()
        self.run(25.0)
        return self.check_any_end()

    def _strike(self) -> None:
        chance = self.chance
        one = chance.choice(self.both)
        other = self.other(one)
        seconds = chance.choice((0.1, 0.3, 1.0, 2.6, 3.0, 6.0, 12.0)) * chance.uniform(0.8, 1.2)
        what = chance.choice(_STRIKES)
        self.story.append(f"{self.now:.3f} {what} {one.name} {seconds:.2f}")
        match what:
            case "cut":
                self.cut_for(seconds, one, other)
            case "flap":
                for second in range(int(seconds * 2)):
                    self.at(self.now + second, partial(self.cut_for, 0.5, one, other))
            case "reset":
                self.reset(one, other)
            case "tcp" | "udp":
                self.break_for(seconds, (one.id, other.id, what), (other.id, one.id, what))
            case "one way":
                self.break_for(seconds, (one.id, other.id, "tcp"), (one.id, other.id, "udp"))
            case "kill" | "power" | "both" if self.match_id:
                for peer in self.both if what == "both" else (one,):
                    lost, after = chance.choice((0, 0, 1, 2)), chance.choice((0.05, 0.3, 1.0, 4.0))
                    self.wreck(peer, lost=lost, after=after, power=what != "power")
            case "move":
                self.move(one, (f"10.0.1.{chance.randint(1, 250)}", 41421))
            case "resign" if not one.dead:
                self.given_up = True
                one.do("resign", one.now)
            case "jump":
                one.skew += chance.choice((1.0, 10.0, 3600.0))


def main() -> None:
    games = [name for name in sys.argv[1:] if name in GAMES | OTHERS]
    adjourning = "adjourning" in sys.argv
    for part in (part for part in sys.argv[1:] if part[0].isdigit()):
        first, _, last = part.partition("-")
        ends: Counter[str] = Counter()
        for seed in range(int(first), int(last or first) + 1):
            storm = Storm(seed, games[seed % len(games)] if games else "", adjourning=adjourning)
            try:
                ends[storm.weather()] += 1
            except Exception as error:
                ends["failed"] += 1
                print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
                if not last:
                    print(*storm.story, *storm.told.items(), sep="\n")
                    raise
        print(part, dict(ends))


if __name__ == "__main__":
    main()
