"""The list of peers of the lobby: keyed by peer id, keeps its selection, never moves under a click.

Friends come first, impostors last. A peer that leaves stays as a greyed row for some seconds. While somebody aims, no
row moves; a pointer that only rests there holds nothing up. Of a thousand rows only those on the screen are drawn.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import pygame

from p2pgame.core.ids import tags_of
from p2pgame.discovery.peer import Peer
from p2pgame.i18n.catalogue import enumerated, gettext
from p2pgame.session.events import MatchResumable
from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.session.room_view import ListedRoom
from p2pgame.ui.avatars import avatar_of
from p2pgame.ui.badge import badge, badge_width
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.client import Client
from p2pgame.ui.marks import shape
from p2pgame.ui.people import called, nicknames
from p2pgame.ui.room_words import listed_room_text
from p2pgame.ui.rowlist import RowList
from p2pgame.ui.sentences import (
    error_text,
    game_title,
    incompatible_text,
    listed,
    plugin_title,
    unreachable_text,
)
from p2pgame.ui.widgets import focus_ring
from p2pgame.wire.bounds import PLAYERS_MAX
from p2pgame.wire.names import safe_name

__all__ = ["PeerList", "Row"]

_LINGER = 3.0
"""Seconds that the row of a peer that left stays."""
_MANY = 100
"""Rows beyond which those that nothing happened to are looked at a part at a time."""
_PART = 100
_ORDER = {Trust.VERIFIED: 0, Trust.MET: 1, Trust.NEW: 2, Trust.BLOCKED: 3, Trust.IMPOSTOR: 4}
"""Friends first, then whom we know, then new ones; among equals, who came first."""
_ROOM = "room "
"""Begins the key of a room's row."""


class Row(msgspec.Struct):
    """One place in the list."""

    peer: Peer
    gone: float | None = None
    """Seconds since it left; None while it is here."""
    trust: Trust = Trust.NEW
    warning: str = ""
    """What is wrong with an impostor."""
    tag: str = ""
    """Different from that of any other peer in the list, of ours, and of those that the player verified."""
    nickname: str = ""
    """Our own name for it, if it differs from the name that it shows."""

    def has(self, sought: str) -> bool:
        """Whether it is one of those that are looked for, by a text in small letters."""
        names = (self.peer.name.casefold(), self.nickname.casefold())
        return any(sought in name for name in names) or self.tag.casefold().startswith(sought)

    @property
    def choosable(self) -> bool:
        return self.gone is None and self.peer.compatible and self.trust is not Trust.BLOCKED


