"""Two matches joined by lists: what one says the other hears, and neither can cheat the other."""

import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import AnyGame, EndedBy, Game, NoConfig, Outcome, Setup
from p2pgame.core.ids import PeerId
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.games.gomoku.bot import Bot, Options
from p2pgame.games.gomoku.rules import GAME, Config, Move
from p2pgame.session import events as e
from p2pgame.session.match import Match, Phase
from p2pgame.session.status import Status, StatusCode
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import MATCH_TIMEOUT, REPAIR_TIMEOUT
from p2pgame.wire.decisions import (
    Claimed,
    Decision,
    DrawAgreed,
    Ended,
    Paused,
    Resigned,
    encode_decision,
)
from tests.unit.session.match.duel import (
    GUEST,
    HOST,
    MATCH,
    Members,
    ended,
    entries,
    hear,
    move,
    request,
    resigned,
    said,
)

BLACK_WINS = [112, 0, 113, 1, 114, 2, 115, 3, 116]


class Pair(Members):
    """A host and a guest."""

    def __init__(
        self, first: PeerId = HOST, frame_limit: int = 0, *, game: AnyGame = GAME, config: Any = None
    ) -> None:
        players = (HOST, GUEST) if first == HOST else (GUEST, HOST)
        if game is GAME and config is None:
            config = Config(clock="no clock")
        super().__init__(game, config, players, frames=frame_limit)

    def play(self, points: list[int]) -> None:
        for point in points:
            side = self.turn()
            side.submit(Move(point))
            side.settle(self.now)
            self.deliver()

    def turn(self) -> Match:
        (player,) = self.host.view().to_move
        return self.host if self.host.me == player else self.guest


@pytest.fixture(params=[HOST, GUEST], ids=["host first", "guest first"])
def pair(request: pytest.FixtureRequest) -> Pair:
    joined = Pair(request.param)
    joined.deliver()
    return joined


def refusal(match: Match, message: m.Message) -> str:
    with pytest.raises(RemoteProtocolError) as error:
        hear(match, message)
    return error.value.code


def test_it_starts_on_both_sides_once_both_hold_the_same_state(pair: Pair) -> None:
    (here,), (there,) = (pair.of(side, e.MatchStarted) for side in (pair.host, pair.guest))
    assert isinstance(here, e.MatchStarted)
    assert isinstance(there, e.MatchStarted)
    assert msgspec.structs.replace(here, me=0, seats=()) == msgspec.structs.replace(there, me=0, seats=())
    assert {here.me, there.me} == {0, 1}
    assert (here.seats, there.seats) == ((here.me,), (there.me,))
    assert pair.of(pair.host, e.Hash) == pair.of(pair.guest, e.Hash) != []


def test_nothing_can_be_played_before(pair: Pair) -> None:
    fresh = Pair()
    for side in (fresh.host, fresh.guest):
        with pytest.raises(IllegalMoveError):
            side.submit(Move(112))
    assert refusal(fresh.host, move(fresh.host, 0, encode(Move(1)))) == "unexpected_message"
    hear(fresh.host, request(fresh.host, m.RequestKind.RESIGN))  # waits until the match has begun
    assert fresh.host.outcome is None
    assert not fresh.host.core.log.entries


def test_another_first_state_is_a_desync_of_frame_0() -> None:
    fresh = Pair()
    (start,) = said(fresh.host)
    assert isinstance(start, m.Start)
    fresh.guest.core.engine.rebase(0, msgspec.structs.replace(fresh.guest.core.timeline.state, stones=2))
    hear(fresh.guest, start)
    assert fresh.guest.next_deadline() == REPAIR_TIMEOUT
    with pytest.raises(RemoteProtocolError) as error:
        fresh.deliver()
    assert error.value.code == "desync"
    fresh.send()
    for sender, player, message in fresh.wire:
        with suppress(RemoteProtocolError):
            fresh.all[player].receive(sender, message, 0.0)
    for side in (fresh.host, fresh.guest):
        (desync,) = fresh.of(side, e.MatchDesync)
        assert (desync.frame, desync.path, desync.mended) == (0, "stones", False)
        assert not fresh.of(side, e.MatchStarted)
        assert not fresh.of(side, e.MatchPaused)


