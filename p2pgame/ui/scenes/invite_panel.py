"""The panel "New match" of the lobby: the game, the buttons that start a match, and why the peer cannot be invited."""

from collections.abc import Callable

import pygame

from p2pgame.core.ids import long_tag_of
from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext
from p2pgame.session.people.known_peer import Trust
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.scenes.game_picker import GamePicker
from p2pgame.ui.scenes.peer_list import PeerList, Row
from p2pgame.ui.sentences import incompatible_text, plugin_title, unreachable_text
from p2pgame.ui.widgets import Button, Widget

__all__ = ["InvitePanel"]

_BUTTONS = 54 + 44
"""Units for the buttons and the gaps above them."""
_REASON = 40
"""Units for the text below them."""


class InvitePanel:
    """Invites the selected peer, or starts a practice match."""

    def __init__(
        self,
        canvas: Canvas,
        picker: GamePicker,
        invite: Callable[[], None],
        practise: Callable[[], None],
        open_room: Callable[[], None],
        watch: Callable[[], None],
    ) -> None:
        self.picker = picker
        self.invite_button = Button(gettext("Invite"), invite, "primary")
        self.practice_button = Button(gettext("Practice"), practise)
        self.room_button = Button(gettext("Open a room"), open_room)
        self.watch_button = Button(gettext("Watch"), watch)
        self.reason = ""
        """Whom the button invites, or why it does not."""
        self.impostor = False
        """The selected peer is one."""
        self._doubtful = False
        """An invitation of the selected peer would not arrive, or cannot be sent."""
        self.alone = False
        """Nobody is here: what there is to do is to practise."""
        self._canvas = canvas
        self._area = pygame.Rect(0, 0, 0, 0)

    @property
    def widgets(self) -> list[Widget]:
        return [
            *self.picker.widgets,
            self.invite_button,
            self.practice_button,
            self.room_button,
            self.watch_button,
        ]

    def layout(self, area: pygame.Rect) -> None:
        u = self._canvas.u
        self._area = area
        room = area.height - u(_BUTTONS + _REASON)
        y = self.picker.layout(pygame.Rect(area.left, area.top, area.width, room)) + u(6)
        part = (area.width - u(10)) * 58 // 100
        main = pygame.Rect(area.left, y, part, u(48))
        beside = pygame.Rect(area.left + part + u(10), y, area.width - part - u(10), u(48))
        self.invite_button.rect, self.practice_button.rect = (beside, main) if self.alone else (main, beside)
        self.room_button.rect = pygame.Rect(area.left, y + u(54), part, u(38))
        self.watch_button.rect = pygame.Rect(beside.left, y + u(54), beside.width, u(38))

    def check(self, peers: PeerList) -> None:
        """See whether the selected peer can be invited to the chosen game."""
        plugin, row = self.picker.plugin, peers.row
        self.room_button.enabled = plugin is not None
        self.watch_button.enabled = peers.room is not None
        self.invite_button.label = gettext("Invite") if peers.room is None else gettext("Join")
        of_room = peers.room is not None and peers.trust_in(peers.room) is Trust.IMPOSTOR
        self.impostor = of_room or (row is not None and row.trust is Trust.IMPOSTOR)
        if (room := peers.room) is not None:
            ready = not room.locked
            how = gettext("Join or watch the room of {name}", name=room.name)
            self.reason = how if ready else gettext("The room of {name} is locked", name=room.name)
        elif plugin is None:
            ready, self.reason = False, gettext("No game is installed")
        elif row is None:
            ready = False
            self.reason = (
                gettext("Pick a player in the list") if peers.rows else gettext("Waiting for players…")
            )
        else:
            ready, self.reason = _invitable(row, plugin)
        self._doubtful = row is not None and not (ready and row.peer.unreachable is None)
        self.invite_button.enabled = ready
        self.practice_button.enabled = plugin is not None and plugin.has_bot
        alone = not peers.keys() and self.practice_button.enabled
        self.invite_button.kind = "danger" if self.impostor else "plain" if alone else "primary"
        self.practice_button.kind = "primary" if alone else "plain"
        if alone != self.alone:
            self.alone = alone
            if self._area.width:
                self.layout(self._area)

    def draw(self, surface: pygame.Surface) -> None:
        """Draw the labels and the reason; the form draws the widgets."""
        canvas, u, theme = self._canvas, self._canvas.u, self._canvas.theme
        self.picker.draw_labels(surface)
        ink = theme.warm if self._doubtful else theme.muted
        if self.impostor:
            ink = theme.alarm
        top = self.room_button.rect.bottom + u(8)
        room = pygame.Rect(self._area.left, top, self._area.width, self._area.bottom + u(10) - top)
        canvas.paragraph(surface, self.reason, room, "small", ink)


def _invitable(row: Row, plugin: Plugin) -> tuple[bool, str]:
    """Whether the peer in `row` can be invited, and in words whom it is or why not."""
    peer = row.peer
    theirs = peer.games.get(plugin.game.name)
    if row.trust is Trust.BLOCKED:
        return False, gettext("You blocked {name}. Details: unblock.", name=peer.name)
    ready = False
    if not peer.compatible:
        reason = incompatible_text(peer)
    elif theirs is None:
        reason = gettext("{name} does not have {game}", name=peer.name, game=plugin_title(plugin))
    elif theirs != plugin.digest:
        reason = gettext("{name} has other rules of {game}", name=peer.name, game=plugin_title(plugin))
    elif peer.status == "busy":
        reason = gettext("{name} is playing", name=peer.name)
    elif peer.unreachable is not None:  # it may be by now: an invitation finds out
        ready, name = True, row.nickname or peer.name
        reason = gettext(
            "{name} is heard, but not reached: {reason}", name=name, reason=unreachable_text(peer)
        )
    else:
        ready = True
        reason = gettext("Invite {name} ({tag})", name=row.nickname or peer.name, tag=long_tag_of(peer.peer))
    return ready, row.warning if row.trust is Trust.IMPOSTOR else reason
