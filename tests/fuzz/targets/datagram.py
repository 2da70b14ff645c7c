"""A sealed datagram and the path of a match: forged, cut, replayed and in any order, each genuine one counts once."""

from functools import cache

from p2pgame.session.match.channel import Channel
from p2pgame.wire.sealed import Opener, Sealer
from tests.fuzz.mutate import bent, in_steps, script, steps

mutate = in_steps((bent,))
_KEYS = (b"a" * 16, b"b" * 16)
_HOME, _ELSEWHERE = ("10.0.0.2", 41421), ("10.0.0.66", 9)


@cache
def genuine() -> dict[bytes, bytes]:
    """A few datagrams of the other side, and what is in them."""
    sealer = Sealer(_KEYS[1])
    payloads = [b"", b"one", *(b"%d" % number * 9 for number in range(250))]
    return {sealer.seal(payload): payload for payload in payloads}


def samples() -> list[bytes]:
    some = list(genuine())
    return [
        script(*((0, datagram) for datagram in some[:6])),
        script(
            (0, some[200]), (1, some[1]), (1, some[200]), (0, some[100]), (2, b"\x05\x10"), (3, b"x" * 20)
        ),
        script((3, b"p"), (2, b"\x01\x00"), (2, b"\x01\xff"), (64, b"p"), (0, some[3]), (2, b"\x02\x01")),
    ]


def fuzz_one(data: bytes) -> None:
    now = since = 0.0
    channel = Channel(_KEYS[0], _KEYS[1], _HOME, now, 0.01, b"secret")
    opener = Opener(_KEYS[1])
    heard: list[bytes] = []
    for what, body in steps(data)[:64]:
        now += (what >> 2) / 64
        source = _ELSEWHERE if what & 1 else _HOME
        match what & 3:
            case 0 | 1:
                before = channel.address
                packet = channel.receive_datagram(body, source, now)
                newest = opener.newest
                opened = opener.open(body, 128 + int((now - since) * 1000))
                since = now if opener.newest > newest else since
                assert (packet is None) == (opened is None)
                if packet is None:
                    assert channel.address == before, "a forged datagram moves nothing"
                else:
                    assert genuine()[body] == packet
                    assert body not in heard, "replayed"
                    heard.append(body)
            case 2:
                channel.acknowledge((body[0], body[1]) if len(body) > 1 else None, now)
            case _:
                channel.send(body[:1000], now)
        sent, channel.datagrams = channel.datagrams, []
        for _, to in sent:
            assert to in (_HOME, _ELSEWHERE)
        channel.packets_to_send()
        assert 0 <= channel.loss <= 1
        assert channel.rtt >= 0
    assert channel.received_packets == len(heard)