def test_a_match_played_to_the_end_ends_alike(pair: Pair) -> None:
    pair.play(BLACK_WINS)
    for side in (pair.host, pair.guest):
        assert side.over
        (end,) = pair.of(side, e.MatchEnded)
        assert end.outcome == Outcome(winners=(0,), reason="five in a row")
        assert end.frames == 9
        assert end.hash == pair.host.view().hash
        frames = [h.frame for h in pair.of(side, e.Hash) if isinstance(h, e.Hash)]
        assert frames == list(range(10))
        moves = [x.move for x in pair.of(side, e.Move) if isinstance(x, e.Move)]
        assert moves[:3] == ["H8", "A1", "I8"]
    assert pair.host.view().state == pair.guest.view().state


@pytest.mark.parametrize("seed", range(3))
def test_bots_agree_on_every_frame(seed: int) -> None:
    pair = Pair(random.Random(seed).choice((HOST, GUEST)))
    pair.deliver()
    bots = Bot(seed, Options(1)), Bot(seed + 1, Options(1))
    while not pair.host.over:
        view = pair.turn().view()
        pair.play([bots[view.me].choose(view.state, view.me).point])
    assert pair.guest.over
    assert pair.of(pair.host, e.Hash) == pair.of(pair.guest, e.Hash)


def test_a_frame_limit_ends_it() -> None:
    pair = Pair(frame_limit=4)
    pair.deliver()
    pair.play(BLACK_WINS[:4])
    for side in (pair.host, pair.guest):
        (end,) = pair.of(side, e.MatchEnded)
        assert end.outcome == Outcome.by(EndedBy.FRAME_LIMIT)
        assert end.frames == 4


def test_our_own_illegal_moves_are_told_and_not_sent(pair: Pair) -> None:
    pair.play([112])
    for side in (pair.host, pair.guest):
        before = side.view()
        with pytest.raises(IllegalMoveError):
            side.submit(Move(112))
        assert said(side) == []
        assert side.view() is before


@pytest.mark.parametrize(
    "data",
    [
        encode(Move(112)),
        encode({"point": 225}),
        encode({"point": -1}),
        encode({"point": 1, "more": 1}),
        encode({}),
        b"",
        b"\xc1",
        b"\x91" * 4096,
        b"\x81\xa5point\xa2\xff\xfe",
    ],
    ids=lambda d: d[:16].hex(),
)
def test_their_illegal_moves_are_refused_and_never_applied(pair: Pair, data: bytes) -> None:
    pair.play([112])
    mover = pair.turn()
    victim = pair.guest if mover is pair.host else pair.host
    before = victim.view().state
    assert refusal(victim, move(victim, 1, data)) == "illegal_input"
    assert victim.view().state == before


def test_playing_out_of_turn_is_refused(pair: Pair) -> None:
    mover = pair.turn()  # whose opponent's clock would have to run first
    assert refusal(mover, move(mover, 0, encode(Move(5)))) == "illegal_input"


@pytest.mark.parametrize("frame", [0, 2, 2**32 - 1])
def test_an_input_is_for_the_frame_that_is_on(pair: Pair, frame: int) -> None:
    pair.play([112])
    victim = pair.guest if pair.turn() is pair.host else pair.host
    assert refusal(victim, move(victim, frame, encode(Move(5)))) == "wrong_frame"


def test_a_move_is_not_taken_before_the_hash_of_the_state_it_is_made_in(pair: Pair) -> None:
    """Who keeps the hashes back could differ from us for a whole match without being found out."""
    mover = pair.turn()
    other = pair.guest if mover is pair.host else pair.host
    mover.submit(Move(112))
    mover.settle(0.0)
    for message in said(mover):
        hear(other, message)
    assert refusal(mover, move(mover, 1, encode(Move(5)))) == "missing_hash"


def differing(pair: Pair) -> tuple[Match, Match]:
    """The mover, whose state of frame 1 is another one, and the other side; both have found it."""
    mover = pair.turn()
    other = pair.guest if mover is pair.host else pair.host
    mover.core.timeline.tamper = lambda _, state: msgspec.structs.replace(state, stones=9)
    mover.submit(Move(112))
    mover.settle(0.0)
    for message in said(mover):
        hear(other, message)
    for message in said(other):
        hear(mover, message)
    assert mover.repair.active
    assert other.repair.active
    return mover, other


