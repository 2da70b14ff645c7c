"""Two sides whose states differ tell each other what they have, and come to the same finding."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import Game, NoConfig, Outcome, Setup
from p2pgame.core.snapshot import decode, encode, state_hash
from p2pgame.netcode.timeline import Timeline
from p2pgame.replay.codec import MAGIC, encode_record
from p2pgame.replay.reader import read
from p2pgame.replay.records import Header
from p2pgame.session.match import desync_diagnosis
from p2pgame.session.match.desync_diagnosis import DIFFERENCES_SHOWN, DesyncFinding, Diagnosis
from p2pgame.session.match.desync_repair import RepairLimiter
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DESYNC_HASHES, REPAIR_TIMEOUT, REPAIRS_SPAN, STATE_MAX, STATE_PART

MATCH = "0123456789abcdef"
PLAYERS = ("a" * 26, "b" * 26)


class Ball(msgspec.Struct, frozen=True):
    x: int = 0
    vx: int = 1


class Court(msgspec.Struct, frozen=True):
    frame: int = 0
    balls: tuple[Ball, ...] = (Ball(), Ball())
    padding: bytes = b""


class Balls(Game[Court, int, NoConfig]):
    """Every ball moves by its speed and by all inputs."""

    name = "balls"
    title = "Balls"
    tick_rate = 60
    neutral = 0
    state_type = Court
    input_type = int

    def __init__(self, padding: int = 0) -> None:
        self.padding = padding

    def initial(self, setup: Setup[NoConfig]) -> Court:
        return Court(padding=bytes(self.padding))

    def validate(self, state: Court, player: int, move: int) -> None:
        pass

    def advance(self, state: Court, inputs: Sequence[int | None]) -> Court:
        push = sum(move or 0 for move in inputs)
        balls = tuple(Ball(ball.x + ball.vx + push, ball.vx) for ball in state.balls)
        return msgspec.structs.replace(state, frame=state.frame + 1, balls=balls)

    def outcome(self, state: Court) -> Outcome | None:
        return None


class OtherFirst(Balls):
    """A build whose first state is another one."""

    def initial(self, setup: Setup[NoConfig]) -> Court:
        return Court(balls=(Ball(5), Ball()))


class Drifting(Balls):
    """Rules that never give the same twice."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def advance(self, state: Court, inputs: Sequence[int | None]) -> Court:
        self.calls += 1
        after = super().advance(state, inputs)
        return msgspec.structs.replace(after, padding=bytes([self.calls % 256]))


def timeline(frames: int, bad: int | None = None, *, game: Balls | None = None, by: int = 1) -> Timeline:
    """After so many frames; in state `bad`, ball 0 is faster by `by`."""
    made = Timeline(game or Balls(), Setup(players=2, seed=1, config=NoConfig()))

    def tamper(frame: int, state: Court) -> Court:
        if frame != bad:
            return state
        ball = state.balls[0]
        return msgspec.structs.replace(state, balls=(Ball(ball.x, ball.vx + by), *state.balls[1:]))

    made.tamper = tamper
    made.extend([(encode(frame % 3), encode(frame % 2)) for frame in range(frames)])
    return made


def header(me: int = 0) -> Header:
    return Header(
        version="1.2",
        platform=("Linux", "Windows")[me],
        game="balls",
        digest="0" * 16,
        match=MATCH,
        seed=1,
        config=b"\x80",
        players=PLAYERS,
        names=("Ann", "Ben"),
        host=PLAYERS[0],
        me=me,
    )


