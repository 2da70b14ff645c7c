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
from p2pgame.core.game import AnyGame, Game, NoConfig, Outcome, Setup
from p2pgame.core.ids import peer_id_of
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.games.gomoku.bot import Bot
from p2pgame.games.gomoku.rules import GAME, Config, Move
from p2pgame.session import events as e
from p2pgame.session.invite.election import Election
from p2pgame.session.match import Match, Phase
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import MATCH_TIMEOUT, MEND_TIMEOUT

HOST, GUEST = (peer_id_of(bytes([n]) * 32) for n in (1, 2))
MATCH = "0123456789abcdef"
BLACK_WINS = [112, 0, 113, 1, 114, 2, 115, 3, 116]


def election(first: str = HOST) -> Election:
    players = (HOST, GUEST) if first == HOST else (GUEST, HOST)
    return Election(
        match=MATCH, host=HOST, succession=(HOST, GUEST), players=players, seed=7, token=b"t" * 16
    )


class Pair:
    """A host and a guest; `deliver` carries what they say, in order."""

    def __init__(
        self, first: str = HOST, frame_limit: int = 0, *, game: AnyGame = GAME, config: Any = None
    ) -> None:
        def side(me: str) -> Match:
            chosen = Config() if config is None else config
            return Match(election(first), game, chosen, me, ("Ann", "Ben"), frame_limit=frame_limit)

        self.host, self.guest = side(HOST), side(GUEST)
        self.now = 0.0
        self.told: dict[Match, list[e.Event]] = {self.host: [], self.guest: []}
        self.host.begin()
        self.guest.begin()

    def deliver(self) -> None:
        moved = True
        while moved:
            moved = False
            for one, other in ((self.host, self.guest), (self.guest, self.host)):
                for message in one.messages_to_send():
                    moved = True
                    other.receive(m.decode_message(m.encode_message(message)), self.now)
        self.collect()

    def collect(self) -> None:
        for side in self.told:
            self.told[side] += side.events()

    def play(self, points: list[int]) -> None:
        for point in points:
            side = self.turn()
            side.submit(Move(point))
            side.settle(self.now)
            self.deliver()

    def turn(self) -> Match:
        (player,) = self.host.view().to_move
        return self.host if self.host.me == player else self.guest

    def of(self, side: Match, kind: type) -> list[e.Event]:
        self.collect()
        return [event for event in self.told[side] if isinstance(event, kind)]


@pytest.fixture(params=[HOST, GUEST], ids=["host first", "guest first"])
def pair(request: pytest.FixtureRequest) -> Pair:
    joined = Pair(request.param)
    joined.deliver()
    return joined


def refusal(match: Match, message: m.Message) -> str:
    with pytest.raises(RemoteProtocolError) as error:
        match.receive(message, 0.0)
    return error.value.code


def test_it_starts_on_both_sides_once_both_hold_the_same_state(pair: Pair) -> None:
    (here,), (there,) = (pair.of(side, e.MatchStarted) for side in (pair.host, pair.guest))
    assert isinstance(here, e.MatchStarted)
    assert isinstance(there, e.MatchStarted)
    assert msgspec.structs.replace(here, me=0) == msgspec.structs.replace(there, me=0)
    assert {here.me, there.me} == {0, 1}
    assert pair.of(pair.host, e.Hash) == pair.of(pair.guest, e.Hash) != []


def test_nothing_can_be_played_before(pair: Pair) -> None:
    fresh = Pair()
    for side in (fresh.host, fresh.guest):
        with pytest.raises(IllegalMoveError):
            side.submit(Move(112))
    assert refusal(fresh.host, m.Input(match=MATCH, frame=0, data=encode(Move(1)))) == "unexpected_message"
    assert refusal(fresh.guest, m.Resign(match=MATCH)) == "unexpected_message"


