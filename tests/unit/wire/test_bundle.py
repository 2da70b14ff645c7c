"""Bundles as bytes: what is packed is read, what is bent is refused, and a filter forgets nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.bundle import (
    NO_TOKEN,
    BundleRequest,
    BundleToken,
    KnownFilter,
    Told,
    decode_bundle,
    decode_request,
    decode_token,
    encode_request,
    encode_token,
    pack,
)
from p2pgame.wire.datagram import (
    DATAGRAM_MAX,
    FILTER_MAX,
    FILTER_MIN,
    LENGTHS,
    DatagramType,
    datagram_type,
    header,
)

NONCE = b"12345678"
BEACON = header(DatagramType.BEACON) + bytes(200)
TOLD = Told(BEACON, 3, ("10.0.0.7", "2001:db8::1"))

addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
tellings = st.builds(
    Told,
    st.integers(65, 400).map(lambda size: header(DatagramType.BEACON) + bytes(size)),
    st.integers(0, 65_535),
    st.lists(addresses, max_size=2).map(tuple),
)


@given(st.lists(tellings, max_size=40), st.integers(1, 32))
def test_what_is_packed_is_read_again(told: list[Told], most: int) -> None:
    datagrams = pack(NONCE, told, most)
    assert 1 <= len(datagrams) <= most
    read: list[Told] = []
    remaining = set()
    for number, data in enumerate(datagrams):
        assert len(data) <= DATAGRAM_MAX
        assert datagram_type(data) == DatagramType.BUNDLE
        bundle = decode_bundle(data)
        assert (bundle.nonce, bundle.number, bundle.count) == (NONCE, number, len(datagrams))
        read += bundle.told
        remaining.add(bundle.remaining)
    assert remaining == {len(told) - len(read)}
    assert all(each in told for each in read)


def test_a_beacon_that_fits_into_no_bundle_is_left_out() -> None:
    large = Told(header(DatagramType.BEACON) + bytes(1190), 0, ("10.0.0.1",))
    (only,) = pack(NONCE, [large, TOLD], 4)
    bundle = decode_bundle(only)
    assert bundle.told == (TOLD,)
    assert bundle.remaining == 0


@given(st.data())
def test_whatever_is_done_to_a_bundle_it_is_read_or_refused(data: st.DataObject) -> None:
    (good,) = pack(NONCE, [TOLD, TOLD], 1)
    bent = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        bent[data.draw(st.integers(6, len(bent) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(bent[: data.draw(st.integers(18, len(bent)))])
    try:
        bundle = decode_bundle(cut)
    except RemoteProtocolError:
        return
    assert sum(len(each.beacon) for each in bundle.told) <= len(cut)
    assert all(datagram_type(each.beacon) == DatagramType.BEACON for each in bundle.told)


@pytest.mark.parametrize(
    "tail",
    [
        b"\0",
        b"\0\3\3",
        b"\0\3\1\5" + bytes(5),
        b"\0\3\1\4\1\2",
        b"\0\3\0\xff\xff" + BEACON,
        b"\0\3\0\0\1x",
        b"\0\3\0\0\x10" + bytes(16),
    ],
)
def test_what_is_no_list_of_beacons_is_refused(tail: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_bundle(header(DatagramType.BUNDLE) + NONCE + b"\0\1\0\0" + tail)


def test_a_number_beyond_the_count_is_refused() -> None:
    with pytest.raises(RemoteProtocolError):
        decode_bundle(header(DatagramType.BUNDLE) + NONCE + b"\1\1\0\0")


def test_a_request_without_a_token_is_as_long_as_the_token_that_answers_it() -> None:
    request = encode_request(BundleRequest(NONCE, NO_TOKEN, b""))
    token = encode_token(BundleToken(NONCE, b"t" * 16))
    assert len(request) == len(token)
    assert decode_request(request) == BundleRequest(NONCE, NO_TOKEN, b"")
    assert decode_token(token) == BundleToken(NONCE, b"t" * 16)


@given(st.sets(st.binary(min_size=32, max_size=32), max_size=60), st.binary(min_size=8, max_size=8))
def test_a_filter_names_all_that_it_was_made_of(keys: set[bytes], nonce: bytes) -> None:
    made = KnownFilter.of(nonce, sorted(keys))
    read = KnownFilter(nonce, made.data)
    assert all(key in read for key in keys)
    assert len(made.data) == max(FILTER_MIN, 2 * len(keys))


def test_the_filter_of_who_knows_nobody_yet_keeps_nobody_from_being_told() -> None:
    others = [number.to_bytes(32, "big") for number in range(5000)]
    wrong = 0
    for number in range(100):
        made = KnownFilter.of(number.to_bytes(8, "big"), [b"\xff" * 32])
        wrong += sum(key in made for key in others[50 * number : 50 * number + 50])
    assert wrong == 0


def test_a_filter_of_a_whole_list_fits_and_names_few_too_many() -> None:
    known = [number.to_bytes(32, "big") for number in range(1025)]
    made = KnownFilter.of(NONCE, known)
    assert len(made.data) == FILTER_MAX
    others = [number.to_bytes(32, "big") for number in range(5000, 9000)]
    assert 0 < sum(key in made for key in others) < 0.04 * len(others)
    request = encode_request(BundleRequest(NONCE, bytes(16), made.data))
    assert len(request) in LENGTHS[header(DatagramType.BUNDLE_REQUEST)]
    assert not any(key in KnownFilter.of(NONCE, []) for key in others)
