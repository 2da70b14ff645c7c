"""Names and sentences of others, made safe to draw."""

import unicodedata

from p2pgame.wire.names import NAME_BYTES, NAME_CHARACTERS, safe_name, safe_text
from tests.fuzz.mutate import bent

mutate = bent


def samples() -> list[bytes]:
    names = [
        "Ann",
        "Zoë 王",
        "a\u0301\u0301\u0301b",
        "\u202eevil",
        "ﬃ" * 30,
        "\u200b" * 20,
        "🏳️‍🌈👩‍👩‍👧",
        "\u1100\u1161\u11a8",
        "a \t\n b",
    ]
    return [name.encode() for name in names] + [b"\xed\xa0\x80", "𝔊\u0345\u0e33".encode()]


def fuzz_one(data: bytes) -> None:
    raw = (
        data[:2048].decode("utf-8", "surrogatepass" if data[:1] < b"\x80" else "replace")
        if valid(data)
        else str(data)
    )
    name = safe_name(raw, "Player-ABCD")
    assert 1 <= len(name) <= NAME_CHARACTERS
    assert len(name.encode()) <= NAME_BYTES
    for text, limit in ((name, NAME_CHARACTERS), (safe_text(raw, 200), 200)):
        assert len(text) <= limit
        assert safe_text(text, limit) == text
        assert not {unicodedata.category(c) for c in text} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def valid(data: bytes) -> bool:
    try:
        data[:2048].decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
