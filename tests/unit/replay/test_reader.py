"""A file as a whole: what is whole before the first flaw is told, and nothing but a missing header is an error."""

import tracemalloc
from typing import Any

import pytest

from p2pgame.core.snapshot import encode
from p2pgame.replay import reader
from p2pgame.replay.codec import encode_record
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.reader import FRAMES_MAX, Replay, read
from p2pgame.replay.records import (
    Desync,
    End,
    Header,
    Inputs,
    Mended,
    Note,
    Outcome,
    Record,
    Signature,
    Snapshot,
)
from p2pgame.wire.runs import pack
from tests.unit.replay.made import IDS, Tape, file_of, header_of
from tests.unit.testing.games import Dots, Nim

NIM = Nim()
HEADER = header_of(NIM)
CHAIN = bytes(range(16))


def tape() -> Tape:
    return Tape(NIM, HEADER, every=4).play(batch=3).end()


def inputs(first: int, count: int, move: bytes = b"\x01", *, hashes: bool = True) -> Inputs:
    links = bytes(range(4)) * count if hashes else b""
    return Inputs(first=first, runs=((count, (move, None)),), hashes=links, chain=CHAIN)


def parts(replay: Replay) -> tuple[object, ...]:
    return (replay.inputs, replay.links, replay.snapshots, replay.mended, replay.notes, replay.signatures)


def test_a_whole_match() -> None:
    made = tape()
    replay = read(made.data)
    assert replay.damage == ""
    assert replay.whole == len(made.data)
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
        with pytest.raises(ReplayError, match=r"^[^\n]+\Z"):
            read(tape().data[:size])


def test_cut_at_every_byte_after_it_reads_as_what_stood_before() -> None:
    data = tape().data
    whole = read(data)
    ends = set()
    last: tuple[int, ...] = (0,)
    for size in range(len(file_of([HEADER])), len(data) + 1):
        cut = read(data[:size])
        assert cut.whole <= size
        assert (cut.damage == "") == (cut.whole == size)
        assert "cut" in cut.damage or not cut.damage
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
        assert read(data[:whole] + data[whole:]).damage == ""


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
    with pytest.raises(ReplayError, match="header"):
        read(file_of([header_of(NIM, **fields)]))


END = End(frame=4, hash=bytes(16), chain=CHAIN, outcome=Outcome((0,), "resigned"))
SIGNATURE = Signature(player=1, public_key=bytes(32), signature=bytes(64))
FOUR = inputs(0, 4)


@pytest.mark.parametrize(
    ("before", "bad", "words"),
    [
        ([FOUR], inputs(3, 1), "3"),
        ([FOUR], inputs(5, 1), "5"),
        ([], inputs(1, 1), "1"),
        ([], Inputs(first=0, runs=((2, (b"\x01",)),), hashes=bytes(8), chain=CHAIN), "players"),
        ([], Inputs(first=0, runs=((2, (b"\x01",) * 3),), hashes=bytes(8), chain=CHAIN), "players"),
        ([], Inputs(first=0, runs=((2, (b"\x01", None)),), hashes=bytes(7), chain=CHAIN), "hashes"),
        ([], Inputs(first=0, runs=((2, (b"\x01", None)),), hashes=bytes(12), chain=CHAIN), "hashes"),
        ([FOUR], Snapshot(frame=5, state=b"\x80"), "frame 5"),
        ([FOUR, Snapshot(frame=3, state=b"\x80")], Snapshot(frame=2, state=b"\x80"), "later"),
        ([FOUR], Mended(frame=5, state=b"\x80", chain=CHAIN, reason=""), "frame 5"),
        ([FOUR], HEADER, "second header"),
        ([FOUR], SIGNATURE, "before the end"),
        ([FOUR, END, SIGNATURE], SIGNATURE, "second"),
        ([FOUR, END], Signature(player=2, public_key=bytes(32), signature=bytes(64)), "nobody"),
        ([FOUR], End(frame=5, hash=bytes(16), chain=CHAIN, outcome=Outcome((), "")), "frame 5"),
        ([FOUR], End(frame=4, hash=bytes(16), chain=CHAIN, outcome=Outcome((2,), "")), "won by"),
        ([FOUR], End(frame=4, hash=bytes(16), chain=CHAIN, outcome=Outcome((-1,), "")), "won by"),
        ([FOUR], End(frame=4, hash=bytes(16), chain=CHAIN, outcome=Outcome((0,) * 3, "")), "won by"),
        ([FOUR], End(frame=4, hash=bytes(16), chain=CHAIN, outcome=Outcome((), "x" * 201)), "reason"),
        ([FOUR, END], END, "after the end"),
        ([FOUR, END], inputs(4, 1), "after the end"),
        ([FOUR, END], Mended(frame=4, state=b"\x80", chain=CHAIN, reason=""), "after the end"),
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
            "frame 5",
        ),
    ],
)
def test_a_record_that_does_not_fit_is_damage_at_its_place(
    before: list[Record], bad: Record, words: str
) -> None:
    good = file_of([HEADER, *before])
    replay = read(good + encode_record(bad) + encode_record(Note(frame=0, what="after it")))
    assert words in replay.damage
    assert replay.whole == len(good)
    assert parts(replay) == parts(read(good))
    assert replay.notes == []


