"""One bit of a state is wrong on one side: it is found, named and mended, and the match goes on to an end both sign."""

import random
from collections.abc import Callable, Collection
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.games.gomoku.rules import Move
from p2pgame.games.tron.rules import OVER as TRON_OVER
from p2pgame.netcode.corrupt import corrupt, corrupt_at
from p2pgame.replay.codec import MAGIC, encode_record
from p2pgame.replay.reader import read
from p2pgame.replay.verify import Dispute, Verdict, verify
from p2pgame.session import events as e
from p2pgame.session.commands import AnswerDispute
from p2pgame.session.effects import Send
from p2pgame.session.match import Match
from p2pgame.session.status import StatusCode
from p2pgame.testing.network import SimPeer as Peer
from p2pgame.testing.network import World
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DISPUTE_TIMEOUT, REPAIR_TIMEOUT, REPAIRS_MAX, REPAIRS_SPAN
from tests.sim import realtime_world
from tests.sim.realtime_world import Side
from tests.sim.reconnect_world import Play, match_of

PLUGINS = {name: Plugin(f"p2pgame.games.{name}") for name in ("gomoku", "pong", "tron")}
FIRST_INTEGER = {"gomoku": "stones", "pong": "points", "tron": "best_of"}
REALTIME = ("pong", "tron")
INPUTS = {"pong": (-1, 0, 1), "tron": (0, 1, 2, 3, 4)}
WON: dict[str, Callable[[Any], Any]] = {
    "gomoku": lambda state: replace(state, line=(0, 1, 2, 3, 4)),
    "pong": lambda state: replace(state, score=(state.points, 0)),
    "tron": lambda state: replace(state, phase=TRON_OVER),
}
"""Makes a state that the rules call the end."""


