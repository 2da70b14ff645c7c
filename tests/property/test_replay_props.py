"""Files of matches, for any records, any bytes and any seek."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.snapshot import encode
from p2pgame.i18n.errors import sentence
from p2pgame.replay.codec import MAGIC, decode_header, decode_records
from p2pgame.replay.compare import compare
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.playback import Playback
from p2pgame.replay.reader import Replay, read
from p2pgame.replay.records import (
    Decided,
    Desync,
    End,
    Header,
    Inputs,
    Note,
    Record,
    Repaired,
    Signature,
    Snapshot,
    Undecided,
)
from p2pgame.replay.verify import verify
from p2pgame.wire.decisions import (
    DECISION_MAX,
    Claimed,
    Decision,
    DrawAgreed,
    Ended,
    Resigned,
    encode_decision,
)
from p2pgame.wire.runs import pack
from tests.unit.replay.made import DIGEST, Tape, file_of, header_of
from tests.unit.testing.games import Dots, Heap, Nim, Take

NIM, DOTS = Nim(), Dots()
HEADER = header_of(NIM)
WHOLE = Tape(NIM, HEADER, every=4).play(batch=3).end().data
BEGIN = len(file_of([HEADER]))
LONG = read(Tape(DOTS, header_of(DOTS, frame_limit=500), every=110).play().end().data)
STATES = [state for _, state in Playback(LONG, DOTS).states()]

moves = st.one_of(st.none(), st.just(b""), st.sampled_from([1, 2, 3, 4]).map(lambda n: encode(Take(n))))
chains = st.binary(min_size=16, max_size=16)
small = st.integers(0, 12)
states = st.one_of(
    st.builds(Heap, left=st.integers(-1, 30), turn=st.integers(-1, 2)).map(encode), st.binary(min_size=1)
)

codes = st.sampled_from(["desync", "caught_up", "cut", "connection", "running", "resign"])
outcomes = st.builds(
    Outcome, st.sampled_from([(), (0,), (1,), (2,)]), st.text(max_size=9), st.sampled_from(EndedBy)
)
decisions = st.builds(
    Decision,
    epoch=st.integers(1, 3),
    index=st.integers(1, 4),
    frame=small,
    what=st.one_of(
        st.builds(Resigned, st.integers(0, 3)),
        st.builds(Claimed, st.integers(0, 3)),
        st.builds(Ended, outcomes),
        st.just(DrawAgreed()),
    ),
)
entries = st.one_of(decisions.map(encode_decision), st.binary(min_size=1, max_size=DECISION_MAX))


@st.composite
def inputs(draw: st.DrawFn) -> Inputs:
    frames = draw(st.lists(st.tuples(moves, moves), max_size=5))
    hashes = draw(st.sampled_from([b"", bytes(4 * len(frames)), bytes(3)]))
    return Inputs(first=draw(small), runs=pack(frames), hashes=hashes, chain=draw(chains))


records = st.one_of(
    inputs(),
    st.builds(Snapshot, frame=small, state=states),
    st.builds(Repaired, frame=small, state=states, chain=chains, reason=codes),
    st.builds(Decided, entry=entries),
    st.builds(Undecided, entries=st.integers(0, 3)),
    st.builds(Note, frame=small, at=st.floats(0, 1e9), what=codes),
    st.builds(
        Desync,
        frame=small,
        ours=states,
        theirs=states,
        versions=st.just(("1", "2")),
        platforms=st.just(("a", "b")),
        reproduced=st.tuples(st.booleans(), st.booleans()),
    ),
    st.builds(
        End,
        frame=small,
        hash=chains,
        chain=chains,
        decisions=chains,
        outcome=outcomes,
        agreed=st.booleans(),
    ),
    st.builds(
        Signature,
        player=st.integers(0, 3),
        public_key=st.binary(min_size=32, max_size=32),
        signature=st.binary(min_size=64, max_size=64),
    ),
)
headers = st.builds(
    lambda seed, limit, me: header_of(NIM, seed=seed, frame_limit=limit, me=me),
    st.integers(0, (1 << 64) - 1),
    small,
    st.integers(0, 1),
)


def check(replay: Replay, data: bytes) -> None:
    assert 0 < replay.whole <= len(data)
    assert (replay.damage is None) == (replay.whole == len(data))
    assert len(replay.links) == replay.frames
    for by_frame in (replay.snapshots, replay.repaired):
        assert list(by_frame) == sorted(by_frame)
        assert all(0 <= frame <= replay.frames for frame in by_frame)
    assert replay.end is None or replay.end.frame == replay.frames
    assert replay.end is not None or not replay.signatures
    if replay.damage is not None:
        assert sentence(replay.damage.code, replay.damage.params).isprintable()
    places = [(decision.epoch, decision.index) for decision in replay.decisions.decisions]
    assert places == sorted(set(places))


def refusal(call: Callable[[], object]) -> str:
    """Why `call` refused; empty if it did not."""
    try:
        call()
    except ReplayError as error:
        return sentence(error.code, error.params)
    return ""


@given(headers, st.lists(records, max_size=12))
def test_any_records_come_out_as_they_went_in(header: Header, some: list[Record]) -> None:
    data = file_of([header, *some])
    found, at = decode_header(data)
    assert [found, *(record for record, _ in decode_records(data, at))] == [header, *some]


@given(headers, st.lists(records, max_size=12))
def test_any_order_of_records_is_read_and_judged(header: Header, some: list[Record]) -> None:
    data = file_of([header, *some])
    replay = read(data)
    check(replay, data)
    verdict = verify(replay, NIM, DIGEST)
    assert not verdict.ok, "nobody signed that"
    assert all(sentence(problem.code, problem.params).isprintable() for problem in verdict.problems)
    assert refusal(lambda: look_at_all(replay)).isprintable()


def look_at_all(replay: Replay) -> None:
    playback = Playback(replay, NIM)
    playback.check_inputs()
    for frame in range(replay.frames, -1, -1):
        playback.state(frame)
    assert compare(replay, replay, NIM).kind == "same"


@given(st.binary(max_size=200))
def test_any_bytes_after_the_header_are_damage_or_records(tail: bytes) -> None:
    data = WHOLE[:BEGIN] + tail
    check(read(data), data)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_replay_or_one_error(noise: bytes, magic: bool) -> None:
    data = MAGIC * magic + noise
    assert refusal(lambda: check(read(data), data)).isprintable()


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE) * 8 - 1))
def test_a_flipped_bit_is_never_taken_for_truth(bit: int) -> None:
    data = bytearray(WHOLE)
    data[bit // 8] ^= 1 << bit % 8
    whole = read(WHOLE)
    if bit // 8 < BEGIN:
        assert refusal(lambda: read(bytes(data)))
        return
    replay = read(bytes(data))
    assert replay.damage
    assert replay.inputs == whole.inputs[: replay.frames]
    assert replay.links == whole.links[: replay.frames]
    assert not verify(replay, NIM, DIGEST).ok


@given(st.lists(st.integers(0, 500), min_size=1, max_size=12))
def test_any_seek_comes_to_the_state_that_playing_comes_to(frames: list[int]) -> None:
    playback = Playback(LONG, DOTS)
    for frame in frames:
        assert playback.state(frame) == STATES[frame]
        assert playback.previous(frame) == STATES[max(0, frame - 1)]


@given(st.integers(0, len(LONG.inputs) - 1), st.sampled_from([0, 1]), st.sampled_from([-1, 0, 1]))
def test_any_changed_input_is_found_by_both_and_named(frame: int, player: int, other: int) -> None:
    changed = list(LONG.inputs[frame])
    changed[player] = encode(other)
    lie: Any = read(Tape(DOTS, LONG.header).play(0).data)
    lie.inputs = [*LONG.inputs[:frame], tuple(changed), *LONG.inputs[frame + 1 :]]
    lie.links, lie.chain, lie.end, lie.signatures = LONG.links, LONG.chain, LONG.end, LONG.signatures
    if tuple(changed) == LONG.inputs[frame]:
        assert verify(lie, DOTS, DIGEST).ok
        return
    assert verify(lie, DOTS, DIGEST).first_difference == frame + 1
    found = compare(LONG, lie, DOTS)
    assert (found.kind, found.frame, found.players) == ("inputs", frame, (player,))
