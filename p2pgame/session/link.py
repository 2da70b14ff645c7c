"""One link to one peer, without the socket: frames in, events out, bytes out, time as an argument.

The transport authenticates the other side before a `Link` is created. States of a link:

    HELLO --hello--> OPEN --close, silence, protocol violation--> CLOSED

`Link.RULES` is the table of messages that a link itself handles, by state. Every other message is passed on while the
link is open; `session.message_table` checks its phase and calls its handler.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, ClassVar, NamedTuple, TypeAlias

import msgspec

from p2pgame.core.errors import LocalProtocolError, Param, RemoteProtocolError
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import (
    HEARTBEAT_INTERVAL,
    HELLO_TIMEOUT,
    LINK_QUIET,
    LINK_SILENCE,
    PROTOCOL,
)
from p2pgame.wire.framing import FrameBuffer, frame
from p2pgame.wire.names import safe_text

__all__ = [
    "Link",
    "LinkClosed",
    "LinkEvent",
    "LinkHeard",
    "LinkOpened",
    "LinkQuiet",
    "MessageReceived",
    "MessageTrace",
    "RttMeasured",
    "State",
]

MessageTrace: TypeAlias = Callable[[bool, m.Message], None]
"""``trace(sent, message)``: sees every message of a link, in both directions."""


class State(Enum):
    HELLO = "hello"
    OPEN = "open"
    CLOSED = "closed"


class LinkOpened(msgspec.Struct, frozen=True):
    """The hello of the other side arrived: messages can be sent."""

    hello: m.Hello


class MessageReceived(msgspec.Struct, frozen=True):
    """A message for the layers above."""

    message: m.Message
    size: int
    """Its bytes on the wire."""


class RttMeasured(msgspec.Struct, frozen=True):
    """A heartbeat was answered."""

    rtt: float
    """Smoothed round trip in seconds."""


class LinkClosed(msgspec.Struct, frozen=True):
    """The last event of a link. `code`: see docs/protocol.md. `remote`: the other side closed it."""

    code: str
    params: Mapping[str, Param]
    remote: bool


class LinkQuiet(msgspec.Struct, frozen=True):
    """No data arrived for `LINK_QUIET` seconds despite heartbeats: the link may be dead."""


class LinkHeard(msgspec.Struct, frozen=True):
    """Data arrived again after `LinkQuiet`."""


LinkEvent = LinkOpened | MessageReceived | RttMeasured | LinkQuiet | LinkHeard | LinkClosed

_PARAMS_MAX = 8
_PARAM_LENGTH_MAX = 64
_RTT_GAIN = 0.125  # RFC 6298


class _Rule(NamedTuple):
    """States in which a message is legal, and its handler; None: the message is passed on."""

    states: frozenset[State]
    handle: "Callable[[Link, Any, float], LinkEvent | None] | None"


_OPEN = frozenset({State.OPEN})
_PASSED_ON = _Rule(_OPEN, None)


class Link:
    """Framing, hello and heartbeats of one connection. After every call, send `data_to_send()`.

    How much is read of a peer is the transport's business: `feed` and `next_message` handle one message at a time.
    """

    def __init__(self, hello: m.Hello, now: float, trace: MessageTrace | None = None) -> None:
        self.state = State.HELLO
        self.peer_hello: m.Hello | None = None
        self.rtt: float | None = None
        """Smoothed round trip in seconds."""
        self._trace = trace
        self._buffer = FrameBuffer()
        self._out = bytearray()
        self._heard = now
        self._quiet = False
        self._hello_by = now + HELLO_TIMEOUT
        self._beat_at = now + HEARTBEAT_INTERVAL
        self._beats = 0
        self._beat_sent: float | None = None
        self._write_message(hello)

    @property
    def closed(self) -> bool:
        return self.state is State.CLOSED

    @property
    def waiting(self) -> bool:
        """Whether `next_message` has something to handle."""
        return not self.closed and self._buffer.ready

    def receive_data(self, data: bytes, now: float) -> list[LinkEvent]:
        """Handle received bytes; empty `data` is the end of the stream. Never raises for bad bytes."""
        events = self.feed(data, now)
        while self.waiting:
            events += self.next_message(now)
        return events

    def feed(self, data: bytes, now: float) -> list[LinkEvent]:
        """Take received bytes, as `receive_data`, and leave the messages in them to `next_message`."""
        if self.closed:
            return []
        if not data:
            return [self._end("connection_lost", {}, remote=True)]
        self._heard = now
        events: list[LinkEvent] = [LinkHeard()] if self._quiet else []
        self._quiet = False
        self._buffer.feed(data)
        return events

    def next_message(self, now: float) -> list[LinkEvent]:
        """Handle one message. Never raises for bad bytes."""
        self._heard = now
        try:
            for payload in self._buffer.frames():
                event = self._receive(payload, now)
                return [] if event is None else [event]
        except RemoteProtocolError as error:
            return [self.close(error.code, error.params)]
        return []

    def send(self, message: m.Message) -> None:
        """Queue `message`. Raises `LocalProtocolError` unless the link is open."""
        self.send_payload(message, m.encode_message(message))

    def send_payload(self, message: m.Message, payload: bytes) -> None:
        """Queue `message`, which was encoded as `payload`. Raises `LocalProtocolError` unless the link is open."""
        if self.state is not State.OPEN:
            raise LocalProtocolError("link_not_open", message=type(message).__name__, state=self.state.value)
        self._write(message, payload)

    def close(self, code: str, params: Mapping[str, Param] | None = None) -> LinkClosed:
        """Close the link from this side and send the code to the other."""
        params = params or {}
        if not self.closed:
            self._write_message(m.Close(code=code, params=_wire_params(params)))
        return self._end(code, params, remote=False)

    def data_to_send(self) -> bytes:
        """All bytes queued since the last call."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def next_deadline(self) -> float | None:
        """When `handle_timeout` has something to do."""
        if self.state is not State.OPEN:
            return self._hello_by if self.state is State.HELLO else None
        silent_at = self._heard + (LINK_SILENCE if self._quiet else LINK_QUIET)
        return min(silent_at, self._beat_at)

    def handle_timeout(self, now: float) -> list[LinkEvent]:
        """Send a heartbeat, or close a silent link."""
        if self.state is State.HELLO and now >= self._hello_by:
            return [self.close("hello_timeout")]
        if self.state is not State.OPEN:
            return []
        if now >= self._heard + LINK_SILENCE:
            return [self.close("silent", {"seconds": round(LINK_SILENCE)})]
        if now >= self._beat_at:
            self._beats = (self._beats + 1) & 0xFFFFFFFF
            self._beat_sent = now
            self._beat_at = now + HEARTBEAT_INTERVAL
            self._write_message(m.Heartbeat(nonce=self._beats))
        if not self._quiet and now >= self._heard + LINK_QUIET:
            self._quiet = True
            return [LinkQuiet()]
        return []

    def _receive(self, payload: bytes, now: float) -> LinkEvent | None:
        message = m.decode_message(payload)
        if self._trace is not None:
            self._trace(False, message)
        rule = self.RULES.get(type(message), _PASSED_ON)
        if self.state not in rule.states:
            kind = str(message.__struct_config__.tag)
            raise RemoteProtocolError(
                "unexpected_message", message=kind, scope="link", phase=self.state.value
            )
        if rule.handle is None:
            return MessageReceived(message, len(payload))
        return rule.handle(self, message, now)

    def _on_hello(self, hello: m.Hello, now: float) -> LinkEvent:
        if hello.protocol != PROTOCOL:
            return self.close("wrong_version", {"protocol": hello.protocol, "expected": PROTOCOL})
        self.state = State.OPEN
        self.peer_hello = hello
        self._beat_at = now  # measure the round trip before the first move
        return LinkOpened(hello)

    def _on_close(self, message: m.Close, now: float) -> LinkEvent:
        del now
        return self._end(message.code, _safe(message.params), remote=True)

    def _on_heartbeat(self, message: m.Heartbeat, now: float) -> None:
        del now
        self._write_message(m.HeartbeatAck(nonce=message.nonce))

    def _on_heartbeat_ack(self, message: m.HeartbeatAck, now: float) -> LinkEvent | None:
        if message.nonce != self._beats or self._beat_sent is None:
            return None
        sample = now - self._beat_sent
        self.rtt = sample if self.rtt is None else self.rtt + _RTT_GAIN * (sample - self.rtt)
        self._beat_sent = None
        return RttMeasured(self.rtt)

    def _write_message(self, message: m.Message) -> None:
        self._write(message, m.encode_message(message))

    def _write(self, message: m.Message, payload: bytes) -> None:
        if self._trace is not None:
            self._trace(True, message)
        self._out += frame(payload)

    def _end(self, code: str, params: Mapping[str, Param], *, remote: bool) -> LinkClosed:
        self.state = State.CLOSED
        return LinkClosed(code=code, params=params, remote=remote)

    RULES: ClassVar[Mapping[type[m.Message], _Rule]] = {
        m.Hello: _Rule(frozenset({State.HELLO}), _on_hello),
        m.Close: _Rule(frozenset({State.HELLO, State.OPEN}), _on_close),
        m.Heartbeat: _Rule(_OPEN, _on_heartbeat),
        m.HeartbeatAck: _Rule(_OPEN, _on_heartbeat_ack),
    }
    """The messages of the link itself."""


def _wire_params(params: Mapping[str, Param]) -> dict[str, str | int]:
    """`params` within the bounds of a `Close`."""
    facts = list(params.items())[:_PARAMS_MAX]
    return {
        name: value[:_PARAM_LENGTH_MAX] if isinstance(value, str) else round(value) for name, value in facts
    }


def _safe(params: Mapping[str, Param]) -> dict[str, Param]:
    """`params` of another peer, safe to show: each text is one visible line."""
    return {
        name: safe_text(value, _PARAM_LENGTH_MAX) if isinstance(value, str) else value
        for name, value in params.items()
    }