class Duel:
    """A match of two lobbies whose players move by chance, and what they were told when."""

    def __init__(
        self,
        game: str = "gomoku",
        *,
        seed: int = 1,
        delay: float = 0.005,
        jitter: float = 0.0,
        bad: tuple[Collection[int], Collection[int]] = ((), ()),
        think: float = 0.1,
        frames: int = 0,
        loss: float = 0.0,
    ) -> None:
        """`bad`: frames at which the host's, and the guest's, state is spoiled. `frames`: the match ends there.

        `loss`: share of the datagrams.
        """
        self.plugin = PLUGINS[game]
        self.world = world = World(self.plugin, seed, delay, jitter, frames=frames, loss=loss, input_delay=1)
        self.think = think
        self.chance = random.Random(seed)
        self.told: dict[str, list[tuple[float, int, e.Event]]] = {"Ann": [], "Ben": []}
        """By name: when, at which newest frame of ours, and what."""
        ann, ben = world.add("Ann"), world.add("Ben")
        for peer in (ann, ben):
            peer.on_event = self._listener(peer)
        self.bad = bad
        ann.invite(ben)
        self._wait_for(lambda: ben.told(e.InviteReceived))
        ben.do("accept", ben.told(e.InviteReceived)[-1].invite, world.now)
        self._wait_for(lambda: ann.told(e.MatchStarted) and ben.told(e.MatchStarted))
        self.id: str = ann.first(e.MatchStarted).match
        self.peers = (ann, ben) if ann.id == ann.first(e.MatchStarted).host else (ben, ann)
        for peer in self.peers:
            world.at(world.now + think * self.chance.random(), self._player(peer))

    def _listener(self, peer: Peer) -> Callable[[e.Event], None]:
        def listen(event: e.Event) -> None:
            match = peer.lobby.match
            frame = newest(match) if match is not None else 0
            self.told[peer.name].append((self.world.now, frame, event))
            if isinstance(event, e.MatchStarted) and match is not None:
                match.core.timeline.tamper = corrupt_at(self.bad[0 if event.host == peer.id else 1])

        return listen

    def _wait_for(self, done: Callable[[], Any]) -> None:
        for _ in range(5000):
            if done():
                return
            self.world.run(0.001)
        raise AssertionError("nothing happens")

    def match(self, peer: Peer) -> Match:
        assert peer.lobby.match is not None
        return peer.lobby.match

    def _player(self, peer: Peer) -> Callable[[], None]:
        def move() -> None:
            if peer.dead or peer.lobby.match is None or peer.lobby.match.over:
                return
            view = peer.lobby.view(self.world.now)
            if view is not None and view.pause is None:
                if view.tick_rate:
                    peer.do("submit", self.chance.choice(INPUTS[view.game]), self.world.now)
                elif view.me in view.to_move:
                    free = [point for point, stone in enumerate(view.state.board) if not stone]
                    peer.do("submit", Move(self.chance.choice(free)), self.world.now)
            self.world.at(self.world.now + self.think, move)

        return move

    def of(self, peer: Peer, kind: type[Any]) -> list[tuple[float, int, Any]]:
        return [entry for entry in self.told[peer.name] if isinstance(entry[2], kind)]

    def end(self) -> None:
        """The guest gives up; all that is on its way arrives."""
        self.peers[1].do("resign", self.world.now)
        self.world.run(3.0)

    def verdict(self, peer: Peer) -> Verdict:
        replay = read(MAGIC + b"".join(encode_record(record) for record in peer.files[self.id]))
        return verify(replay, self.plugin.game, self.plugin.digest)

    # --- what must hold

    def check_mended(self, frame: int, wrong: int) -> None:
        """Side `wrong` (0: the host) was wrong at `frame`, once."""
        for side, peer in enumerate(self.peers):
            ((_, _, desync),) = self.of(peer, e.MatchDesync)
            assert (desync.frame, desync.path) == (frame, FIRST_INTEGER[self.plugin.game.name])
            assert (desync.mended, desync.taken) == (True, "theirs" if side == wrong else "ours")
            ours, theirs = (part.split()[-1] for part in desync.differences[0].split(" ≠ "))
            assert int(ours) ^ 1 == int(theirs)
            assert [event.reason for _, _, event in self.of(peer, e.MatchPaused)] == ["desync"]
            assert [event.reason for _, _, event in self.of(peer, e.MatchResumed)] == ["desync"]
            order = [type(event) for _, _, event in self.told[peer.name]]
            assert order.index(e.MatchPaused) < order.index(e.MatchDesync) < order.index(e.MatchResumed)
        one, other = (self.of(peer, e.MatchDesync)[0][2] for peer in self.peers)
        assert (one.ours, one.theirs) == (other.theirs, other.ours)

    def check_times(self, frame: int, wrong: int, *, frames: int) -> None:
        """How soon it is found and named, and play goes on."""
        trip = 2 * (self.world.delay + self.world.jitter)
        found = [self.of(peer, e.MatchPaused)[0] for peer in self.peers]
        assert found[wrong][1] - frame <= frames
        first = min(when for when, _, _ in found)
        for peer in self.peers:
            assert self.of(peer, e.MatchDesync)[0][0] - first <= 2 * trip + 0.1
            assert self.of(peer, e.MatchResumed)[0][0] - first <= 2 * trip + 0.1

    def check_end(self, *, true: bool = True, reason: str = "resigned") -> None:
        """Both sides name the same end, and have a file that proves it. `true`: the rules give its states."""
        ends = [self.of(peer, e.MatchEnded)[-1][2] for peer in self.peers]
        assert len({(end.outcome, end.frames, end.hash) for end in ends}) == 1
        assert ends[0].outcome.reason == reason
        for peer in self.peers:
            assert not peer.told(e.ErrorEvent)
            verdict = self.verdict(peer)
            assert verdict.whole
            assert sorted(verdict.signed_by) == [0, 1]
            if true:
                assert verdict.ok, verdict.problems
        hashes = [{event.frame: event.hash for _, _, event in self.of(peer, e.Hash)} for peer in self.peers]
        both = hashes[0].keys() & hashes[1].keys()
        assert all(hashes[0][frame] == hashes[1][frame] for frame in both)
        assert ends[0].frames in both


def intercept(duel: Duel, peer: Peer, change: Callable[[m.Message], list[m.Message]]) -> None:
    """`change` says what goes out instead of each message of `peer`."""
    act = duel.world._act

    def acting(who: Peer, action: Any) -> None:
        if who is peer and isinstance(action, Send):
            for message in change(action.message):
                act(who, Send(action.link, message, m.encode_message(message)))
        else:
            act(who, action)

    vars(duel.world)["_act"] = acting


def newest(match: Match) -> int:
    return match.core.engine.frame


def played_until(duel: Duel, frame: int) -> None:
    """Until both sides are beyond `frame`."""
    for _ in range(10_000):
        if all(duel.match(peer).frame > frame for peer in duel.peers):
            return
        duel.world.run(0.05)
    raise AssertionError(f"stands still at {[duel.match(peer).frame for peer in duel.peers]}")


# --- found, named, mended


