"""A file as a whole: what is whole before the first flaw is told, and nothing but a missing header is an error."""

import tracemalloc
from typing import Any

import pytest

from p2pgame.core.snapshot import encode
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.replay import reader
from p2pgame.replay.codec import encode_record
from p2pgame.replay.errors import Problem, ReplayError
from p2pgame.replay.reader import FRAMES_MAX, WORK_MAX, WORK_STATE, Replay, read
from p2pgame.replay.records import (
    Decided,
    Desync,
    End,
    Header,
    Inputs,
    Note,
    Outcome,
    Record,
    Repaired,
    Signature,
    Snapshot,
    Undecided,
)
from p2pgame.wire.decisions import (
    Claimed,
    Decision,
    DecisionBody,
    DrawAgreed,
    Dropped,
    Ended,
    Resigned,
    Seated,
    encode_decision,
)
from p2pgame.wire.runs import pack
from tests.unit.replay.made import IDS, Tape, file_of, header_of
from tests.unit.testing.games import Dots, Nim

NIM = Nim()
HEADER = header_of(NIM)
CHAIN = bytes(range(16))
NONE = DecisionLog(HEADER.match).chain
"""The chain of no decisions."""


def tape() -> Tape:
    return Tape(NIM, HEADER, every=4).play(batch=3).end()


def inputs(first: int, count: int, move: bytes = b"\x01", *, hashes: bool = True) -> Inputs:
    links = bytes(range(4)) * count if hashes else b""
    return Inputs(first=first, runs=((count, (move, None)),), hashes=links, chain=CHAIN)


def damage(data: bytes) -> str:
    found = read(data).damage
    return "" if found is None else found.code


def parts(replay: Replay) -> tuple[object, ...]:
    return (replay.inputs, replay.links, replay.snapshots, replay.repaired, replay.notes, replay.signatures)


def test_a_whole_match() -> None:
    made = tape()
    replay = read(made.data)
    assert replay.damage is None
    assert replay.whole == len(made.data)
    assert replay.decisions.entries == []
    assert replay.header == HEADER
    assert replay.frames == len(replay.links) == made.frame
    assert all(len(link) == 4 for link in replay.links)
    assert replay.chain == made.chain
    assert replay.end is not None
    assert replay.end.outcome.reason == "last stick"
    assert [signature.player for signature in replay.signatures] == [0, 1]
    assert list(replay.snapshots) == [frame for frame in range(1, made.frame + 1) if frame % 4 == 0] != []


def test_cut_in_its_header_it_is_refused_at_every_byte() -> None:
    for size in range(len(file_of([HEADER]))):
        with pytest.raises(ReplayError, match=r"^(not_a_replay|no_header: cause='record_cut')"):
            read(tape().data[:size])


def test_cut_at_every_byte_after_it_reads_as_what_stood_before() -> None:
    data = tape().data
    whole = read(data)
    ends = set()
    last: tuple[int, ...] = (0,)
    for size in range(len(file_of([HEADER])), len(data) + 1):
        cut = read(data[:size])
        assert cut.whole <= size
        assert cut.damage == (None if cut.whole == size else Problem("record_cut"))
        assert cut.inputs == whole.inputs[: cut.frames]
        assert cut.links == whole.links[: cut.frames]
        assert cut.snapshots.items() <= whole.snapshots.items()
        assert cut.signatures == whole.signatures[: len(cut.signatures)]
        grown = (cut.whole, cut.frames, len(cut.snapshots), cut.end is not None, len(cut.signatures))
        assert grown >= last
        last = grown
        ends.add(cut.whole)
    assert len(ends) == len(tape().records)


def test_a_file_goes_on_from_where_it_was_cut() -> None:
    data = tape().data
    for size in range(len(file_of([HEADER])), len(data), 7):
        whole = read(data[:size]).whole
        assert read(data[:whole] + data[whole:]).damage is None


@pytest.mark.parametrize(
    "fields",
    [
        {"names": ("Ann",)},
        {"host": IDS[5]},
        {"me": 2},
        {"names": ("Ann", "Ben", "Cleo")},
    ],
)
def test_a_header_that_contradicts_itself_is_none(fields: dict[str, Any]) -> None:
    with pytest.raises(ReplayError, match=r"^header_(names|players)"):
        read(file_of([header_of(NIM, **fields)]))


END = End(frame=4, hash=bytes(16), chain=CHAIN, decisions=NONE, outcome=Outcome((0,), "resigned"))
SIGNATURE = Signature(player=1, public_key=bytes(32), signature=bytes(64))
FOUR = inputs(0, 4)