class Connection:
    """Both diagnoses, and what is on the wire between them."""

    def __init__(self, host: Timeline, guest: Timeline, *, repairable: bool = True) -> None:
        self.timelines = (host, guest)
        found = ((7, b"h" * 16, b"g" * 16), None)
        self.sides = tuple(
            Diagnosis(MATCH, side, found[n], is_host=n == 0, header=header(n), repairable=repairable)
            for n, side in enumerate(self.timelines)
        )
        self.wires: tuple[list[m.Message], list[m.Message]] = ([], [])
        self.said: list[m.Message] = []
        for n, side in enumerate(self.sides):
            self.say(n, side.begin(0.0))

    def say(self, n: int, messages: Sequence[m.Message]) -> None:
        for message in messages:
            self.wires[1 - n].append(m.decode_message(m.encode_message(message)))

    def step(self) -> bool:
        """The next message on either wire. False if there is none."""
        for n, wire in enumerate(self.wires):
            if wire:
                message = wire.pop(0)
                assert isinstance(message, m.Differ | m.State)
                self.said.append(message)
                self.say(n, self.sides[n].receive(message, 1.0))
                return True
        return False

    def run(self) -> tuple[DesyncFinding, DesyncFinding]:
        while self.step():
            pass
        host, guest = (side.finding for side in self.sides)
        assert host is not None
        assert guest is not None
        return host, guest


MIRRORED = {"ours": "theirs", "theirs": "ours", "": ""}


def mirrored(host: DesyncFinding, guest: DesyncFinding) -> bool:
    return (
        (host.frame, host.ours, host.theirs, host.taken, host.path)
        == (guest.frame, guest.theirs, guest.ours, MIRRORED[guest.taken], guest.path)
        and host.state == guest.state
        and (host.hash == guest.hash or not host.repairs)
    )


# --- the finding


@pytest.mark.parametrize("late", [0, 3, 40])
@pytest.mark.parametrize("bad", [1, 2, 7, 20])
@pytest.mark.parametrize("wrong", [0, 1])
def test_the_first_differing_frame_is_found_named_and_the_right_state_taken(
    bad: int, wrong: int, late: int
) -> None:
    sides = [timeline(20), timeline(20 + late)]
    sides[wrong] = timeline(sides[wrong].frame, bad)
    host, guest = Connection(*sides).run()
    assert mirrored(host, guest)
    assert host.frame == bad
    assert host.path == "balls[0].vx"
    assert (host.taken, guest.taken) == (("theirs", "ours"), ("ours", "theirs"))[wrong]
    assert host.state == sides[1 - wrong].state_at(bad)
    assert host.hash == sides[1 - wrong].hash_at(bad)
    assert host.differs
    assert host.repairs
    assert host.differences == (("balls[0].vx: 1 ≠ 2",), ("balls[0].vx: 2 ≠ 1",))[1 - wrong]
    assert (host.stale_until, guest.stale_until) == (sides[1].frame, sides[0].frame)


@pytest.mark.parametrize("bad", [1, 9])
def test_where_both_are_wrong_the_host_s_state_holds_if_the_players_agree(bad: int) -> None:
    sides = timeline(9, bad, by=4), timeline(9, bad, by=6)
    host, guest = Connection(*sides).run()
    assert mirrored(host, guest)
    assert host.disputed
    assert guest.disputed
    assert host.taken == "ours"
    assert host.state == sides[0].state_at(bad)


def test_where_both_are_right_the_host_s_state_holds_if_the_players_agree() -> None:
    class Faster(Balls):
        def advance(self, state: Court, inputs: Sequence[int | None]) -> Court:
            after = super().advance(state, inputs)
            return msgspec.structs.replace(after, padding=b"x") if after.frame == 4 else after

    host, guest = Connection(timeline(6), timeline(6, game=Faster())).run()
    assert mirrored(host, guest)
    assert (host.frame, host.path, host.taken, host.disputed) == (4, "padding[0]", "ours", True)
    host, guest = Connection(timeline(6, game=Faster()), timeline(6)).run()
    assert (guest.taken, guest.state.padding) == ("theirs", b"x")


def test_rules_that_give_another_state_each_time_are_not_right() -> None:
    host, guest = Connection(timeline(6, game=Drifting()), timeline(6)).run()
    assert (host.taken, guest.taken) == ("", "ours"), "what the host's rules do not give, it does not take"
    assert not host.repairs