@pytest.mark.parametrize("delay", [0.001, 0.02, 0.15])
@pytest.mark.parametrize("wrong", [0, 1])
@pytest.mark.parametrize("frame", [1, 2, 3, 8, 30])
def test_a_wrong_board_is_mended_within_a_move(frame: int, wrong: int, delay: float) -> None:
    bad = ((frame,), ()) if wrong == 0 else ((), (frame,))
    duel = Duel("gomoku", seed=frame, delay=delay, bad=bad)
    played_until(duel, frame + 4)
    duel.check_mended(frame, wrong)
    duel.check_times(frame, wrong, frames=1)
    duel.end()
    duel.check_end()


@pytest.mark.parametrize("delay", [0.0005, 0.005, 0.02])
@pytest.mark.parametrize("wrong", [0, 1])
@pytest.mark.parametrize("frame", [1, 2, 3, 4, 59, 63, 170, 300])
@pytest.mark.parametrize("game", REALTIME)
def test_a_wrong_frame_is_mended_within_ten_and_named_in_two_round_trips(
    game: str, frame: int, wrong: int, delay: float
) -> None:
    bad = ((frame,), ()) if wrong == 0 else ((), (frame,))
    duel = Duel(game, seed=frame, delay=delay, bad=bad)
    played_until(duel, frame + 60)
    duel.check_mended(frame, wrong)
    duel.check_times(frame, wrong, frames=10)
    duel.end()
    duel.check_end()


def turned(value: Any, number: int, seen: list[int]) -> Any:
    """`value` with the lowest bit of its integer `number` turned over; `seen` counts them."""
    if type(value) is int:
        seen[0] += 1
        return value ^ 1 if seen[0] - 1 == number else value
    if isinstance(value, Struct):
        return type(value)(*(turned(getattr(value, f), number, seen) for f in value.__struct_fields__))
    if isinstance(value, tuple):
        return tuple(turned(element, number, seen) for element in value)
    return value


@pytest.mark.parametrize("number", range(20))
@pytest.mark.parametrize("frame", [101, 103])
@pytest.mark.parametrize("game", REALTIME)
def test_any_field_that_is_wrong_is_found_even_if_it_is_right_again_in_the_next_frame(
    game: str, frame: int, number: int
) -> None:
    duel = Duel(game, seed=number)
    host, guest = duel.peers
    spoiled: list[bool] = []

    def tamper(at: int, state: Any) -> Any:
        after = turned(state, number, [0]) if at == frame else state
        if after != state:
            spoiled.append(True)
        return after

    duel.match(guest).core.timeline.tamper = tamper
    played_until(duel, frame + 40)
    for peer, taken in ((host, "ours"), (guest, "theirs")):
        found = [(event.frame, event.mended, event.taken) for event in peer.told(e.MatchDesync)]
        assert found == ([(frame, True, taken)] if spoiled else [])
    duel.end()
    duel.check_end()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("game", PLUGINS)
def test_a_slow_and_uneven_network_changes_nothing(game: str, seed: int) -> None:
    frame = random.Random(seed).randint(1, 20 if game == "gomoku" else 200)
    loss = (0.0, 0.05, 0.2)[seed % 3]
    duel = Duel(game, seed=seed, delay=0.05, jitter=0.1, loss=loss, bad=((), (frame,)), think=0.02)
    played_until(duel, frame + (4 if game == "gomoku" else 40))
    duel.check_mended(frame, 1)
    duel.end()
    duel.check_end()


@pytest.mark.parametrize("game", PLUGINS)
def test_players_as_fast_as_they_can_lose_no_move(game: str) -> None:
    """Moves cross the exchange on the wire; none is lost that the mended state allows."""
    duel = Duel(game, seed=5, delay=0.03, bad=((6,), (15,)), think=0.001)
    played_until(duel, 30)
    assert [len(peer.told(e.MatchDesync)) for peer in duel.peers] == [2, 2]
    assert all(event.mended for peer in duel.peers for event in peer.told(e.MatchDesync))
    logs = [duel.match(peer).core.timeline.log for peer in duel.peers]
    common = min(map(len, logs))
    assert logs[0][:common] == logs[1][:common]
    duel.end()
    duel.check_end()


@pytest.mark.parametrize("game", PLUGINS)
@pytest.mark.parametrize("wrong", [0, 1])
def test_two_in_a_minute_are_mended(game: str, wrong: int) -> None:
    bad = ((5, 9), ()) if wrong == 0 else ((), (5, 9))
    duel = Duel(game, bad=bad)
    played_until(duel, 20)
    for peer in duel.peers:
        assert [(event.frame, event.mended) for event in peer.told(e.MatchDesync)] == [(5, True), (9, True)]
    duel.end()
    duel.check_end()


