"""The log of decisions: entries in order, epochs that only grow, a chain over the bytes as they travelled."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.digest import short_digest
from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.netcode.decisions import DECISIONS_MAX, DecisionLog, justified
from p2pgame.wire.bounds import EPOCHS_MAX
from p2pgame.wire.decisions import (
    Claimed,
    Decision,
    DecisionBody,
    DrawAgreed,
    Ended,
    Paused,
    Resigned,
    encode_decision,
)

MATCH = "0123456789abcdef"
PAUSED = Paused(reason="connection", milliseconds=9)


def entry(epoch: int, index: int, what: DecisionBody = PAUSED, frame: int = 7) -> bytes:
    return encode_decision(Decision(epoch=epoch, index=index, frame=frame, what=what))


def log(*numbers: tuple[int, int]) -> DecisionLog:
    made = DecisionLog(MATCH)
    for epoch, index in numbers:
        made.append(entry(epoch, index))
    return made


def refused(made: DecisionLog, data: bytes) -> str:
    before = made.chain, list(made.entries), list(made.decisions)
    with pytest.raises(RemoteProtocolError) as caught:
        made.append(data)
    assert caught.value.code == "bad_decision"
    assert (made.chain, made.entries, made.decisions) == before
    return str(caught.value.params["reason"])


# --- what we write


def test_entries_of_ours_are_numbered() -> None:
    made = DecisionLog(MATCH)
    assert (made.epoch, made.bodies) == (1, [])
    for frame, what in ((3, PAUSED), (3, Resigned(seat=0)), (9, PAUSED)):
        made.write(frame, what)
    made.write(9, Claimed(seat=1), epoch=2)
    made.write(9, Ended(outcome=Outcome.by(EndedBy.CLAIMED, (1,))))
    assert [(d.epoch, d.index, d.frame) for d in made.decisions] == [
        (1, 1, 3),
        (1, 2, 3),
        (1, 3, 9),
        (2, 1, 9),
        (2, 2, 9),
    ]
    assert made.epoch == 2
    assert made.bodies[3] == Claimed(seat=1)


def test_who_goes_on_alone_from_the_start_is_in_the_second_epoch() -> None:
    made = DecisionLog(MATCH)
    made.write(0, Claimed(seat=0), epoch=2)
    assert [(d.epoch, d.index) for d in made.decisions] == [(2, 1)]


def test_what_one_writes_another_can_append() -> None:
    one, other = DecisionLog(MATCH), DecisionLog(MATCH)
    for number in range(5):
        data = one.write(number, PAUSED, epoch=2 if number == 3 else 0)
        assert one.contains(data)
        assert not other.contains(data)
        assert other.append(data) == one.decisions[-1]
        assert other.contains(data)
    assert one.chain == other.chain
    assert one.entries == other.entries


# --- the chain


def test_the_chain_is_over_the_bytes_in_order() -> None:
    made = DecisionLog(MATCH)
    chain = short_digest("decisions", MATCH.encode())
    assert made.chain == chain
    for number in range(1, 4):
        data = entry(1, number)
        made.append(data)
        chain = short_digest("decision", chain, data)
        assert made.chain == chain


def test_every_log_has_a_chain_of_its_own() -> None:
    chains = {
        DecisionLog(MATCH).chain,
        DecisionLog("f" * 16).chain,
        log((1, 1)).chain,
        log((1, 1), (1, 2)).chain,
        log((2, 1)).chain,
        log((1, 1), (2, 1)).chain,
    }
    assert len(chains) == 6


def test_another_encoder_s_bytes_are_kept_and_chained_as_they_came() -> None:
    plain = entry(1, 1)
    decoded = msgspec.msgpack.decode(plain)
    kind = decoded[3]
    swapped = msgspec.msgpack.encode([*decoded[:3], dict(reversed(kind.items()))])
    assert swapped != plain
    made, usual = DecisionLog(MATCH), DecisionLog(MATCH)
    assert made.append(swapped) == usual.append(plain)
    assert made.entries == [swapped]
    assert made.chain != usual.chain
    assert not made.contains(plain)


# --- what others write


@pytest.mark.parametrize(
    ("known", "next_one"),
    [
        ([], (1, 1)),
        ([(1, 1)], (1, 2)),
        ([(1, 1)], (2, 1)),
        ([(1, 1), (1, 2)], (5, 1)),
        ([(1, 1), (4, 1)], (4, 2)),
        ([], (2, 1)),
    ],
)
def test_what_may_follow(known: list[tuple[int, int]], next_one: tuple[int, int]) -> None:
    made = log(*known)
    assert made.append(entry(*next_one)).index == next_one[1]
    assert made.epoch == next_one[0]


@pytest.mark.parametrize(
    ("known", "next_one"),
    [
        ([], (1, 2)),
        ([], (2, 2)),
        ([(1, 1)], (1, 1)),
        ([(1, 1)], (1, 3)),
        ([(1, 1)], (2, 2)),
        ([(1, 1), (1, 2)], (1, 1)),
        ([(1, 1), (4, 1)], (1, 2)),
        ([(1, 1), (4, 1)], (4, 1)),
        ([(1, 1), (4, 1)], (3, 1)),
        ([(1, 1), (4, 1)], (1, 1)),
        ([(1, 1), (4, 1)], (5, 2)),
    ],
)
def test_what_may_not_follow(known: list[tuple[int, int]], next_one: tuple[int, int]) -> None:
    assert refused(log(*known), entry(*next_one, frame=8)) == "out_of_order"


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x90", entry(1, 1)[:-1], entry(1, 1) + b"\0"], ids=repr)
def test_what_is_no_entry(data: bytes) -> None:
    assert refused(DecisionLog(MATCH), data) == "malformed"


def test_a_log_is_bounded() -> None:
    made = DecisionLog(MATCH)
    for number in range(1, DECISIONS_MAX + 1):
        made.append(entry(1, number))
    assert refused(made, entry(1, DECISIONS_MAX + 1)) == "too_many"
    assert refused(made, entry(2, 1)) == "too_many"


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=30))
def test_whatever_comes_the_numbers_of_a_log_only_grow(numbers: list[tuple[int, int]]) -> None:
    made = DecisionLog(MATCH)
    for epoch, index in numbers:
        try:
            made.append(entry(epoch, index))
        except RemoteProtocolError as error:
            assert error.code == "bad_decision"  # noqa: PT017
    kept = [(d.epoch, d.index) for d in made.decisions]
    assert kept == sorted(set(kept))
    for (epoch, index), (later, following) in pairwise(kept):
        assert (later, following) == (epoch, index + 1) or (later > epoch and following == 1)


# --- ends that follow from the log


def by(ended_by: EndedBy, *winners: int) -> Outcome:
    return Outcome.by(ended_by, winners)


@pytest.mark.parametrize(
    ("outcome", "players", "bodies"),
    [
        (by(EndedBy.RESIGNED, 1), 2, [Resigned(seat=0)]),
        (by(EndedBy.RESIGNED, 0, 2), 3, [PAUSED, Resigned(seat=1)]),
        (by(EndedBy.RESIGNED, 2), 3, [Resigned(seat=1), Resigned(seat=0)]),
        (by(EndedBy.ABANDONED, 0), 2, [Resigned(seat=1)]),
        (by(EndedBy.CLAIMED, 1), 2, [Claimed(seat=1)]),
        (by(EndedBy.CLAIMED, 2), 3, [Resigned(seat=0), Claimed(seat=2)]),
        (by(EndedBy.DRAW_AGREED), 3, [Paused(reason="connection", milliseconds=2), DrawAgreed()]),
    ],
)
def test_ends_that_follow(outcome: Outcome, players: int, bodies: list[DecisionBody]) -> None:
    assert justified(outcome, players, bodies)


@pytest.mark.parametrize(
    ("outcome", "players", "bodies"),
    [
        (by(EndedBy.RESIGNED, 1), 2, []),
        (by(EndedBy.RESIGNED, 0), 2, [Resigned(seat=0)]),
        (by(EndedBy.RESIGNED), 2, [Resigned(seat=0)]),
        (by(EndedBy.RESIGNED, 0, 1), 2, [Resigned(seat=0)]),
        (by(EndedBy.RESIGNED, 2, 1), 3, [Resigned(seat=0)]),
        (by(EndedBy.RESIGNED, 1), 3, [Resigned(seat=0)]),
        (by(EndedBy.RESIGNED, 1, 1), 2, [Resigned(seat=0)]),
        (by(EndedBy.ABANDONED, 1), 2, [Claimed(seat=1)]),
        (by(EndedBy.CLAIMED, 1), 2, [Claimed(seat=0)]),
        (by(EndedBy.CLAIMED), 2, [Claimed(seat=0)]),
        (by(EndedBy.CLAIMED, 0, 1), 2, [Claimed(seat=0), Claimed(seat=1)]),
        (by(EndedBy.DRAW_AGREED), 2, [Resigned(seat=0)]),
        (by(EndedBy.DRAW_AGREED, 0), 2, [DrawAgreed()]),
        (Outcome.by(EndedBy.RESIGNED, (1,), "claimed"), 2, [Resigned(seat=0)]),
        (Outcome.by(EndedBy.DRAW_AGREED, (), "Ann cheated"), 2, [DrawAgreed()]),
        (by(EndedBy.RULES, 1), 2, [Resigned(seat=0)]),
        (by(EndedBy.FRAME_LIMIT), 2, [DrawAgreed()]),
        (by(EndedBy.CONNECTION_LOST), 2, [DrawAgreed(), Resigned(seat=0)]),
        (by(EndedBy.FAULT), 2, [Resigned(seat=0), Claimed(seat=0)]),
    ],
)
def test_ends_that_do_not_follow(outcome: Outcome, players: int, bodies: list[DecisionBody]) -> None:
    assert not justified(outcome, players, bodies)


# --- several hosts


def numbers(*epochs: tuple[int, int]) -> list[tuple[int, int]]:
    return [(epoch, index) for epoch, entries in epochs for index in range(1, entries + 1)]


@pytest.mark.parametrize(
    ("ours", "theirs", "shared"),
    [
        ((), (), 0),
        (((1, 3),), (), 0),
        (((1, 3),), ((1, 3),), 3),
        (((1, 3),), ((1, 5),), 3),
        (((1, 5),), ((1, 3),), 3),
        (((1, 5),), ((1, 3), (2, 4)), 3),
        (((1, 3), (2, 1)), ((1, 3), (2, 4)), 4),
        (((1, 3), (2, 4)), ((1, 3), (3, 4)), 3),
        (((2, 4),), ((1, 4),), 0),
        (((1, 4), (2, 2)), ((1, 3), (2, 2)), 3),
    ],
)
def test_what_two_logs_have_in_common(
    ours: tuple[tuple[int, int], ...], theirs: tuple[tuple[int, int], ...], shared: int
) -> None:
    made, other = log(*numbers(*ours)), log(*numbers(*theirs))
    assert (made.epochs, other.epochs) == (ours, theirs)
    assert made.common(theirs) == other.common(ours) == shared
    assert made.entries[:shared] == other.entries[:shared]


def test_a_log_that_is_taken_back_is_the_one_that_it_was() -> None:
    made = log(*numbers((1, 3), (2, 2)))
    for entries in (5, 4, 3, 1, 0):
        made.take_back(entries)
        short = log(*numbers((1, 3), (2, 2))[:entries])
        assert (made.entries, made.decisions, made.chain) == (short.entries, short.decisions, short.chain)
    made.append(entry(1, 1))


def test_a_match_has_so_many_hosts_and_no_more() -> None:
    made = log(*((epoch, 1) for epoch in range(1, EPOCHS_MAX + 1)))
    assert refused(made, entry(EPOCHS_MAX + 1, 1)) == "too_many"
    made.append(entry(EPOCHS_MAX, 2))