def test_another_first_state_is_a_desync_of_frame_0() -> None:
    fresh = Pair()
    (start,) = fresh.host.messages_to_send()
    assert isinstance(start, m.Start)
    fresh.guest._timeline.rebase(0, msgspec.structs.replace(fresh.guest._timeline.state, stones=2))
    fresh.guest.receive(start, 0.0)
    assert fresh.guest.next_deadline() == MEND_TIMEOUT
    with pytest.raises(RemoteProtocolError) as error:
        fresh.deliver()
    assert error.value.code == "desync"
    for side in (fresh.host, fresh.guest):
        if side.mending:
            for message in (fresh.host if side is fresh.guest else fresh.guest).messages_to_send():
                with suppress(RemoteProtocolError):
                    side.receive(message, 0.0)
        (desync,) = fresh.of(side, e.MatchDesync)
        assert isinstance(desync, e.MatchDesync)
        assert (desync.frame, desync.path, desync.mended) == (0, "stones", False)
        assert not fresh.of(side, e.MatchStarted)
        assert not fresh.of(side, e.MatchPaused)


def test_a_match_played_to_the_end_ends_alike(pair: Pair) -> None:
    pair.play(BLACK_WINS)
    for side in (pair.host, pair.guest):
        assert side.over
        (ended,) = pair.of(side, e.MatchEnded)
        assert isinstance(ended, e.MatchEnded)
        assert ended.outcome == Outcome(winners=(0,), reason="five in a row")
        assert ended.frames == 9
        assert ended.hash == pair.host.view().hash
        frames = [h.frame for h in pair.of(side, e.Hash) if isinstance(h, e.Hash)]
        assert frames == list(range(10))
        moves = [x.move for x in pair.of(side, e.Move) if isinstance(x, e.Move)]
        assert moves[:3] == ["H8", "A1", "I8"]
    assert pair.host.view().state == pair.guest.view().state


@pytest.mark.parametrize("seed", range(3))
def test_bots_agree_on_every_frame(seed: int) -> None:
    pair = Pair(random.Random(seed).choice((HOST, GUEST)))
    pair.deliver()
    bots = Bot(seed), Bot(seed + 1)
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
        (ended,) = pair.of(side, e.MatchEnded)
        assert isinstance(ended, e.MatchEnded)
        assert ended.outcome == Outcome(winners=(), reason="frame limit")
        assert ended.frames == 4


def test_our_own_illegal_moves_are_told_and_not_sent(pair: Pair) -> None:
    pair.play([112])
    for side in (pair.host, pair.guest):
        before = side.view()
        with pytest.raises(IllegalMoveError):
            side.submit(Move(112))
        assert side.messages_to_send() == []
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
    assert refusal(victim, m.Input(match=MATCH, frame=1, data=data)) == "illegal_input"
    assert victim.view().state == before


def test_playing_out_of_turn_is_refused(pair: Pair) -> None:
    mover = pair.turn()  # whose opponent's clock would have to run first
    assert refusal(mover, m.Input(match=MATCH, frame=0, data=encode(Move(5)))) == "illegal_input"


@pytest.mark.parametrize("frame", [0, 2, 2**32 - 1])
def test_an_input_is_for_the_frame_that_is_on(pair: Pair, frame: int) -> None:
    pair.play([112])
    victim = pair.guest if pair.turn() is pair.host else pair.host
    assert refusal(victim, m.Input(match=MATCH, frame=frame, data=encode(Move(5)))) == "wrong_frame"


def test_a_move_is_not_taken_before_the_hash_of_the_state_it_is_made_in(pair: Pair) -> None:
    """Who keeps the hashes back could differ from us for a whole match without being found out."""
    mover = pair.turn()
    other = pair.guest if mover is pair.host else pair.host
    mover.submit(Move(112))
    mover.settle(0.0)
    for message in mover.messages_to_send():
        other.receive(message, 0.0)
    assert refusal(mover, m.Input(match=MATCH, frame=1, data=encode(Move(5)))) == "missing_hash"


def differing(pair: Pair) -> tuple[Match, Match]:
    """The mover, whose state of frame 1 is another one, and the other side; both have found it."""
    mover = pair.turn()
    other = pair.guest if mover is pair.host else pair.host
    mover.tamper(lambda _, state: msgspec.structs.replace(state, stones=9))
    mover.submit(Move(112))
    mover.settle(0.0)
    for message in mover.messages_to_send():
        other.receive(message, 0.0)
    for message in other.messages_to_send():
        mover.receive(message, 0.0)
    assert mover.mending
    assert other.mending
    return mover, other