@pytest.mark.parametrize("wrong", [0, 1])
def test_first_states_that_differ_are_named_too(wrong: int) -> None:
    sides = [timeline(0), timeline(0)]
    sides[wrong] = timeline(0, game=OtherFirst())
    host, guest = Connection(*sides).run()
    assert mirrored(host, guest)
    assert (host.frame, host.path, host.taken) == (0, "balls[0].x", "ours")


@pytest.mark.parametrize("frames", [DESYNC_HASHES, DESYNC_HASHES + 50])
def test_what_began_before_anything_that_is_kept_is_played_again_from_the_first_frame(frames: int) -> None:
    right, wrong = timeline(frames), timeline(frames, 1)
    for pair in ((right, wrong), (wrong, right)):
        host, guest = Connection(*pair).run()
        assert mirrored(host, guest)
        assert host.frame == (1 if frames == DESYNC_HASHES else pair[0].oldest)
        assert (host.taken, host.disputed) == ("ours" if pair[0] is right else "theirs", False)
        assert host.differences


def test_what_takes_too_long_to_play_again_is_a_dispute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desync_diagnosis, "_REPLAYED_MAX", 20)
    frames = DESYNC_HASHES + 50
    for pair in ((timeline(frames), timeline(frames, 1)), (timeline(frames, 1), timeline(frames))):
        host, guest = Connection(*pair).run()
        assert mirrored(host, guest)
        assert host.disputed


def test_a_side_that_was_read_from_its_file_knows_one_state() -> None:
    whole, read_again = timeline(30, 20), timeline(30)
    read_again.restore(read_again.log[:25], read_again.state_at(25))
    host, guest = Connection(whole, read_again).run()
    assert mirrored(host, guest)
    assert (host.frame, host.path) == (25, "balls[0].x")
    for pair in ((whole, read_again), (read_again, whole)):
        host, guest = Connection(*pair).run()
        assert mirrored(host, guest)
        assert (host.taken, host.disputed) == ("ours" if pair[0] is read_again else "theirs", False)


def test_where_nothing_differs_the_match_goes_on() -> None:
    host, guest = Connection(timeline(20), timeline(26)).run()
    assert mirrored(host, guest)
    for finding in (host, guest):
        assert (finding.frame, finding.differs, finding.repairs) == (20, False, True)
        assert finding.hash == timeline(20).hash
        assert finding.records == ()
    assert (host.stale_until, guest.stale_until) == (26, 20)


def test_a_false_alarm_is_no_reason_to_go_on_for_ever() -> None:
    host, guest = Connection(timeline(20), timeline(26), repairable=False).run()
    assert (host.frame, host.ours, host.theirs) == (7, b"h" * 16, b"g" * 16)
    assert (guest.frame, guest.theirs) == (26, b"")
    assert not host.repairs
    assert not guest.repairs


def test_where_no_frame_is_known_to_both_it_cannot_be_mended() -> None:
    host, guest = Connection(timeline(10), timeline(20 + DESYNC_HASHES)).run()
    assert (host.frame, host.ours, host.theirs) == (7, b"h" * 16, b"g" * 16), "as it was noticed"
    assert (guest.frame, guest.theirs) == (20 + DESYNC_HASHES, b"")
    for finding in (host, guest):
        assert finding.differs
        assert not finding.repairs
        assert (finding.path, finding.differences, finding.state) == (None, (), None)


def test_once_too_often_is_named_and_not_mended() -> None:
    host, guest = Connection(timeline(20), timeline(20, 6), repairable=False).run()
    assert mirrored(host, guest)
    assert (host.frame, host.path, host.taken, host.repairs) == (6, "balls[0].vx", "", False)
    assert host.records


def test_no_more_than_the_first_differences_are_told() -> None:
    many = timeline(3)
    state = msgspec.structs.replace(many.state, balls=tuple(Ball(n, n) for n in range(50)))
    wrong = timeline(3)
    wrong.tamper = None
    wrong.rebase(3, state)
    host, _ = Connection(many, wrong).run()
    assert len(host.differences) == DIFFERENCES_SHOWN


