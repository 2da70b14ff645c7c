"""The hash that travels."""

import hashlib

from p2pgame.core.digest import digest, short_digest


def test_it_is_sha256_over_length_prefixed_parts() -> None:
    data = b"\0\0\0\x0bp2pgame.abc" + b"\0\0\0\0" + b"\0\0\1\0" + b"x" * 256
    assert digest("abc", b"", b"x" * 256) == hashlib.sha256(data).digest()
    assert short_digest("state", b"\x80").hex() == "df43c21f928d693d00505526e6fb79ce"


def test_label_and_parts_cannot_be_taken_for_each_other() -> None:
    hashes = {
        digest("a", b"bc"),
        digest("ab", b"c"),
        digest("a", b"b", b"c"),
        digest("abc"),
        digest("a", b"bc", b""),
    }
    assert len(hashes) == 5