def test_what_was_mended_voids_the_frames_after_it_until_they_come_again() -> None:
    mended = Mended(frame=2, state=b"\x91\x01", chain=bytes([7]) * 16, reason="desync")
    snapshots = [Snapshot(frame=frame, state=bytes([frame])) for frame in (1, 2, 4)]
    before = [HEADER, FOUR, *snapshots]
    replay = read(file_of([*before, mended]))
    assert replay.damage == ""
    assert replay.frames == 2
    assert replay.chain == bytes([7]) * 16
    assert replay.links == [bytes(range(4)), bytes([7]) * 4]
    assert replay.snapshots == {1: b"\x01"}
    assert replay.mended == {2: mended}
    again = read(file_of([*before, mended, inputs(2, 3, b"\x02")]))
    assert again.damage == ""
    assert again.inputs == [(b"\x01", None)] * 2 + [(b"\x02", None)] * 3
    assert "next" in read(file_of([*before, mended, inputs(4, 1)])).damage


def test_a_match_may_be_mended_earlier_than_before() -> None:
    late, early = (Mended(frame=f, state=b"\x80", chain=CHAIN, reason="desync") for f in (3, 0))
    replay = read(file_of([HEADER, FOUR, late, early]))
    assert (replay.frames, replay.links, list(replay.mended), replay.chain) == (0, [], [0], CHAIN)


def test_frames_that_were_not_simulated_have_no_links_and_no_chain() -> None:
    replay = read(file_of([HEADER, FOUR, inputs(4, 2, hashes=False)]))
    assert replay.links == [bytes(range(4))] * 4 + [b""] * 2
    assert replay.chain is None
    caught_up = Mended(frame=6, state=b"\x80", chain=bytes(16), reason="caught up")
    replay = read(file_of([HEADER, FOUR, inputs(4, 2, hashes=False), caught_up]))
    assert replay.links == [bytes(range(4))] * 4 + [b"", bytes(4)]
    assert replay.chain == bytes(16)


def test_an_end_by_decision_may_come_before_the_last_frame_played() -> None:
    end = End(frame=2, hash=bytes(16), chain=CHAIN, outcome=Outcome((0,), "resigned"))
    replay = read(file_of([HEADER, FOUR, end]))
    assert (replay.damage, replay.frames, replay.end) == ("", 2, end)


def test_inputs_of_no_frame_mean_nothing() -> None:
    nothing = Inputs(first=4, runs=(), hashes=b"", chain=bytes(16))
    replay = read(file_of([HEADER, FOUR, nothing]))
    assert (replay.damage, replay.frames, replay.chain) == ("", 4, CHAIN)


def bomb(header: Header, runs: int) -> bytes:
    return file_of([header, Inputs(first=0, runs=((65535, (b"\0", b"\0")),) * runs, hashes=b"", chain=CHAIN)])


def test_frames_without_end_are_damage_and_cost_no_memory() -> None:
    data = bomb(header_of(Dots()), 16_000)
    assert len(data) < 200_000
    tracemalloc.start()
    replay = read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "frames" in replay.damage
    assert replay.frames == 0
    assert peak < 20_000_000


def test_frames_that_were_voided_count_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "FRAMES_MAX", 10)
    void = Mended(frame=0, state=b"\x80", chain=CHAIN, reason="desync")
    data = file_of([HEADER, FOUR, void, FOUR, void, FOUR])
    assert "frames" in read(data).damage
    monkeypatch.setattr(reader, "FRAMES_MAX", 12)
    assert read(data).damage == ""


def test_runs_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = pack([(bytes([n]), None) for n in range(9)])
    data = file_of([HEADER, Inputs(first=0, runs=runs, hashes=b"", chain=CHAIN)])
    monkeypatch.setattr(reader, "RUNS_MAX", 9)
    assert read(data).damage == ""
    monkeypatch.setattr(reader, "RUNS_MAX", 8)
    assert "runs" in read(data).damage


def test_frames_of_one_run_are_one_object() -> None:
    replay = read(bomb(header_of(Dots()), FRAMES_MAX // 65535))
    assert replay.damage == ""
    assert len(set(map(id, replay.inputs))) <= FRAMES_MAX // 65535


def test_the_seed_is_any_that_a_match_can_have() -> None:
    header = header_of(NIM, seed=(1 << 64) - 1)
    assert read(file_of([header])).header.seed == (1 << 64) - 1
    assert len(encode(header.seed)) == 9
