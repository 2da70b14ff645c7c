"""The path of real-time packets between two peers: sealed datagrams, or the session's TCP where they do not pass.

UDP is used as long as the other side acknowledges our datagrams. In doubt, packets go both ways; when it stays
silent they go through the session alone, with a datagram now and then to see whether UDP works again. Follows the
other side to a new address once it answered a challenge there: anybody can send a genuine datagram on. Does not
know what a packet says.
"""

from collections import deque

from p2pgame.core.digest import digest
from p2pgame.wire.path import TOKEN_SIZE, PathChallenge, PathMessage, PathResponse, decode_path, encode_path
from p2pgame.wire.sealed import Opener, Sealer

__all__ = ["Address", "Channel"]

Address = tuple[str, int]

_PATIENCE = 0.1
"""Seconds without an acknowledgement, beyond the jitter, until TCP takes over. One comes each frame, however long the
round trip; only the first one takes as long as that."""
_PATIENCE_MOST = 0.5
_DOUBT = 0.05
"""Seconds without one until packets go both ways: the prediction window bridges no longer silence."""
_PROBE_INTERVAL = 0.25
_CHALLENGE_INTERVAL = 0.25
"""Seconds between two challenges, and between two answers to them: what an address that is not theirs gets at most."""
_FASTEST = 1000
"""Datagrams a second that the other side can send ..."""
_AHEAD = 128
"""... and so many more that may have come between two looks: who guesses a number beyond costs no decryption."""
_RETURN = 8
"""Acknowledged probes in a row after which UDP is trusted again."""
_SENT_KEPT = 256
_HELD_MOST = 255
"""Milliseconds; stands for any longer time, too."""
_LOSS_SPAN = 64
"""Sequence numbers over which the loss is measured."""
_SAMPLES = 4
"""Round trips of which the shortest counts: after a program stood still, one or two are too long."""
_GAIN = 0.125
"""Of the averages (RFC 6298)."""


