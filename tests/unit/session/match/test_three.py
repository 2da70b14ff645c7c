"""A match of three through the composed parts: a host and two guests, who talk to the host alone."""

import heapq
import random
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import AnyGame, EndedBy, NoConfig, Outcome
from p2pgame.core.snapshot import encode
from p2pgame.games.tron.bot import Bot
from p2pgame.games.tron.rules import GAME as TRON
from p2pgame.games.tron.rules import Config as TronConfig
from p2pgame.replay.verify import verify
from p2pgame.session import events as e
from p2pgame.session.match import Match, Phase
from p2pgame.testing.recorded import replay_of
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import DrawAgreed, Ended, Resigned
from p2pgame.wire.packet import Block, Packet, encode_packet
from tests.toy import ROBIN, SECRET, TOY, Tally
from tests.unit.session.match.duel import GUEST, HOST, MATCH, PORTS, THIRD, Members, over_the_wire, resigned

ORDERS = [(HOST, GUEST, THIRD), (GUEST, HOST, THIRD), (GUEST, THIRD, HOST)]
SEATS = ["host first", "host second", "host third"]


def files_agree(members: Members, game: AnyGame) -> None:
    """Each file is good by itself, signed by all, and says the same as the others."""
    members.collect()
    replays = [replay_of(members.written[match]) for match in members.all]
    for replay in replays:
        verdict = verify(replay, game, "0" * 16)
        assert verdict.ok, verdict.problems
        assert verdict.whole
        assert verdict.deterministic
        assert verdict.signed_by == (0, 1, 2)
        assert replay.end is not None
        assert replay.end.agreed
    assert len({replay.end and replay.end.chain for replay in replays}) == 1
    assert len({replay.end and replay.end.decisions for replay in replays}) == 1
    assert len({tuple(replay.inputs) for replay in replays}) == 1
    assert len({tuple(replay.decisions.entries) for replay in replays}) == 1


# --- real time


class Star(Members):
    """On a network that loses and delays datagrams, and only delays the sessions. Time is a number."""

    def __init__(
        self,
        game: AnyGame,
        config: Any = None,
        players: Sequence[str] = ORDERS[0],
        *,
        loss: float = 0.02,
        delay: float = 0.02,
        jitter: float = 0.015,
        seed: int = 1,
        **kind: Any,
    ) -> None:
        super().__init__(game, config, players, recorded=True, **kind)
        self.now = 100.0
        self.loss, self.delay, self.jitter = loss, delay, jitter
        self.chance = random.Random(seed)
        self.coming: list[tuple[float, int, Callable[[], None]]] = []
        self.count = 0
        self.session_at: dict[tuple[int, int], float] = {}
        self.play: Callable[[Match], None] = lambda match: None
        """What a player does after each of its ticks."""
        for match in self.all:
            for remote in match.core.linked:
                match.set_rtt(remote.member, 2 * delay)
        self.speak()

    def at(self, when: float, act: Callable[[], None]) -> None:
        self.count += 1
        heapq.heappush(self.coming, (when, self.count, act))

    def flight(self) -> float:
        return self.now + self.delay + self.chance.random() * self.jitter

    def speak(self) -> None:
        self.send()
        for sender, player, message in self.wire:
            when = max(self.flight(), self.session_at.get((sender, player), 0.0))
            self.session_at[sender, player] = when
            self.at(when, lambda s=sender, p=player, x=message: self.hear(s, p, x))  # type: ignore[misc]
        self.wire.clear()
        for match in self.all:
            source = PORTS[match.core.election.players[match.me]]
            for data, to in match.datagrams_to_send():
                if self.chance.random() >= self.loss:
                    self.at(self.flight(), lambda d=data, t=to, s=source: self.datagram(d, t, s))  # type: ignore[misc]

    def hear(self, sender: int, player: int, message: m.Message) -> None:
        self.all[player].receive(sender, over_the_wire(message), self.now)

    def datagram(self, data: bytes, to: tuple[str, int], source: tuple[str, int]) -> None:
        (match,) = [x for x in self.all if PORTS[x.core.election.players[x.me]] == to]
        match.receive_datagrams([(data, source, self.now)], self.now)
        match.settle(self.now)

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while not all(match.over for match in self.all):
            timers = [(match.next_deadline(), n) for n, match in enumerate(self.all)]
            due, n = min(((at, n) for at, n in timers if at is not None), default=(until, -1))
            event = self.coming[0][0] if self.coming else until
            if min(due, event) >= until:
                break
            if event <= due:
                self.now = max(self.now, event)
                heapq.heappop(self.coming)[2]()
            else:
                self.now = max(self.now, due)
                match = self.all[n]
                if match.running:
                    self.play(match)
                match.handle_timeout(self.now)
            self.speak()
        self.now = max(self.now, until) if not all(match.over for match in self.all) else self.now
        self.collect()