def test_while_states_differ_nothing_passes(pair: Pair) -> None:
    mover, other = differing(pair)
    for side in (mover, other):
        assert pair.of(side, e.MatchPaused) == [e.MatchPaused(match=MATCH, reason="desync")]
        pause = side.view().pause
        assert pause is not None
        assert pause == Status(code=StatusCode.DESYNC)
        with pytest.raises(IllegalMoveError, match="desync"):
            side.submit(Move(3))
    hear(mover, move(mover, 1, encode(Move(3))))
    hear(mover, m.StateHash(match=MATCH, frame=1, hash=b"x" * 16))
    assert (mover.frame, mover.core.phase, mover.phase) == (1, Phase.PLAYING, Phase.REPAIRING)


def test_a_different_state_is_named_mended_and_played_on_from(pair: Pair) -> None:
    mover, other = differing(pair)
    pair.deliver()
    for side, taken in ((mover, "theirs"), (other, "ours")):
        (desync,) = pair.of(side, e.MatchDesync)
        assert (desync.frame, desync.path, desync.taken, desync.mended) == (1, "stones", taken, True)
        assert pair.of(side, e.MatchResumed) == [e.MatchResumed(match=MATCH, reason="desync")]
        assert side.view().pause is None
        assert side.view().state.stones == 1
    other.submit(Move(0))
    pair.deliver()
    assert mover.frame == other.frame == 2
    assert mover.view().hash == other.view().hash == mover.core.timeline.hash.hex()


@pytest.mark.parametrize("who", ["host", "guest"])
def test_who_gives_up_while_states_differ_has_given_up_afterwards(pair: Pair, who: str) -> None:
    differing(pair)
    quitter: Match = getattr(pair, who)
    quitter.resign()
    assert quitter.repair.active
    pair.deliver()
    for side in (pair.host, pair.guest):
        (end,) = pair.of(side, e.MatchEnded)
        assert end.outcome == resigned(1 - quitter.me)


def test_who_says_nothing_of_its_states_is_not_waited_for(pair: Pair) -> None:
    mover, _ = differing(pair)
    assert mover.next_deadline() == REPAIR_TIMEOUT
    mover.handle_timeout(REPAIR_TIMEOUT - 0.1)
    mover.set_link_suspect(True, 4.0)
    assert mover.next_deadline() is None
    mover.handle_timeout(100.0)
    mover.set_link_suspect(False, 200.0)
    assert mover.next_deadline() == 200.0 + REPAIR_TIMEOUT
    with pytest.raises(RemoteProtocolError) as caught:
        mover.handle_timeout(200.0 + REPAIR_TIMEOUT)
    assert caught.value.code == "desync"
    (desync,) = pair.of(mover, e.MatchDesync)
    assert isinstance(desync, e.MatchDesync)
    assert (desync.frame, desync.path, desync.mended) == (1, None, False)


def test_a_match_that_ends_while_states_differ_says_so(pair: Pair) -> None:
    mover, _ = differing(pair)
    mover.end_alone(Outcome.by(EndedBy.CONNECTION_LOST))
    assert not mover.repair.active
    pair.collect()
    assert [type(event) for event in pair.told[mover][-2:]] == [e.MatchDesync, e.MatchEnded]


def test_a_last_move_that_never_was_takes_the_end_back_to_where_it_is_possible() -> None:
    """The host moves twice in a state of its own, and gives up there."""
    pair = Pair(HOST)
    pair.deliver()
    pair.host.core.timeline.tamper = lambda frame, state: (
        msgspec.structs.replace(state, stones=2, moves=(112, 0)) if frame == 1 else state
    )
    pair.host.submit(Move(112))
    pair.host.submit(Move(3))
    pair.host.resign()
    pair.host.settle(0.0)
    pair.deliver()
    for side in (pair.host, pair.guest):
        (end,) = pair.of(side, e.MatchEnded)
        assert (end.frames, end.outcome) == (1, resigned(1))
        assert side.view().state.stones == 1


class Count(msgspec.Struct, frozen=True):
    total: int = 0


class Alone(Game[Count, int, NoConfig]):
    """Only the first player moves."""

    name = "alone"
    title = "Alone"
    state_type = Count
    input_type = int

    def initial(self, setup: Setup[NoConfig]) -> Count:
        return Count()

    def validate(self, state: Count, player: int, move: int) -> None:
        pass

    def advance(self, state: Count, inputs: Sequence[int | None]) -> Count:
        return Count(state.total * 3 + (inputs[0] or 0))

    def outcome(self, state: Count) -> Outcome | None:
        return None

    def to_move(self, state: Count) -> tuple[int, ...]:
        return (0,)