def test_while_states_differ_nothing_passes(pair: Pair) -> None:
    mover, other = differing(pair)
    for side in (mover, other):
        assert pair.of(side, e.MatchPaused) == [e.MatchPaused(match=MATCH, reason="desync")]
        pause = side.view().pause
        assert pause is not None
        assert (pause.reason, pause.since, pause.claim_at) == ("desync", 0.0, None)
        with pytest.raises(IllegalMoveError, match="differ"):
            side.submit(Move(3))
    mover.receive(m.Input(match=MATCH, frame=1, data=encode(Move(3))), 0.0)
    mover.receive(m.StateHash(match=MATCH, frame=1, hash=b"x" * 16), 0.0)
    assert (mover.frame, mover.phase) == (1, Phase.PLAYING)


def test_a_different_state_is_named_mended_and_played_on_from(pair: Pair) -> None:
    mover, other = differing(pair)
    pair.deliver()
    for side, taken in ((mover, "theirs"), (other, "ours")):
        (desync,) = pair.of(side, e.MatchDesync)
        assert isinstance(desync, e.MatchDesync)
        assert (desync.frame, desync.path, desync.taken, desync.mended) == (1, "stones", taken, True)
        assert pair.of(side, e.MatchResumed) == [e.MatchResumed(match=MATCH, reason="desync")]
        assert side.view().pause is None
        assert side.view().state.stones == 1
    other.submit(Move(0))
    pair.deliver()
    assert mover.frame == other.frame == 2
    assert mover.view().hash == other.view().hash == mover._timeline.hash.hex()


@pytest.mark.parametrize("who", ["host", "guest"])
def test_who_gives_up_while_states_differ_has_given_up_afterwards(pair: Pair, who: str) -> None:
    differing(pair)
    quitter: Match = getattr(pair, who)
    quitter.resign()
    assert quitter.mending
    pair.deliver()
    for side in (pair.host, pair.guest):
        (ended,) = pair.of(side, e.MatchEnded)
        assert isinstance(ended, e.MatchEnded)
        assert ended.outcome == Outcome(winners=(1 - quitter.me,), reason="resigned")


def test_who_says_nothing_of_its_states_is_not_waited_for(pair: Pair) -> None:
    mover, _ = differing(pair)
    assert mover.next_deadline() == MEND_TIMEOUT
    mover.handle_timeout(MEND_TIMEOUT - 0.1)
    mover.set_doubt(True, 4.0)
    assert mover.next_deadline() is None
    mover.handle_timeout(100.0)
    mover.set_doubt(False, 200.0)
    assert mover.next_deadline() == 200.0 + MEND_TIMEOUT
    with pytest.raises(RemoteProtocolError) as caught:
        mover.handle_timeout(200.0 + MEND_TIMEOUT)
    assert caught.value.code == "desync"
    (desync,) = pair.of(mover, e.MatchDesync)
    assert isinstance(desync, e.MatchDesync)
    assert (desync.frame, desync.path, desync.mended) == (1, None, False)


def test_a_match_that_ends_while_states_differ_says_so(pair: Pair) -> None:
    mover, _ = differing(pair)
    mover.abort(Outcome(winners=(), reason="connection lost"))
    assert not mover.mending
    pair.collect()
    assert [type(event) for event in pair.told[mover][-2:]] == [e.MatchDesync, e.MatchEnded]


def test_a_last_move_that_never_was_takes_the_end_back_to_where_it_is_possible() -> None:
    """The host moves twice in a state of its own, and gives up there."""
    pair = Pair(HOST)
    pair.deliver()
    pair.host.tamper(lambda frame, state: msgspec.structs.replace(state, stones=2) if frame == 1 else state)
    pair.host.submit(Move(112))
    pair.host.submit(Move(3))
    pair.host.resign()
    pair.host.settle(0.0)
    pair.deliver()
    for side in (pair.host, pair.guest):
        (ended,) = pair.of(side, e.MatchEnded)
        assert isinstance(ended, e.MatchEnded)
        assert (ended.frames, ended.outcome) == (1, Outcome(winners=(1,), reason="resigned"))
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
    side.tamper(lambda frame, state: Count(state.total + 500) if frame == bad else state)
    for move in (1, 2, 0, 2, 1):
        pair.host.submit(move)
    pair.host.settle(0.0)
    pair.deliver()
    for each in (pair.host, pair.guest):
        (desync,) = pair.of(each, e.MatchDesync)
        assert isinstance(desync, e.MatchDesync)
        assert (desync.frame, desync.mended) == (bad, True)
        assert each.frame == 5
        assert each.view().state == Count(1 * 81 + 2 * 27 + 0 * 9 + 2 * 3 + 1)
        assert each.view().hash == each._timeline.hash.hex()