@pytest.fixture(scope="module")
def tron() -> Star:
    """600 frames of Tron among three bots."""
    star = Star(TRON, TronConfig(best_of=9), frames=600, delay=0.025)
    bots = [Bot(player) for player in range(3)]

    def play(match: Match) -> None:
        view = match.view()
        if not view.frame % 4 and match.core.phase is Phase.PLAYING:
            match.submit(bots[match.me].choose(view.state, match.me))

    star.play = play
    star.run(30.0)
    return star


def test_real_time_among_three_comes_to_one_end(tron: Star) -> None:
    assert all(match.over and match.settled for match in tron.all)
    assert tron.ends() == [(Outcome.by(EndedBy.FRAME_LIMIT), 600)] * 3
    assert len({tuple(match.core.timeline.log) for match in tron.all}) == 1
    assert len({match.core.timeline.hash for match in tron.all}) == 1


def test_every_hash_that_was_compared_was_equal(tron: Star) -> None:
    told: dict[int, str] = {}
    for match in tron.all:
        assert not tron.of(match, e.MatchDesync)
        hashes = tron.of(match, e.Hash)
        assert len(hashes) > (20 if match.is_host else 100)  # the host counts what all told of one frame
        assert hashes[-1].frame == 600
        for event in hashes:
            assert told.setdefault(event.frame, event.hash) == event.hash


@pytest.mark.parametrize("delay", [0.001, 0.004, 0.009, 0.03])
def test_inputs_of_guests_come_shortly_before_the_tick_of_the_host(delay: float) -> None:
    star = Star(TRON, TronConfig(best_of=9), frames=1200, delay=delay, jitter=0.001, loss=0.0)
    star.run(5.0)
    host = next(match for match in star.all if match.is_host)
    waits: list[float] = []
    deliver = star.datagram

    def datagram(data: bytes, to: tuple[str, int], source: tuple[str, int]) -> None:
        if to == PORTS[host.core.election.players[host.me]]:
            waits.append((host.next_deadline() or star.now) - star.now)
        deliver(data, to, source)

    star.datagram = datagram  # type: ignore[method-assign]
    star.run(5.0)
    waits.sort()
    assert len(waits) > 550
    assert waits[int(0.99 * len(waits))] <= 0.006


def test_inputs_were_predicted_wrong_and_corrected(tron: Star) -> None:
    for match in tron.all:
        depths = match.core.engine.depths
        assert depths.total() - depths[0] > 10, "every side rolled back"
        assert max(depths) >= 2
        assert match.core.timeline.frame == 600


def test_everybody_played(tron: Star) -> None:
    log = tron.host.core.timeline.log
    for player in range(3):
        assert len({inputs[player] for inputs in log}) >= 3


def test_all_signed_and_the_files_are_equal(tron: Star) -> None:
    files_agree(tron, TRON)


def test_guests_have_no_word_for_each_other(tron: Star) -> None:
    for match in tron.all:
        if match is not tron.host:
            assert [remote.member for remote in match.core.linked] == [tron.host.me]
    assert all(tron.host.me in (sender, player) for sender, player, _ in tron.said)