@pytest.mark.parametrize(
    ("before", "bad", "code"),
    [
        ([FOUR], inputs(3, 1), "wrong_first_frame"),
        ([FOUR], inputs(5, 1), "wrong_first_frame"),
        ([], inputs(1, 1), "wrong_first_frame"),
        ([], Inputs(first=0, runs=((2, (b"\x01",)),), hashes=bytes(8), chain=CHAIN), "bad_inputs"),
        ([], Inputs(first=0, runs=((2, (b"\x01",) * 3),), hashes=bytes(8), chain=CHAIN), "bad_inputs"),
        ([], Inputs(first=0, runs=((2, (b"\x01", None)),), hashes=bytes(7), chain=CHAIN), "wrong_hashes"),
        ([], Inputs(first=0, runs=((2, (b"\x01", None)),), hashes=bytes(12), chain=CHAIN), "wrong_hashes"),
        ([FOUR], Snapshot(frame=5, state=b"\x80"), "frame_not_played"),
        ([FOUR, Snapshot(frame=3, state=b"\x80")], Snapshot(frame=2, state=b"\x80"), "snapshot_order"),
        ([FOUR], Repaired(frame=5, state=b"\x80", chain=CHAIN, reason="cut"), "frame_not_played"),
        ([FOUR], HEADER, "second_header"),
        ([FOUR], Undecided(entries=1), "bad_decision"),
        ([FOUR, END], Undecided(entries=0), "record_after_end"),
        ([FOUR], SIGNATURE, "early_signature"),
        ([FOUR, END, SIGNATURE], SIGNATURE, "unexpected_signature"),
        ([FOUR, END], Signature(player=2, public_key=bytes(32), signature=bytes(64)), "unexpected_signature"),
        (
            [FOUR],
            End(frame=5, hash=bytes(16), chain=CHAIN, decisions=NONE, outcome=Outcome((), "")),
            "frame_not_played",
        ),
        (
            [FOUR],
            End(frame=4, hash=bytes(16), chain=CHAIN, decisions=NONE, outcome=Outcome((2,), "")),
            "wrong_winners",
        ),
        (
            [FOUR],
            End(frame=4, hash=bytes(16), chain=CHAIN, decisions=NONE, outcome=Outcome((-1,), "")),
            "wrong_winners",
        ),
        (
            [FOUR],
            End(frame=4, hash=bytes(16), chain=CHAIN, decisions=NONE, outcome=Outcome((0,) * 3, "")),
            "wrong_winners",
        ),
        (
            [FOUR],
            End(frame=4, hash=bytes(16), chain=CHAIN, decisions=NONE, outcome=Outcome((), "x" * 201)),
            "long_reason",
        ),
        ([FOUR, END], END, "record_after_end"),
        ([FOUR, END], inputs(4, 1), "record_after_end"),
        ([FOUR, END], Repaired(frame=4, state=b"\x80", chain=CHAIN, reason="cut"), "record_after_end"),
        (
            [FOUR],
            Desync(
                frame=5,
                ours=b"a",
                theirs=b"b",
                versions=("", ""),
                platforms=("", ""),
                reproduced=(True, True),
            ),
            "frame_not_played",
        ),
    ],
)
def test_a_record_that_does_not_fit_is_damage_at_its_place(
    before: list[Record], bad: Record, code: str
) -> None:
    good = file_of([HEADER, *before])
    replay = read(good + encode_record(bad) + encode_record(Note(frame=0, what="running")))
    assert replay.damage is not None
    assert replay.damage.code == code
    assert replay.whole == len(good)
    assert parts(replay) == parts(read(good))
    assert replay.notes == []


# --- decisions


def entry(index: int, what: DecisionBody = DrawAgreed(), *, epoch: int = 1) -> Decided:  # noqa: B008  (frozen)
    return Decided(entry=encode_decision(Decision(epoch=epoch, index=index, frame=4, what=what)))


def test_the_decisions_are_kept_in_order_with_their_chain() -> None:
    log = DecisionLog(HEADER.match)
    first = log.write(2, Resigned(1))
    second = log.write(4, Ended(Outcome((0,), "resigned")), epoch=2)
    replay = read(file_of([HEADER, FOUR, Decided(entry=first), Decided(entry=second), END]))
    assert replay.damage is None
    assert replay.decisions.entries == [first, second]
    assert replay.decisions.chain == log.chain != NONE
    assert [decision.epoch for decision in replay.decisions.decisions] == [1, 2]


