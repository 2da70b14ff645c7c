"""One link to one peer, without the socket: frames in, events out, bytes out, time as an argument.

The transport below has proven who the other side is before a `Link` is made. The life of a link:

    HELLO --hello--> OPEN --close, silence, a broken rule--> CLOSED

`ALLOWED` is the whole state machine: a message that is not in its state's row is a protocol error. What messages
mean above the link is not known here.
"""

from collections.abc import Mapping
from enum import Enum

import msgspec

from p2pgame.core.errors import LocalProtocolError, RemoteProtocolError
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import (
    HEARTBEAT_INTERVAL,
    HELLO_TIMEOUT,
    LINK_BURST,
    LINK_QUIET,
    LINK_RATE,
    LINK_SILENCE,
    PROTOCOL,
)
from p2pgame.wire.framing import FrameBuffer, frame

__all__ = [
    "Link",
    "LinkClosed",
    "LinkEvent",
    "LinkHeard",
    "LinkOpened",
    "LinkQuiet",
    "MessageReceived",
    "State",
]


class State(Enum):
    HELLO = "hello"
    OPEN = "open"
    CLOSED = "closed"


class LinkOpened(msgspec.Struct, frozen=True):
    """The other side's hello came: what is sent from now on arrives at a peer that means to talk."""

    hello: m.Hello


class MessageReceived(msgspec.Struct, frozen=True):
    """A message for the floors above."""

    message: m.Message


class LinkClosed(msgspec.Struct, frozen=True):
    """The last event of a link. `code` is one of docs/protocol.md; `remote`: the other side ended it."""

    code: str
    message: str
    remote: bool


class LinkQuiet(msgspec.Struct, frozen=True):
    """Nothing was heard for `LINK_QUIET`, though heartbeats went out: the link may be dead."""


class LinkHeard(msgspec.Struct, frozen=True):
    """The first sign of life after `LinkQuiet`."""


LinkEvent = LinkOpened | MessageReceived | LinkQuiet | LinkHeard | LinkClosed

_TALK: frozenset[type] = frozenset(
    {
        m.Heartbeat,
        m.HeartbeatAck,
        m.Close,
        m.Invite,
        m.Accept,
        m.Decline,
        m.Cancel,
        m.Reveal,
        m.DialMe,
        m.Join,
        m.Start,
        m.StreamPacket,
        m.SetDelay,
        m.Input,
        m.StateHash,
        m.Resign,
        m.End,
        m.Resume,
        m.Log,
        m.State,
        m.Differ,
        m.EndSignature,
        m.VerifyCommit,
        m.VerifyNonce,
        m.VerifyReveal,
        m.VerifyResult,
    }
)
ALLOWED: Mapping[State, frozenset[type]] = {
    State.HELLO: frozenset({m.Hello, m.Close}),
    State.OPEN: _TALK,
    State.CLOSED: frozenset(),
}
"""Which messages may arrive in which state."""

_RTT_GAIN = 0.125  # RFC 6298


