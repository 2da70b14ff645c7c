"""What stands in the TXT record of an mDNS service: any strings under any keys."""

from contextlib import suppress

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.beacon import datagram_of_txt, decode, txt_of_datagram
from tests.fuzz.mutate import bent, in_steps, script, steps
from tests.fuzz.targets.lan import beacon_of

mutate = in_steps((bent,))
_KEYS = (b"b0", b"b1", b"", b"b2", b"B0")


def samples() -> list[bytes]:
    parts = list(txt_of_datagram(beacon_of(2)).values())
    return [script(*enumerate(parts)), script((1, parts[0]), (0, parts[0])), script((0, b""), (2, b"x"))]


def fuzz_one(data: bytes) -> None:
    properties = {_KEYS[what % len(_KEYS)]: body if what < 128 else None for what, body in steps(data)}
    datagram = datagram_of_txt(properties)
    with suppress(RemoteProtocolError):
        decode(datagram)
        if len(datagram) <= 392:
            assert datagram_of_txt(txt_of_datagram(datagram)) == datagram