def test_a_repair_takes_no_decision_back() -> None:
    repaired = Repaired(frame=0, state=b"\x80", chain=CHAIN, reason="desync")
    assert len(read(file_of([HEADER, FOUR, entry(1), repaired])).decisions.entries) == 1


@pytest.mark.parametrize(
    ("before", "bad", "cause"),
    [
        ([], entry(2), "decision_out_of_order"),
        ([entry(1)], entry(1), "decision_out_of_order"),
        ([entry(1)], entry(3), "decision_out_of_order"),
        ([entry(1), entry(1, epoch=3)], entry(2), "decision_out_of_order"),
        ([entry(1), entry(1, epoch=3)], entry(1, epoch=2), "decision_out_of_order"),
        ([], Decided(entry=b"\xc1"), "decision_malformed"),
        ([], Decided(entry=encode((1, 1, 4, {"kind": "applause"}))), "decision_malformed"),
        ([], entry(1, Resigned(2)), "decision_of_nobody"),
        ([], entry(1, Claimed(7)), "decision_of_nobody"),
        ([], entry(1, Dropped(2, "lost")), "decision_of_nobody"),
        ([], entry(1, Seated(7, "a" * 26)), "decision_of_nobody"),
    ],
)
def test_a_decision_that_does_not_fit_is_damage(before: list[Record], bad: Record, cause: str) -> None:
    good = file_of([HEADER, *before])
    replay = read(good + encode_record(bad))
    assert replay.damage == Problem("bad_decision", {"cause": cause})
    assert replay.whole == len(good)
    assert len(replay.decisions.entries) == len(before)


@pytest.mark.parametrize(
    ("outcome", "code"),
    [(Outcome((2,), ""), "wrong_winners"), (Outcome((0,) * 3, ""), "wrong_winners"),
     (Outcome((), "x" * 201), "long_reason")],
)  # fmt: skip
def test_a_decided_end_has_the_bounds_of_an_end(outcome: Outcome, code: str) -> None:
    assert damage(file_of([HEADER, entry(1, Ended(outcome))])) == code


def test_decisions_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2pgame.netcode.decisions.DECISIONS_MAX", 3)
    entries = [entry(number) for number in range(1, 5)]
    assert damage(file_of([HEADER, *entries[:3]])) == ""
    assert read(file_of([HEADER, *entries])).damage == Problem("bad_decision", {"cause": "decision_too_many"})


def test_nothing_is_decided_after_the_end() -> None:
    assert damage(file_of([HEADER, FOUR, END, entry(1)])) == "record_after_end"


# --- repairs


def test_what_was_repaired_voids_the_frames_after_it_until_they_come_again() -> None:
    repaired = Repaired(frame=2, state=b"\x91\x01", chain=bytes([7]) * 16, reason="desync")
    snapshots = [Snapshot(frame=frame, state=bytes([frame])) for frame in (1, 2, 4)]
    before = [HEADER, FOUR, *snapshots]
    replay = read(file_of([*before, repaired]))
    assert replay.damage is None
    assert replay.frames == 2
    assert replay.chain == bytes([7]) * 16
    assert replay.links == [bytes(range(4)), bytes([7]) * 4]
    assert replay.snapshots == {1: b"\x01"}
    assert replay.repaired == {2: repaired}
    again = read(file_of([*before, repaired, inputs(2, 3, b"\x02")]))
    assert again.damage is None
    assert again.inputs == [(b"\x01", None)] * 2 + [(b"\x02", None)] * 3
    assert damage(file_of([*before, repaired, inputs(4, 1)])) == "wrong_first_frame"


def test_a_match_may_be_repaired_earlier_than_before() -> None:
    late, early = (Repaired(frame=f, state=b"\x80", chain=CHAIN, reason="desync") for f in (3, 0))
    replay = read(file_of([HEADER, FOUR, late, early]))
    assert (replay.frames, replay.links, list(replay.repaired), replay.chain) == (0, [], [0], CHAIN)


def test_frames_that_were_not_simulated_have_no_links_and_no_chain() -> None:
    replay = read(file_of([HEADER, FOUR, inputs(4, 2, hashes=False)]))
    assert replay.links == [bytes(range(4))] * 4 + [b""] * 2
    assert replay.chain is None
    caught_up = Repaired(frame=6, state=b"\x80", chain=bytes(16), reason="caught_up")
    replay = read(file_of([HEADER, FOUR, inputs(4, 2, hashes=False), caught_up]))
    assert replay.links == [bytes(range(4))] * 4 + [b"", bytes(4)]
    assert replay.chain == bytes(16)