class PeerList(RowList):
    """A row for each room, then for each peer: its name, how far it is trusted, what it does, its round trip."""

    def __init__(
        self,
        client: Client,
        on_select: Callable[[], None],
        on_open: Callable[[], None],
        adjourned_with: Callable[[str], MatchResumable | None],
    ) -> None:
        """`adjourned_with(peer)`: our adjourned match with that one."""
        super().__init__(on_select, on_open)
        self._adjourned_with = adjourned_with
        self.rows: list[Row] = []
        self.rooms: tuple[ListedRoom, ...] = ()
        """Above the peers."""
        self.sought = ""
        """What the player looks for: part of a name, or the beginning of a tag."""
        self._client = client
        self._visible: list[Row] = []
        """The rows that are shown: those that have what is sought."""
        self._keys: tuple[str, ...] = ()
        self._known: Sequence[KnownPeer] = ()
        self._next_part = 0

    def keys(self) -> Sequence[str]:
        return self._keys

    def seek(self, text: str) -> None:
        """Show only who has `text` in its name, or whose tag begins so; all if it is empty.

        The first of them is selected, unless the selected one is among them.
        """
        self.sought = safe_name(text, "").casefold()
        self._arrange()
        if self.sought and self.selected not in self._keys:
            self.selected = next(self._safe(self._visible), self.selected)
        self._scroll_by(-self._scroll)
        self.reveal()

    def on_screen(self) -> tuple[str, ...]:
        """The peers whose rows are to be seen now."""
        first, last = self.seen()
        rooms = len(self._keys) - len(self._visible)
        rows = self._visible[max(0, first - rooms) : max(0, last - rooms)]
        return tuple(row.peer.peer for row in rows if row.gone is None)

    def _arrange(self) -> None:
        """Choose the rows that have what is sought."""
        self._visible = [row for row in self.rows if row.has(self.sought)] if self.sought else self.rows
        rooms = () if self.sought else self.rooms
        self._keys = (*(_ROOM + room.room for room in rooms), *(row.peer.peer for row in self._visible))

    @property
    def room(self) -> ListedRoom | None:
        """The selected room."""
        return next((room for room in self.rooms if _ROOM + room.room == self.selected), None)

    def show_rooms(self, rooms: Sequence[ListedRoom]) -> bool:
        """Show the current rooms, but those of blocked peers; True if the list changed."""
        before, self.rooms = self.rooms, tuple(r for r in rooms if self.trust_in(r) is not Trust.BLOCKED)
        if self.rooms == before:
            return False
        self._arrange()
        return True

    def trust_in(self, room: ListedRoom) -> Trust:
        """How far the leader of a room is trusted."""
        return self._client.trust(room.leader)

    @property
    def row(self) -> Row | None:
        """The row of the selected peer, while it is here."""
        return next((r for r in self.rows if r.peer.peer == self.selected and r.gone is None), None)

    @property
    def peer(self) -> Peer | None:
        """The selected peer, while it is here."""
        return self.row.peer if self.row else None

    @property
    def adjourned(self) -> MatchResumable | None:
        """Our adjourned match with the selected peer, which is here."""
        row = self.row
        return self._adjourned_with(row.peer.peer) if row is not None and row.choosable else None

    def show(self, peers: Sequence[Peer]) -> bool:
        """Show the current peers; True if the list changed."""
        now = {p.peer: p for p in reversed(peers)}
        changed = False
        news: list[Row] = []
        for row in self.rows:
            fresh = now.pop(row.peer.peer, None)
            if fresh is None:
                if row.gone is None:
                    row.gone, changed = 0.0, True
            elif fresh is not row.peer and fresh != row.peer:
                row.peer, row.gone, changed = fresh, None, True
                news.append(row)
            elif row.gone is not None:
                row.gone, changed = None, True
        new = [Row(p) for p in peers if now.pop(p.peer, None) is not None]
        self.rows += new
        changed = self._read_trust([*news, *new], whole=bool(new)) or changed
        if changed or new:
            self._arrange()
        if self.peer is None and self._may_choose_for_user():
            self.selected = next(self._safe(self.rows), self.selected)
        return changed or bool(new)

    @staticmethod
    def _safe(rows: Sequence[Row]) -> Iterator[str]:
        """Whom the program may select by itself."""
        return (row.peer.peer for row in rows if row.choosable and row.trust is not Trust.IMPOSTOR)

    def _read_trust(self, news: Sequence[Row], *, whole: bool) -> bool:
        """Read the trust and the nickname of peers again: of `news` and a part of the others, or of the `whole` list.

        True if one changed.
        """
        changed = False
        known = tuple(self._client.known())
        if known != self._known or len(self.rows) <= _MANY:
            self._known, whole = known, True
        part = self.rows[self._next_part : self._next_part + _PART]
        self._next_part = self._next_part + _PART if part else 0
        names = nicknames(self._client)
        tags: Mapping[str, str] = {}
        if whole:
            verified = [one.peer for one in known if one.verified]
            tags = tags_of([self._client.peer_id, *verified, *(row.peer.peer for row in self.rows)])
        for row in self.rows if whole else [*news, *part]:
            nickname = names.get(row.peer.peer, "")
            trust = self._client.trust(row.peer.peer)
            warning = error_text(self._client.warning(row.peer.peer)) if trust is Trust.IMPOSTOR else ""
            tag = tags.get(row.peer.peer, row.tag)
            if (trust, warning, nickname, tag) != (row.trust, row.warning, row.nickname, row.tag):
                row.trust, row.warning, row.nickname, row.tag = trust, warning, nickname, tag
                changed = True
        return changed

    def _may_choose_for_user(self) -> bool:
        return self.selected is None or self.selected not in self.keys()

    def update(self, dt: float) -> bool:
        """Remove the rows of peers that left; True if the list changed."""
        super().update(dt)
        for row in self.rows:
            if row.gone is not None:
                row.gone += dt
        if self.aimed_at:
            return False
        kept = [r for r in self.rows if r.gone is None or r.gone < _LINGER]
        kept.sort(key=lambda row: _ORDER[row.trust])
        changed = kept != self.rows
        self.rows = kept
        if changed:
            self._arrange()
        self.clamp()
        return changed

    def draw_row(
        self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, i: int, *, focused: bool
    ) -> None:
        rooms = len(self._keys) - len(self._visible)
        if i < rooms:
            self._draw_room(surface, canvas, rect, self.rooms[i], focused=focused)
            return
        theme, row, u = canvas.theme, self._visible[i - rooms], canvas.u
        peer = row.peer
        chosen, alarm = peer.peer == self.selected, row.trust is Trust.IMPOSTOR and row.gone is None
        face = theme.hover if chosen else theme.raised if row.choosable else theme.panel
        if alarm:
            face = theme.alarm_hover if chosen else theme.alarm_panel
        canvas.panel(surface, rect, face)
        if chosen:
            canvas.frame(surface, rect, theme.alarm if alarm else theme.accent, 1.5)
            if focused:
                focus_ring(surface, canvas, rect)
        name_ink = theme.text if row.choosable else theme.faint
        left, right = rect.left + u(16), rect.right - u(16)
        canvas.ping(surface, (right, rect.centery), peer.rtt_ms, faint=not row.choosable)
        room = right - left - u(90)
        beside = (
            canvas.fonts.width(row.tag, canvas.px("small")) + u(10) + badge_width(canvas, row.trust) + u(12)
        )
        look = avatar_of(peer.peer, peer.avatar)
        ink = theme.ink(look.colour) if row.choosable else theme.faint
        middle = rect.top + u(9) + canvas.line_height("body") // 2
        shape(surface, canvas, (left + u(8), middle), u(16), look.shape, ink)
        room -= u(24)
        at = (left + u(24), rect.top + u(9))
        name = canvas.text(
            surface,
            row.nickname or peer.name,
            at,
            "body",
            name_ink,
            width=max(u(30), room - beside),
            bold=True,
        )
        at = (name.right + u(10), name.centery)
        mark = canvas.text(surface, row.tag, at, "small", theme.faint, anchor="midleft")
        badge(surface, canvas, row.trust, (mark.right + u(12), name.centery))
        words, ink = self._words(row, canvas)
        x = left
        if row.choosable and not alarm and peer.unreachable is None:
            dot = (left + u(4), rect.bottom - u(19))
            if peer.status == "busy":
                canvas.shapes.ring(surface, dot, u(4), theme.warm, u(1.5))
            else:
                canvas.shapes.disc(surface, dot, u(4), theme.accent)
            x += u(15)
        at = (x, rect.bottom - u(19))
        canvas.text(surface, words, at, "small", ink, anchor="midleft", width=room - (x - left))

    def _draw_room(
        self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, room: ListedRoom, *, focused: bool
    ) -> None:
        """A room: its game, whose it is, and a mark for each seat, filled if somebody has it."""
        theme, u, chosen = canvas.theme, canvas.u, _ROOM + room.room == self.selected
        alarm = self.trust_in(room) is Trust.IMPOSTOR
        face = theme.hover if chosen else theme.raised
        if alarm:
            face = theme.alarm_hover if chosen else theme.alarm_panel
        canvas.panel(surface, rect, face)
        if chosen:
            canvas.frame(surface, rect, theme.alarm if alarm else theme.accent, 1.5)
            if focused:
                focus_ring(surface, canvas, rect)
        left, right = rect.left + u(16), rect.right - u(16)
        step = u(13)
        for seat in range(min(room.seats, PLAYERS_MAX)):
            at = (right - u(5) - (min(room.seats, PLAYERS_MAX) - 1 - seat) * step, rect.centery)
            if seat < room.taken:
                canvas.shapes.disc(surface, at, u(5), theme.accent)
            else:
                canvas.shapes.ring(surface, at, u(5), theme.faint, u(1.5))
        width = right - left - min(room.seats, PLAYERS_MAX) * step - u(12)
        words = listed(
            game_title(self._client.registry, room.game),
            gettext("room of {name}", name=called(self._client, room.leader, room.name)),
        )
        canvas.text(surface, words, (left, rect.top + u(9)), "body", theme.text, width=width, bold=True)
        at = (left, rect.bottom - u(19))
        text = error_text(self._client.warning(room.leader)) if alarm else listed_room_text(room)
        ink = theme.alarm if alarm else theme.muted
        canvas.text(surface, text, at, "small", ink, anchor="midleft", width=width)

    def _words(self, row: Row, canvas: Canvas) -> tuple[str, tuple[int, int, int]]:
        """The second line of a row and its colour."""
        peer, theme = row.peer, canvas.theme
        if row.gone is not None:
            return gettext("has left"), theme.faint
        if not peer.compatible:
            return incompatible_text(peer), theme.warm
        if row.trust is Trust.BLOCKED:
            return gettext("blocked"), theme.faint
        if row.trust is Trust.IMPOSTOR:
            return row.warning, theme.alarm
        if peer.unreachable is not None:
            return gettext("not reached: {reason}", reason=unreachable_text(peer)), theme.warm
        registry = self._client.registry
        titles = [plugin_title(p) for name in peer.games if (p := registry.get(name)) is not None]
        playing = game_title(registry, peer.playing) if peer.playing else ""
        if peer.status == "busy":
            text = gettext("playing {game}", game=playing) if playing else gettext("busy")
            return text, theme.muted
        waiting = self._adjourned_with(peer.peer)
        if waiting is not None:
            game = game_title(registry, waiting.game)
            return listed(gettext("free"), gettext("adjourned match: {game}", game=game)), theme.warm
        shown = gettext("shows itself as {name}", name=peer.name) if row.nickname else ""
        return listed(gettext("free"), shown, playing or enumerated(titles[:3])), theme.muted
