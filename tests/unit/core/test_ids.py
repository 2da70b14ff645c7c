"""Peer ids and tags."""

import base64
import hashlib

import pytest

from p2pgame.core.ids import PEER_ID_LENGTH, is_peer_id, long_tag_of, peer_id_of, tag_of, tags_of

RFC8032_TEST_1 = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def test_a_peer_id_is_the_start_of_the_key_hash_in_base32() -> None:
    peer = peer_id_of(RFC8032_TEST_1)
    assert len(peer) == PEER_ID_LENGTH
    assert is_peer_id(peer)
    padded = base64.b32decode(peer.upper() + "======")
    assert padded == hashlib.sha256(RFC8032_TEST_1).digest()[:16]
    assert peer_id_of(bytes(32)) != peer


@pytest.mark.parametrize("length", [0, 31, 33])
def test_other_keys_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        peer_id_of(bytes(length))


@pytest.mark.parametrize(
    "text", ["", "a" * 25, "a" * 27, "A" * 26, "a" * 25 + "1", "a" * 25 + "\n", "a" * 26 + "\n", "ä" * 26]
)
def test_what_has_not_the_form_of_an_id(text: str) -> None:
    assert not is_peer_id(text)


def test_the_tag_is_short_and_upper_case() -> None:
    assert tag_of("7f3kabcdefghijklmnopqrstuv") == "7F3K"


def test_the_long_tag_is_one_that_is_not_found_in_a_minute() -> None:
    assert long_tag_of("7f3kabcdefghijklmnopqrstuv") == "7F3K-ABCD"


def test_no_two_of_a_list_have_one_tag() -> None:
    a, b, c, d = ("aaaabbbb" + "c" * 18, "aaaabbbb" + "c" * 17 + "d", "aaaacccc" + "d" * 18, "b" * 26)
    tags = tags_of([a, b, c, d, a])
    assert tags[d] == "BBBB"
    assert tags[c] == "AAAA-CCCC"
    assert (tags[a], tags[b]) == ("AAAA-BBBB-CCCC-CCCC-CCCC-CCCC-CC", "AAAA-BBBB-CCCC-CCCC-CCCC-CCCC-CD")
    assert tags_of([]) == {}
