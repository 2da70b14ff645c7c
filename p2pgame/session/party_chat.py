"""The chat of the room that we are in, or of a match by invitation. A `LinkUser`, and one mechanism for both.

    author --ChatSay--> leader (numbers it) --ChatLine--> everybody else

A place has an id, members, and one member whose order counts: the leader of the room, or the host of the match. Each
line is signed by its author, so whoever passes it on cannot change it. Who follows another leader, or reaches its own
again, says by marks what it has (`ChatSync`); the leader sends what is missing there, and answers in the same way, so
that it gets what is missing here: the lines of all come together after a leader is gone, and who comes late gets the
newest.

Nothing of it enters a match: neither its inputs nor its file.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

import msgspec

from p2pgame.chat.author import SECONDS_A_LINE, Author
from p2pgame.chat.log import Log, Said, tag_of_line
from p2pgame.core.errors import LocalProtocolError, Param, RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.discovery.limits import BucketMap
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.chat_event import chat_event, kind_of
from p2pgame.session.chat_place import Place
from p2pgame.session.connections import Connections
from p2pgame.session.message_table import MessageTable, Rule, Scope
from p2pgame.wire import messages as m
from p2pgame.wire.chat import SYNC_MARKS_MAX, SignedLine, decode_line

__all__ = ["KEPT_LINES", "PartyChat"]

KEPT_LINES: Final = 100
UNSENT_MAX: Final = 8
"""Lines of ours that wait until somebody leads."""
SYNC_EACH: Final = 2.0
"""Seconds until a question of ours for missing lines is said again, unless it was answered."""
SYNC_ANSWERS: Final = 0.5
"""Questions a second of one member that are answered ..."""
SYNC_BURST: Final = 4.0
SHOWN_BURST: Final = 8.0
"""Lines of one author at once: some more than it may say, since they can come together."""
TOGETHER_BURST: Final = 32.0
"""Lines of one author at once where a member passes on what we lack."""
PASSED_RATE: Final = 20.0
"""Lines a second that one member may pass on, and whose signatures are checked ..."""
PASSED_BURST: Final = 2.0 * KEPT_LINES
"""... and all that are kept at once."""
AUTHORS_MAX: Final = 256


class _Phase(Enum):
    """One phase: who may say what depends on the place, not on the link."""

    OPEN = "open"


class _Talk(msgspec.Struct):
    """What was said in one place."""

    place: Place
    log: Log = msgspec.field(default_factory=lambda: Log(KEPT_LINES))
    number: int = 0
    """Of the newest line: given by us if we lead, else by the leader."""
    unsent: dict[int, SignedLine] = msgspec.field(default_factory=dict)
    """Ours, by counter, until the leader has numbered them."""
    leader_link: int | None = None
    confirmed: bool = False
    """If we follow: the leader has answered on this link."""
    synced_at: float = float("-inf")
    silenced: set[PeerId] = msgspec.field(default_factory=set)
    """If we lead: whose lines are not passed on."""
    shown: BucketMap[PeerId] = msgspec.field(
        default_factory=lambda: BucketMap(1 / SECONDS_A_LINE, SHOWN_BURST, AUTHORS_MAX)
    )
    together: BucketMap[PeerId] = msgspec.field(
        default_factory=lambda: BucketMap(1 / SECONDS_A_LINE, TOGETHER_BURST, AUTHORS_MAX)
    )
    passed: BucketMap[PeerId] = msgspec.field(
        default_factory=lambda: BucketMap(PASSED_RATE, PASSED_BURST, AUTHORS_MAX)
    )
    syncs: BucketMap[PeerId] = msgspec.field(
        default_factory=lambda: BucketMap(SYNC_ANSWERS, SYNC_BURST, AUTHORS_MAX)
    )
    asked: dict[PeerId, int] = msgspec.field(default_factory=dict)
    """Lines of others that a member may still pass on, since we asked it for them."""
    known: set[PeerId] = msgspec.field(default_factory=set)
    """Who is or was here, as far as we know: others have said nothing that could be passed on."""


class PartyChat:
    """Of the place that we are in; what was said is forgotten with it."""

    def __init__(
        self,
        me: PeerId,
        connections: Connections,
        table: MessageTable,
        *,
        author: Author | None,
        unix: Callable[[], float],
        name: Callable[[], str],
        place: Callable[[], Place | None],
        muted: Callable[[PeerId], bool],
    ) -> None:
        """`author`: None says nothing. `unix()`: Unix time in seconds. `name()`: our own. `place()`: where we are.
        `muted(peer)`: its lines are not shown to our player.
        """
        self._me = me
        self._connections = connections
        self._author = author
        self._unix = unix
        self._name = name
        self._place = place
        self._muted = muted
        self._talk: _Talk | None = None
        always = (_Phase.OPEN,)
        table.register(
            Scope("chat", lambda _: _Phase.OPEN),
            {
                m.ChatSay: Rule(self._on_say, always),
                m.ChatLine: Rule(self._on_line, always),
                m.ChatSync: Rule(self._on_sync, always),
                m.ChatRefused: Rule(self._on_refused, always),
            },
        )
        self.commands: Mapping[type[c.Command], Callable[[Any, float], None]] = {
            c.Say: self.say,
            c.Silence: self.silence,
        }

    # --- our player

    def say(self, command: c.Say, now: float) -> None:
        """Say a line in our room or match. Raises `LocalProtocolError` (`Author.line`, ``chat_gone``)."""
        self.update(now)
        talk, author = self._talk, self._author
        if talk is None or author is None or command.where != talk.place.id.hex():
            raise LocalProtocolError("chat_gone")
        if len(talk.unsent) >= UNSENT_MAX:
            raise LocalProtocolError("chat_gone")
        kind = kind_of(command.kind)
        signed = author.line(talk.place.id, kind, command.text, self._name(), now, self._unix())
        if talk.place.leader == self._me:
            self._number(talk, signed, now)
        else:
            talk.unsent[signed.line.counter] = signed
            if talk.confirmed:
                self._send_to_leader(talk, signed)

    def silence(self, command: c.Silence, now: float) -> None:
        """For the leader of a room: pass on nothing of a member, or again. Raises `LocalProtocolError`."""
        self.update(now)
        talk = self._talk
        if talk is None or not talk.place.room or talk.place.leader != self._me:
            raise LocalProtocolError("not_leader")
        peer = PeerId(command.peer)
        if command.silenced and peer in talk.place.members and peer != self._me:
            talk.silenced.add(peer)
        else:
            talk.silenced.discard(peer)

    # --- the place

    def update(self, now: float) -> None:
        """Links, the leader or the place may be others."""
        place = self._place()
        if place is None:
            self._talk = None
            return
        talk = self._talk
        if talk is None or talk.place.id != place.id:
            talk = self._talk = _Talk(place)
        elif talk.place.leader != place.leader:
            talk.leader_link = None
        talk.place = place
        talk.known.update(place.members)
        if len(talk.known) > AUTHORS_MAX:
            talk.known = set(place.members)
        talk.asked = {peer: left for peer, left in talk.asked.items() if peer in place.links}
        if place.leader == self._me:
            talk.leader_link = None
            for signed in talk.unsent.values():
                self._number(talk, signed, now)
            talk.unsent.clear()
            return
        link = place.links.get(place.leader)
        if link != talk.leader_link:
            talk.leader_link, talk.confirmed = link, False
            if link is not None:
                self._sync(talk, link, now)

    def _sync(self, talk: _Talk, link: int, now: float, *, answer: bool = False) -> None:
        """Say what we have, so that the other side sends what we have not."""
        talk.synced_at = now
        marks = tuple(talk.log.marks()[:SYNC_MARKS_MAX])
        self._connections.send(link, m.ChatSync(where=talk.place.id.hex(), marks=marks, answer=answer))

    def _send_to_leader(self, talk: _Talk, signed: SignedLine) -> None:
        link = talk.place.links.get(talk.place.leader)
        if link is not None and link in self._connections.links:
            self._connections.send(link, m.ChatSay(where=talk.place.id.hex(), line=signed.data))

    # --- messages

    def _on_say(self, link: int, message: m.ChatSay, now: float) -> None:
        """A member says something, or passes on what we asked it for."""
        talk, peer = self._here(link, message.where, now)
        if talk is None or talk.place.leader != self._me or talk.place.links.get(peer) != link:
            return
        signed = self._checked(talk, peer, message.line, now)
        if signed is None:
            return
        author = signed.line.peer
        if peer in talk.silenced or author in talk.silenced:
            if author == peer:
                refused = m.ChatRefused(
                    where=message.where, counter=signed.line.counter, reason="chat_silenced"
                )
                self._connections.send(link, refused)
            return
        if talk.asked.get(peer, 0) > 0:
            talk.asked[peer] -= 1
            if author not in talk.known or not talk.together.take(author, now):
                return
        elif author != peer or not talk.shown.take(author, now):
            return
        self._number(talk, signed, now)

    def _on_line(self, link: int, message: m.ChatLine, now: float) -> None:
        """The leader says which line is next."""
        talk, peer = self._here(link, message.where, now)
        if talk is None or talk.place.leader != peer or link != talk.place.links.get(peer):
            return
        missed = talk.number and message.number > talk.number + 1
        talk.number = message.number
        if missed and now >= talk.synced_at + SYNC_EACH:
            self._sync(talk, link, now)
        signed = self._checked(talk, peer, message.line, now)
        if signed is not None:
            self._accept(talk, signed, now)

    def _on_sync(self, link: int, message: m.ChatSync, now: float) -> None:
        """The other side says what it has: the leader sends what it lacks, and asks for what we lack."""
        talk, peer = self._here(link, message.where, now)
        if talk is None or talk.place.links.get(peer) != link or not talk.syncs.take(peer, now):
            return  # one too many, or a link that we do not take for its own yet: it is said again
        theirs = dict(message.marks)
        beyond = [kept for kept in talk.log if kept.counter > theirs.get(kept.stream.tag, 0)]
        if talk.place.leader == self._me:
            first = talk.number - len(talk.log)
            numbers = {kept.data: first + n for n, kept in enumerate(talk.log, 1)}
            for kept in beyond:
                line = m.ChatLine(where=message.where, number=numbers[kept.data], line=kept.data)
                self._connections.send(link, line)
            ours = dict(talk.log.marks())
            if any(counter > ours.get(tag, 0) for tag, counter in theirs.items()):
                talk.asked[peer] = KEPT_LINES
            self._sync(talk, link, now, answer=True)
        elif message.answer:
            talk.confirmed = True
            for kept in beyond:
                self._connections.send(link, m.ChatSay(where=message.where, line=kept.data))
            for signed in talk.unsent.values():
                self._send_to_leader(talk, signed)

    def _on_refused(self, link: int, message: m.ChatRefused, now: float) -> None:
        talk, peer = self._here(link, message.where, now)
        if talk is None or peer != talk.place.leader:
            return
        if talk.unsent.pop(message.counter, None) is not None:
            self._connections.emit(e.ErrorEvent(code="not_now", params={"reason": message.reason}))

    def _here(self, link: int, where: str, now: float) -> tuple[_Talk | None, PeerId]:
        """The talk that a message is of, if we are there; one of another place has crossed a change on the wire."""
        self.update(now)
        peer = self._connections.links[link].peer
        talk = self._talk
        return (talk if talk is not None and talk.place.id.hex() == where else None), peer

    # --- lines

    def _checked(self, talk: _Talk, peer: PeerId, data: bytes, now: float) -> SignedLine | None:
        """The line in `data`, if it is one of this place, new and genuine. Raises `RemoteProtocolError`."""
        try:
            signed = decode_line(data)
        except RemoteProtocolError:
            raise RemoteProtocolError("bad_message") from None
        if signed.line.where != talk.place.id:
            raise RemoteProtocolError("bad_message")
        if talk.log.has(signed.line) or not talk.passed.take(peer, now):
            return None
        if not signed.verify():
            raise RemoteProtocolError("bad_message")
        return signed

    def _number(self, talk: _Talk, signed: SignedLine, now: float) -> None:
        """For the leader: the line is the next one."""
        if talk.log.has(signed.line):
            return
        talk.number += 1
        self._accept(talk, signed, now)
        line = m.ChatLine(where=talk.place.id.hex(), number=talk.number, line=signed.data)
        for link in talk.place.links.values():
            if link in self._connections.links:
                self._connections.send(link, line)

    def _accept(self, talk: _Talk, signed: SignedLine, now: float) -> None:
        """The order is the leader's, so nothing waits for an earlier line of its author."""
        talk.known.add(signed.line.peer)
        stream = talk.log.open(tag_of_line(signed.line))
        shown: list[Said] = talk.log.skip_to(stream, signed.line.counter, now)
        shown += talk.log.add(signed, now, now)
        author = self._author
        if author is not None and (signed.line.public_key, signed.line.instance) == (
            author.public_key,
            author.instance,
        ):
            talk.unsent.pop(signed.line.counter, None)
        for said in shown:
            if not self._muted(said.peer):
                self._connections.emit(chat_event(said))

    # --- LinkUser: the links are those of the room and the match

    def uses(self, link: int) -> bool:
        del link
        return False

    def link_opened(self, link: int, peer: PeerId, purpose: object, now: float) -> None:
        """`update` looks at the place."""

    def link_closed(
        self, link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> None:
        """`update` looks at the place."""

    def dial_failed(self, purpose: object, now: float) -> None:
        """It dials nobody."""

    def next_deadline(self) -> float | None:
        talk = self._talk
        if talk is None or talk.leader_link is None or (talk.confirmed and not talk.unsent):
            return None
        return talk.synced_at + SYNC_EACH

    def handle_timeout(self, now: float) -> None:
        """Say once more what the leader may not have taken."""
        self.update(now)
        talk, deadline = self._talk, self.next_deadline()
        if talk is not None and talk.leader_link is not None and deadline is not None and now >= deadline:
            self._sync(talk, talk.leader_link, now)