# --- snapshots in parts


@pytest.mark.parametrize("padding", [STATE_PART // 2, STATE_PART, 3 * STATE_PART, STATE_MAX - 100])
def test_large_states_go_in_parts(padding: int) -> None:
    talk = Connection(timeline(3, game=Balls(padding)), timeline(3, 2, game=Balls(padding)))
    host, guest = talk.run()
    assert mirrored(host, guest)
    assert host.path == "balls[0].vx"
    parts = [message for message in talk.said if isinstance(message, m.State)]
    assert len(parts) >= 2 * padding // STATE_PART
    assert all(len(m.encode_message(part)) <= 64 * 1024 for part in parts)


def test_a_state_too_large_to_send_cannot_be_mended() -> None:
    host, guest = Connection(timeline(3, game=Balls(STATE_MAX)), timeline(3, 2, game=Balls(STATE_MAX))).run()
    for finding in (host, guest):
        assert (finding.frame, finding.repairs, finding.path) == (2, False, None)


# --- time, and links


def test_it_does_not_wait_for_ever() -> None:
    diagnosis = Diagnosis(MATCH, timeline(5), (3, b"a" * 16, b"b" * 16), is_host=True)
    diagnosis.begin(100.0)
    assert diagnosis.deadline == 100.0 + REPAIR_TIMEOUT
    diagnosis.restart(103.0)
    assert diagnosis.deadline == 103.0 + REPAIR_TIMEOUT
    finding = diagnosis.give_up()
    assert diagnosis.finding is finding
    assert (finding.frame, finding.ours, finding.theirs, finding.repairs) == (3, b"a" * 16, b"b" * 16, False)


@pytest.mark.parametrize("steps", range(12))
def test_a_link_that_is_cut_anywhere_is_made_good_on_the_next(steps: int) -> None:
    padding = 2 * STATE_PART
    talk = Connection(timeline(3, game=Balls(padding)), timeline(3, 2, game=Balls(padding)))
    for _ in range(steps):
        talk.step()
    if all(side.finding for side in talk.sides):
        return
    for wire in talk.wires:
        wire.clear()
    for n in range(2):
        if talk.sides[n].finding is not None:  # it is over here, and begins anew when theirs comes
            side = talk.timelines[n]
            talk.sides = tuple(
                Diagnosis(MATCH, side, None, is_host=n == 0) if other == n else talk.sides[other]
                for other in range(2)
            )
            talk.say(n, talk.sides[n].begin(0.0))
        else:
            talk.say(n, talk.sides[n].restart(0.0))
    host, guest = talk.run()
    assert mirrored(host, guest)
    assert (host.frame, host.taken) == (2, "ours")


def test_three_times_in_the_span_is_once_too_often() -> None:
    limiter = RepairLimiter()
    assert [limiter.allow(now) for now in (0.0, 30.0, 59.0)] == [True, True, False]
    limiter = RepairLimiter()
    times = (0.0, 30.0, REPAIRS_SPAN + 1, REPAIRS_SPAN + 29, REPAIRS_SPAN + 31)
    assert [limiter.allow(now) for now in times] == [True, True, True, False, False]


# --- a state that cannot be


def told_of(data: bytes) -> m.Differ:
    """A list that has `data` for state 4."""
    return differ(0, HASHES[: 4 * 16] + state_hash(msgspec.Raw(data)) + HASHES[5 * 16 :])


IMPOSSIBLE = {
    "no msgpack": b"\xc1",
    "another type": encode(["balls"]),
    "nesting without end": b"\x91" * 40_000,
    "a field too many": encode({**decode(encode(Court()), dict), "more": 1}),
    "another order": encode(dict(reversed(decode(encode(Court(4)), dict).items()))),
}


@pytest.mark.parametrize("is_host", [True, False])
@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_a_state_that_the_rules_cannot_have_is_never_taken(case: str, is_host: bool) -> None:
    data = IMPOSSIBLE[case]
    for right, reproduced in ((timeline(9), False), (timeline(9), True), (timeline(9, 4), False)):
        diagnosis = Diagnosis(MATCH, right, None, is_host=is_host, header=header())
        diagnosis.begin(0.0)
        diagnosis.receive(told_of(data), 0.0)
        diagnosis.receive(state(4, data, reproduced=reproduced), 0.0)
        finding = diagnosis.finding
        assert finding is not None
        assert (finding.frame, finding.theirs) == (4, state_hash(msgspec.Raw(data)))
        ours = is_host or (right.state == timeline(9).state and not reproduced)
        assert (finding.taken, finding.repairs) == (("ours", True) if ours else ("", False))
        assert finding.path is None
        assert finding.records


# --- the report


@pytest.mark.parametrize("bad", [1, 30, 300])
def test_the_report_can_be_read(bad: int) -> None:
    talk = Connection(timeline(310), timeline(310, bad))
    host, guest = talk.run()
    for me, finding in enumerate((host, guest)):
        replay = read(MAGIC + b"".join(encode_record(record) for record in finding.records))
        assert replay.damage is None
        assert replay.header == header(me)
        assert replay.frames == finding.frame
        assert list(replay.inputs) == talk.timelines[me].log[: finding.frame]
        (desync,) = replay.desyncs
        assert desync.frame == finding.frame
        assert state_hash(decode(desync.ours, Court)) == finding.ours
        assert state_hash(decode(desync.theirs, Court)) == finding.theirs
        assert desync.platforms == (("Linux", "Windows"), ("Windows", "Linux"))[me]
        if bad >= 60:
            assert desync.reproduced == ((True, False), (False, True))[me]
            before = decode(replay.snapshots[bad - 1], Court)
            assert before == talk.timelines[0].state_at(bad - 1)


def test_what_they_run_on_is_made_safe_to_show() -> None:
    talk = Connection(timeline(3), timeline(3, 2))
    differ = talk.wires[0][0]
    assert isinstance(differ, m.Differ)
    talk.wires[0][0] = msgspec.structs.replace(differ, platform="\x1b[2JLi\u202enux")
    host, _ = talk.run()
    desync = read(MAGIC + b"".join(encode_record(record) for record in host.records)).desyncs[0]
    assert desync.platforms[1] == "[2JLinux"


# --- a hostile other side


def differ(first: int, hashes: bytes) -> m.Differ:
    return m.Differ(match=MATCH, first=first, hashes=hashes, version="1", platform="")


def state(frame: int, data: bytes, **fields: Any) -> m.State:
    about = {"size": len(data), "offset": 0, "chain": bytes(16), "reproduced": True, **fields}
    return m.State(match=MATCH, frame=frame, data=data, **about)


WRONG = timeline(9, 4)
HASHES = b"".join(WRONG.hash_at(frame) or b"" for frame in range(10))
GOOD = encode(WRONG.state_at(4))

FAULTS: dict[str, tuple[list[m.Differ | m.State], str]] = {
    "a state before any hash": ([state(4, GOOD)], "bad_state"),
    "half a hash": ([differ(0, HASHES[:-1])], "bad_differ"),
    "two lists of hashes": ([differ(0, HASHES), differ(0, HASHES)], "unexpected_message"),
    "another frame": ([differ(0, HASHES), state(5, encode(WRONG.state_at(5)))], "bad_state"),
    "another state": ([differ(0, HASHES), state(4, encode(WRONG.state_at(5)))], "bad_state"),
    "a part from the middle": ([differ(0, HASHES), state(4, GOOD, offset=1)], "bad_state"),
    "more than was said": ([differ(0, HASHES), state(4, GOOD, size=3)], "bad_state"),
    "parts of two sizes": (
        [differ(0, HASHES), state(4, GOOD[:5], size=len(GOOD)), state(4, GOOD[5:], offset=5, size=99)],
        "bad_state",
    ),
    "random hashes": ([differ(0, bytes(160)), state(0, encode(Court()))], "bad_state"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_breaks_the_rules_is_an_error_of_theirs(fault: str) -> None:
    messages, code = FAULTS[fault]
    diagnosis = Diagnosis(MATCH, timeline(9), None, is_host=True)
    diagnosis.begin(0.0)
    for message in messages[:-1]:
        diagnosis.receive(message, 0.0)
    with pytest.raises(RemoteProtocolError) as caught:
        diagnosis.receive(messages[-1], 0.0)
    assert caught.value.code == code
    assert diagnosis.finding is None


def test_after_the_finding_nothing_more_is_taken() -> None:
    talk = Connection(timeline(9), timeline(9, 4))
    talk.run()
    for message in (differ(0, HASHES), state(4, GOOD)):
        with pytest.raises(RemoteProtocolError):
            talk.sides[0].receive(message, 1.0)


@pytest.mark.parametrize(("is_host", "taken"), [(True, "ours"), (False, "theirs")])
def test_who_only_says_to_be_right_takes_nothing_from_the_host(is_host: bool, taken: str) -> None:
    diagnosis = Diagnosis(MATCH, timeline(9), None, is_host=is_host)
    diagnosis.begin(0.0)
    diagnosis.receive(differ(0, HASHES), 0.0)
    diagnosis.receive(state(4, GOOD, reproduced=True), 0.0)
    assert diagnosis.finding is not None
    assert diagnosis.finding.taken == taken


_first = st.one_of(st.integers(0, 12), st.integers(0, 2**32 - 1))
_differs = st.builds(
    differ, _first, st.one_of(st.binary(max_size=16 * DESYNC_HASHES), st.just(HASHES), st.just(HASHES[:64]))
)
_states = st.builds(
    state,
    st.one_of(st.integers(0, 9), _first),
    st.one_of(st.just(GOOD), st.binary(min_size=1, max_size=64)),
    size=st.one_of(st.just(len(GOOD)), st.integers(1, STATE_MAX)),
    offset=st.one_of(st.just(0), st.integers(0, 2**32 - 1)),
    reproduced=st.booleans(),
)


@given(st.lists(st.one_of(_differs, _states), max_size=8), st.booleans())
def test_whatever_they_send_ends_in_a_finding_or_an_error_of_theirs(
    messages: list[m.Differ | m.State], is_host: bool
) -> None:
    diagnosis = Diagnosis(MATCH, timeline(9), (4, b"a" * 16, b"b" * 16), is_host=is_host, header=header())
    diagnosis.begin(0.0)
    sent = 0
    try:
        for message in messages:
            sent += len(diagnosis.receive(message, 0.0))
    except RemoteProtocolError:
        pass
    assert sent <= 1
    finding = diagnosis.finding
    if finding is not None and finding.taken == "theirs":
        assert finding.state == WRONG.state_at(finding.frame)


def test_states_of_other_builds_are_told_apart_to_the_field() -> None:
    """What two builds disagree about need not be what made them disagree: the first state that differs names it."""
    cases: list[tuple[Callable[[Court], Court], str]] = [
        (lambda s: msgspec.structs.replace(s, balls=s.balls[:1]), "balls[1]"),
        (lambda s: msgspec.structs.replace(s, frame=s.frame + 1), "frame"),
        (lambda s: msgspec.structs.replace(s, padding=b"ab"), "padding"),
    ]
    for (change, path), bad in product(cases, (1, 5)):
        other = timeline(0)
        other.tamper = lambda frame, s, bad=bad, change=change: change(s) if frame == bad else s
        other.extend(timeline(9).log)
        host, guest = Connection(timeline(9), other).run()
        assert mirrored(host, guest)
        assert (host.frame, (host.path or "").split("[0]")[0]) == (bad, path)
