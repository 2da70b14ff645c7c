"""Every message survives the wire; every bound of every field is held; nothing but `bad_message` comes of the rest."""

from typing import Any

import msgspec
import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import FRAME_MAX
from tests.unit.wire.samples import BAD, HELLO, SAMPLES

REFUSALS = [
    (message, field, value)
    for message in SAMPLES
    for field, values in BAD[type(message)].items()
    for value in values
]


def fields_of(message: m.Message) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.msgpack.decode(m.encode_message(message))
    return fields


def refused(payload: bytes) -> str:
    with pytest.raises(RemoteProtocolError) as error:
        m.decode_message(payload)
    assert str(error.value).isprintable()
    assert len(str(error.value)) <= 200
    return error.value.code


def test_the_samples_are_all_there_is() -> None:
    subclasses = {cls for cls in m.Message.__subclasses__() if not cls.__name__.startswith("_")}
    assert {type(sample) for sample in SAMPLES} == subclasses == set(BAD)


@pytest.mark.parametrize("message", SAMPLES, ids=lambda s: type(s).__name__)
def test_round_trip(message: m.Message) -> None:
    assert m.decode_message(m.encode_message(message)) == message


@pytest.mark.parametrize("message", SAMPLES, ids=lambda s: type(s).__name__)
def test_every_field_that_has_a_bound_is_tested(message: m.Message) -> None:
    assert set(BAD[type(message)]) == set(fields_of(message)) - {"type"}


@pytest.mark.parametrize(
    ("message", "field", "value"),
    REFUSALS,
    ids=lambda v: type(v).__name__ if isinstance(v, m.Message) else None,
)
def test_every_bound_is_held(message: m.Message, field: str, value: Any) -> None:
    assert refused(msgspec.msgpack.encode(fields_of(message) | {field: value})) == "bad_message"


@pytest.mark.parametrize("message", SAMPLES, ids=lambda s: type(s).__name__)
def test_a_missing_field_is_refused_unless_it_has_a_default(message: m.Message) -> None:
    fields = fields_of(message)
    for name in (field.encode_name for field in msgspec.structs.fields(message) if field.required):
        rest = {key: value for key, value in fields.items() if key != name}
        assert refused(msgspec.msgpack.encode(rest)) == "bad_message"


@pytest.mark.parametrize("message", SAMPLES, ids=lambda s: type(s).__name__)
def test_fields_of_later_versions_are_ignored(message: m.Message) -> None:
    later = fields_of(message) | {"colour": [1, {"deep": b"x"}]}
    assert m.decode_message(msgspec.msgpack.encode(later)) == message


def test_a_later_candidate_may_say_more() -> None:
    fields = fields_of(SAMPLES[4])
    fields["candidate"].append("later")
    assert m.decode_message(msgspec.msgpack.encode(fields)) == SAMPLES[4]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xc1",
        b"\x00",
        b"\x80",
        b"\x90",
        msgspec.msgpack.encode({"type": "later"}),
        msgspec.msgpack.encode({"type": "\x1b[31m\u202e"}),
        msgspec.msgpack.encode({"type": 1}),
        msgspec.msgpack.encode({"type": None, "match": "0" * 16}),
        msgspec.msgpack.encode([HELLO]),
        m.encode_message(HELLO)[:-1],
        m.encode_message(HELLO) + b"\0",
        b"\x91" * FRAME_MAX,
        b"\x82\xa4type\xa7request\xa1x" + b"\x91" * 60_000,
        b"\x82\xa4type\xa5close\xa4code\xa2\xff\xfe",
        b"\x81\xa4type\xa2\xff\xfe",
        b"\x81\xa2\xff\xfe\xa4type",
        b"\x81\xa4type\xdb\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xdd\xff\xff\xff\xff",
        b"\xc9\xff\xff\xff\xff\x05",
        b"\xd6\xff\x00\x00\x00\x00",
    ],
    ids=lambda p: p[:24].hex(),
)
def test_what_is_no_message_is_refused_in_one_way(payload: bytes) -> None:
    assert refused(payload) == "bad_message"


def test_nothing_on_the_wire_is_a_sentence() -> None:
    """Codes and parameters: each side makes its own words of them, and makes what it shows safe."""
    for message in SAMPLES:
        assert not {"message", "text", "detail"} & set(fields_of(message))
    said = {"type": "close", "code": "bye", "params": {"name": "\x1b[2J\u202egone"}}
    decoded = m.decode_message(msgspec.msgpack.encode(said))
    assert isinstance(decoded, m.Close)
    assert decoded.params == {"name": "\x1b[2J\u202egone"}, "as it came: it is made safe where it is shown"


def test_a_candidate_is_an_array_of_two() -> None:
    assert fields_of(SAMPLES[4])["candidate"] == [True, True]


def test_every_message_fits_a_frame() -> None:
    hello = m.Hello(
        protocol=2**32 - 1,
        version="v" * 32,
        instance="0" * 16,
        name="\U0001f600" * 64,
        tcp_port=65535,
        games={f"{i:024}": "0" * 16 for i in range(64)},
    )
    assert m.decode_message(m.encode_message(hello)) == hello
    assert len(m.encode_message(hello)) < FRAME_MAX
