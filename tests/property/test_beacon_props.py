"""Decoders of discovery meet arbitrary bytes, names arbitrary text."""

import unicodedata
from string import ascii_lowercase, digits

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.beacon import Beacon, SignedBeacon, datagram_of_txt, decode, encode_beacon, txt_of_datagram
from p2pgame.wire.names import NAME_BYTES, NAME_CHARACTERS, safe_name
from tests.signers import Signer

SIGNER = Signer(1)
names = st.text(ascii_lowercase + digits + "-", min_size=1, max_size=24)
beacons = st.builds(
    Beacon,
    public_key=st.just(SIGNER.public_key),
    exchange_key=st.just(SIGNER.exchange.public_key),
    instance=st.binary(min_size=8, max_size=8),
    seq=st.integers(0, 2**63 - 1),
    protocol=st.integers(0, 65535),
    version=st.text(st.characters(codec="utf-8"), max_size=32),
    name=st.text(st.characters(codec="utf-8"), max_size=64),
    tcp_port=st.integers(1, 65535),
    udp_port=st.integers(1, 65535),
    flags=st.integers(0, 15),
    playing=st.one_of(st.just(""), names),
    games=st.dictionaries(names, st.binary(min_size=8, max_size=8), max_size=8),
    ttl_ms=st.integers(1000, 600_000),
    token=st.binary(max_size=16),
)


@given(beacons)
def test_every_beacon_comes_back_and_verifies(beacon: Beacon) -> None:
    message = decode(encode_beacon(beacon, SIGNER))
    assert isinstance(message, SignedBeacon)
    assert message.body == beacon
    assert message.verify()


@given(beacons)
def test_a_txt_record_returns_the_datagram(beacon: Beacon) -> None:
    beacon = msgspec.structs.replace(beacon, name=beacon.name[:15], version="1")
    data = encode_beacon(beacon, SIGNER, 392)
    assert datagram_of_txt(dict(txt_of_datagram(data))) == data


@given(st.binary(max_size=1500), st.sampled_from([b"", b"p2pg\x01\x01", b"p2pg\x01\x04", b"p2pg\x01"]))
def test_arbitrary_bytes_decode_or_raise_the_one_error(noise: bytes, prefix: bytes) -> None:
    try:
        message = decode(prefix + noise)
    except RemoteProtocolError:
        return
    assert not isinstance(message, SignedBeacon) or not message.verify()


@given(beacons, st.data())
def test_a_damaged_beacon_never_verifies(beacon: Beacon, data: st.DataObject) -> None:
    good = encode_beacon(beacon, SIGNER)
    at = data.draw(st.integers(0, len(good) - 1))
    bit = data.draw(st.integers(0, 7))
    bad = bytearray(good)
    bad[at] ^= 1 << bit
    try:
        message = decode(bytes(bad))
    except RemoteProtocolError:
        return
    assert not isinstance(message, SignedBeacon) or not message.verify()


@given(
    st.one_of(st.text(max_size=300), st.text(st.characters(categories=["Mn", "Me", "Cf", "Lo", "Zs", "Cs"])))
)
def test_a_safe_name_is_safe_and_stays_so(raw: str) -> None:
    shown = safe_name(raw, "Player-7F3K")
    assert 1 <= len(shown) <= NAME_CHARACTERS
    assert len(shown.encode()) <= NAME_BYTES
    assert shown == shown.strip()
    assert "  " not in shown
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in shown)
    marks = "".join("m" if unicodedata.category(c).startswith("M") else "." for c in shown)
    assert "mmm" not in marks
    assert not marks.startswith("m")
    assert safe_name(shown, "other") == shown