class Link:
    """A framed, heartbeating conversation. After every call, send `data_to_send()`."""

    def __init__(self, hello: m.Hello, now: float) -> None:
        self.state = State.HELLO
        self.peer_hello: m.Hello | None = None
        self.rtt: float | None = None
        """Smoothed round trip in seconds."""
        self._buffer = FrameBuffer()
        self._out = bytearray()
        self._heard = self._credit_at = now
        self._quiet = False
        self._hello_by = now + HELLO_TIMEOUT
        self._credit = LINK_BURST
        self._beat_at = now + HEARTBEAT_INTERVAL
        self._beats = 0
        self._beat_sent: float | None = None
        self._write(hello)

    @property
    def closed(self) -> bool:
        return self.state is State.CLOSED

    def receive_data(self, data: bytes, now: float) -> list[LinkEvent]:
        """What the bytes mean; empty `data` is the end of the stream. Never raises on bad bytes."""
        if self.closed:
            return []
        if not data:
            return [self._end("connection_lost", "the connection ended", remote=True)]
        self._heard = now
        events: list[LinkEvent] = [LinkHeard()] if self._quiet else []
        self._quiet = False
        try:
            self._buffer.feed(data)
            for payload in self._buffer.frames():
                self._charge(now)
                events += self._receive(m.decode_message(payload), now)
                if events and isinstance(events[-1], LinkClosed):
                    break
        except RemoteProtocolError as error:
            events.append(self.close(error.code, str(error)))
        return events

    def send(self, message: m.Message) -> None:
        """Queue `message`. Raises `LocalProtocolError` unless the link is open."""
        if self.state is not State.OPEN:
            raise LocalProtocolError(
                f"cannot send {type(message).__name__} on a link that is {self.state.value}"
            )
        self._write(message)

    def close(self, code: str, message: str = "") -> LinkClosed:
        """End the link from this side, telling the other why."""
        if not self.closed:
            self._write(m.Close(code=code, message=message[:200]))
        return self._end(code, message, remote=False)

    def data_to_send(self) -> bytes:
        """All bytes queued since the last call."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def next_deadline(self) -> float | None:
        """When `handle_timeout` has something to do."""
        if self.closed:
            return None
        if self.state is State.HELLO:
            return self._hello_by
        silence = LINK_SILENCE if self._quiet else LINK_QUIET
        return min(self._heard + silence, self._beat_at)

    def handle_timeout(self, now: float) -> list[LinkEvent]:
        """Send a heartbeat, or give the other side up."""
        if self.state is State.HELLO and now >= self._hello_by:
            return [self.close("hello_timeout", "the other side did not say hello")]
        if self.state is not State.OPEN:
            return []
        if now >= self._heard + LINK_SILENCE:
            return [self.close("silent", f"nothing heard for {LINK_SILENCE:.0f} s")]
        if now >= self._beat_at:
            self._beats = (self._beats + 1) & 0xFFFFFFFF
            self._beat_sent = now
            self._beat_at = now + HEARTBEAT_INTERVAL
            self._write(m.Heartbeat(nonce=self._beats))
        if not self._quiet and now >= self._heard + LINK_QUIET:
            self._quiet = True
            return [LinkQuiet()]
        return []

    def _receive(self, message: m.Message, now: float) -> list[LinkEvent]:
        if type(message) not in ALLOWED[self.state]:
            raise RemoteProtocolError(
                "unexpected_message", f"{type(message).__name__} on a link that is {self.state.value}"
            )
        match message:
            case m.Hello():
                return [self._open(message, now)]
            case m.Close(code=code, message=text):
                return [self._end(code, text, remote=True)]
            case m.Heartbeat(nonce=nonce):
                self._write(m.HeartbeatAck(nonce=nonce))
            case m.HeartbeatAck(nonce=nonce):
                if nonce == self._beats and self._beat_sent is not None:
                    sample = now - self._beat_sent
                    self.rtt = sample if self.rtt is None else self.rtt + _RTT_GAIN * (sample - self.rtt)
                    self._beat_sent = None
            case _:
                return [MessageReceived(message)]
        return []

    def _open(self, hello: m.Hello, now: float) -> LinkEvent:
        if hello.protocol != PROTOCOL:
            return self.close(
                "wrong_version",
                f"protocol {hello.protocol} there, {PROTOCOL} here: update p2pgame on both sides",
            )
        self.state = State.OPEN
        self.peer_hello = hello
        self._beat_at = now  # the first round trip is known before the first move
        return LinkOpened(hello)

    def _charge(self, now: float) -> None:
        """A token bucket over incoming frames."""
        self._credit = min(LINK_BURST, self._credit + (now - self._credit_at) * LINK_RATE)
        self._credit_at = now
        if self._credit < 1:
            raise RemoteProtocolError("too_fast", f"more than {LINK_RATE:.0f} messages a second")
        self._credit -= 1

    def _write(self, message: m.Message) -> None:
        self._out += frame(m.encode_message(message))

    def _end(self, code: str, message: str, *, remote: bool) -> LinkClosed:
        self.state = State.CLOSED
        return LinkClosed(code=code, message=message, remote=remote)