def both_wrong(game: str) -> Duel:
    """Both sides are wrong at frame 7, and differently: neither can compute its own state again."""
    duel = Duel(game)
    other = {"stones": 40} if game == "gomoku" else {"frame": 7_000}
    host, guest = duel.peers
    duel.match(host).core.timeline.tamper = corrupt_at((7,))
    duel.match(guest).core.timeline.tamper = lambda frame, state: (
        replace(state, **other) if frame == 7 else state
    )
    return duel


def asked(duel: Duel) -> bool:
    return all(peer.told(e.MatchDisputed) for peer in duel.peers)


@pytest.mark.parametrize("game", PLUGINS)
def test_both_wrong_at_once_go_on_from_the_host_s_state_if_both_players_agree(game: str) -> None:
    duel = both_wrong(game)
    host, guest = duel.peers
    duel._wait_for(lambda: asked(duel))
    duel.world.run(5.0)
    for peer in duel.peers:
        assert duel.match(peer).status.code is StatusCode.DISPUTED
        assert peer.first(e.MatchDisputed).frame == 7
    host.do("execute", AnswerDispute(go_on=True), duel.world.now)
    duel.world.run(1.0)
    assert duel.match(guest).status.code is StatusCode.DISPUTED
    guest.do("execute", AnswerDispute(go_on=True), duel.world.now)
    played_until(duel, 12)
    assert [peer.first(e.MatchDesync).taken for peer in duel.peers] == ["ours", "theirs"]
    duel.end()
    duel.check_end(true=False)


@pytest.mark.parametrize("answer", ["the host's no", "the guest's no", "resigns", "none"])
@pytest.mark.parametrize("game", PLUGINS)
def test_it_ends_as_disputed_if_one_does_not_agree(game: str, answer: str) -> None:
    duel = both_wrong(game)
    host, guest = duel.peers
    duel._wait_for(lambda: asked(duel))
    if answer == "none":
        guest.do("execute", AnswerDispute(go_on=True), duel.world.now)
        duel.world.run(DISPUTE_TIMEOUT + 1.0)
    elif answer == "resigns":
        host.do("resign", duel.world.now)
    else:
        decliner = host if answer == "the host's no" else guest
        decliner.do("execute", AnswerDispute(go_on=False), duel.world.now)
    duel.world.run(1.0)
    for peer in duel.peers:
        assert peer.first(e.MatchEnded).outcome == Outcome.by(EndedBy.DISPUTED)
        verdict = duel.verdict(peer)
        assert verdict.disputes == (Dispute(7, "neither"),)


@pytest.mark.parametrize("game", PLUGINS)
def test_an_answer_about_another_frame_does_not_count(game: str) -> None:
    duel = both_wrong(game)
    host, guest = duel.peers
    duel._wait_for(lambda: asked(duel))
    intercept(duel, guest, lambda s: [replace(s, frame=8)] if isinstance(s, m.DisputeAnswer) else [s])
    host.do("execute", AnswerDispute(go_on=True), duel.world.now)
    guest.do("execute", AnswerDispute(go_on=True), duel.world.now)
    duel.world.run(5.0)
    assert duel.match(host).status.code is StatusCode.DISPUTED
    duel.world.run(DISPUTE_TIMEOUT)
    assert host.first(e.MatchEnded).outcome == Outcome.by(EndedBy.DISPUTED)


def imposing(duel: Duel, liar: Peer, frame: int) -> None:
    """From `frame` on the liar has another state, and says that it is right and knows of nothing before."""
    duel.match(liar).core.timeline.tamper = corrupt_at((frame,))

    def lie(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.Differ):
            hidden = max(0, frame - message.first)
            first = message.first + hidden
            return [replace(message, first=first, hashes=message.hashes[16 * hidden :])]
        return [replace(message, reproduced=True) if isinstance(message, m.State) else message]

    intercept(duel, liar, lie)


@pytest.mark.parametrize("cheat", [0, 1], ids=["host", "guest"])
@pytest.mark.parametrize("game", PLUGINS)
def test_nobody_takes_a_state_that_the_own_rules_do_not_give(game: str, cheat: int) -> None:
    """The list of hashes of the liar begins at the frame it lies about, so that no state before is in both."""
    duel = Duel(game)
    liar, victim = duel.peers[cheat], duel.peers[1 - cheat]
    imposing(duel, liar, 6)
    duel._wait_for(lambda: victim.told(e.MatchDisputed))
    log = list(duel.match(victim).core.timeline.log)
    liar.do("execute", AnswerDispute(go_on=True), duel.world.now)
    duel.world.run(1.0)
    assert not victim.told(e.MatchEnded)
    victim.do("execute", AnswerDispute(go_on=False), duel.world.now)
    duel.world.run(1.0)
    assert victim.first(e.MatchEnded).outcome == Outcome.by(EndedBy.DISPUTED)
    assert victim.first(e.MatchDesync).taken == ""
    assert duel.match(victim).core.timeline.log == log
    verdict = duel.verdict(victim)
    assert verdict.ok, verdict.problems
    assert verdict.disputes == (Dispute(6, "ours"),)