@pytest.mark.parametrize("players", ORDERS, ids=SEATS)
@pytest.mark.parametrize("seed", range(2))
def test_any_seat_may_be_the_host_s(players: Sequence[str], seed: int) -> None:
    star = Star(TOY, players=players, seed=seed, frames=200, loss=0.1)
    chance = random.Random(seed)

    def play(match: Match) -> None:
        if match.core.phase is Phase.PLAYING and chance.random() < 0.2:
            match.submit(chance.randrange(4))

    star.play = play
    star.run(20.0)
    assert star.ends() == [(Outcome.by(EndedBy.FRAME_LIMIT), 200)] * 3
    assert len({tuple(match.core.timeline.log) for match in star.all}) == 1
    files_agree(star, TOY)


@pytest.mark.parametrize("who", range(3))
@pytest.mark.parametrize("players", ORDERS, ids=SEATS)
def test_who_gives_up_in_real_time_has_lost_to_both_others(players: Sequence[str], who: int) -> None:
    star = Star(TOY, players=players, seed=who)
    star.run(2.0)
    star.all[who].resign()
    star.all[who].settle(star.now)
    star.speak()
    star.run(10.0)
    (end, *others) = star.ends()
    assert others == [end] * 2
    assert end[0] == resigned(*(player for player in range(3) if player != who))
    assert end[1] >= 100
    assert star.host.core.log.bodies == [Resigned(seat=who), Ended(outcome=end[0])]
    files_agree(star, TOY)


def test_each_of_three_has_an_input_delay_of_its_own() -> None:
    star = Star(TOY, seed=5)
    star.run(1.0)
    star.all[2].set_delay(3)
    star.run(2.0)
    assert [match.core.engine.delay for match in star.all][2] == 3
    assert [match.core.engine.delay for match in star.all][:2] != [3, 3]
    star.all[1].resign()
    star.speak()
    star.run(5.0)
    files_agree(star, TOY)


def test_who_is_silent_holds_all_others_up_and_no_longer_than_that() -> None:
    star = Star(TOY, loss=0.0, jitter=0.0)
    star.run(1.0)
    silent = star.all[2]
    deadline = silent.next_deadline
    vars(silent)["next_deadline"] = lambda: None
    star.run(2.0)
    frames = [match.core.engine.frame for match in star.all]
    assert max(frames) - silent.core.engine.frame <= 8
    assert all(match.status.code.value == "stalled" for match in star.all[:2])
    vars(silent)["next_deadline"] = deadline
    star.run(2.0)
    assert min(match.core.engine.frame for match in star.all) > max(frames) + 60
    assert all(match.status.code.value == "running" for match in star.all)


def test_a_guest_cannot_play_for_another() -> None:
    """A packet with inputs of somebody whom its sender does not speak for is dropped and counted."""
    star = Star(TOY, loss=0.0, jitter=0.0)
    star.run(0.5)
    guest, host = star.all[1], star.host
    channel = guest.core.linked[0].channel
    assert channel is not None
    known = host.core.engine.known(2)
    packet = Packet(first=0, ack=0, blocks=(Block(2, known, (b"\3",) * 3),))
    channel.send(encode_packet(packet), star.now)
    star.speak()
    star.run(0.1)
    refused = host.core.remotes[1].channel
    assert refused is not None
    assert refused.refused == 1
    star.run(1.0)
    assert all(inputs[2] == b"\0" for inputs in host.core.timeline.log)


# --- by turns


class Ring(Members):
    """Three by turns; every word arrives."""

    def __init__(self, players: Sequence[str] = ORDERS[0], game: AnyGame = ROBIN) -> None:
        super().__init__(game, NoConfig(), players, recorded=True)
        self.deliver()

    def move(self, *moves: int) -> None:
        for move in moves:
            (player,) = self.host.view().to_move
            self.act(self.all[player], lambda match, move=move: match.submit(move))
            self.deliver()

    def act(self, match: Match, what: Callable[[Match], None]) -> None:
        what(match)
        match.settle(self.now)


@pytest.fixture(params=ORDERS, ids=SEATS)
def ring(request: pytest.FixtureRequest) -> Ring:
    return Ring(request.param)


