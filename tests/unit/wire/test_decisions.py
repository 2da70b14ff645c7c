"""Entries of the log of decisions: what goes in comes out, byte by byte as the page says, and nothing else gets in."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.wire import decisions as d
from p2pgame.wire.decisions import DECISION_MAX, Decision, decode_decision, encode_decision

BODIES: list[d.DecisionBody] = [
    d.Resigned(seat=0),
    d.Resigned(seat=7),
    d.DrawAgreed(),
    d.Claimed(seat=1),
    d.Ended(outcome=Outcome.by(EndedBy.RESIGNED, (1, 2))),
    d.Ended(outcome=Outcome.by(EndedBy.FAULT, reason="rules failed")),
    d.Paused(reason="connection", milliseconds=2**32 - 1),
    d.Dropped(seat=3, reason="lost"),
    d.Seated(seat=7, peer="a" * 26),
    d.HostIs(peer="b" * 26, votes=()),
    d.HostIs(peer="b" * 26, votes=(d.HostVote(b"k" * 32, b"s" * 64),) * 8),
    d.Timed(seat=1, milliseconds=2**32 - 1),
    d.TimeAdded(seat=0, milliseconds=15_000),
    d.Flagged(seat=7, milliseconds=0),
    d.Adjourned(thought=(0, 2**32 - 1)),
]
_NO_PEER: list[Any] = ["", "a" * 25, "a" * 27, "A" * 26, "1" * 26, "a" * 26 + "\n", 1, None]
BAD: dict[type[d.DecisionBody], dict[str, list[Any]]] = {
    d.Resigned: {"seat": [-1, 8, 1.5, "1", None, True]},
    d.DrawAgreed: {},
    d.Claimed: {"seat": [-1, 8, 1.5, "1", None, True]},
    d.Ended: {
        "outcome": [
            {},
            [],
            None,
            {"winners": [0]},
            {"winners": ["x"], "reason": ""},
            {"winners": [0], "reason": 1},
            {"winners": [0], "reason": "x", "ended_by": "magic"},
            {"winners": [0], "reason": "x", "ended_by": None},
        ]
    },
    d.Paused: {
        "reason": ["", "No Code", "x" * 33, "x\n", 1, None],
        "milliseconds": [-1, 2**32, 1.5, "1", None],
    },
    d.Dropped: {"seat": [-1, 8, 1.5, "1", None, True], "reason": ["", "No Code", "x" * 33, "x\n", 1, None]},
    d.Seated: {"seat": [-1, 8, 1.5, "1", None, True], "peer": _NO_PEER},
    d.HostIs: {
        "peer": _NO_PEER,
        "votes": [
            None,
            {},
            [[]],
            [[b"k" * 32]],
            [[b"k" * 31, b"s" * 64]],
            [[b"k" * 32, b"s" * 65]],
            [[b"k" * 32, b"s" * 64]] * 9,
        ],
    },
    d.Adjourned: {"thought": [[-1, 0], [2**32, 0], [0] * 9, ["1", 0], 1, None, "x"]},
    **{
        kind: {"seat": [-1, 8, 1.5, "1", None, True], "milliseconds": [-1, 2**32, 1.5, "1", None]}
        for kind in (d.Timed, d.TimeAdded, d.Flagged)
    },
}
"""Values that each field of each kind must refuse."""


def entry(what: d.DecisionBody, epoch: int = 1, index: int = 1, frame: int = 0) -> Decision:
    return Decision(epoch=epoch, index=index, frame=frame, what=what)


def fields_of(what: d.DecisionBody) -> list[Any]:
    fields: list[Any] = msgspec.msgpack.decode(encode_decision(entry(what)))
    return fields


def refused(data: bytes) -> str:
    with pytest.raises(RemoteProtocolError) as caught:
        decode_decision(data)
    assert caught.value.code == "bad_decision"
    return str(caught.value.params["reason"])


def test_every_kind_is_tested() -> None:
    kinds = set(d.DecisionBody.__args__)
    assert {type(what) for what in BODIES} == kinds == set(BAD)
    for what in BODIES:
        assert set(BAD[type(what)]) == set(fields_of(what)[3]) - {"kind"}


@pytest.mark.parametrize("what", BODIES, ids=lambda what: type(what).__name__)
def test_round_trip(what: d.DecisionBody) -> None:
    for decision in (entry(what), entry(what, 2**32 - 1, 2**32 - 1, 2**32 - 1)):
        data = encode_decision(decision)
        assert len(data) <= DECISION_MAX
        assert decode_decision(data) == decision
        assert encode_decision(decode_decision(data)) == data


@pytest.mark.parametrize(
    ("decision", "data"),
    [
        (entry(d.Resigned(seat=1), 1, 2, 300), "940102cd012c82a46b696e64a872657369676e6564a47365617401"),
        (entry(d.DrawAgreed(), 1, 1, 4), "9401010481a46b696e64ab647261775f616772656564"),
        (entry(d.Claimed(seat=0), 2, 1, 9), "9402010982a46b696e64a7636c61696d6564a47365617400"),
        (
            entry(d.Paused(reason="lag", milliseconds=3), 1, 1, 90),
            "9401015a83a6726561736f6ea36c6167ac6d696c6c697365636f6e647303a46b696e64a6706175736564",
        ),
    ],
)
def test_vectors(decision: Decision, data: str) -> None:
    """The bytes of docs/protocol.md; a map may also come in another order, and is kept as it came."""
    assert decode_decision(bytes.fromhex(data)) == decision
    assert msgspec.msgpack.decode(encode_decision(decision)) == msgspec.msgpack.decode(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("what", "field", "value"),
    [(what, f, v) for what in BODIES for f, values in BAD[type(what)].items() for v in values],
    ids=lambda value: type(value).__name__ if isinstance(value, msgspec.Struct) else None,
)
def test_every_bound_of_every_kind(what: d.DecisionBody, field: str, value: Any) -> None:
    fields = fields_of(what)
    fields[3] = fields[3] | {field: value}
    assert refused(msgspec.msgpack.encode(fields)) == "malformed"


@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("value", [-1, 2**32, 1.5, "1", None, True])
def test_every_bound_of_an_entry(at: int, value: Any) -> None:
    fields = fields_of(d.DrawAgreed())
    fields[at] = value
    assert refused(msgspec.msgpack.encode(fields)) == "malformed"


@pytest.mark.parametrize("at", range(2))
def test_epochs_and_indices_begin_with_1(at: int) -> None:
    fields = fields_of(d.DrawAgreed())
    fields[at] = 0
    assert refused(msgspec.msgpack.encode(fields)) == "malformed"


@pytest.mark.parametrize("what", BODIES, ids=lambda what: type(what).__name__)
def test_a_missing_field_is_refused(what: d.DecisionBody) -> None:
    for name in fields_of(what)[3]:
        fields = fields_of(what)
        del fields[3][name]
        assert refused(msgspec.msgpack.encode(fields)) == "malformed"
    for size in range(4):
        assert refused(msgspec.msgpack.encode(fields_of(what)[:size])) == "malformed"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "malformed"),
        (b"\xc1", "malformed"),
        (b"\x90", "malformed"),
        (b"\x80", "malformed"),
        (msgspec.msgpack.encode([1, 1, 0, {"kind": "takeback"}]), "malformed"),
        (msgspec.msgpack.encode([1, 1, 0, {"kind": 1}]), "malformed"),
        (msgspec.msgpack.encode([1, 1, 0, {"kind": "draw_agreed"}, 1]), "malformed"),
        (encode_decision(entry(BODIES[0])) + b"\0", "malformed"),
        (b"\x91" * DECISION_MAX, "malformed"),
        (b"\x94\x01\x01\x00\x81\xa4kind\xa2\xff\xfe", "malformed"),
        (b"\xdd\xff\xff\xff\xff", "malformed"),
        (b"\x91" * (DECISION_MAX + 1), "too_long"),
        (msgspec.msgpack.encode([1, 1, 0, {"kind": "draw_agreed", "more": b"x" * 1000}]), "too_long"),
    ],
    ids=lambda value: value[:20].hex() if isinstance(value, bytes) else None,
)
def test_what_is_no_entry_is_refused_in_one_way(data: bytes, reason: str) -> None:
    assert refused(data) == reason


@given(st.binary(max_size=600))
def test_any_bytes_are_an_entry_or_refused(data: bytes) -> None:
    try:
        decision = decode_decision(data)
    except RemoteProtocolError as error:
        assert error.code == "bad_decision"  # noqa: PT017
    else:
        assert decode_decision(encode_decision(decision)) == decision
