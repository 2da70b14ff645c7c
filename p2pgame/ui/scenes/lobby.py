"""The lobby: who is here, what to play, and what to check when nobody is."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import pygame

from p2pgame.core.errors import P2PGameError
from p2pgame.core.ids import long_tag_of
from p2pgame.i18n.catalogue import enumerated, gettext
from p2pgame.session import commands
from p2pgame.session.events import (
    Announcing,
    Event,
    PeerFound,
    PeerLost,
    PeerUpdated,
    RoomFound,
    RoomLost,
    RoomUpdated,
)
from p2pgame.ui import assets
from p2pgame.ui.background import Future
from p2pgame.ui.chat_bar import ChatBar
from p2pgame.ui.iconbutton import IconButton
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.living import Living
from p2pgame.ui.marks import shape
from p2pgame.ui.scene import Context, Pop, Push, Quit, Scene, Transition
from p2pgame.ui.scenes.dialogs import Confirm
from p2pgame.ui.scenes.direct_connect import DirectConnect
from p2pgame.ui.scenes.game_picker import GamePicker, Kept
from p2pgame.ui.scenes.how_to import HowToScene, game_keys
from p2pgame.ui.scenes.invite_panel import InvitePanel
from p2pgame.ui.scenes.known import KnownPeersScene
from p2pgame.ui.scenes.peer_list import PeerList
from p2pgame.ui.scenes.peer_panel import PeerPanel
from p2pgame.ui.scenes.person import Person
from p2pgame.ui.scenes.reach_check import ReachCheck
from p2pgame.ui.scenes.resume import ResumeDialog
from p2pgame.ui.scenes.settings import SettingsScene
from p2pgame.ui.sentences import error_text
from p2pgame.ui.widgets import Button, Form, Widget

__all__ = ["LobbyScene"]

_NEWS = (Announcing, PeerFound, PeerUpdated, PeerLost, RoomFound, RoomUpdated, RoomLost)
"""Events that change what is listed."""
_ADVISE_AFTER = 8.0
"""Seconds alone after which this computer is looked at."""
_POLL = 0.25
"""Seconds between two reads of what changes without an event: round trips, our own addresses."""
_FOOT = 44
_SIDE = (300, 360)
"""Units that the panel at the right is wide, at least and at most."""


class LobbyScene(Scene):
    """Two panels, the peers at the left and the new match at the right, between a header and a footer."""

    def __init__(
        self,
        context: Context,
        rename: Callable[[], Scene],
        practise: Callable[[str, Any], Transition | None],
        history: Callable[[], Scene],
        resume: Callable[[str], None],
    ) -> None:
        """`practise` starts a game with a configuration against its bot. `resume` goes on with the match of that id."""
        super().__init__(context)
        self._start_practice = practise
        self._rename = rename
        self._history = history
        self._resume = resume
        self.peers = PeerList(self.client, self._check, self._invite, context.adjourned_with)
        self.peer_panel = PeerPanel(
            self.canvas,
            self.peers,
            self._open_details,
            self._open_known,
            self._open_history,
            self._invite,
            self._ask_resume,
        )
        games = list(self.client.registry)
        self.picker = GamePicker(self.canvas, games, self._changed, self._invite, Kept(context))
        if context.lively:
            self.picker.games.living = Living(games, context.background)
        self._plays_on = False
        """Another picture is due on a card."""
        self.invite_panel = InvitePanel(
            self.canvas,
            self.picker,
            self._invite,
            self._practise,
            self._open_room,
            lambda: self._join(local=0),
        )
        self.direct = DirectConnect(context)
        self.sound_button = IconButton("sound on", gettext("Sound on or off"), context.toggle_sound)
        self.help_button = IconButton("help", gettext("How to play"), self._open_help)
        self.settings_button = IconButton("settings", gettext("Settings"), self._open_settings)
        self.rename_button = Button(gettext("Rename"), self._open_rename)
        self.chat_bar = ChatBar(context.chat, context.open_chat)
        self._reach_check = ReachCheck()
        self._side = pygame.Rect(0, 0, 0, 0)
        self._polled = 0.0
        """Seconds since the last poll."""
        self._shape = (False, False)
        self._round_trips: tuple[str, ...] = ()
        """Whose round trips are measured."""
        self._alone = 0.0
        """Seconds for which nobody is here."""
        self._advice: Future[Sequence[tuple[str, str]]] | None = None
        self._advised = False
        self._own: tuple[str, ...] = ()
        """Our name and addresses as shown; the network thread changes them without an event."""
        self.form = Form(self._widgets(), self.peers)
        self._poll()
        self._check()

    def _widgets(self) -> list[Widget]:
        return [
            *self.peer_panel.widgets,
            *self.invite_panel.widgets,
            *self.direct.widgets,
            self.help_button,
            self.sound_button,
            self.settings_button,
            self.rename_button,
            self.chat_bar,
        ]

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        pad, gap = u(24), u(20)
        top = pad + u(52)
        height = size[1] - u(_FOOT) - top
        width = min(u(_SIDE[1]), max(u(_SIDE[0]), size[0] * 36 // 100))
        left = pygame.Rect(pad, top, size[0] - 2 * pad - width - gap, height)
        self.peer_panel.layout(left)
        self._side = pygame.Rect(left.right + gap, top, width, height)
        self.rename_button.rect = pygame.Rect(size[0] - pad - u(100), pad - u(4), u(100), u(38))
        self.sound_button.rect = pygame.Rect(0, pad - u(4), u(44), u(38))
        self.settings_button.rect = self.sound_button.rect.copy()
        self.settings_button.rect.right = self.rename_button.rect.left - u(10)
        self.sound_button.rect.right = self.settings_button.rect.left - u(10)
        self.help_button.rect = pygame.Rect(
            self._side.right - u(18) - u(36), self._side.top + u(8), u(36), u(34)
        )
        bar = pygame.Rect(self._side.left, 0, width, u(ChatBar.height))
        bar.centery = size[1] - u(_FOOT) // 2
        self.chat_bar.rect = bar
        inner = pygame.Rect(self._side.left + u(18), self._side.top + u(44), width - u(36), 0)
        inner.height = self._side.bottom - u(18) - inner.top
        self.direct.layout(inner)
        inner.height -= self.direct.height
        self.invite_panel.layout(inner)

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.RENAME):
            self._open_rename()
        elif event == Press(MenuAction.PEOPLE):
            self._open_known()
        elif event == Press(MenuAction.HISTORY):
            self._open_history()
        elif event == Press(MenuAction.HELP):
            self._open_help()
        elif event == Press(MenuAction.BACK):
            self._ask_quit()
        else:
            super().handle(event)

    def notice(self, event: Event) -> None:
        if isinstance(event, _NEWS):
            self._polled = _POLL  # poll in the next update, once for all events of a turn
            self.dirty = True

    def update(self, dt: float) -> Transition | None:
        self._polled += dt
        self._show_round_trips()
        if self.hidden:
            return super().update(dt)
        self.sound_button.icon = "sound on" if self.canvas.sounds.on else "sound off"
        if self._polled >= _POLL:
            self._poll()
        self.dirty = self.chat_bar.changed() or self.dirty
        self.picker.games.update(dt)
        living = self.picker.games.living
        if living is not None and not self.covered and not self.canvas.still and living.update(dt):
            self._plays_on = True
        if self.peers.update(dt) or self.peer_panel.seek():
            self._check()
        self._follow_search()
        self.dirty = self.direct.update(dt) or self.dirty
        self._ask_advice(dt)
        if not self.covered and (peer := self._reach_check.due(self.peers.row, dt)):
            self.client.send(commands.CheckReach(peer))
        return super().update(dt)

    def _follow_search(self) -> None:
        """Give the field to look for somebody, and the button to resume, a place, or take it away."""
        shape = (self.peer_panel.searching, self.peers.adjourned is not None)
        if shape != self._shape:
            self._shape = shape
            self.form.replace(self._widgets())
            self.size = (0, 0)

    def _show_round_trips(self) -> None:
        """Say whose round trips are to be measured: those on the screen."""
        shown = () if self.hidden else self.peers.on_screen()
        if shown != self._round_trips:
            self._round_trips = shown
            self.client.send(commands.ShowRoundTrips(shown))

    def _ask_advice(self, dt: float) -> None:
        """Have a look at this computer once nobody was here for a while."""
        self._alone = 0.0 if self.peers.keys() else self._alone + dt
        if self._advice is None and self._alone >= _ADVISE_AFTER and self.context.advise is not None:
            self._advice = self.context.background.submit(self.context.advise)
        if self._advice is not None and self._advice.done() and not self._advised:
            self._advised = True
            with suppress(P2PGameError, OSError):
                self.peer_panel.advice, self.dirty = self._advice.result(), True

    def notice_corner(self) -> tuple[int, int]:
        return self.peer_panel.corner

    def _poll(self) -> None:
        self._polled = 0.0
        own = (self.client.name, *self.client.addresses)
        if own != self._own:
            self._own, self.dirty = own, True
        changed = self.peers.show_rooms(self.client.rooms())
        if self.peers.show(self.client.peers()) or changed:
            self._check()

    def _changed(self) -> None:
        """Another game was chosen."""
        self.form.replace(self._widgets())
        self._check()
        self.size = (0, 0)

    def _check(self) -> None:
        """Follow the selection and the state of the selected peer."""
        self.peer_panel.check()
        self.invite_panel.check(self.peers)
        if not self.form.ring and self.form.focused not in (self.direct.address, *self.picker.widgets):
            alone = self.invite_panel.alone  # what there is to do is what Enter does
            self.form.give(self.invite_panel.practice_button if alone else self.peers)
        self.dirty = True

    @property
    def chat_area(self) -> pygame.Rect | None:
        return self._side

    @property
    def animating(self) -> bool:
        return self._plays_on

    def draw_live(self, surface: pygame.Surface) -> Sequence[pygame.Rect] | None:
        self._plays_on = False
        return self.picker.games.draw_living(surface, self.canvas)

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u = self.canvas, self.canvas.u
        self._plays_on = False
        surface.fill(canvas.theme.background)
        self._draw_header(surface)
        self.peer_panel.draw(surface, self.context.announced, self.client.hall_count)
        canvas.panel(surface, self._side)
        at = (self._side.left + u(18), self._side.top + u(14))
        canvas.text(surface, gettext("New match"), at, "small", canvas.theme.muted, bold=True)
        self.invite_panel.draw(surface)
        self.direct.draw(surface)
        self.form.draw(surface, canvas)
        self._draw_footer(surface)

    def _draw_header(self, surface: pygame.Surface) -> None:
        canvas, u, pad = self.canvas, self.canvas.u, self.canvas.u(24)
        middle = pad + u(15)
        surface.blit(assets.picture("logo", u(36)), (pad, pad - u(3)))
        title = canvas.text(surface, "p2pgame", (pad + u(48), middle), "heading", anchor="midleft", bold=True)
        at = (self.sound_button.rect.left - u(14), middle)
        own_tag = long_tag_of(self.client.peer_id)
        tag = canvas.text(surface, own_tag, at, "small", canvas.theme.faint, anchor="midright")
        at = (tag.left - u(9), middle)
        room = at[0] - title.right - u(54)
        name = canvas.text(surface, self.client.name, at, "body", anchor="midright", width=room, bold=True)
        look = self.context.avatar(self.client.peer_id)
        spot = (name.left - u(16), middle)
        shape(surface, canvas, spot, u(16), look.shape, canvas.theme.ink(look.colour))

    def _draw_footer(self, surface: pygame.Surface) -> None:
        canvas, announced = self.canvas, self.context.announced
        colour = canvas.theme.faint
        if canvas.fonts.lacks_han:
            colour = canvas.theme.warm
            text = gettext(
                "No font here has Chinese. Install {package}, or: {command}",
                package="fonts-noto-cjk",
                command="pip install noto-cjk-sans-otc",
            )
        elif announced is None:
            text = gettext("Opening the network…")
        else:
            text = gettext(
                "Your address: {addresses} · discovery on UDP {port}",
                addresses=enumerated(self.client.addresses[:3]) or gettext("no network"),
                port=str(announced.discovery_port),
            )
        at = (canvas.u(24), self.size[1] - canvas.u(_FOOT / 2))
        room = self.chat_bar.rect.left - at[0] - canvas.u(12)
        canvas.text(surface, text, at, "small", colour, anchor="midleft", width=room)

    def _invite(self) -> None:
        self._check()
        peer = self.peers.peer
        if self.peers.room is not None and self.invite_panel.invite_button.enabled:
            self._join(local=1)
        elif peer is None or not self.invite_panel.invite_button.enabled:
            self.context.toast(self.invite_panel.reason)
        elif self.invite_panel.impostor:
            send = partial(self._send, peer.peer, anyway=True)
            self._ask_about(peer.peer, peer.name, self.invite_panel.reason, send)
        else:
            self._send(peer.peer, anyway=False)

    def _join(self, *, local: int) -> None:
        """Into the selected room; `local` 0: to watch."""
        if (room := self.peers.room) is None:
            return
        join = partial(self.client.send, commands.JoinRoom(room=room.room, local=local))
        if self.invite_panel.impostor:
            self._ask_about(room.leader, room.name, error_text(self.client.warning(room.leader)), join)
        else:
            self.canvas.sounds.play("click")
            join()

    def _open_room(self) -> None:
        plugin, config = self.picker.plugin, self.picker.config
        if plugin is not None:
            self.canvas.sounds.play("click")
            self.client.send(commands.OpenRoom(game=plugin.game.name, config=config))

    def _ask_about(self, peer: str, name: str, why: str, act: Callable[[], None]) -> None:
        """Confirm what concerns an impostor. The answer that has the focus is no, so that a slip does nothing."""
        ask = Confirm(
            self.context,
            gettext("{name} ({tag}) may be an impostor", name=name, tag=long_tag_of(peer)),
            why,
            gettext("Invite anyway") if self.peers.room is None else gettext("Join anyway"),
            Pop(),
            act,
            gettext("Do not"),
            alarm=True,
        )
        self.next = Push(ask)

    def _send(self, peer: str, *, anyway: bool) -> None:
        plugin, config = self.picker.plugin, self.picker.config
        if plugin is not None:
            self.context.invited = (peer, plugin.game.name, config)
            self.canvas.sounds.play("click")
            self.client.send(commands.Invite(peer=peer, game=plugin.game.name, config=config, anyway=anyway))

    def _practise(self) -> None:
        plugin = self.picker.plugin
        if plugin is not None:
            self.canvas.sounds.play("click")
            self.next = self._start_practice(plugin.game.name, self.picker.config)

    def _ask_quit(self) -> None:
        ask = Confirm(
            self.context,
            gettext("Leave p2pgame?"),
            gettext("Others will no longer see you."),
            gettext("Leave"),
            Quit(0),
        )
        self.next = Push(ask)

    def _open_details(self) -> None:
        peer = self.peers.peer
        if peer is not None:
            self.next = Push(Person(self.context, peer.peer, peer.name))

    def _ask_resume(self) -> None:
        if (match := self.peers.adjourned) is not None:
            self.next = Push(ResumeDialog(self.context, match, self._resume))

    def _open_known(self) -> None:
        self.next = Push(KnownPeersScene(self.context))

    def _open_history(self) -> None:
        self.next = Push(self._history())

    def _open_help(self) -> None:
        keys = [
            ("F2", gettext("your name")),
            ("F4", gettext("people you know")),
            ("F5", gettext("history")),
        ]
        plugin = self.picker.plugin
        self.next = Push(
            HowToScene(self.context, plugin, keys if plugin is None else [*game_keys(plugin), *keys])
        )

    def _open_settings(self) -> None:
        self.next = Push(SettingsScene(self.context))

    def _open_rename(self) -> None:
        self.next = Push(self._rename())