def test_all_three_begin_when_both_guests_are_there() -> None:
    ring = Members(ROBIN, NoConfig(), ORDERS[0], recorded=True)
    ring.send()
    for sender, player, message in ring.wire[:1]:
        ring.all[player].receive(sender, message, 0.0)
    ring.wire = ring.wire[1:]
    late, ring.wire = ring.wire, []
    ring.deliver()
    assert ring.host.phase is Phase.STARTING
    assert not ring.of(ring.host, e.MatchStarted)
    ring.wire = late
    ring.deliver()
    assert {match.phase for match in ring.all} == {Phase.PLAYING}
    starts = [ring.of(match, e.MatchStarted) for match in ring.all]
    assert [len(start) for start in starts] == [1, 1, 1]
    assert [start[0].me for start in starts] == [0, 1, 2]


def test_three_by_turns_to_an_end_by_the_rules(ring: Ring) -> None:
    ring.move(9, 1, 1, 9, 1, 1, 9, 1, 1, 9)
    assert ring.ends() == [(Outcome(winners=(0,), reason="thirty"), 10)] * 3
    for match in ring.all:
        assert match.settled
        moves = ring.of(match, e.Move)
        assert [move.player for move in moves] == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
        assert [event.frame for event in ring.of(match, e.Hash)] == list(range(11))
    files_agree(ring, ROBIN)


def test_a_guest_whose_session_is_lost_at_the_end_still_gets_the_other_s_signature(ring: Ring) -> None:
    ring.move(9, 1, 1, 9, 1, 1, 9, 1, 1)
    guest = next(match for match in ring.all if match is not ring.host)
    mover = ring.host.view().to_move[0]
    ring.act(ring.all[mover], lambda match: match.submit(9))
    ring.send()
    while ring.wire:
        sender, player, message = ring.wire.pop(0)
        if ring.all[player] is not guest or not isinstance(message, m.EndSignature):
            ring.all[player].receive(sender, over_the_wire(message), ring.now)
        ring.send()
    assert not guest.over
    ring.rejoin(ring.host, guest)
    ring.deliver()
    assert [match.settled for match in ring.all] == [True] * 3
    files_agree(ring, ROBIN)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_three_who_choose_at_once(order: tuple[int, ...]) -> None:
    ring = Ring(game=SECRET)
    for turn in range(4):
        for player in order:
            ring.act(ring.all[player], lambda match, turn=turn: match.submit(turn + 1 + 2 * match.me))
            ring.deliver()
            assert ring.host.frame == turn + (player == order[-1])
        assert {match.frame for match in ring.all} == {turn + 1}
    assert len({match.core.timeline.hash for match in ring.all}) == 1


@pytest.mark.parametrize("who", range(3))
def test_a_resignation_by_anybody_ends_it_for_all(ring: Ring, who: int) -> None:
    ring.move(1, 2, 3, 4)
    ring.act(ring.all[who], Match.resign)
    ring.deliver()
    winners = tuple(player for player in range(3) if player != who)
    assert ring.ends() == [(resigned(*winners), 4)] * 3
    assert ring.host.core.log.bodies == [Resigned(seat=who), Ended(outcome=resigned(*winners))]
    files_agree(ring, ROBIN)


def test_both_guests_resign_at_once_and_the_first_that_is_heard_counts(ring: Ring) -> None:
    ring.move(1, 2)
    guests = [match for match in ring.all if match is not ring.host]
    for match in guests:
        ring.act(match, Match.resign)
    ring.deliver()
    first = guests[0].me
    assert ring.ends() == [(resigned(*(p for p in range(3) if p != first)), 2)] * 3
    files_agree(ring, ROBIN)


def test_a_draw_needs_all_three(ring: Ring) -> None:
    ring.move(1, 2, 3)
    ring.act(ring.all[1], Match.offer_draw)
    ring.deliver()
    ring.act(ring.all[2], Match.offer_draw)
    ring.deliver()
    assert ring.ends() == []
    assert {match.phase for match in ring.all} == {Phase.PLAYING}
    offers = [[event.player for event in ring.of(match, e.DrawOffered)] for match in ring.all]
    assert offers == [[1, 2], [2], [1]]
    ring.act(ring.all[0], Match.offer_draw)
    ring.deliver()
    assert ring.ends() == [(Outcome.by(EndedBy.DRAW_AGREED), 3)] * 3
    assert ring.host.core.log.bodies == [DrawAgreed(), Ended(outcome=Outcome.by(EndedBy.DRAW_AGREED))]
    files_agree(ring, ROBIN)


