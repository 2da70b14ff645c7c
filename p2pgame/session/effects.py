"""Effects: what the sans-IO session asks the network layer to do."""

from collections.abc import Mapping

import msgspec

from p2pgame.core.errors import Param
from p2pgame.core.ids import PeerId
from p2pgame.replay.records import Record
from p2pgame.session.lot import Lot
from p2pgame.wire.messages import Message

__all__ = ["CloseLink", "Dial", "Effect", "KeepLots", "RequestDial", "Send", "Write", "WriteReport"]


class Dial(msgspec.Struct, frozen=True):
    """Open a link to `peer`; answer with `link_opened(..., ticket)` or `dial_failed(ticket)`, the latter at most
    DIAL_LIMIT and HELLO_TIMEOUT later."""

    peer: PeerId
    ticket: int


class RequestDial(msgspec.Struct, frozen=True):
    """Ask `peer` by datagram to open a link to us, because our dial failed."""

    peer: PeerId


class Send(msgspec.Struct, frozen=True):
    """Send `message` on a link."""

    link: int
    message: Message
    payload: bytes
    """`message`, encoded."""


class CloseLink(msgspec.Struct, frozen=True):
    """Close a link with a code that is sent to the other side."""

    link: int
    code: str
    params: Mapping[str, Param] = {}


class Write(msgspec.Struct, frozen=True):
    """Append `records` to the file of `match`. The first records of a match begin with its `Header`."""

    match: str
    records: tuple[Record, ...]
    first: bool = False
    """True: they are in the file before anything is sent. A move by turns is our own only if our disk has it."""


class WriteReport(msgspec.Struct, frozen=True):
    """Write a desync report: a separate file of these records."""

    match: str
    records: tuple[Record, ...]


class KeepLots(msgspec.Struct, frozen=True):
    """Keep these for the next program, in place of those before; what is sent of them follows."""

    lots: tuple[Lot, ...]


Effect = Dial | RequestDial | Send | CloseLink | Write | WriteReport | KeepLots
