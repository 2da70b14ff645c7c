"""Writes a protocol trace to a file: one JSON line for each message, decision and state change.

The file is bounded, and a disk that fails ends the trace, never the match. All calls belong to the event loop's thread.
"""

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from p2pgame.core.errors import P2PGameError, Param
from p2pgame.core.ids import PeerId, tag_of
from p2pgame.session import events as e
from p2pgame.session.trace import decision_entry, event_entry, link_entry, message_entry
from p2pgame.wire import messages as m

__all__ = ["TRACE_MAX", "TraceFile"]

TRACE_MAX = 64 * 1024 * 1024
"""Bytes of one file; the last line says that it is full."""
_log = logging.getLogger(__name__)


class TraceFile:
    """One file, begun anew."""

    def __init__(self, path: Path, limit: int = TRACE_MAX) -> None:
        """Raises `P2PGameError("trace_not_opened")`."""
        self._left = limit
        self._file: IO[bytes] | None = None
        try:
            self._file = path.open("wb", buffering=0)  # each line is on the disk whatever ends the program
        except OSError as error:
            raise P2PGameError("trace_not_opened", path=str(path), detail=error.strerror or "") from error

    def message(self, link: int, peer: PeerId, sent: bool, message: m.Message) -> None:
        """One message on a link, and the decision in it."""
        self._write(message_entry(link, tag_of(peer), message, sent=sent))
        if isinstance(message, m.Decided):
            self._write(decision_entry(message))

    def link(self, link: int, peer: PeerId, state: str, params: Mapping[str, Param]) -> None:
        """A link was opened or closed."""
        self._write(link_entry(link, tag_of(peer), state, params))

    def event(self, event: e.Event) -> None:
        """An event of the lobby."""
        self._write(event_entry(event))

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                _log.warning("the trace could not be closed: %s", error)

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file is None:
            return
        line = msgspec.json.encode({"t": time.time(), **entry}) + b"\n"
        full = len(line) > self._left
        if full:
            line = msgspec.json.encode({"t": time.time(), "trace": "end", "reason": "full"}) + b"\n"
        try:
            self._file.write(line)
        except OSError as error:
            _log.warning("the trace ends here: %s", error)
            self.close()
            return
        self._left -= len(line)
        if full:
            self.close()