def test_an_offered_draw_lapses(ring: Ring) -> None:
    """It stands for the frame it is made in and the one after it."""
    ring.act(ring.all[1], Match.offer_draw)
    ring.act(ring.all[2], Match.offer_draw)
    ring.deliver()
    ring.move(1, 2)
    ring.act(ring.all[0], Match.offer_draw)
    ring.deliver()
    assert ring.ends() == []
    for player in (1, 2):
        ring.act(ring.all[player], Match.offer_draw)
    ring.deliver()
    assert ring.ends() == [(Outcome.by(EndedBy.DRAW_AGREED), 2)] * 3


def test_a_guest_cannot_move_resign_or_sign_for_another() -> None:
    ring = Ring()
    ring.move(1)
    host = ring.host
    for message, code in (
        (m.Input(match=MATCH, player=2, frame=1, data=encode(5)), "wrong_player"),
        (m.Input(match=MATCH, player=0, frame=1, data=encode(5)), "wrong_player"),
        (m.Request(match=MATCH, player=2, what=m.RequestKind.RESIGN), "not_your_request"),
        (m.Request(match=MATCH, player=0, what=m.RequestKind.RESIGN), "not_your_request"),
        (m.Request(match=MATCH, player=2, what=m.RequestKind.DRAW), "not_your_request"),
    ):
        with pytest.raises(RemoteProtocolError) as caught:
            host.receive(1, message, 0.0)
        assert caught.value.code == code
    lie = m.EndSignature(
        match=MATCH, player=2, frame=1, decisions=0, public_key=bytes(32), signature=bytes(64)
    )
    host.receive(1, lie, 0.0)
    assert not host.ending._signatures
    assert host.messages_to_send(2) == []
    assert (host.frame, host.outcome) == (1, None)


def test_a_difference_with_one_guest_is_repaired_for_all() -> None:
    ring = Ring()
    ring.all[2].core.timeline.tamper = lambda frame, state: (
        Tally(state.turn, (*state.totals[:2], state.totals[2] + 1)) if frame == 2 else state
    )
    ring.move(1, 2, 3, 4)
    assert {match.frame for match in ring.all} == {4}
    assert len({match.core.timeline.hash for match in ring.all}) == 1
    (desync,) = ring.of(ring.all[2], e.MatchDesync)
    assert (desync.frame, desync.taken, desync.path) == (2, "theirs", "totals[2]")
    assert not ring.of(ring.all[1], e.MatchDesync)
    ring.act(ring.all[1], Match.resign)
    ring.deliver()
    assert ring.ends() == [(resigned(0, 2), 4)] * 3


@pytest.mark.parametrize("bad", [1, 2, 3])
def test_a_difference_of_the_host_from_both_guests_is_repaired(bad: int) -> None:
    """Both guests find it, and both say so at once: the host compares with one after the other."""
    ring = Ring()
    ring.host.core.timeline.tamper = lambda frame, state: (
        Tally(state.turn, (state.totals[0] + 1, *state.totals[1:])) if frame == bad else state
    )
    ring.move(1, 2, 3, 4)
    assert {match.frame for match in ring.all} == {4}
    assert {match.core.timeline.state for match in ring.all} == {Tally(4, (5, 2, 3))}
    assert all(match.phase is Phase.PLAYING for match in ring.all)
    ring.act(ring.all[1], Match.resign)
    ring.deliver()
    assert ring.ends() == [(resigned(0, 2), 4)] * 3
    for match in ring.all:
        assert match.settled