class Channel:
    """Both directions to one peer."""

    def __init__(
        self,
        send_key: bytes,
        receive_key: bytes,
        address: Address | None,
        now: float,
        rtt: float,
        secret: bytes,
    ) -> None:
        """`address`: where its unicast UDP port is thought to be. `rtt`: of the session, in seconds.

        `secret`: random bytes that the other side does not know, either.
        """
        self.address = address
        self.rtt = rtt
        self.jitter = 0.0
        self._samples: deque[float] = deque(maxlen=_SAMPLES)
        self._sealer = Sealer(send_key)
        self._opener = Opener(receive_key)
        self._sent: dict[int, float] = {}
        self._acknowledged = 0
        self.acknowledged_at = now
        """When the other side last said that it hears our datagrams."""
        self._secret = secret
        self._challenge_at = self._answer_at = now
        """When the next challenge, and the next answer to one, may go out."""
        self._udp = address is not None
        self._probe_at = now
        self._returning = 0
        self._began = now
        self._heard_at: float | None = None
        self._refused = 0
        self._loss = 0.0
        self._loss_mark = (0, 0)
        self.datagrams: list[tuple[bytes, Address]] = []
        """To be sent."""
        self.packets: list[bytes] = []
        """To be sent through the session."""
        self.sent_packets = 0
        self.sent_bytes = 0
        self.received_packets = 0
        self.received_bytes = 0

    @property
    def transport(self) -> str:
        return "udp" if self._udp else "tcp"

    @property
    def loss(self) -> float:
        """Share of their datagrams that did not arrive, lately: 0 to 1."""
        return self._loss

    @property
    def shortest_rtt(self) -> float:
        """The shortest of the newest round trips, in seconds; 0 before there are some."""
        return min(self._samples) if len(self._samples) == _SAMPLES else 0.0

    @property
    def refused(self) -> int:
        """Datagrams that were not genuine or not new, and packets that could not be."""
        return self._opener.refused + self._refused

    def echo(self, now: float) -> tuple[int, int] | None:
        """For our next packet: the newest sequence number heard and how long ago, in milliseconds."""
        if self._heard_at is None:
            return None
        return self._opener.newest & 0xFF, min(_HELD_MOST, round((now - self._heard_at) * 1000))

    def send(self, packet: bytes, now: float) -> None:
        """Send one packet by the transport that works."""
        silence = now - self.acknowledged_at
        if silence > _DOUBT:  # what counts is since when there was something to acknowledge
            oldest = next(iter(self._sent.values()), now)
            silence = min(silence, now - oldest - self.rtt)
        if self._udp and silence > min(_PATIENCE_MOST, _PATIENCE + 4 * self.jitter):
            self._udp = False
            self._returning = 0
            self._probe_at = now + _PROBE_INTERVAL
        self.sent_packets += 1
        if self._udp:
            self._datagram(packet, now)
            if silence <= _DOUBT + 2 * self.jitter:
                return
        self.sent_bytes += len(packet)
        self.packets.append(packet)
        if not self._udp and self.address is not None and now >= self._probe_at:
            self._probe_at = now + _PROBE_INTERVAL
            self._datagram(packet, now)

    def receive_datagram(self, datagram: bytes, source: Address, now: float) -> bytes | None:
        """The packet in a datagram; None if it is not genuine, was heard before or is too old, or has no packet."""
        newest, since = self._opener.newest, self._began if self._heard_at is None else self._heard_at
        opened = self._opener.open(datagram, _AHEAD + int((now - since) * _FASTEST))
        if opened is None:
            return None
        sequence, packet = opened
        self.received_packets += 1
        self.received_bytes += len(datagram)
        message = decode_path(packet)
        if sequence > newest:
            self._heard_at = now
            if source != self.address and message is None:
                self._challenge(source, now)
            if sequence - self._loss_mark[0] >= _LOSS_SPAN:
                self._measure_loss()
        if message is None:
            return packet
        self._on_path_message(message, source, now)
        return None

    def note_session_rtt(self, rtt: float) -> None:
        """The session's round trip, in seconds: it stands in for that of datagrams where none are acknowledged."""
        if not self._udp or not self._acknowledged:
            self.rtt = rtt

    def receive_packet(self, packet: bytes) -> None:
        """A packet came through the session."""
        self.received_packets += 1
        self.received_bytes += len(packet)

    def acknowledge(self, echo: tuple[int, int] | None, now: float) -> float | None:
        """Their packet says what it heard of us. Returns for how many seconds they held it, if that is news."""
        if echo is None or not self._sealer.sequence:
            return None
        low, held = echo
        if held == _HELD_MOST:
            return None  # old news, and eight bits tell numbers apart for so long only
        newest = self._sealer.sequence
        sequence = newest - ((newest - low) & 0xFF)
        if sequence <= self._acknowledged:
            return None
        silence = now - self.acknowledged_at
        self._acknowledged, self.acknowledged_at = sequence, now
        sent = self._sent.pop(sequence, None)
        while self._sent and (oldest := next(iter(self._sent))) < sequence:
            del self._sent[oldest]
        if sent is not None:
            sample = max(0.0, now - sent - held / 1000)
            self.jitter += _GAIN * (abs(sample - self.rtt) - self.jitter)
            self.rtt += _GAIN * (sample - self.rtt)
            self._samples.append(sample)
        if not self._udp:
            in_a_row = silence <= 2 * _PROBE_INTERVAL + 2 * self.rtt + 4 * self.jitter
            self._returning = self._returning + 1 if in_a_row else 1
            self._probe_at = now  # good news: ask again at once
            if self._returning >= _RETURN:
                self._udp = True
        return held / 1000

    def refuse(self) -> None:
        """Count a packet that was genuine and makes no sense."""
        self._refused += 1

    def packets_to_send(self) -> list[bytes]:
        """For the session."""
        out, self.packets = self.packets, []
        return out

    # --- inside

    def _challenge(self, source: Address, now: float) -> None:
        """Ask whether the other side is at `source`."""
        if now >= self._challenge_at:
            self._challenge_at = now + _CHALLENGE_INTERVAL
            self._tell(PathChallenge(self._token(source)), source)

    def _on_path_message(self, message: PathMessage, source: Address, now: float) -> None:
        if isinstance(message, PathResponse):
            if message.token == self._token(source):
                self.address = source
        elif now >= self._answer_at:
            self._answer_at = now + _CHALLENGE_INTERVAL / 2  # their clock may be a little faster
            self._tell(PathResponse(message.token), source)

    def _token(self, address: Address) -> bytes:
        """Only who reads what goes to `address` knows it."""
        return digest("path", self._secret, f"{address[0]} {address[1]}".encode())[:TOKEN_SIZE]

    def _tell(self, message: PathMessage, to: Address) -> None:
        data = self._sealer.seal(encode_path(message))
        self.sent_bytes += len(data)
        self.datagrams.append((data, to))

    def _datagram(self, packet: bytes, now: float) -> None:
        if self.address is None:
            return
        data = self._sealer.seal(packet)
        self._sent[self._sealer.sequence] = now
        if len(self._sent) > _SENT_KEPT:
            del self._sent[next(iter(self._sent))]
        self.sent_bytes += len(data)
        self.datagrams.append((data, self.address))

    def _measure_loss(self) -> None:
        """How many of their newest sequence numbers came."""
        newest, opened = self._loss_mark
        self._loss = max(0.0, 1.0 - (self._opener.opened - opened) / (self._opener.newest - newest))
        self._loss_mark = (self._opener.newest, self._opener.opened)
