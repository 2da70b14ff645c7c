"""Datagrams of discovery: form, size, signatures."""

import msgspec
import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.beacon import (
    DATAGRAM_MAX,
    HEADER,
    TXT_BEACON_MAX,
    Beacon,
    Challenge,
    Datagram,
    DialRequest,
    Flag,
    Ping,
    Pong,
    Probe,
    Proof,
    RoomLine,
    SignedBeacon,
    avatar_flags,
    datagram_key,
    datagram_of_txt,
    datagram_type,
    decode,
    encode_beacon,
    encode_challenge,
    encode_dial_request,
    encode_ping,
    encode_pong,
    encode_probe,
    encode_proof,
    later_seq,
    txt_of_datagram,
)
from tests.signers import Signer

SIGNER = Signer(1)


def beacon(**changes: object) -> Beacon:
    return msgspec.structs.replace(
        Beacon(
            public_key=SIGNER.public_key,
            exchange_key=SIGNER.exchange.public_key,
            instance=b"instance",
            seq=7,
            protocol=1,
            version="0.1.0",
            name="Ann",
            tcp_port=41421,
            udp_port=41421,
            flags=0,
            playing="",
            games={"gomoku": b"\x11" * 8},
            ttl_ms=7000,
        ),
        **changes,
    )


def signed(data: bytes) -> SignedBeacon:
    message = decode(data)
    assert isinstance(message, SignedBeacon)
    return message


def test_a_beacon_comes_back_as_it_was_and_verifies() -> None:
    data = encode_beacon(beacon(), SIGNER)
    assert signed(data).body == beacon()
    assert signed(data).verify()
    assert len(data) < 256


@pytest.mark.parametrize(
    "message",
    [Ping(b"12345678", b"abcdefgh"), Pong(b"12345678", b"abcdefgh"), Challenge(b"0123456789abcdef")],
    ids=lambda message: type(message).__name__,
)
def test_small_datagrams_come_back_and_all_have_22_bytes(message: Datagram) -> None:
    match message:
        case Ping():
            data = encode_ping(message)
        case Pong():
            data = encode_pong(message)
        case Challenge():
            data = encode_challenge(message)
    assert decode(data) == message
    assert len(data) == 22


def test_probes_and_proofs_come_back_and_a_proof_is_smaller() -> None:
    probe, proof = Probe(b"k" * 32, 7, b"12345678", b"t" * 16), Proof(b"12345678", b"t" * 16)
    assert decode(encode_probe(probe)) == probe
    assert decode(encode_proof(proof)) == proof
    assert len(encode_proof(proof)) == 30 < len(encode_probe(probe)) == 70


def test_the_key_is_read_without_parsing() -> None:
    call = DialRequest(SIGNER.public_key, "a" * 26, b"12345678", 9, 41421)
    assert datagram_key(encode_dial_request(call, SIGNER)) == SIGNER.public_key
    assert datagram_key(encode_beacon(beacon(), SIGNER)) == SIGNER.public_key
    fields = [*msgspec.structs.astuple(beacon()), *range(9)]
    assert datagram_key(b"p2pg\x01\x01" + msgspec.msgpack.encode(fields)) == SIGNER.public_key
    for junk in (b"", b"p2pg\x01\x01", b"p2pg\x01\x01" + bytes(100)):
        assert len(datagram_key(junk)) <= 32


def test_a_beacon_whose_key_is_not_where_it_is_looked_for_is_none() -> None:
    data = encode_beacon(beacon(), SIGNER)
    longer = data[:6] + b"\xdd" + (data[6] & 15).to_bytes(4, "big") + data[7:]  # an array of 32 bits
    with pytest.raises(RemoteProtocolError):
        decode(longer)


def test_a_later_beacon_that_says_the_same_is_known_without_parsing() -> None:
    old = encode_beacon(beacon(seq=1_700_000_000_000), SIGNER)
    new = encode_beacon(beacon(seq=1_700_000_000_001), SIGNER)
    assert later_seq(old, new) == 1_700_000_000_001
    assert later_seq(new, old) == 1_700_000_000_000
    at = old.index((1_700_000_000_000).to_bytes(8, "big"))
    for place in (*range(at), *range(at + 8, len(new) - 64)):
        assert later_seq(old, new[:place] + bytes([new[place] ^ 1]) + new[place + 1 :]) is None
    assert later_seq(old, new[:at] + b"\xff" * 8 + new[at + 8 :]) is None
    assert later_seq(old, new + b"0") is None
    small = encode_beacon(beacon(seq=7), SIGNER)
    assert later_seq(small, small) is None  # not as a program with a clock writes it