@pytest.mark.parametrize("bad", range(1, 6))
@pytest.mark.parametrize("wrong", ["host", "guest"])
def test_moves_made_while_nobody_knew_of_the_difference_are_kept(wrong: str, bad: int) -> None:
    pair = Pair(game=Alone(), config=NoConfig())
    pair.deliver()
    side: Match = getattr(pair, wrong)
    side.core.timeline.tamper = lambda frame, state: Count(state.total + 500) if frame == bad else state
    for number in (1, 2, 0, 2, 1):
        pair.host.submit(number)
    pair.host.settle(0.0)
    pair.deliver()
    for each in (pair.host, pair.guest):
        (desync,) = pair.of(each, e.MatchDesync)
        assert (desync.frame, desync.mended) == (bad, True)
        assert each.frame == 5
        assert each.view().state == Count(1 * 81 + 2 * 27 + 0 * 9 + 2 * 3 + 1)
        assert each.view().hash == each.core.timeline.hash.hex()


def test_what_is_said_again_changes_nothing(pair: Pair) -> None:
    mover = pair.turn()
    mover.submit(Move(112))
    (moved,) = [message for message in said(mover) if isinstance(message, m.Input)]
    other = pair.guest if mover is pair.host else pair.host
    hear(other, moved)
    hear(other, moved)
    assert other.frame == 1
    lie = move(other, 0, encode(Move(3)))
    assert refusal(other, lie) == "wrong_frame"


@pytest.mark.parametrize("who", ["host", "guest"])
def test_resigning_makes_the_other_side_win(pair: Pair, who: str) -> None:
    pair.play([112, 0])
    quitter: Match = getattr(pair, who)
    quitter.resign()
    quitter.settle(0.0)
    pair.deliver()
    for side in (pair.host, pair.guest):
        (end,) = pair.of(side, e.MatchEnded)
        assert end.outcome == resigned(1 - quitter.me)
        assert end.frames == 2


def test_both_resign_at_once_and_the_host_decides(pair: Pair) -> None:
    pair.guest.resign()
    pair.guest.settle(0.0)
    pair.host.resign()
    pair.host.settle(0.0)
    pair.deliver()
    ends = [pair.of(side, e.MatchEnded) for side in (pair.host, pair.guest)]
    assert [len(x) for x in ends] == [1, 1]
    outcomes = [x[0].outcome for x in ends if isinstance(x[0], e.MatchEnded)]
    assert outcomes == [resigned(pair.guest.me)] * 2


def test_the_hosts_resignation_crosses_the_guests_winning_move() -> None:
    pair = Pair(GUEST)
    pair.deliver()
    pair.play(BLACK_WINS[:-1])
    pair.guest.submit(Move(BLACK_WINS[-1]))
    pair.guest.settle(0.0)
    pair.host.resign()
    pair.host.settle(0.0)
    pair.deliver()
    for side in (pair.host, pair.guest):
        (end,) = pair.of(side, e.MatchEnded)
        assert end.outcome == resigned(pair.guest.me)
        assert end.frames == 8


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(winners=(), reason="board full"),
        Outcome.by(EndedBy.RESIGNED, (0, 1)),
        Outcome.by(EndedBy.RESIGNED, (7,)),
        Outcome.by(EndedBy.RESIGNED, (-1,)),
        Outcome.by(EndedBy.RESIGNED, (2**63,)),
        Outcome(winners=(), reason="\x1b[2J"),
        Outcome.by(EndedBy.CONNECTION_LOST),
        Outcome.by(EndedBy.DRAW_AGREED),
        Outcome.by(EndedBy.CLAIMED, (0,)),
    ],
)
def test_the_host_cannot_decide_what_the_rules_decide(pair: Pair, outcome: Outcome) -> None:
    pair.play([112])
    assert refusal(pair.guest, ended(pair.guest, 1, outcome)) == "bad_decision"
    assert pair.guest.phase is Phase.PLAYING


def test_the_host_cannot_say_that_the_guest_gave_up(pair: Pair) -> None:
    pair.play([112])
    lost = resigned(pair.host.me)
    why, end = entries(pair.guest, 1, Resigned(seat=pair.guest.me), Ended(outcome=lost))
    assert refusal(pair.guest, why) == "bad_decision"
    assert refusal(pair.guest, end) == "bad_decision"
    assert pair.guest.core.log.entries == []
    pair.guest.resign()
    hear(pair.guest, why)
    hear(pair.guest, end)
    assert pair.guest.outcome == lost
    hear(pair.guest, m.StateHash(match=MATCH, frame=1, hash=pair.host.core.timeline.hash))
    assert pair.guest.over


