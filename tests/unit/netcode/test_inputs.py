"""Bytes to inputs and back: each is decoded once, whatever its encoder, and the memory for it is bounded."""

from collections.abc import Sequence

import pytest

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.snapshot import encode
from p2pgame.games.gomoku.rules import GAME as GOMOKU
from p2pgame.games.gomoku.rules import Move
from p2pgame.netcode.inputs import InputCodec
from tests.toy import TOY, Toy


class Counted(Toy):
    def __init__(self) -> None:
        self.decoded: list[bytes] = []
        self.predicted: list[int] = []

    def decode_input(self, data: bytes) -> int:
        self.decoded.append(data)
        return super().decode_input(data)

    def predict(self, last: int) -> int:
        self.predicted.append(last)
        return super().predict(last)


@pytest.mark.parametrize("move", range(4))
def test_what_goes_in_comes_out(move: int) -> None:
    codec = InputCodec(TOY)
    assert codec.decode(codec.encode(move)) == move


def test_an_input_of_another_encoder_means_the_same() -> None:
    codec = InputCodec(TOY)
    assert codec.decode(b"\xcd\x00\x02") == codec.decode(b"\x02") == 2
    assert codec.values((b"\xcd\x00\x02", None, b"\x02")) == (2, None, 2)


def test_each_is_decoded_once() -> None:
    game = Counted()
    codec = InputCodec(game)
    for _ in range(5):
        assert codec.values((b"\1", b"\2", None, b"\1")) == (1, 2, None, 1)
        assert codec.predict(b"\3") == b"\0"
        assert codec.predict(b"\1") == b"\1"
    assert sorted(game.decoded) == [b"\1", b"\2", b"\3"]
    assert game.predicted == [3, 1]


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\xa1x", b"\x91" * 4096, b"\xa2\xff\xfe", b"\1\1"], ids=repr)
def test_what_is_no_input_is_refused_each_time(data: bytes) -> None:
    codec = InputCodec(TOY)
    for ask in (codec.decode, codec.predict, lambda data: codec.values((data,))):
        with pytest.raises(IllegalMoveError, match="malformed_input"):
            ask(data)


def test_a_prediction_keeps_the_bytes_of_an_input_that_stays() -> None:
    """Another encoder's bytes are repeated as they came, so that a right prediction is seen to be right."""
    codec = InputCodec(TOY)
    assert codec.predict(b"\xcd\x00\x02") == b"\xcd\x00\x02"
    assert codec.predict(b"\xcd\x00\x03") == b"\0"


def test_many_different_inputs_fill_no_memory() -> None:
    codec = InputCodec(GOMOKU)
    inputs: Sequence[bytes] = [encode({"point": point}) for point in range(225)]
    spaces = [b"\x81\xa5point" + b"\xcd" + point.to_bytes(2, "big") for point in range(225)]
    wide = [b"\x81\xa5point" + b"\xce" + point.to_bytes(4, "big") for point in range(225)]
    wider = [b"\x81\xa5point" + b"\xcf" + point.to_bytes(8, "big") for point in range(225)]
    signed = [b"\x81\xa5point" + b"\xd2" + point.to_bytes(4, "big") for point in range(225)]
    for data in (*inputs, *spaces, *wide, *wider, *signed):
        assert isinstance(codec.decode(data), Move)
        codec.predict(data)
    assert len(codec._values) <= 1024
    assert len(codec._predicted) <= 1024


def test_inputs_are_values_that_nobody_can_change() -> None:
    codec = InputCodec(GOMOKU)
    one, other = codec.decode(encode(Move(3))), codec.decode(encode(Move(3)))
    assert one is other
    with pytest.raises(AttributeError):
        one.point = 4