@pytest.mark.parametrize("seat", range(3))
def test_a_difference_in_real_time_is_repaired_for_all_three(seat: int) -> None:
    star = Star(TOY, seed=seat, frames=240)
    bad = star.all[seat]
    bad.core.timeline.tamper = lambda frame, state: (
        msgspec.structs.replace(state, value=state.value ^ 1) if frame == 60 else state
    )
    chance = random.Random(seat)

    def play(match: Match) -> None:
        if match.core.phase is Phase.PLAYING and chance.random() < 0.2:
            match.submit(chance.randrange(4))

    star.play = play
    star.run(20.0)
    assert star.ends() == [(Outcome.by(EndedBy.FRAME_LIMIT), 240)] * 3
    assert len({match.core.timeline.hash for match in star.all}) == 1
    assert len({tuple(match.core.timeline.log) for match in star.all}) == 1
    assert star.of(bad, e.MatchDesync)[0].frame == 60
    assert all(match.settled for match in star.all)


@pytest.mark.parametrize("what", ["input", "resignation"])
def test_what_a_guest_says_while_the_host_compares_with_the_other_is_not_lost(what: str) -> None:
    ring = Ring(game=SECRET)
    ring.all[1].core.timeline.tamper = lambda frame, state: (
        Tally(state.turn, (9, *state.totals[1:])) if frame == 1 else state
    )
    for match in ring.all:
        ring.act(match, lambda match: match.submit(1))
    while ring.host.repair.remote is not ring.host.core.remotes[1]:
        ring.send()
        sender, player, message = ring.wire.pop(0)
        ring.all[player].receive(sender, message, 0.0)
    third = ring.all[2]
    ring.send()
    told = [item for item in ring.wire if item[1] == 2]
    ring.wire = [item for item in ring.wire if item[1] != 2]
    for sender, player, message in told:
        ring.all[player].receive(sender, message, 0.0)
    assert third.phase is Phase.PLAYING
    ring.act(third, (lambda match: match.submit(2)) if what == "input" else Match.resign)
    for message in third.messages_to_send(0):
        ring.host.receive(2, message, 0.0)
    assert ring.host.repair.active
    ring.deliver()
    if what == "input":
        for match in ring.all[:2]:
            ring.act(match, lambda match: match.submit(2))
        ring.deliver()
        assert {match.core.timeline.state for match in ring.all} == {Tally(2, (3, 3, 3))}
    else:
        assert [outcome for outcome, _ in ring.ends()] == [resigned(0, 1)] * 3


def test_a_guest_says_its_states_once_until_its_turn_comes() -> None:
    ring = Ring()
    ring.host.core.timeline.tamper = lambda frame, state: Tally(state.turn, (50, 0, 0))
    ring.act(ring.host, lambda match: match.submit(1))
    while not ring.host.repair.active:
        ring.send()
        sender, player, message = ring.wire.pop(0)
        ring.all[player].receive(sender, message, 0.0)
    differ = m.Differ(match=MATCH, first=0, hashes=b"", version="", platform="")
    busy = ring.host.repair.remote
    assert busy is not None
    waiting = next(remote for remote in ring.host.core.linked if remote is not busy)
    state = m.State(match=MATCH, frame=1, size=1, offset=0, data=b"x", chain=bytes(16), reproduced=True)
    with pytest.raises(RemoteProtocolError):
        ring.host.receive(waiting.member, state, 0.0)
    ring.host.receive(waiting.member, differ, 0.0)
    for message in (differ, state):
        with pytest.raises(RemoteProtocolError) as caught:
            ring.host.receive(waiting.member, message, 0.0)
        assert caught.value.code == "unexpected_message"
    assert ring.host.repair.remote is busy


def test_who_resigns_before_the_last_guest_is_here_resigns_once_it_is() -> None:
    members = Members(ROBIN, None, ORDERS[0])
    host, ben, cid = members.all
    members.send()
    (start,) = [message for _, to, message in members.wire if to == 1]
    members.wire = [item for item in members.wire if item[1] != 1]
    ben.receive(0, start, 0.0)
    (answer,) = ben.messages_to_send(0)
    ben.resign()
    (request,) = ben.messages_to_send(0)
    for message in (answer, request):
        host.receive(1, message, 0.0)
    assert host.phase is Phase.STARTING
    members.deliver()
    assert {match.outcome for match in (host, cid)} == {resigned(0, 2)}