@pytest.mark.parametrize("frame", [0, 1, 3])
def test_the_host_cannot_take_back_agreed_frames_nor_end_in_the_future(pair: Pair, frame: int) -> None:
    pair.play([112, 0])
    why, end = entries(pair.guest, frame, Resigned(seat=pair.host.me), Ended(outcome=resigned(pair.guest.me)))
    hear(pair.guest, why)
    assert refusal(pair.guest, end) == "bad_decision"
    assert (pair.guest.frame, pair.guest.phase) == (2, Phase.PLAYING)


def test_only_the_host_ends_and_only_a_guest_asks_to(pair: Pair) -> None:
    why, end = entries(pair.host, 0, Resigned(seat=pair.guest.me), Ended(outcome=resigned(pair.host.me)))
    assert refusal(pair.host, why) == "bad_decision"
    assert refusal(pair.host, end) == "bad_decision"
    assert refusal(pair.guest, request(pair.guest, m.RequestKind.RESIGN)) == "not_your_request"


@pytest.mark.parametrize("times", [1, 3])
def test_a_host_that_does_not_answer_a_resignation_is_left(pair: Pair, times: int) -> None:
    for _ in range(times):
        pair.guest.resign()
        pair.guest.settle(10.0)
    assert said(pair.guest) == [m.Request(match=MATCH, player=pair.guest.me, what=m.RequestKind.RESIGN)]
    assert pair.guest.next_deadline() == 10.0 + MATCH_TIMEOUT
    pair.guest.handle_timeout(10.0 + MATCH_TIMEOUT - 0.1)
    with pytest.raises(RemoteProtocolError) as error:
        pair.guest.handle_timeout(10.0 + MATCH_TIMEOUT)
    assert error.value.code == "end_timeout"


def test_the_last_hash_must_be_confirmed_in_time(pair: Pair) -> None:
    pair.play(BLACK_WINS[:-1])
    winner = pair.turn()
    winner.submit(Move(BLACK_WINS[-1]))
    winner.settle(20.0)
    assert winner.phase is Phase.ENDING
    assert winner.next_deadline() == 20.0 + MATCH_TIMEOUT
    with pytest.raises(RemoteProtocolError) as error:
        winner.handle_timeout(20.0 + MATCH_TIMEOUT)
    assert error.value.code == "end_timeout"


def test_what_arrives_after_the_end_changes_nothing(pair: Pair) -> None:
    pair.play(BLACK_WINS)
    ends = pair.of(pair.guest, e.MatchEnded)
    before = pair.guest.view()
    lost = resigned(pair.host.me)
    for late in (
        move(pair.guest, 9, encode(Move(9))),
        m.StateHash(match=MATCH, frame=9, hash=bytes(16)),
        *entries(pair.guest, 0, Resigned(seat=pair.guest.me)),
        ended(pair.guest, 0, lost),
        request(pair.guest, m.RequestKind.RESIGN),
    ):
        hear(pair.guest, late, 99.0)
    assert pair.guest.view() == before
    assert pair.of(pair.guest, e.MatchEnded) == ends
    assert pair.guest.next_deadline() is None


LOST = Outcome.by(EndedBy.CONNECTION_LOST)


def test_an_aborted_match_ends_once_without_a_winner(pair: Pair) -> None:
    pair.guest.end_alone(LOST)
    pair.guest.end_alone(Outcome(winners=(0,), reason="again"))
    (end,) = pair.of(pair.guest, e.MatchEnded)
    assert end.outcome == LOST


def test_a_match_that_never_began_ends_without_a_word() -> None:
    fresh = Pair()
    fresh.guest.end_alone(LOST)
    assert fresh.guest.over
    assert fresh.of(fresh.guest, e.MatchEnded) == []


def test_a_view_is_the_same_object_until_something_changes(pair: Pair) -> None:
    before = pair.host.view()
    assert pair.host.view() is before
    pair.host.set_rtt(pair.guest.me, 0.004)
    assert pair.host.view().rtt_ms == pytest.approx(4.0)
    pair.play([112])
    assert pair.host.view().frame == 1
    assert before.frame == 0


def test_the_traffic_is_counted(pair: Pair) -> None:
    pair.play(BLACK_WINS)
    stats = []
    for side in (pair.host, pair.guest):
        (end,) = pair.of(side, e.MatchEnded)
        stats.append(end.stats)
    assert stats[0].sent_packets == stats[1].received_packets > 10
    assert stats[1].sent_bytes == stats[0].received_bytes > 100


