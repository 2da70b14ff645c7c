"""A link by hand: bytes in, events and bytes out, and a clock that only moves when told to."""

import msgspec
import pytest

from p2pgame.core.errors import LocalProtocolError
from p2pgame.session.link import (
    Link,
    LinkClosed,
    LinkHeard,
    LinkOpened,
    LinkQuiet,
    MessageReceived,
    RttMeasured,
    State,
)
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import (
    HEARTBEAT_INTERVAL,
    HELLO_TIMEOUT,
    LINK_QUIET,
    LINK_SILENCE,
    PROTOCOL,
)
from p2pgame.wire.framing import FrameBuffer, frame
from tests.unit.wire.samples import HELLO, MATCH, SAMPLES


def raw(*messages: m.Message) -> bytes:
    return b"".join(frame(m.encode_message(message)) for message in messages)


def said(link: Link) -> list[m.Message]:
    buffer = FrameBuffer()
    buffer.feed(link.data_to_send())
    return [m.decode_message(payload) for payload in buffer.frames()]


def opened(now: float = 0.0) -> Link:
    link = Link(HELLO, now)
    assert link.receive_data(raw(HELLO), now) == [LinkOpened(HELLO)]
    assert said(link) == [HELLO]
    return link


def code_of(events: list[object]) -> str:
    assert len(events) == 1
    assert isinstance(events[0], LinkClosed)
    return events[0].code


def test_hello_is_the_first_word_and_opens() -> None:
    link = opened()
    assert link.state is State.OPEN
    assert link.peer_hello == HELLO


def test_nothing_can_be_sent_before_the_other_side_said_hello() -> None:
    link = Link(HELLO, 0.0)
    with pytest.raises(LocalProtocolError) as error:
        link.send(m.DialMe(match=MATCH))
    assert (error.value.code, error.value.params["state"]) == ("link_not_open", "hello")


@pytest.mark.parametrize("protocol", [0, PROTOCOL + 1, 2**32 - 1])
def test_another_version_is_refused_with_both_numbers(protocol: int) -> None:
    link = Link(HELLO, 0.0)
    other = msgspec.structs.replace(HELLO, protocol=protocol)
    (event,) = link.receive_data(raw(other), 0.0)
    assert isinstance(event, LinkClosed)
    assert (event.code, event.remote) == ("wrong_version", False)
    assert event.params == {"protocol": protocol, "expected": PROTOCOL}
    assert said(link) == [HELLO, m.Close(code="wrong_version", params=event.params)]


@pytest.mark.parametrize("message", SAMPLES, ids=lambda s: type(s).__name__)
def test_before_hello_only_hello_and_close(message: m.Message) -> None:
    link = Link(HELLO, 0.0)
    (event,) = link.receive_data(raw(message), 0.0)
    match message:
        case m.Hello():
            assert isinstance(event, LinkOpened)
        case m.Close():
            assert event == LinkClosed(code=message.code, params=message.params, remote=True)
        case _:
            assert code_of([event]) == "unexpected_message"
            assert [type(x) for x in said(link)] == [m.Hello, m.Close]


@pytest.mark.parametrize("message", SAMPLES, ids=lambda s: type(s).__name__)
def test_on_an_open_link_everything_but_hello(message: m.Message) -> None:
    link = opened()
    events = link.receive_data(raw(message), 0.0)
    match message:
        case m.Hello():
            assert code_of(list(events)) == "unexpected_message"
        case m.Close():
            assert code_of(list(events)) == message.code
        case m.Heartbeat(nonce=nonce):
            assert events == []
            assert said(link) == [m.HeartbeatAck(nonce=nonce)]
        case m.HeartbeatAck():
            assert events == []
            assert said(link) == []
        case _:
            assert events == [MessageReceived(message, len(m.encode_message(message)))]