def test_a_call_verifies_and_cannot_be_taken_for_a_beacon() -> None:
    call = DialRequest(SIGNER.public_key, "a" * 26, b"12345678", 9, 41421)
    message = signed(encode_dial_request(call, SIGNER))
    assert message.body == call
    assert message.verify()
    other = SignedBeacon(
        message.body, message.message.replace(b"dial request", b"beacon", 1), message.signature
    )
    assert not other.verify()


def test_every_changed_bit_breaks_form_or_signature() -> None:
    data = encode_beacon(beacon(), SIGNER)
    for index in range(len(data)):
        changed = bytearray(data)
        changed[index] ^= 1 << (index % 8)
        try:
            message = decode(bytes(changed))
        except RemoteProtocolError:
            continue
        assert isinstance(message, SignedBeacon)
        assert not message.verify(), f"byte {index}"


def test_every_truncation_is_refused() -> None:
    data = encode_beacon(beacon(), SIGNER)
    for length in range(len(data)):
        try:
            message = decode(data[:length])
        except RemoteProtocolError:
            continue
        assert isinstance(message, SignedBeacon)
        assert not message.verify()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ping\n",
        b"p2pg",
        b"p2pg\x02\x01" + bytes(100),
        b"p2pg\x01\x09" + bytes(16),
        b"p2pg\x01\x02" + bytes(15),
        b"p2pg\x01\x02" + bytes(17),
        b"p2pg\x01\x05" + bytes(17),
        b"p2pg\x01\x06" + bytes(63),
        b"p2pg\x01\x07" + bytes(25),
        b"p2pg\x01\x01" + b"\x91" * 1100,
        b"p2pg\x01\x01" + b"\xdd\xff\xff\xff\xff" + bytes(64),
        b"p2pg\x01\x01" + b"\xc6\xff\xff\xff\xff" + bytes(64),
        b"p2pg\x01\x01" + bytes(DATAGRAM_MAX),
    ],
)
def test_what_is_no_datagram_of_ours_raises_the_one_error(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        decode(data)
    assert caught.value.code == "bad_datagram"


@pytest.mark.parametrize(
    "changes",
    [
        {"public_key": b"short"},
        {"exchange_key": b"short"},
        {"instance": b"123456789"},
        {"seq": -1},
        {"tcp_port": 0},
        {"udp_port": 65536},
        {"name": "x" * 65},
        {"version": "x" * 33},
        {"playing": "Gomoku!"},
        {"playing": "gomoku\n"},
        {"games": {"Bad Name": b"\x11" * 8}},
        {"games": {"gomoku": b"\x11" * 7}},
        {"ttl_ms": 999},
        {"ttl_ms": 600_001},
        {"token": b"x" * 17},
    ],
)
def test_a_field_out_of_bounds_is_refused_though_well_signed(changes: dict[str, object]) -> None:
    data = encode_beacon(beacon(**changes), SIGNER)
    with pytest.raises(RemoteProtocolError):
        decode(data)


def test_a_later_protocol_with_more_fields_still_parses() -> None:
    fields = [*msgspec.structs.astuple(beacon(protocol=9)), "new", {"more": [1, 2]}]
    head = b"p2pg\x01\x01" + msgspec.msgpack.encode(fields)
    data = head + SIGNER.sign(b"p2pgame beacon 1\0" + head)
    message = signed(data)
    assert message.verify()
    assert isinstance(message.body, Beacon)
    assert message.body.protocol == 9


def test_games_that_do_not_fit_are_left_out_and_that_is_said() -> None:
    games = {f"a-rather-long-game-{i:02}": bytes([i]) * 8 for i in range(60)}
    for limit in (DATAGRAM_MAX, TXT_BEACON_MAX):
        data = encode_beacon(
            beacon(games=games, playing="a-rather-long-game-59", name="中" * 21), SIGNER, limit
        )
        assert len(data) <= limit
        body = signed(data).body
        assert isinstance(body, Beacon)
        assert body.has(Flag.PARTIAL)
        assert "a-rather-long-game-59" in body.games


def test_a_txt_record_carries_the_beacon_in_at_most_400_bytes() -> None:
    games = {f"game-{i:02}": bytes([i]) * 8 for i in range(32)}
    data = encode_beacon(beacon(games=games), SIGNER, TXT_BEACON_MAX)
    strings = txt_of_datagram(data)
    assert all(len(key) + 1 + len(value) <= 255 for key, value in strings.items())
    assert sum(1 + len(key) + 1 + len(value) for key, value in strings.items()) <= 400
    assert datagram_of_txt({**strings, b"other": None}) == data
    assert datagram_of_txt({}) == b""
    with pytest.raises(ValueError, match="too long"):
        txt_of_datagram(bytes(TXT_BEACON_MAX + 1))


def test_the_first_look_knows_types_and_lengths() -> None:
    assert datagram_type(encode_ping(Ping(bytes(8), bytes(8)))) == 2
    assert datagram_type(encode_beacon(beacon(), SIGNER)) == 1
    for junk in (b"p2pg\x01\x10rest", b"p2pg\x02\x02" + bytes(16), b"p2pg\x01\x02" + bytes(15), b"ping", b""):
        assert datagram_type(junk) is None


ROOM = RoomLine(b"r" * 8, "tron", 8, 3, running=True, locked=False)


def decoded(data: bytes) -> Beacon:
    body = signed(data).body
    assert isinstance(body, Beacon)
    return body


def test_a_beacon_without_a_room_ends_before_it() -> None:
    with_room, without = (encode_beacon(beacon(room=room), SIGNER) for room in (ROOM, None))
    assert len(with_room) > len(without)
    assert decoded(without).room is None
    assert decoded(with_room).room == ROOM


def test_where_there_is_no_place_games_give_way_before_the_room_and_the_room_before_the_name() -> None:
    games = {f"game-{number}": b"d" * 8 for number in range(20)}
    small = decoded(encode_beacon(beacon(games=games, room=ROOM), SIGNER, TXT_BEACON_MAX))
    assert small.room == ROOM
    assert 0 < len(small.games) < 20
    least = len(encode_beacon(beacon(games={}), SIGNER))
    least_of_all = decoded(encode_beacon(beacon(games=games, room=ROOM), SIGNER, least))
    assert (least_of_all.room, least_of_all.games) == (None, {})


@pytest.mark.parametrize(
    "room",
    [
        ["r" * 8, "tron", 8, 3, True, False],
        [b"r" * 7, "tron", 8, 3, True, False],
        [b"r" * 8, "TRON", 8, 3, True, False],
        [b"r" * 8, "tron", 9, 3, True, False],
        [b"r" * 8, "tron", 0, 3, True, False],
        [b"r" * 8, "tron", 8, -1, True, False],
        [b"r" * 8, "tron", 8, 3, 1, False],
        [b"r" * 8, "tron", 8],
        {},
    ],
)
def test_a_room_line_out_of_its_bounds_makes_it_no_beacon(room: object) -> None:
    fields = [*msgspec.structs.astuple(beacon())[:-1], room]
    data = HEADER + bytes([1]) + msgspec.msgpack.encode(fields) + b"s" * 64
    with pytest.raises(RemoteProtocolError):
        decode(data)


@pytest.mark.parametrize("avatar", [None, 0, 1, 63])
def test_an_avatar_rides_in_the_flags(avatar: int | None) -> None:
    flags = Flag.BUSY | avatar_flags(avatar)
    body = signed(encode_beacon(beacon(flags=flags), SIGNER)).body
    assert body.avatar == avatar
    assert body.has(Flag.BUSY)
    assert not body.has(Flag.GOODBYE)


@pytest.mark.parametrize("flags", [0, (1 << 32) - 1, 0x7F40])
def test_no_flags_give_an_avatar_that_there_is_not(flags: int) -> None:
    assert beacon(flags=flags).avatar in (None, *range(64))
