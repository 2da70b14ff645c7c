"""The lines of one place, in the order in which they were accepted: per author by counter, each once. Bounded.

Takes lines whose signature was checked. The lobby and the chat of rooms and matches keep theirs alike; how a line gets
here, and who is asked for one that is missing, is not known here.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Final, NamedTuple

import msgspec

from p2pgame.chat.author import REPEAT_SECONDS, is_code
from p2pgame.chat.text import safe_line
from p2pgame.core.ids import PeerId, tag_of
from p2pgame.wire.beacon import ChatMark, ChatTag
from p2pgame.wire.chat import Kind, Line, PassedLine, SignedLine, author_tag
from p2pgame.wire.names import safe_name

__all__ = ["HELD_MAX", "Log", "Said", "Stream", "tag_of_line"]

HELD_MAX: Final = 32
"""Lines of one author that wait for an earlier one ..."""
ALL_HELD_MAX: Final = 256
"""... and of all."""
STREAMS_MAX: Final = 256
"""Authors whose highest counter is remembered."""


class Said(NamedTuple):
    """A line as it is shown: safe to draw."""

    peer: PeerId
    name: str
    kind: Kind
    text: str
    """Of a phrase or an emote: its code."""
    where: bytes
    counter: int


class Stream(msgspec.Struct):
    """What we have of one program of an author."""

    tag: ChatTag
    reached: int = 0
    """All lines up to this counter were accepted, or given up."""
    begun: bool = False
    """A line of it was accepted: what is missing before is not taken as never said."""
    held: dict[int, tuple[SignedLine, float]] = msgspec.field(default_factory=dict)
    """Later ones, with the time at which they were said."""
    last: tuple[int, str] | None = None
    last_time: int = 0
    kept: int = 0
    """Lines of it in the log."""

    @property
    def highest(self) -> int:
        return max(self.held, default=self.reached)


class _Kept(NamedTuple):
    stream: Stream
    counter: int
    data: bytes
    said_at: float
    """By our clock, as far as it is known."""


class Log:
    """The newest lines of one place."""

    def __init__(self, lines_max: int, seconds: float = inf) -> None:
        """At most `lines_max` lines are kept, none longer than `seconds`."""
        self._lines_max, self._seconds = lines_max, seconds
        self._streams: OrderedDict[ChatTag, Stream] = OrderedDict()
        self._lines: deque[_Kept] = deque()
        self._held = 0

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[_Kept]:
        return iter(self._lines)

    def stream(self, tag: ChatTag) -> Stream | None:
        return self._streams.get(tag)

    def has(self, line: Line) -> bool:
        """Whether this counter was accepted, is held or was given up."""
        stream = self._streams.get(tag_of_line(line))
        return stream is not None and (line.counter <= stream.reached or line.counter in stream.held)

    def open(self, tag: ChatTag) -> Stream:
        """The stream of `tag`, made if need be; of too many one without lines is forgotten."""
        stream = self._streams.get(tag)
        if stream is None:
            stream = self._streams[tag] = Stream(tag)
            if len(self._streams) > STREAMS_MAX:
                self._forget_a_stream(stream)
        else:
            self._streams.move_to_end(tag)
        return stream

    def add(self, signed: SignedLine, said_at: float, now: float) -> list[Said]:
        """Accept a checked line that `has` does not know; what can be shown by that, in order."""
        stream = self.open(tag_of_line(signed.line))
        counter = signed.line.counter
        if counter <= stream.reached or counter in stream.held:
            return []
        if counter > stream.reached + 1 and (len(stream.held) >= HELD_MAX or self._held >= ALL_HELD_MAX):
            return []
        stream.held[counter] = (signed, said_at)
        self._held += 1
        return self._advance(stream, now)

    def skip_to(self, stream: Stream, counter: int, now: float) -> list[Said]:
        """Give up all lines of `stream` before `counter`; what can be shown by that, in order."""
        shown: list[Said] = []
        for number in sorted(n for n in stream.held if n < counter):
            shown += self._accept(stream, number, now)
        stream.reached = max(stream.reached, counter - 1)
        return shown + self._advance(stream, now)

    def skip_gap(self, stream: Stream, now: float) -> list[Said]:
        """Give up what is missing before the first line that is held."""
        return self.skip_to(stream, min(stream.held, default=stream.reached + 1), now)

    def prune(self, now: float) -> None:
        """Drop what is too old."""
        if all(kept.said_at + self._seconds > now for kept in self._lines):
            return
        lines, self._lines = self._lines, deque()
        for kept in lines:
            if kept.said_at + self._seconds > now:
                self._lines.append(kept)
            else:
                kept.stream.kept -= 1

    def marks(self) -> list[ChatMark]:
        """Of each author with lines here the highest counter without a gap; who was accepted last comes first."""
        found: dict[ChatTag, int] = {}
        for kept in reversed(self._lines):
            found.setdefault(kept.stream.tag, kept.stream.reached)
        return list(found.items())

    def after(
        self, marks: Mapping[ChatTag, int], now: float, most: int
    ) -> tuple[list[PassedLine], list[ChatMark]]:
        """Lines of these authors after these counters, and of each author the lowest counter that is kept."""
        found: list[PassedLine] = []
        floors: dict[ChatTag, int] = {}
        for kept in self._lines:
            tag = kept.stream.tag
            if tag not in marks:
                continue
            floors.setdefault(tag, kept.counter)
            if kept.counter > marks[tag] and len(found) < most:
                found.append(PassedLine(kept.data, max(0, int(now - kept.said_at))))
        return found, list(floors.items())

    def newest(self, count: int) -> Sequence[bytes]:
        """The newest lines, oldest first, as signed."""
        return [kept.data for kept in self._lines][-count:]

    def _advance(self, stream: Stream, now: float) -> list[Said]:
        shown: list[Said] = []
        while stream.reached + 1 in stream.held:
            shown += self._accept(stream, stream.reached + 1, now)
        return shown

    def _accept(self, stream: Stream, counter: int, now: float) -> list[Said]:
        signed, said_at = stream.held.pop(counter)
        self._held -= 1
        stream.reached, stream.begun = counter, True
        self._lines.append(_Kept(stream, counter, signed.data, said_at))
        stream.kept += 1
        self.prune(now)
        if len(self._lines) > self._lines_max:
            self._drop_one()
        line = signed.line
        said, repeated = self._shown(line), (line.kind, line.text) == stream.last
        repeated = repeated and abs(line.time - stream.last_time) < REPEAT_SECONDS * 1000
        stream.last, stream.last_time = (line.kind, line.text), line.time
        return [] if said is None or repeated else [said]

    def _drop_one(self) -> None:
        """The oldest line of who has most: who floods the log drives out itself."""
        most = max(self._lines, key=lambda kept: kept.stream.kept).stream
        for index, kept in enumerate(self._lines):
            if kept.stream is most:
                del self._lines[index]
                most.kept -= 1
                return

    def _forget_a_stream(self, newest: Stream) -> None:
        for tag, stream in self._streams.items():
            if not stream.kept and stream is not newest:
                self._held -= len(stream.held)
                del self._streams[tag]
                return

    @staticmethod
    def _shown(line: Line) -> Said | None:
        """The line, safe to draw; None if nothing of it can be shown."""
        try:
            kind = Kind(line.kind)
        except ValueError:  # of a later version
            return None
        text = safe_line(line.text) if kind is Kind.TEXT else line.text
        if not text or (kind is not Kind.TEXT and not is_code(text)):
            return None
        name = safe_name(line.name, f"Player-{tag_of(line.peer)}")
        return Said(line.peer, name, kind, text, line.where, line.counter)


def tag_of_line(line: Line) -> ChatTag:
    """The tag of a line's author and program."""
    return author_tag(line.public_key, line.instance)
