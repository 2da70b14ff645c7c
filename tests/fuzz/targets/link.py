"""What comes out of TLS, cut anyhow, with time passing: one end at most, and answers no larger than what came."""

from p2pgame.session.link import Link, LinkClosed, LinkOpened
from p2pgame.wire.framing import frame
from p2pgame.wire.messages import encode_message
from tests.fuzz.mutate import in_msgpack, in_steps, script, steps
from tests.unit.wire.samples import HELLO, SAMPLES

mutate = in_steps((in_msgpack(head=4),))
_OTHER = b"".join(frame(encode_message(sample)) for sample in SAMPLES[1:3])


def samples() -> list[bytes]:
    hello = frame(encode_message(HELLO))
    return [
        script((0, hello), *((1, frame(encode_message(sample))) for sample in SAMPLES[1:])),
        script((0, hello[:9]), (40, hello[9:]), (200, _OTHER), (255, b"")),
        script((0, hello), (0, _OTHER * 300)),
        script((0, hello), (16, _OTHER), (16, b""), (255, b"")),
    ]


def fuzz_one(data: bytes) -> None:
    now, came, said, ended, opened = 0.0, 0, 0, 0, 0
    link = Link(HELLO, now)
    greeting = len(link.data_to_send())
    for what, body in steps(data)[:64]:
        now += what / 64
        came += len(body)
        events = [*link.handle_timeout(now), *(link.receive_data(body, now) if body else [])]
        said += len(link.data_to_send())
        opened += sum(isinstance(event, LinkOpened) for event in events)
        ended += sum(isinstance(event, LinkClosed) for event in events)
        assert link.closed == bool(ended)
        assert not ended or (link.next_deadline() is None)
    assert ended <= 1
    assert opened <= 1
    # heartbeats, their answers (27 bytes to 24), and a close with at most 200 characters
    assert said <= 2 * came + 800 + 40 * 64, f"{came} bytes came, {said} went, greeting {greeting}"
