"""What the window knows of chat: lines by place, what is unread, and what of ours is on its way. Draws nothing."""

from collections import deque
from collections.abc import Iterable
from typing import Final

import msgspec

from p2pgame.session import events as ev

__all__ = ["LOBBY", "ChatModel", "Entry", "Talk"]

LOBBY: Final = ev.LOBBY
_LINES_MAX: Final = 200
_EMOTE_SECONDS: Final = 3.0
_SOUND_EACH: Final = 2.0
"""Seconds between two sounds."""


class Entry(msgspec.Struct):
    """A line as it is shown."""

    peer: str
    name: str
    text: str
    """Of a phrase or an emote: its code."""
    kind: str
    pending: bool = False
    """Ours, and not yet in the order that all see."""


class Talk(msgspec.Struct):
    """The chat of one place."""

    where: str
    lines: deque[Entry] = msgspec.field(default_factory=lambda: deque(maxlen=_LINES_MAX))
    unread: int = 0
    draft: str = ""
    """What stands in the field, while it is not open."""


class ChatModel:
    """The lobby's chat, and that of our room or match. What was said elsewhere is forgotten."""

    def __init__(self) -> None:
        self.lobby = Talk(LOBBY)
        self.party: Talk | None = None
        """Of our room, or of our match by invitation."""
        self.reading = ""
        """The place that is open on the screen."""
        self.away = False
        """Nobody looks at the window ..."""
        self.missed = 0
        """... and so many lines came since."""
        self.version = 0
        """Another number whenever something changed."""
        self._heard = -_SOUND_EACH
        self._emotes: dict[str, tuple[str, float]] = {}
        """By peer: its emote in our room or match, and until when it stands over its seat."""

    def enter(self, where: str) -> None:
        """We are in that room or match now; empty: in none."""
        if where == (self.party.where if self.party is not None else ""):
            return
        self.party = Talk(where) if where else None
        self._emotes.clear()
        self.version += 1

    @property
    def here(self) -> Talk:
        """The chat of where we are."""
        return self.party or self.lobby

    def talk(self, where: str) -> Talk | None:
        return next(
            (talk for talk in (self.lobby, self.party) if talk is not None and talk.where == where), None
        )

    @property
    def unread(self) -> int:
        """In all places."""
        return self.lobby.unread + (self.party.unread if self.party is not None else 0)

    def read(self, where: str) -> None:
        """`where` is open, or nothing is (empty)."""
        self.reading = where
        talk = self.talk(where)
        if talk is not None and talk.unread:
            talk.unread = 0
            self.version += 1

    def look(self, *, away: bool) -> None:
        """Somebody looks at the window again, or nobody does any more."""
        self.away, self.missed = away, 0
        if not away:
            self.read(self.reading)

    def say(self, where: str, me: str, name: str, kind: str, text: str) -> None:
        """We said it just now: it stands at once."""
        talk = self.talk(where)
        if talk is not None:
            talk.lines.append(Entry(me, name, text, kind, pending=True))
            self.version += 1

    def note(self, event: ev.Chat, me: str, now: float) -> bool:
        """A line, perhaps ours. True if it is to be heard: of somebody in our room or match, not too often."""
        talk = self.talk(event.where)
        if talk is None:
            return False
        self.version += 1
        if event.peer == me:
            pending = (entry for entry in talk.lines if entry.pending)
            same = next((x for x in pending if (x.kind, x.text) == (event.kind, event.text)), None)
            if same is not None:
                talk.lines.remove(same)
        else:
            self.missed += self.away
            if self.away or talk.where != self.reading:
                talk.unread += 1
        confirmed = Entry(event.peer, event.name, event.text, event.kind)
        waiting = [entry for entry in talk.lines if entry.pending]
        for entry in waiting:
            talk.lines.remove(entry)
        talk.lines.append(confirmed)
        talk.lines.extend(waiting)  # ours stand last until they are numbered
        if event.kind == "emote" and talk is self.party:
            self._emotes[event.peer] = (event.text, now + _EMOTE_SECONDS)
        heard = event.peer != me and talk is self.party and now >= self._heard + _SOUND_EACH
        if heard:
            self._heard = now
        return heard

    def refused(self) -> None:
        """What we said last was not sent."""
        for talk in (self.lobby, self.party):
            if talk is not None and talk.lines and talk.lines[-1].pending:
                talk.lines.pop()
                self.version += 1
                return

    def forget(self, peer: str) -> None:
        """It was muted: nothing of it stands any more."""
        for talk in (self.lobby, self.party):
            if talk is not None:
                kept = [entry for entry in talk.lines if entry.peer != peer]
                talk.lines.clear()
                talk.lines.extend(kept)
        self._emotes.pop(peer, None)
        self.version += 1

    def emotes(self, peers: Iterable[str], now: float) -> dict[str, str]:
        """Who of `peers` shows which emote now."""
        self._emotes = {peer: (code, until) for peer, (code, until) in self._emotes.items() if until > now}
        return {peer: self._emotes[peer][0] for peer in peers if peer in self._emotes}
