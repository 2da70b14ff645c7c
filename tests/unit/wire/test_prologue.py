"""The clear bytes before TLS."""

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.bounds import PROLOGUE_CERTIFICATE_MAX
from p2pgame.wire.prologue import HEADER_SIZE, TEXT_ANSWER, certificate_length, prologue


@pytest.mark.parametrize("size", [1, 300, PROLOGUE_CERTIFICATE_MAX])
def test_round_trip(size: int) -> None:
    data = prologue(b"c" * size)
    assert certificate_length(data[:HEADER_SIZE]) == size
    assert data[HEADER_SIZE:] == b"c" * size


@pytest.mark.parametrize("size", [0, PROLOGUE_CERTIFICATE_MAX + 1])
def test_we_never_send_what_the_other_side_must_refuse(size: int) -> None:
    with pytest.raises(ValueError, match="certificate"):
        prologue(bytes(size))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b"GET / H", "not_p2pgame"),
        (b"\x16\x03\x01\x02\x00\x01\x00", "not_p2pgame"),  # a TLS ClientHello
        (b"P2PG\x01\x01\x00", "not_p2pgame"),
        (b"p2pg\x00\x01\x00", "wrong_version"),
        (b"p2pg\x02\x01\x00", "wrong_version"),
        (b"p2pg\x01\x00\x00", "bad_prologue"),
        (b"p2pg\x01\x10\x01", "bad_prologue"),
        (b"p2pg\x01\xff\xff", "bad_prologue"),
    ],
)
def test_refusals(header: bytes, code: str) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        certificate_length(header)
    assert refused.value.code == code


def test_the_answer_for_people_is_one_plain_line() -> None:
    text = TEXT_ANSWER.decode("ascii")
    assert text.endswith("\r\n")
    assert text.count("\n") == 1
    assert text.strip().isprintable()
    assert "p2pgame" in text