def test_what_is_said_again_changes_nothing(pair: Pair) -> None:
    mover = pair.turn()
    mover.submit(Move(112))
    said = [message for message in mover.messages_to_send() if isinstance(message, m.Input)]
    other = pair.guest if mover is pair.host else pair.host
    other.receive(said[0], 0.0)
    other.receive(said[0], 0.0)
    assert other.frame == 1
    lie = m.Input(match=MATCH, frame=0, data=encode(Move(3)))
    assert refusal(other, lie) == "wrong_frame"


@pytest.mark.parametrize("who", ["host", "guest"])
def test_resigning_makes_the_other_side_win(pair: Pair, who: str) -> None:
    pair.play([112, 0])
    quitter: Match = getattr(pair, who)
    quitter.resign()
    quitter.settle(0.0)
    pair.deliver()
    for side in (pair.host, pair.guest):
        (ended,) = pair.of(side, e.MatchEnded)
        assert isinstance(ended, e.MatchEnded)
        assert ended.outcome == Outcome(winners=(1 - quitter.me,), reason="resigned")
        assert ended.frames == 2


def test_both_resign_at_once_and_the_host_decides(pair: Pair) -> None:
    pair.guest.resign()
    pair.guest.settle(0.0)
    pair.host.resign()
    pair.host.settle(0.0)
    pair.deliver()
    ends = [pair.of(side, e.MatchEnded) for side in (pair.host, pair.guest)]
    assert [len(x) for x in ends] == [1, 1]
    outcomes = [x[0].outcome for x in ends if isinstance(x[0], e.MatchEnded)]
    assert outcomes == [Outcome(winners=(pair.guest.me,), reason="resigned")] * 2


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
        (ended,) = pair.of(side, e.MatchEnded)
        assert isinstance(ended, e.MatchEnded)
        assert ended.outcome == Outcome(winners=(pair.guest.me,), reason="resigned")
        assert ended.frames == 8


def end(frame: int, outcome: Outcome) -> m.End:
    return m.End(match=MATCH, frame=frame, outcome=outcome)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(winners=(), reason="board full"),
        Outcome(winners=(0, 1), reason="resigned"),
        Outcome(winners=(7,), reason="resigned"),
        Outcome(winners=(-1,), reason="resigned"),
        Outcome(winners=(2**63,), reason="resigned"),
        Outcome(winners=(), reason="\x1b[2J"),
    ],
)
def test_the_host_cannot_decide_what_the_rules_decide(pair: Pair, outcome: Outcome) -> None:
    pair.play([112])
    assert refusal(pair.guest, end(1, outcome)) == "bad_end"
    assert pair.guest.phase is Phase.PLAYING


def test_the_host_cannot_say_that_the_guest_gave_up(pair: Pair) -> None:
    pair.play([112])
    lost = Outcome(winners=(pair.host.me,), reason="resigned")
    assert refusal(pair.guest, end(1, lost)) == "bad_end"
    pair.guest.resign()
    pair.guest.receive(end(1, lost), 0.0)
    assert pair.guest.over


@pytest.mark.parametrize("frame", [0, 1, 3])
def test_the_host_cannot_take_back_agreed_frames_nor_end_in_the_future(pair: Pair, frame: int) -> None:
    pair.play([112, 0])
    won = Outcome(winners=(pair.guest.me,), reason="resigned")
    assert refusal(pair.guest, end(frame, won)) == "wrong_frame"