@pytest.mark.parametrize("game", PLUGINS)
def test_a_program_started_anew_takes_no_state_that_its_file_does_not_give(game: str) -> None:
    world = Play(game, frames=60 if game == "gomoku" else 2000)
    world.start()
    world.run(1.0)
    ann = world.ann
    truth = match_of(ann)

    def lie(message: m.Message) -> list[m.Message]:
        match message:
            case m.Resume():
                return [replace(message, hash=b"x" * 16)]
            case m.StateHash():
                return [replace(message, hash=b"x" * 16)]
            case m.State():
                return [replace(message, reproduced=True)]
        return [message]

    world.lies["Ben"] = lie
    world.wreck(ann)
    world.run(8.0)
    assert all(event.taken != "theirs" for event in ann.told(e.MatchDesync))
    assert match_of(ann).core.timeline.log[: truth.frame] == truth.core.timeline.log


@pytest.mark.parametrize("game", PLUGINS)
def test_both_wrong_alike_is_no_difference(game: str) -> None:
    duel = Duel(game, bad=((7,), (7,)))
    played_until(duel, 14)
    for peer in duel.peers:
        assert not peer.told(e.MatchPaused)
        assert not peer.told(e.MatchDesync)
    duel.end()
    duel.check_end(true=False)


@pytest.mark.parametrize("delay", [0.001, 0.03])
@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("wrong", [0, 1])
@pytest.mark.parametrize("game", PLUGINS)
def test_the_last_frames_are_mended_before_the_end_is_signed(
    game: str, wrong: int, before: int, delay: float
) -> None:
    last = 20 if game == "gomoku" else 100
    bad = (last - before,)
    duel = Duel(game, bad=(bad, ()) if wrong == 0 else ((), bad), frames=last, delay=delay)
    duel.world.run(10.0)
    duel.check_mended(last - before, wrong)
    duel.check_end(reason="frame limit")
    assert duel.of(duel.peers[0], e.MatchEnded)[0][2].frames == last


@pytest.mark.parametrize("wrong", [0, 1])
@pytest.mark.parametrize("game", PLUGINS)
def test_a_match_that_only_one_side_thinks_is_over_goes_on(game: str, wrong: int) -> None:
    duel = Duel(game, seed=3)
    frame, won = (9 if game == "gomoku" else 200), WON[game]
    match = duel.match(duel.peers[wrong])
    assert match.core.game.outcome(won(match.view().state)) is not None
    match.core.timeline.tamper = lambda at, state: won(state) if at == frame else state
    played_until(duel, frame + 5)
    for side, each in enumerate(duel.peers):
        (desync,) = each.told(e.MatchDesync)
        assert (desync.frame, desync.taken) == (frame, "theirs" if side == wrong else "ours")
        assert not each.told(e.MatchEnded)
    duel.end()
    duel.check_end()


