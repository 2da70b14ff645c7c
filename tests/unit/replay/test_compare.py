"""Two files of one match: the first difference, its frame, its player, its field."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from p2pgame.core import Outcome, Rng
from p2pgame.core.game import AnyGame, EndedBy
from p2pgame.core.snapshot import encode
from p2pgame.replay.compare import Comparison, compare, reports
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.reader import Replay, read
from p2pgame.replay.records import Desync, End, Header, Inputs, Record, Repaired, Snapshot
from tests.unit.replay.made import Tape, file_of, header_of
from tests.unit.testing.games import Dot, Dots, Heap, Nim

NIM, DOTS = Nim(), Dots()


class Odd(Dots):
    """Dots on a machine where the second number jumps at frame 50."""

    def advance(self, state: Dot, inputs: Sequence[int | None]) -> Dot:
        after = super().advance(state, inputs)
        return replace(after, at=(after.at[0], after.at[1] + 100 * (after.frame == 50)))


def tape(game: AnyGame = DOTS, *, every: int = 0, **fields: Any) -> Tape:
    return Tape(game, header_of(game, **{"frame_limit": 100, **fields}), every=every).play()


def of(records: Sequence[Record]) -> Replay:
    replay = read(file_of(records))
    assert replay.damage is None
    return replay


def test_the_files_of_both_sides_are_the_same() -> None:
    ours = tape().end()
    theirs = tape(me=1, version="9", platform="another", started=5.0).end()
    assert compare(of(ours.records), of(theirs.records), DOTS) == Comparison(kind="same", frame=100)
    assert compare(of(ours.records), of(theirs.records), None).kind == "same"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"seed": 2}, "seed: 1 ≠ 2"),
        ({"match": "f" * 16}, "match: "),
        ({"digest": "f" * 16}, "digest: "),
        ({"config": {"sticks": 7}}, "config['sticks']: 21 ≠ 7"),
        ({"frame_limit": 7}, "frame_limit: 0 ≠ 7"),
    ],
)
def test_another_match(fields: dict[str, Any], path: str) -> None:
    a, b = (of([header_of(NIM, **different)]) for different in ({}, fields))
    found = compare(a, b, NIM)
    assert found.kind == "match"
    assert len(found.differences) == 1
    assert found.differences[0].startswith(path)


def test_another_input_names_frame_and_player() -> None:
    ours = tape().end()
    source = iter(of(ours.records).inputs)

    def choose(_state: Any, _players: int) -> tuple[Any, ...]:
        first, second = (DOTS.decode_input(move) for move in next(source) if move is not None)
        return (first, second if len(theirs.records) < 3 else (second + 2) % 3 - 1)

    theirs = Tape(DOTS, ours.header, choose)
    theirs.play()
    found = compare(of(ours.records), of(theirs.end().records), DOTS)
    assert (found.kind, found.frame, found.players) == ("inputs", 60, (1,))
    assert len(found.differences) == 1
    assert found.differences[0].startswith("inputs[1]: ")
    assert compare(of(ours.records), of(theirs.records), None) == found


def test_a_missing_input_is_another_input() -> None:
    a, b = (
        of([header_of(NIM), Inputs(first=0, runs=((1, (b"\x01", move)),), hashes=b"", chain=bytes(16))])
        for move in (None, b"\x02")
    )
    assert compare(a, b, None).differences == ("inputs[1]: None ≠ 2",)
    with pytest.raises(ReplayError, match=r"^bad_input: "):
        compare(a, b, NIM)


def test_one_that_goes_on() -> None:
    ours = tape().end()
    for count in (2, 3):
        cut = of(ours.records[:count])
        for pair in ((cut, of(ours.records)), (of(ours.records), cut)):
            assert compare(*pair, DOTS) == Comparison(kind="length", frame=30 * (count - 1))
    unsigned_end = of([record for record in ours.records if not isinstance(record, End)][:-2])
    assert compare(unsigned_end, of(ours.records), DOTS) == Comparison(kind="length", frame=100)


def test_another_end() -> None:
    a = Tape(DOTS, header_of(DOTS)).play(20).end(Outcome.by(EndedBy.RESIGNED, (0,)))
    b = Tape(DOTS, header_of(DOTS)).play(20).end(Outcome.by(EndedBy.CLAIMED, (1,)), agreed=False)
    found = compare(of(a.records), of(b.records), DOTS)
    assert (found.kind, found.frame) == ("end", 20)
    assert found.differences == (
        "outcome.winners[0]: 0 ≠ 1",
        "outcome.reason: 'resigned' ≠ 'claimed'",
        "outcome.ended_by: 'resigned' ≠ 'claimed'",
        "agreed: True ≠ False",
    )


def test_another_state_is_bisected_and_its_field_named() -> None:
    good, odd = tape(every=20).end(), tape(Odd(), every=20).end()
    for pair, right in (((good, odd), (True, False)), ((odd, good), (False, True))):
        found = compare(of(pair[0].records), of(pair[1].records), DOTS)
        assert (found.kind, found.frame, found.seen_at) == ("state", 50, 60)
        assert found.by_the_rules == right
        (difference,) = found.differences
        assert difference.startswith("at[1]: ")


def test_a_file_without_states_is_compared_with_the_rules() -> None:
    good, odd = tape().end(), tape(Odd(), every=90).end()
    found = compare(of(good.records), of(odd.records), DOTS)
    assert (found.frame, found.seen_at, found.by_the_rules) == (50, 90, (True, False))
    assert found.differences[0].startswith("at[1]: ")


def test_where_no_file_has_a_state_the_frame_is_still_found() -> None:
    found = compare(of(tape().records), of(tape(Odd()).records), DOTS)
    assert found == Comparison(kind="state", frame=50, by_the_rules=(True, False))


def test_neither_need_be_right() -> None:
    class Odder(Dots):
        def advance(self, state: Dot, inputs: Sequence[int | None]) -> Dot:
            after = super().advance(state, inputs)
            return replace(after, at=(after.at[0] - (after.frame == 50), after.at[1]))

    found = compare(of(tape(Odder(), every=50).records), of(tape(Odd(), every=50).records), DOTS)
    assert (found.frame, found.by_the_rules) == (50, (False, False))
    assert len(found.differences) == 2


def test_without_the_game_the_fields_are_named_from_both_files() -> None:
    found = compare(of(tape(every=20).records), of(tape(Odd(), every=20).records), None)
    assert (found.kind, found.frame, found.seen_at, found.by_the_rules) == ("state", 50, 60, None)
    assert found.differences[0].startswith("['at'][1]: ")
    assert compare(of(tape().records), of(tape(Odd(), every=20).records), None).differences == ()


def test_states_are_not_compared_once_the_inputs_differ() -> None:
    good, odd = tape(), tape(Odd(), every=30)
    later = Inputs(first=60, runs=((40, (b"\0", b"\0")),), hashes=bytes(160), chain=bytes(16))
    state = Snapshot(frame=100, state=encode(Dot(Rng(1), (1, 1), 100)))
    bent = [record for record in odd.records if isinstance(record, Header | Inputs)]
    bent = [*(record for record in bent if isinstance(record, Header) or record.first < 60), later, state]
    found = compare(of(good.records), of(bent), DOTS)
    assert (found.kind, found.frame, found.differences) == ("state", 50, ())


def test_a_match_that_was_repaired_rightly_is_the_same_again() -> None:
    ours, at_60 = tape().end(), Tape(DOTS, header_of(DOTS, frame_limit=100)).play(60)
    wrong = Inputs(first=60, runs=((9, (b"\0", b"\0")),), hashes=b"\1" * 36, chain=bytes(16))
    repaired = Repaired(frame=60, state=encode(at_60.state), chain=at_60.chain, reason="desync")
    records = [*ours.records[:3], wrong, repaired, *ours.records[3:]]
    assert compare(of(ours.records), of(records), DOTS).kind == "same"
    assert compare(of(ours.records), of(records[:4]), DOTS).frame == 60


def desync(ours: Any, theirs: Any) -> Desync:
    return Desync(
        frame=0,
        ours=encode(ours),
        theirs=encode(theirs),
        versions=("1.0", "1.1"),
        platforms=("Linux", "Windows"),
        reproduced=(True, False),
    )


HEADER: Header = header_of(NIM)


def test_a_report_names_what_differs_and_who_is_who() -> None:
    (found,) = reports(of([HEADER, desync(Heap(512), Heap(513))]), NIM)
    assert found.differences == ("left: 512 ≠ 513",)
    assert (found.versions, found.platforms) == (("1.0", "1.1"), ("Linux", "Windows"))
    assert (found.frame, found.reproduced) == (0, (True, False))
    (found,) = reports(of([HEADER, desync(Heap(512), Heap(513))]), None)
    assert found.differences == ("['left']: 512 ≠ 513",)
    assert reports(of([HEADER]), NIM) == []


def test_the_reports_of_both_sides() -> None:
    """They have no links: nobody knows whose state is the right one while they are written."""
    made = Tape(NIM, HEADER).play(2)
    played = [replace(record, hashes=b"") for record in made.records if isinstance(record, Inputs)]
    right, wrong = made.state, Heap(made.state.left + 1, made.state.turn)
    a, b = (
        of([HEADER, *played, replace(desync(*states), frame=2)])
        for states in ((right, wrong), (wrong, right))
    )
    found = compare(a, b, NIM)
    assert (found.kind, found.frame, found.seen_at) == ("state", 2, 2)
    assert found.differences == (f"left: {right.left} ≠ {wrong.left}",)
    assert found.by_the_rules == (True, False)
    assert compare(b, a, NIM).by_the_rules == (False, True)
    assert compare(a, a, NIM).kind == "same"
    assert compare(a, b, None).differences == (f"['left']: {right.left} ≠ {wrong.left}",)


def test_states_of_frame_0() -> None:
    a, b = (of([HEADER, Snapshot(frame=0, state=encode(Heap(left)))]) for left in (21, 20))
    found = compare(a, b, NIM)
    assert (found.kind, found.frame, found.by_the_rules) == ("state", 0, (True, False))
    assert found.differences == ("left: 21 ≠ 20",)


@pytest.mark.parametrize(
    ("states", "game"),
    [
        ((b"\xc1", b"\xc1"), None),
        ((encode(3), encode(4)), NIM),
        ((b"\x91" * 700 + b"\1", b"\x91" * 700 + b"\2"), None),
        ((b"\x81\x80\x01", b"\x81\x80\x02"), None),
        ((b"\x81\xc0\x01", b"\x81\xc0\x02"), None),
    ],
)
def test_states_that_are_none_end_in_one_line_at_most(
    states: tuple[bytes, bytes], game: AnyGame | None
) -> None:
    replay = of([HEADER, replace(desync(0, 0), ours=states[0], theirs=states[1])])
    try:
        lines = [difference for finding in reports(replay, game) for difference in finding.differences]
    except ReplayError as error:
        lines = [str(error)]
    assert lines
    assert all("\n" not in line and len(line) <= 300 for line in lines)


def test_a_long_value_is_cut() -> None:
    (found,) = reports(of([HEADER, desync({"\x1b[2J" * 100: 1}, {"\x1b[2J" * 100: 2})]), None)
    assert len(found.differences[0]) <= 200
    assert found.differences[0].isprintable()