# --- a side that says anything at any time about its states

_frames = st.one_of(st.integers(0, 6), st.integers(0, 2**32 - 1))
_players = st.integers(0, 2)
_whats = st.one_of(
    st.builds(Resigned, seat=_players),
    st.builds(Claimed, seat=_players),
    st.just(DrawAgreed()),
    st.builds(Paused, reason=st.just("connection"), milliseconds=st.integers(0, 99)),
    st.builds(
        Ended,
        outcome=st.builds(
            Outcome,
            winners=st.sampled_from([(), (0,), (1,)]),
            reason=st.just("resigned"),
            ended_by=st.sampled_from(EndedBy),
        ),
    ),
)
_truth = GAME.initial(Setup(players=2, seed=7, config=Config()))
_other = msgspec.structs.replace(_truth, stones=1)
_lies = st.one_of(
    st.builds(
        m.Differ,
        match=st.just(MATCH),
        first=st.one_of(st.just(0), _frames),
        hashes=st.one_of(st.sampled_from([state_hash(_truth), state_hash(_other)]), st.binary(max_size=100)),
        version=st.just("1"),
        platform=st.text(max_size=20),
    ),
    st.builds(
        m.State,
        match=st.just(MATCH),
        frame=st.one_of(st.just(0), _frames),
        size=st.one_of(st.just(len(encode(_truth))), st.integers(1, 1 << 20)),
        offset=st.one_of(st.just(0), _frames),
        data=st.one_of(
            st.sampled_from([encode(_truth), encode(_other)]), st.binary(min_size=1, max_size=300)
        ),
        chain=st.just(bytes(16)),
        reproduced=st.booleans(),
    ),
    st.builds(
        m.StateHash,
        match=st.just(MATCH),
        frame=_frames,
        hash=st.one_of(st.just(state_hash(_truth)), st.just(bytes(16))),
    ),
    st.builds(
        m.Input,
        match=st.just(MATCH),
        player=_players,
        frame=_frames,
        data=st.builds(lambda p: encode(Move(p)), st.integers(0, 224)),
    ),
    st.builds(
        m.Request,
        match=st.just(MATCH),
        player=_players,
        what=st.sampled_from(m.RequestKind),
        value=st.integers(0, 2**32 - 1),
    ),
    st.builds(
        m.Decided,
        match=st.just(MATCH),
        entry=st.one_of(
            st.builds(
                encode_decision,
                st.builds(
                    Decision, epoch=st.integers(1, 2), index=st.integers(1, 3), frame=_frames, what=_whats
                ),
            ),
            st.binary(min_size=1, max_size=40),
        ),
    ),
)


_whole_lie = (
    m.Differ(match=MATCH, first=0, hashes=state_hash(_other), version="1", platform=""),
    m.State(
        match=MATCH,
        frame=0,
        size=len(encode(_other)),
        offset=0,
        data=encode(_other),
        chain=bytes(16),
        reproduced=True,
    ),
)


@given(
    st.sampled_from([HOST, GUEST]),
    st.booleans(),
    st.lists(
        st.tuples(st.floats(0.0, 3.0), st.one_of(st.tuples(_lies), st.just(_whole_lie)), st.booleans()),
        max_size=30,
    ),
)
def test_whatever_a_side_says_of_its_states_the_match_ends_or_goes_on(
    first: PeerId, villain_is_host: bool, script: list[tuple[float, tuple[m.Message, ...], bool]]
) -> None:
    pair = Pair(first)
    pair.deliver()
    victim = pair.guest if villain_is_host else pair.host
    now, sent = 0.0, 0
    try:
        for pause, messages, moves in script:
            now += pause
            victim.handle_timeout(now)
            for message in messages:
                hear(victim, message, now)
            if moves and victim.me in victim.view().to_move:
                with suppress(IllegalMoveError):
                    victim.submit(Move(int(now * 7) % 225))
            victim.settle(now)
            sent += len(said(victim))
            victim.view()
    except RemoteProtocolError as error:
        victim.end_alone(Outcome(winners=(), reason=error.code))
        assert victim.over
    assert sent <= 8 * (len(script) + 1)
    told = victim.events()
    assert sum(isinstance(event, e.MatchDesync) for event in told) <= len(script)
    assert not (victim.over and victim.repair.active)
