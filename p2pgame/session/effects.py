"""What the pure session asks of the floor that owns the sockets."""

from collections.abc import Mapping

import msgspec

from p2pgame.core.errors import Param
from p2pgame.core.ids import PeerId
from p2pgame.replay.records import Record
from p2pgame.wire.messages import Message

__all__ = ["CloseLink", "Dial", "Effect", "RequestDial", "Send", "Write", "WriteReport"]


class Dial(msgspec.Struct, frozen=True):
    """Open a link to `peer`; answer with `link_opened(..., ticket)` or `dial_failed(ticket)` within DIAL_TIMEOUT."""

    peer: PeerId
    ticket: int


class RequestDial(msgspec.Struct, frozen=True):
    """Ask `peer`, by datagram, to open a link to us: we could not reach it."""

    peer: PeerId


class Send(msgspec.Struct, frozen=True):
    """Send `message` on a link."""

    link: int
    message: Message
    payload: bytes
    """`message`, encoded."""


class CloseLink(msgspec.Struct, frozen=True):
    """Close a link, saying why."""

    link: int
    code: str
    params: Mapping[str, Param] = {}


class Write(msgspec.Struct, frozen=True):
    """Append `records` to the file of `match`; the first ones of a match begin with its `Header`."""

    match: str
    records: tuple[Record, ...]


class WriteReport(msgspec.Struct, frozen=True):
    """Write a report of a desync: a file of these records, of its own."""

    match: str
    records: tuple[Record, ...]


Effect = Dial | RequestDial | Send | CloseLink | Write | WriteReport
