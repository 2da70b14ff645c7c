"""What we say ourselves: checked, counted and signed. Says why a line is refused; sends nothing."""

from math import ceil
from typing import Final

from p2pgame.chat.text import safe_line
from p2pgame.core.errors import LocalProtocolError
from p2pgame.discovery.limits import TokenBucket
from p2pgame.wire.beacon import Signer
from p2pgame.wire.chat import COUNTER_MAX, TEXT_CHARACTERS, Kind, Line, SignedLine, sign_line

__all__ = ["BURST", "REPEAT_SECONDS", "SECONDS_A_LINE", "Author", "is_code"]

BURST: Final = 5
"""Lines that somebody may say at once ..."""
SECONDS_A_LINE: Final = 1.5
"""... and another each so many seconds."""
REPEAT_SECONDS: Final = 10.0
"""The same line again within this time is not said."""
_CODE_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz_")
_CODE_MAX: Final = 24
_PLACES_MAX: Final = 64


class Author:
    """Us, in all places: one budget for all of them, and a counter for each."""

    def __init__(self, signer: Signer, instance: bytes) -> None:
        """`instance`: of this program, as in its beacons."""
        self.instance = instance
        self.public_key = signer.public_key
        self._signer = signer
        self._bucket = TokenBucket(1 / SECONDS_A_LINE, BURST)
        self._counters: dict[bytes, int] = {}
        self._last: tuple[bytes, int, str] | None = None
        self._last_at = -REPEAT_SECONDS

    def line(self, where: bytes, kind: Kind, text: str, name: str, now: float, unix: float) -> SignedLine:
        """Our next line in `where`. `now`: seconds that only grow; `unix`: Unix time in seconds.

        Raises `LocalProtocolError`: ``chat_empty``, ``chat_too_long`` (most), ``chat_repeated`` (seconds),
        ``chat_too_fast`` (seconds).
        """
        clean = safe_line(text, TEXT_CHARACTERS + 1) if kind is Kind.TEXT else text
        if not clean or (kind is not Kind.TEXT and not is_code(clean)):
            raise LocalProtocolError("chat_empty")
        if len(clean) > TEXT_CHARACTERS:
            raise LocalProtocolError("chat_too_long", most=TEXT_CHARACTERS)
        said = (where, int(kind), clean)
        if said == self._last and now - self._last_at < REPEAT_SECONDS:
            raise LocalProtocolError("chat_repeated", seconds=int(REPEAT_SECONDS))
        if not self._bucket.take(now):
            wait = max(1, ceil(self._bucket.ready_at(now) - now))
            raise LocalProtocolError("chat_too_fast", seconds=wait)
        self._last, self._last_at = said, now
        counter = self._counters.pop(where, 0) + 1
        self._counters[where] = min(counter, COUNTER_MAX)
        while len(self._counters) > _PLACES_MAX:
            del self._counters[next(iter(self._counters))]
        line = Line(
            public_key=self.public_key,
            instance=self.instance,
            where=where,
            counter=counter,
            kind=kind,
            text=clean,
            time=max(0, int(unix * 1000)),
            name=name[:64],
        )
        return sign_line(line, self._signer)


def is_code(text: str) -> bool:
    """Whether `text` can be the code of a phrase or an emote."""
    return 0 < len(text) <= _CODE_MAX and _CODE_CHARACTERS.issuperset(text)