@pytest.mark.parametrize("game", PLUGINS)
def test_first_states_that_differ_are_named_and_the_match_does_not_begin(
    game: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = PLUGINS[game]
    world = World(plugin)
    ann, ben = world.add("Ann"), world.add("Ben")
    initial = plugin.game.initial
    spoiled = iter((False, True))
    with monkeypatch.context() as patch:
        # Undone on the instance, it would stay there and hide what a later test patches in the class.
        patch.setattr(
            type(plugin.game),
            "initial",
            lambda _, setup: corrupt(initial(setup)) if next(spoiled, True) else initial(setup),
        )
        ann.invite(ben)
        world.run(0.1)
        ben.do("accept", ben.told(e.InviteReceived)[-1].invite, world.now)
        world.run(1.0)
    for peer in (ann, ben):
        (desync,) = peer.told(e.MatchDesync)
        assert (desync.frame, desync.path, desync.mended) == (0, FIRST_INTEGER[game], False)
        assert not peer.told(e.MatchStarted)
        assert [event.code for event in peer.told(e.ErrorEvent)] == ["desync"]
        assert len(peer.reports) == 1
        assert not peer.lobby.busy


# --- killed meanwhile


@pytest.mark.parametrize("moment", [e.MatchPaused, e.MatchDesync])
@pytest.mark.parametrize("killed", ["wrong", "right"])
@pytest.mark.parametrize("game", PLUGINS)
def test_a_program_that_is_killed_in_the_middle_of_it(game: str, killed: str, moment: type[e.Event]) -> None:
    world = Play(game, delay=0.01)
    world.start()
    match_of(world.ben).core.timeline.tamper = corrupt_at((7,))
    victim = world.ben if killed == "wrong" else world.ann
    heard = victim.on_event

    def kill(event: e.Event) -> None:
        heard(event)
        if isinstance(event, moment) and not world.killed:
            world.wreck(victim)

    victim.on_event = kill
    world.play_to_the_end()
    ends = [peer.told(e.MatchEnded)[-1] for peer in world.both]
    assert (ends[0].outcome, ends[0].frames, ends[0].hash) == (ends[1].outcome, ends[1].frames, ends[1].hash)
    assert world.killed
    for peer in world.both:
        # a chain that was lost in the middle of the repair is not signed, and that is said
        assert {error.code for error in peer.told(e.ErrorEvent)} <= {"wrong_signature"}
        assert all(event.mended for event in peer.told(e.MatchDesync))
    assert match_of(world.ann).core.timeline.log == match_of(world.ben).core.timeline.log


# --- it does not go on for ever


@pytest.mark.parametrize("wrong", [0, 1])
@pytest.mark.parametrize("game", PLUGINS)
def test_the_third_time_in_a_minute_ends_the_match_honestly(game: str, wrong: int) -> None:
    frames = (4, 9, 14)
    duel = Duel(game, bad=(frames, ()) if wrong == 0 else ((), frames))
    duel.world.run(10.0)
    for peer in duel.peers:
        desyncs = peer.told(e.MatchDesync)
        assert [event.frame for event in desyncs] == list(frames)
        assert [event.mended for event in desyncs] == [True, True, False]
        assert desyncs[-1].taken == ""
        assert {event.path for event in desyncs} == {FIRST_INTEGER[game]}
        assert [event.code for event in peer.told(e.ErrorEvent)] == ["desync"]
        (ended,) = peer.told(e.MatchEnded)
        assert ended.outcome == Outcome.by(EndedBy.DISPUTED)
        assert len(peer.reports) == REPAIRS_MAX
        replay = read(MAGIC + b"".join(encode_record(record) for record in peer.files[duel.id]))
        assert replay.end is not None
        assert not replay.end.agreed


def test_three_times_in_more_than_a_minute_are_mended() -> None:
    duel = Duel("gomoku", bad=((), (2, 4, 40)), think=4.0)
    played_until(duel, 42)
    for peer in duel.peers:
        assert [event.mended for event in peer.told(e.MatchDesync)] == [True, True, True]
        when = [time for time, _, _ in duel.of(peer, e.MatchDesync)]
        assert when[2] - when[0] > REPAIRS_SPAN
    duel.end()
    duel.check_end()


@pytest.mark.parametrize("game", PLUGINS)
@pytest.mark.parametrize("silent", [0, 1])
def test_who_says_nothing_more_ends_the_match(game: str, silent: int) -> None:
    duel = Duel(game, bad=((6,), ()))
    victim, liar = duel.peers[1 - silent], duel.peers[silent]
    intercept(duel, liar, lambda message: [] if isinstance(message, m.Differ | m.State) else [message])
    duel.world.run(3.0 + REPAIR_TIMEOUT)
    (desync,) = victim.told(e.MatchDesync)
    assert not desync.mended
    assert [event.code for event in victim.told(e.ErrorEvent)] == ["desync"]
    assert victim.first(e.MatchEnded).outcome.ended_by is EndedBy.DISPUTED


@pytest.mark.parametrize("liar", [0, 1])
@pytest.mark.parametrize("game", PLUGINS)
def test_who_is_wrong_all_the_time_is_left_after_three_times(game: str, liar: int) -> None:
    duel, field = Duel(game), FIRST_INTEGER[game]

    def worse(frame: int, state: Any) -> Any:
        return replace(state, **{field: getattr(state, field) + 1}) if frame > 4 else state

    duel.match(duel.peers[liar]).core.timeline.tamper = worse
    duel.world.run(20.0)
    for peer in duel.peers:
        assert [event.mended for event in peer.told(e.MatchDesync)] == [True, True, False]
        assert peer.first(e.MatchEnded).outcome.ended_by is EndedBy.DISPUTED


# --- liars

_state_lies: dict[str, Callable[[m.State], list[m.Message]]] = {
    "of another type": lambda s: [replace(s, data=encode([1, 2, 3]), size=len(encode([1, 2, 3])))],
    "of another frame": lambda s: [replace(s, frame=s.frame + 1)],
    "of another hash": lambda s: [replace(s, data=s.data[:-1] + bytes([s.data[-1] ^ 1]))],
    "twice": lambda s: [s, s],
    "never whole": lambda s: [replace(s, size=s.size + 1)],
    "from its middle": lambda s: [replace(s, offset=1)],
}


@pytest.mark.parametrize("liar", [0, 1])
@pytest.mark.parametrize("lie", _state_lies)
@pytest.mark.parametrize("game", ["gomoku", "pong"])
def test_a_lie_about_the_state_ends_the_match_with_a_name_for_it(game: str, lie: str, liar: int) -> None:
    duel = Duel(game, bad=((6,), ()))
    victim = duel.peers[1 - liar]
    change = _state_lies[lie]
    intercept(duel, duel.peers[liar], lambda s: change(s) if isinstance(s, m.State) else [s])
    duel.world.run(3.0 + REPAIR_TIMEOUT)
    code = {"twice": "unexpected_message", "never whole": "desync"}.get(lie, "bad_state")
    assert [event.code for event in victim.told(e.ErrorEvent)] == [code]
    winners = () if code == "desync" else (duel.match(victim).me,)
    assert victim.first(e.MatchEnded).outcome.winners == winners
    assert victim.told(e.MatchDesync)
    assert not duel.match(victim).repair.active


@pytest.mark.parametrize("honest_list", [True, False])
@pytest.mark.parametrize("liar", [0, 1])
def test_hashes_that_are_never_right_end_the_match(liar: int, honest_list: bool) -> None:
    duel = Duel("gomoku")
    chance = random.Random(3)
    victim = duel.peers[1 - liar]

    def lies(message: m.Message) -> list[m.Message]:
        if isinstance(message, m.StateHash) and message.frame > 3:
            return [replace(message, hash=chance.randbytes(16))]
        if isinstance(message, m.Differ) and not honest_list:
            return [replace(message, hashes=chance.randbytes(len(message.hashes)))]
        return [message]

    intercept(duel, duel.peers[liar], lies)
    duel.world.run(30.0)
    (error,) = victim.told(e.ErrorEvent)
    # Who sends a list that is not its own is surprised by the answer, if it does not lie about its state as well.
    assert error.code == ("desync" if honest_list else "unexpected_message")
    assert len(victim.told(e.MatchPaused)) <= REPAIRS_MAX
    winners = () if error.code == "desync" else (duel.match(victim).me,)
    assert victim.first(e.MatchEnded).outcome.winners == winners


def wild(value: Any, number: int) -> Any:
    """`value` with `number` for every integer and the longest texts and tuples there may be: right in form alone."""
    if type(value) is int:
        return number
    if isinstance(value, Struct):
        return type(value)(*(wild(getattr(value, field), number) for field in value.__struct_fields__))
    if isinstance(value, tuple):
        return tuple(wild(element, number) for element in value)
    return value


@pytest.mark.parametrize("number", [-1, 0, 7, 10**9, 2**64 - 1, -(2**63)])
@pytest.mark.parametrize("game", PLUGINS)
def test_a_host_that_makes_up_a_state_ends_the_match_or_plays_on_but_breaks_nothing(
    game: str, number: int
) -> None:
    duel = Duel(game)
    host, guest = duel.peers
    duel.match(host).core.timeline.tamper = lambda frame, state: wild(state, number) if frame == 6 else state
    intercept(duel, host, lambda s: [replace(s, reproduced=True) if isinstance(s, m.State) else s])
    for _ in range(400):
        duel.world.run(0.05)
        match = guest.lobby.match
        assert match is not None
        match.view()
    if guest.told(e.MatchDisputed):
        guest.do("execute", AnswerDispute(go_on=False), duel.world.now)
    assert guest.told(e.MatchDesync) or guest.told(e.ErrorEvent)
    for error in guest.told(e.ErrorEvent):
        assert error.code in {"rules_failed", "desync", "bad_state", "unexpected_message", "illegal_input"}
    assert not match.repair.active


# --- the link is cut meanwhile


@pytest.mark.parametrize("arrives", [False, True])
@pytest.mark.parametrize("wrong", [0, 1])
@pytest.mark.parametrize("message", range(1, 5))
@pytest.mark.parametrize("game", PLUGINS)
def test_a_link_cut_at_any_message_of_the_exchange(
    game: str, message: int, wrong: int, arrives: bool
) -> None:
    duel = Duel(game, bad=((6,), ()) if wrong == 0 else ((), (6,)), delay=0.01)
    world, count = duel.world, 0

    def cut() -> None:
        for peer in duel.peers:
            session = peer.lobby.session
            if session is not None:
                peer.ends.pop(session).gone = True
                peer.lobby.link_closed(session, "connection_lost", {}, world.now, remote=True)
                world.pump(peer)

    def counting(said: m.Message) -> list[m.Message]:
        nonlocal count
        if isinstance(said, m.Differ | m.State):
            count += 1
            if count == message:
                world.at(world.now + (world.delay if arrives else 0.0), cut)
        return [said]

    for peer in duel.peers:
        intercept(duel, peer, counting)
    played_until(duel, 60 if game != "gomoku" else 12)
    assert count > message or arrives
    duel.end()
    duel.check_end()
    for side, peer in enumerate(duel.peers):
        reasons = [event.reason for event in peer.told(e.MatchPaused)]
        assert reasons.count("connection") <= 1
        assert sorted(reasons) == sorted(event.reason for event in peer.told(e.MatchResumed))
        for event in peer.told(e.MatchDesync):
            assert (event.frame, event.mended) == (6, True)
            assert event.taken == ("theirs" if side == wrong else "ours")


@pytest.mark.parametrize("wrong", [0, 1])
@pytest.mark.parametrize("game", PLUGINS)
def test_a_wire_that_is_out_for_longer_than_the_exchange_may_take(game: str, wrong: int) -> None:
    duel = Duel(game, bad=((6,), ()) if wrong == 0 else ((), (6,)), delay=0.01)
    world = duel.world
    pair = frozenset(peer.id for peer in duel.peers)

    def cutting(said: m.Message) -> list[m.Message]:
        if isinstance(said, m.Differ) and not cuts:
            cuts.append(world.now)
            world.cut.add(pair)
            world.at(world.now + REPAIR_TIMEOUT + 3.0, lambda: world.cut.discard(pair))
        return [said]

    cuts: list[float] = []
    for peer in duel.peers:
        intercept(duel, peer, cutting)
    played_until(duel, 60 if game != "gomoku" else 12)
    assert world.now > cuts[0] + REPAIR_TIMEOUT + 3.0
    duel.end()
    duel.check_end()


# --- real time over datagrams that are late, lost and copied


class Spoiled(realtime_world.World):
    """A seed of `realtime_world`, with states spoiled on one side or both."""

    def __init__(
        self, seed: int, bad: tuple[Collection[int], Collection[int]], *, from_end: bool = False
    ) -> None:
        """`from_end`: the frames in `bad` are counted from the frame limit back."""
        super().__init__(seed)
        if from_end:
            bad = ([self.frames - n for n in bad[0]], [self.frames - n for n in bad[1]])
        self.told: list[list[e.Event]] = [[], []]
        for n, side in enumerate(self.sides):
            if bad[n]:
                side.match.core.timeline.tamper = corrupt_at(bad[n])
            _mend_memory(side)
            self._listen(side, self.told[n])

    def _listen(self, side: Side, told: list[e.Event]) -> None:
        events = side.match.events

        def listening() -> list[e.Event]:
            found = events()
            told.extend(found)
            return found

        vars(side.match)["events"] = listening


def _mend_memory(side: Side) -> None:
    """What a side knows of hashes is replaced by mending."""
    ledger = side.match.core.linked[0].hashes
    ours, reset = ledger.ours, ledger.reset

    def replaced(frame: int, value: bytes) -> list[tuple[int, bytes]]:
        side.hashes.pop(frame, None)
        return ours(frame, value)

    def mended(agreed: int, value: bytes, deaf_until: int) -> None:
        side.hashes[agreed] = value
        reset(agreed, value, deaf_until)

    vars(ledger)["ours"] = replaced
    vars(ledger)["reset"] = mended


@pytest.mark.parametrize("from_end", [False, True])
@pytest.mark.parametrize("seed", range(120))
def test_on_a_bad_network_too(seed: int, from_end: bool) -> None:
    chance = random.Random(seed)
    bad: tuple[list[int], list[int]] = ([], [])
    bad[chance.randrange(2)].append(chance.randint(0, 10) if from_end else chance.randint(1, 50))
    world = Spoiled(seed, bad, from_end=from_end)
    world.play()
    frame = (bad[0] or bad[1])[0]
    if from_end:
        frame = world.frames - frame
    for n, told in enumerate(world.told):
        desyncs = [event for event in told if isinstance(event, e.MatchDesync)]
        if not desyncs:  # it ended before
            assert world.sides[n].match.core.timeline.frame < frame
            continue
        assert [(event.frame, event.mended) for event in desyncs] == [(frame, True)]
        assert desyncs[0].taken == ("theirs" if bad[n] else "ours")