def test_an_end_by_decision_may_come_before_the_last_frame_played() -> None:
    end = End(frame=2, hash=bytes(16), chain=CHAIN, decisions=NONE, outcome=Outcome((0,), "resigned"))
    replay = read(file_of([HEADER, FOUR, end]))
    assert (replay.damage, replay.frames, replay.end) == (None, 2, end)


def test_inputs_of_no_frame_mean_nothing() -> None:
    nothing = Inputs(first=4, runs=(), hashes=b"", chain=bytes(16))
    replay = read(file_of([HEADER, FOUR, nothing]))
    assert (replay.damage, replay.frames, replay.chain) == (None, 4, CHAIN)


def bomb(header: Header, runs: int) -> bytes:
    return file_of([header, Inputs(first=0, runs=((65535, (b"\0", b"\0")),) * runs, hashes=b"", chain=CHAIN)])


def test_frames_without_end_are_damage_and_cost_no_memory() -> None:
    data = bomb(header_of(Dots()), 16_000)
    assert len(data) < 200_000
    tracemalloc.start()
    replay = read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert replay.damage is not None
    assert replay.damage.code == "too_many_frames"
    assert replay.frames == 0
    assert peak < 20_000_000


def test_frames_that_were_voided_count_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "FRAMES_MAX", 10)
    void = Repaired(frame=0, state=b"\x80", chain=CHAIN, reason="desync")
    data = file_of([HEADER, FOUR, void, FOUR, void, FOUR])
    assert damage(data) == "too_many_frames"
    monkeypatch.setattr(reader, "FRAMES_MAX", 12)
    assert read(data).damage is None


@pytest.mark.parametrize("players", [2, 8])
@pytest.mark.parametrize("size", [10, WORK_STATE - 1, 10 * WORK_STATE, 60 * WORK_STATE])
@pytest.mark.parametrize("kind", [Repaired, Snapshot], ids=["repaired", "snapshot"])
def test_a_small_file_cannot_ask_for_hours_of_work(
    players: int, size: int, kind: type[Repaired | Snapshot]
) -> None:
    """To play a frame again takes as long as its state is large, and the state can be one of the file."""
    header = header_of(Dots(), players=players, names=("x",) * players)
    first = Inputs(first=0, runs=((1, (b"\0",) * players),), hashes=b"", chain=CHAIN)
    state = bytes(size)
    large: Record = (
        Repaired(frame=1, state=state, chain=CHAIN, reason="desync")
        if kind is Repaired
        else Snapshot(frame=1, state=state)
    )
    many = [
        Inputs(first=1 + 65535 * n, runs=((65535, (b"\0",) * players),), hashes=b"", chain=CHAIN)
        for n in range(FRAMES_MAX // 65535)
    ]
    data = file_of([header, first, large, *many])
    assert len(data) < 1 << 20
    replay = read(data)
    each = players + size // WORK_STATE
    assert replay.frames <= WORK_MAX // each
    assert replay.frames + 65535 > min(WORK_MAX // each, 65535 * len(many))
    if replay.damage is None:
        assert replay.frames == 65535 * len(many) + 1
    else:
        assert replay.damage == Problem("too_much_work", {"limit": WORK_MAX, "players": players})


def test_a_large_state_that_comes_after_the_frames_is_counted_as_well() -> None:
    data = file_of(
        [
            header_of(Dots()),
            Inputs(first=0, runs=((65535, (b"\0", b"\0")),) * 20, hashes=b"", chain=CHAIN),
            Snapshot(frame=1, state=bytes(10 * WORK_STATE)),
        ]
    )
    assert damage(data) == "too_much_work"


def test_nine_hours_of_two_players_are_not_too_much() -> None:
    assert WORK_MAX > 9 * 60 * 60 * 60 * 2


def test_runs_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = pack([(bytes([n]), None) for n in range(9)])
    data = file_of([HEADER, Inputs(first=0, runs=runs, hashes=b"", chain=CHAIN)])
    monkeypatch.setattr(reader, "RUNS_MAX", 9)
    assert read(data).damage is None
    monkeypatch.setattr(reader, "RUNS_MAX", 8)
    assert damage(data) == "too_many_frames"


def test_frames_of_one_run_are_one_object() -> None:
    replay = read(bomb(header_of(Dots()), FRAMES_MAX // 65535))
    assert replay.damage is None
    assert len(set(map(id, replay.inputs))) <= FRAMES_MAX // 65535


def test_the_seed_is_any_that_a_match_can_have() -> None:
    header = header_of(NIM, seed=(1 << 64) - 1)
    assert read(file_of([header])).header.seed == (1 << 64) - 1
    assert len(encode(header.seed)) == 9
