"""The hash that travels."""

import hashlib

from p2pgame.core.digest import labelled_hash


def test_it_is_sha256_over_length_prefixed_parts() -> None:
    data = b"\0\0\0\3abc" + b"\0\0\0\0" + b"\0\0\1\0" + b"x" * 256
    assert labelled_hash(b"abc", b"", b"x" * 256, size=16) == hashlib.sha256(data).digest()[:16]
    assert labelled_hash(b"p2pgame.state", b"\x80", size=16).hex() == "df43c21f928d693d00505526e6fb79ce"


def test_label_and_parts_cannot_be_taken_for_each_other() -> None:
    hashes = {
        labelled_hash(*parts, size=16)
        for parts in ((b"a", b"bc"), (b"ab", b"c"), (b"a", b"b", b"c"), (b"abc",), (b"a", b"bc", b""))
    }
    assert len(hashes) == 5
