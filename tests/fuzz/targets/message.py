"""One message."""

from contextlib import suppress

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.messages import decode_message, encode_message
from tests.fuzz.mutate import in_msgpack
from tests.unit.wire.samples import SAMPLES

mutate = in_msgpack()


def samples() -> list[bytes]:
    return [encode_message(sample) for sample in SAMPLES]


def fuzz_one(data: bytes) -> None:
    with suppress(RemoteProtocolError):
        message = decode_message(data)
        again = encode_message(message)
        assert encode_message(decode_message(again)) == again