def test_a_closed_link_hears_and_says_nothing_more() -> None:
    link = opened()
    link.receive_data(raw(m.Close(code="bye")), 0.0)
    assert link.state is State.CLOSED
    assert link.receive_data(raw(m.Heartbeat(nonce=1)), 0.0) == []
    assert link.next_deadline() is None
    assert link.handle_timeout(99.0) == []
    assert said(link) == []
    with pytest.raises(LocalProtocolError, match="closed"):
        link.send(m.DialMe(match=MATCH))


def test_nothing_after_a_close_counts() -> None:
    link = opened()
    events = link.receive_data(raw(m.Close(code="bye"), m.DialMe(match=MATCH)), 0.0)
    assert [type(event) for event in events] == [LinkClosed]


def test_the_end_of_the_stream() -> None:
    assert opened().receive_data(b"", 1.0) == [LinkClosed(code="connection_lost", params={}, remote=True)]


def test_closing_tells_why_within_the_bounds_of_the_message() -> None:
    link = opened()
    params = {"name": "x" * 999, "seconds": 2.6} | {f"more_{letter}": 1 for letter in "abcdefghi"}
    assert link.close("too_slow", params) == LinkClosed(code="too_slow", params=params, remote=False)
    (closing,) = said(link)  # decoded: so it is within bounds
    assert isinstance(closing, m.Close)
    assert closing.params["name"] == "x" * 64
    assert closing.params["seconds"] == 3
    assert len(closing.params) == 8


def test_what_the_other_side_says_of_the_end_is_safe_to_show() -> None:
    link = opened()
    closing = m.Close(code="silent", params={"name": "\x1b[2Jgone\r\nleft\u202eright", "seconds": 5})
    (event,) = link.receive_data(raw(closing), 0.0)
    assert isinstance(event, LinkClosed)
    assert event.params == {"name": "[2Jgoneleftright", "seconds": 5}


def test_a_message_that_was_encoded_above_is_not_encoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    link = opened()
    message = m.DialMe(match=MATCH)
    payload = m.encode_message(message)
    monkeypatch.setattr(m, "encode_message", lambda _: pytest.fail("encoded twice"))
    link.send_payload(message, payload)
    assert said(link) == [message]


def test_a_trace_sees_every_message_of_both_directions() -> None:
    seen: list[tuple[bool, m.Message]] = []
    link = Link(HELLO, 0.0, lambda sent, message: seen.append((sent, message)))
    link.receive_data(raw(HELLO, m.Heartbeat(nonce=3)), 0.0)
    link.send(m.DialMe(match=MATCH))
    link.close("bye")
    assert seen == [
        (True, HELLO),
        (False, HELLO),
        (False, m.Heartbeat(nonce=3)),
        (True, m.HeartbeatAck(nonce=3)),
        (True, m.DialMe(match=MATCH)),
        (True, m.Close(code="bye")),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(b"\xc1"), "bad_message"),
        (frame(b""), "bad_message"),
        (b"\xff\xff\xff\xff", "frame_too_large"),
        (b"GET / HTTP/1.1\r\n\r\n", "frame_too_large"),
    ],
)
def test_bytes_that_mean_nothing_close_the_link_with_a_code(data: bytes, code: str) -> None:
    for link in (Link(HELLO, 0.0), opened()):
        assert code_of(list(link.receive_data(data, 0.0))) == code
        closing = said(link)[-1]
        assert isinstance(closing, m.Close)
        assert closing.code == code


def test_hello_must_come_in_time() -> None:
    link = Link(HELLO, 10.0)
    assert link.next_deadline() == 10.0 + HELLO_TIMEOUT
    assert link.handle_timeout(10.0 + HELLO_TIMEOUT - 0.01) == []
    link.receive_data(b"\0", 10.0 + HELLO_TIMEOUT - 0.01)  # a trickle does not help
    assert code_of(list(link.handle_timeout(10.0 + HELLO_TIMEOUT))) == "hello_timeout"