def test_only_the_host_ends_and_only_a_guest_asks_to(pair: Pair) -> None:
    won = Outcome(winners=(0,), reason="resigned")
    assert refusal(pair.host, end(0, won)) == "unexpected_message"
    assert refusal(pair.guest, m.Resign(match=MATCH)) == "unexpected_message"


@pytest.mark.parametrize("times", [1, 3])
def test_a_host_that_does_not_answer_a_resignation_is_left(pair: Pair, times: int) -> None:
    for _ in range(times):
        pair.guest.resign()
        pair.guest.settle(10.0)
    assert pair.guest.messages_to_send() == [m.Resign(match=MATCH)]
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
    ended = pair.of(pair.guest, e.MatchEnded)
    before = pair.guest.view()
    lost = Outcome(winners=(pair.host.me,), reason="resigned")
    for late in (
        m.Input(match=MATCH, frame=9, data=encode(Move(9))),
        m.StateHash(match=MATCH, frame=9, hash=bytes(16)),
        end(0, lost),
        m.Resign(match=MATCH),
    ):
        pair.guest.receive(late, 99.0)
    assert pair.guest.view() == before
    assert pair.of(pair.guest, e.MatchEnded) == ended
    assert pair.guest.next_deadline() is None


LOST = Outcome(winners=(), reason="connection lost")


def test_an_aborted_match_ends_once_without_a_winner(pair: Pair) -> None:
    pair.guest.abort(LOST)
    pair.guest.abort(Outcome(winners=(0,), reason="again"))
    (ended,) = pair.of(pair.guest, e.MatchEnded)
    assert isinstance(ended, e.MatchEnded)
    assert ended.outcome == LOST


def test_a_match_that_never_began_ends_without_a_word() -> None:
    fresh = Pair()
    fresh.guest.abort(LOST)
    assert fresh.guest.over
    assert fresh.of(fresh.guest, e.MatchEnded) == []


def test_a_view_is_the_same_object_until_something_changes(pair: Pair) -> None:
    before = pair.host.view()
    assert pair.host.view() is before
    pair.host.set_rtt(0.004)
    assert pair.host.view().rtt_ms == pytest.approx(4.0)
    pair.play([112])
    assert pair.host.view().frame == 1
    assert before.frame == 0


def test_the_traffic_is_counted(pair: Pair) -> None:
    pair.play(BLACK_WINS)
    stats = []
    for side in (pair.host, pair.guest):
        (ended,) = pair.of(side, e.MatchEnded)
        assert isinstance(ended, e.MatchEnded)
        stats.append(ended.stats)
    assert stats[0].sent_packets == stats[1].received_packets > 10
    assert stats[1].sent_bytes == stats[0].received_bytes > 100


# --- a side that says anything at any time about its states

_frames = st.one_of(st.integers(0, 6), st.integers(0, 2**32 - 1))
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
        frame=_frames,
        data=st.builds(lambda p: encode(Move(p)), st.integers(0, 224)),
    ),
    st.builds(m.Resign, match=st.just(MATCH)),
    st.builds(
        m.End,
        match=st.just(MATCH),
        frame=_frames,
        outcome=st.builds(Outcome, winners=st.just((0,)), reason=st.just("resigned")),
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
    first: str, villain_is_host: bool, said: list[tuple[float, tuple[m.Message, ...], bool]]
) -> None:
    pair = Pair(first)
    pair.deliver()
    victim = pair.guest if villain_is_host else pair.host
    now, sent = 0.0, 0
    try:
        for pause, messages, moves in said:
            now += pause
            victim.handle_timeout(now)
            for message in messages:
                victim.receive(message, now)
            if moves and victim.me in victim.view().to_move:
                with suppress(IllegalMoveError):
                    victim.submit(Move(int(now * 7) % 225))
            victim.settle(now)
            sent += len(victim.messages_to_send())
            victim.view()
    except RemoteProtocolError as error:
        victim.abort(Outcome(winners=(), reason=error.code))
        assert victim.over
    assert sent <= 8 * (len(said) + 1)
    told = victim.events()
    assert sum(isinstance(event, e.MatchDesync) for event in told) <= len(said)
    assert not (victim.over and victim.mending)