def test_the_round_trip_is_measured_at_once_and_then_smoothed() -> None:
    link = opened(5.0)
    assert link.next_deadline() == 5.0
    link.handle_timeout(5.0)
    (beat,) = said(link)
    assert isinstance(beat, m.Heartbeat)
    (measured,) = link.receive_data(raw(m.HeartbeatAck(nonce=beat.nonce)), 5.08)
    assert isinstance(measured, RttMeasured)
    assert link.rtt == measured.rtt == pytest.approx(0.08)
    assert link.next_deadline() == pytest.approx(5.0 + HEARTBEAT_INTERVAL)
    link.handle_timeout(6.0)
    (beat,) = said(link)
    assert isinstance(beat, m.Heartbeat)
    link.receive_data(raw(m.HeartbeatAck(nonce=beat.nonce)), 6.16)
    assert link.rtt == pytest.approx(0.08 + 0.125 * (0.16 - 0.08))  # RFC 6298: gain 1/8


def test_answers_to_nothing_do_not_change_the_round_trip() -> None:
    link = opened()
    link.handle_timeout(0.0)
    link.receive_data(raw(m.HeartbeatAck(nonce=77)), 0.5)
    assert link.rtt is None
    link.receive_data(raw(m.HeartbeatAck(nonce=1), m.HeartbeatAck(nonce=1)), 1.0)
    assert link.rtt == pytest.approx(1.0)


def test_silence_ends_a_link_and_any_byte_breaks_it() -> None:
    link = opened()
    assert link.handle_timeout(LINK_QUIET - 0.1) == []
    assert link.handle_timeout(LINK_SILENCE - 0.2) == [LinkQuiet()]
    assert link.handle_timeout(LINK_SILENCE - 0.1) == []
    assert link.receive_data(raw(m.HeartbeatAck(nonce=9)), LINK_SILENCE - 0.1) == [LinkHeard()]
    assert link.receive_data(raw(m.HeartbeatAck(nonce=9)), LINK_SILENCE - 0.1) == []
    assert link.handle_timeout(LINK_SILENCE + 1) == []
    assert code_of(list(link.handle_timeout(2 * LINK_SILENCE))) == "silent"
    said(link)
    assert link.closed


def test_deadlines_followed_to_the_letter_end_in_silence() -> None:
    link = opened()
    beats = 0
    while (deadline := link.next_deadline()) is not None:
        events = link.handle_timeout(deadline)
        beats += sum(isinstance(message, m.Heartbeat) for message in said(link))
        if events == [LinkQuiet()]:
            assert deadline == LINK_QUIET
        elif events:
            assert code_of(list(events)) == "silent"
            assert deadline == LINK_SILENCE
    assert beats == LINK_SILENCE / HEARTBEAT_INTERVAL


def test_messages_can_be_handled_one_at_a_time() -> None:
    """What waits is no silence of the other side."""
    link = opened()
    assert link.feed(raw(*[m.DialMe(match=MATCH)] * 3)[:-1], 0.0) == []
    for at in (3.0, 6.0):
        assert link.waiting
        assert link.next_message(at) == [MessageReceived(m.DialMe(match=MATCH), 37)]
        assert link.handle_timeout(at) == []
    assert not link.waiting
    assert link.next_message(6.0) == []


def test_nothing_waits_on_a_link_that_is_closed() -> None:
    link = opened()
    link.feed(raw(m.Close(code="left"), m.DialMe(match=MATCH)), 0.0)
    assert code_of(link.next_message(0.0)) == "left"
    assert not link.waiting


def test_two_links_joined_talk_to_each_other() -> None:
    a, b = Link(HELLO, 0.0), Link(HELLO, 0.0)
    for _ in range(3):
        for one, other in ((a, b), (b, a)):
            if data := one.data_to_send():
                other.receive_data(data, 0.0)
        a.handle_timeout(0.0)
    assert a.rtt == 0.0
    a.send(m.DialMe(match=MATCH))
    assert b.receive_data(a.data_to_send(), 0.0) == [MessageReceived(m.DialMe(match=MATCH), 37)]
