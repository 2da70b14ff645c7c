"""The lobby: who is here, what to play, and what to check when nobody is."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pygame

from p2pgame.core.ids import tag_of
from p2pgame.discovery.peer import Peer
from p2pgame.session.events import Announcing, Event, PeerFound, PeerLost, PeerUpdated
from p2pgame.session.people.known_peer import Trust
from p2pgame.ui import assets
from p2pgame.ui.iconbutton import IconButton
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.options import Option, config_of, options_of
from p2pgame.ui.scene import Context, Pop, Push, Quit, Scene, Transition
from p2pgame.ui.scenes.dialogs import Confirm
from p2pgame.ui.scenes.known import KnownPeople
from p2pgame.ui.scenes.peerlist import PeerList
from p2pgame.ui.scenes.person import Person
from p2pgame.ui.textfield import TextField
from p2pgame.ui.widgets import Button, Choice, Form, Widget

__all__ = ["Lobby"]

_LOOK = 0.25
"""Seconds between looks at the peer list for what makes no event: round trips."""
_CHECKS = (
    ("Same network?", "Both computers on one Wi-Fi or cable. Guest Wi-Fi often keeps devices apart."),
    ("Firewall?", "Let p2pgame through: UDP {discovery} and {udp}, and TCP {tcp}."),
    ("VPN?", "Try without it, or type the other computer's address on the right."),
)


class Lobby(Scene):
    """The list of peers and the invitation to be sent."""

    def __init__(
        self,
        context: Context,
        rename: Callable[[], Scene],
        practise: Callable[[str, Any], Transition | None],
        history: Callable[[], Scene],
    ) -> None:
        """`practise` starts a game with a configuration against its bot."""
        super().__init__(context)
        self._to_practice = practise
        self._rename = rename
        self._history = history
        self._games = list(self.client.registry)
        self._game = 0
        self._chosen: dict[str, Any] = {}
        self._options: tuple[Option, ...] = ()
        self.peers = PeerList(self.client, self._check, self._invite)
        self.details_button = Button("Details", self._open_details)
        self.people_button = Button("People you know", self._open_people)
        self.history_button = Button("History", self._open_history)
        self._choices: list[Choice] = []
        self._game_choice = Choice("Game", [p.game.title for p in self._games], self._choose_game)
        self.invite_button = Button("Invite", self._invite, "primary")
        self.practice_button = Button("Practice", self._practise)
        self.rename_button = Button("Rename", self._open_rename)
        self.sound_button = IconButton("sound on", "Sound on or off", context.toggle_sound)
        self.address = TextField(placeholder="address[:port]", on_submit=self._connect, characters=80)
        self._connect_button = Button("Connect", self._connect)
        self._why = ""
        self._impostor = False
        self._looked = 0.0
        self._us: tuple[str, ...] = ()
        """What is shown of ourselves; it changes on the network's side, without an event."""
        self._choose_game(0)
        self._look()

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        pad, gap = u(24), u(20)
        head = pad + u(52)
        foot = size[1] - u(44)
        side = min(u(360), max(u(300), size[0] * 36 // 100))
        self._list_rect = pygame.Rect(pad, head, size[0] - 2 * pad - side - gap, foot - head)
        self._side = pygame.Rect(self._list_rect.right + gap, head, side, foot - head)
        self.peers.canvas = self.canvas
        self.peers.rect = self._list_rect.inflate(-u(28), -u(28))
        self.peers.rect.top += u(28)
        self.peers.rect.height -= u(28 + 52)
        row = pygame.Rect(
            self.peers.rect.left, self._list_rect.bottom - u(14 + 40), self.peers.rect.width, u(40)
        )
        part, x = (row.width - 2 * u(10)) * 27 // 100, row.left
        for button in (self.details_button, self.people_button, self.history_button):
            width = row.width - 2 * u(10) - 2 * part if button is self.people_button else part
            button.rect = pygame.Rect(x, row.top, width, row.height)
            x += width + u(10)
        self.rename_button.rect = pygame.Rect(size[0] - pad - u(100), pad - u(4), u(100), u(38))
        sound = pygame.Rect(0, pad - u(4), u(44), u(38))
        sound.right = self.rename_button.rect.left - u(10)
        self.sound_button.rect = sound
        self._layout_side()

    def _layout_side(self) -> None:
        u = self.canvas.u
        x, width = self._side.left + u(18), self._side.width - u(36)
        y = self._side.top + u(44)
        self._labels: list[tuple[str, int]] = []
        bottom = self._side.bottom - u(18)
        choices = [self._game_choice, *self._choices]
        room = bottom - u(42 + 34) - u(54 + 40) - y
        pitch = max(u(58), min(u(76), room // len(choices)))
        for choice in choices:
            self._labels.append((choice.label, y))
            choice.rect = pygame.Rect(x, y + u(22), width, min(u(40), pitch - u(26)))
            y += pitch
        part = (width - u(10)) * 58 // 100
        self.invite_button.rect = pygame.Rect(x, y + u(6), part, u(48))
        self.practice_button.rect = pygame.Rect(x + part + u(10), y + u(6), width - part - u(10), u(48))
        button = u(96)
        self.address.rect = pygame.Rect(x, bottom - u(42), width - button - u(10), u(42))
        self._connect_button.rect = pygame.Rect(x + width - button, bottom - u(42), button, u(42))

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.RENAME):
            self._open_rename()
        elif event == Press(MenuAction.PEOPLE):
            self._open_people()
        elif event == Press(MenuAction.HISTORY):
            self._open_history()
        elif event == Press(MenuAction.BACK):
            self.next = Push(
                Confirm(self.context, "Leave p2pgame?", "Others will no longer see you.", "Leave", Quit(0))
            )
        else:
            super().handle(event)

    def notice(self, event: Event) -> None:
        if isinstance(event, Announcing | PeerFound | PeerUpdated | PeerLost):
            self._looked = _LOOK  # once a turn, however many came
            self.dirty = True

    def _look(self) -> None:
        self._looked = 0.0
        us = (self.client.name, *self.client.addresses)
        if us != self._us:
            self._us, self.dirty = us, True
        if self.peers.show(self.client.peers()):
            self._check()

    def update(self, dt: float) -> Transition | None:
        self._looked += dt
        self.sound_button.icon = "sound on" if self.canvas.sounds.on else "sound off"
        if self._looked >= _LOOK:
            self._look()
        if self.peers.update(dt):
            self._check()
        return super().update(dt)

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        surface.fill(theme.background)
        pad = u(24)
        logo = assets.picture("logo", u(36))
        surface.blit(logo, (pad, pad - u(3)))
        middle = pad + u(15)
        title = canvas.text(surface, "p2pgame", (pad + u(48), middle), "heading", anchor="midleft", bold=True)
        at = (self.sound_button.rect.left - u(14), middle)
        tag = canvas.text(surface, tag_of(self.client.peer_id), at, "small", theme.faint, anchor="midright")
        at = (tag.left - u(9), middle)
        room = at[0] - title.right - u(30)
        canvas.text(surface, self.client.name, at, "body", anchor="midright", width=room, bold=True)
        canvas.panel(surface, self._list_rect)
        at = (self._list_rect.left + u(18), self._list_rect.top + u(14))
        here = sum(r.gone is None for r in self.peers.rows)
        canvas.text(
            surface, f"Players here ({here})" if here else "Players here", at, "small", theme.muted, bold=True
        )
        canvas.panel(surface, self._side)
        if not self.peers.rows:
            self._draw_empty(surface)
        self._draw_side(surface)
        self.form.draw(surface, canvas)
        self._draw_foot(surface)

    def _draw_side(self, surface: pygame.Surface) -> None:
        canvas, u, theme, x = (
            self.canvas,
            self.canvas.u,
            self.canvas.theme,
            self._side.left + self.canvas.u(18),
        )
        canvas.text(surface, "New match", (x, self._side.top + u(14)), "small", theme.muted, bold=True)
        for label, y in self._labels:
            canvas.text(surface, label, (x, y), "small", theme.faint)
        ink = theme.warm if not self.invite_button.enabled and self.peers.peer else theme.muted
        if self._impostor:
            ink = theme.alarm
        y, button = self.address.rect.top, self.invite_button.rect
        width = self.address.rect.width + self._connect_button.rect.width
        room = pygame.Rect(x, button.bottom + u(10), width, y - u(34) - button.bottom)
        canvas.paragraph(surface, self._why, room, "small", ink)
        canvas.text(
            surface, "Connect directly", (x, y - u(8)), "small", theme.muted, anchor="bottomleft", bold=True
        )

    def _draw_foot(self, surface: pygame.Surface) -> None:
        canvas, told = self.canvas, self.context.announced
        if told is None:
            words = "Opening the network…"
        else:
            where = ", ".join(self.client.addresses[:3]) or "no network"
            words = f"Your address: {where} · discovery on UDP {told.discovery_port}"
        at = (canvas.u(24), self.size[1] - canvas.u(22))
        canvas.text(
            surface,
            words,
            at,
            "small",
            canvas.theme.faint,
            anchor="midleft",
            width=self.size[0] - canvas.u(48),
        )

    def _draw_empty(self, surface: pygame.Surface) -> None:
        """What to check when nobody is here."""
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        area = self._list_rect.inflate(-u(48), -u(40))
        area.height -= u(40)
        told = self.context.announced
        ports = {
            "discovery": told.discovery_port if told else "41420",
            "udp": told.udp_port if told else "…",
            "tcp": told.tcp_port if told else "…",
        }
        picture = assets.picture("nobody", u(92))
        width = min(area.width, u(430))
        rows = [(head, words.format(**ports)) for head, words in _CHECKS]
        heights = [canvas.paragraph_height(words, width, "small") for _, words in rows]
        head = canvas.line_height("small")
        total = (
            u(92) + u(10) + canvas.line_height("heading") + u(14) + sum(heights) + len(rows) * (head + u(9))
        )
        y = max(area.top, area.centery - total // 2)
        surface.blit(picture, picture.get_rect(midtop=(area.centerx, y)))
        y += u(102)
        canvas.text(surface, "Nobody here yet", (area.centerx, y), "heading", anchor="midtop", bold=True)
        y += canvas.line_height("heading") + u(14)
        left = area.centerx - width // 2
        for label, words in rows:
            canvas.text(surface, label, (left, y), "small", theme.text, bold=True)
            y = canvas.paragraph(
                surface, words, pygame.Rect(left, y + head, width, area.bottom - y), "small", theme.muted
            )
            y += u(9)

    def _choose_game(self, index: int) -> None:
        self._game = index
        self._chosen = {}
        if not self._games:
            self._options, self._choices = (), []
        else:
            self._options = options_of(self._games[index].game.config_type)[:3]
            self._choices = [self._choice(option) for option in self._options]
        widgets: list[Widget] = [self.peers, self.details_button, self.people_button, self.history_button]
        widgets += [self._game_choice, *self._choices, self.invite_button]
        widgets += [
            self.practice_button,
            self.address,
            self._connect_button,
            self.sound_button,
            self.rename_button,
        ]
        self.form = Form(widgets, self.peers) if not self.form.widgets else self.form
        self.form.replace(widgets)
        self._check()
        if self.size != (0, 0):
            self._layout_side()

    def _choice(self, option: Option) -> Choice:
        def chosen(index: int) -> None:
            self._chosen[option.field] = option.values[index]

        labels = [str(v).replace("_", " ").capitalize() for v in option.values]
        return Choice(option.label, labels, chosen, option.default)

    def _check(self) -> None:
        """Whether, and if not why not, the selected peer can be invited."""
        row, peer = self.peers.row, self.peers.peer
        ready = False
        self._impostor = row is not None and row.trust is Trust.IMPOSTOR
        self.details_button.enabled = peer is not None
        self.invite_button.kind = "danger" if self._impostor else "primary"
        self.practice_button.enabled = bool(self._games) and self._games[self._game].has_bot
        if not self._games:
            self._why = "No game is installed"
        elif peer is None:
            self._why = "Pick a player in the list" if self.peers.rows else "Waiting for players…"
        else:
            plugin = self._games[self._game]
            theirs = peer.games.get(plugin.game.name)
            if row is not None and row.trust is Trust.BLOCKED:
                self._why = f"You blocked {peer.name}. Details: unblock."
            elif not peer.compatible:
                self._why = peer.reason or "not compatible"
            elif theirs is None:
                self._why = f"{peer.name} does not have {plugin.game.title}"
            elif theirs != plugin.digest:
                self._why = f"{peer.name} has other rules of {plugin.game.title}"
            elif peer.status == "busy":
                self._why = f"{peer.name} is playing"
            else:
                name = (row.nickname if row else "") or peer.name
                self._why, ready = f"Invite {name} ({tag_of(peer.peer)})", True
        if row is not None and self._impostor:
            self._why = row.warning
        self.invite_button.enabled = ready
        self.dirty = True

    def _invite(self) -> None:
        self._check()
        peer = self.peers.peer
        if peer is None or not self.invite_button.enabled:
            self.context.toast(self._why)
            return
        if self._impostor:
            self._ask_about(peer)
        else:
            self._send(peer.peer, anyway=False)

    def _ask_about(self, peer: Peer) -> None:
        """Nobody invites an impostor by a slip: the answer that is ready is no."""
        heading = f"{peer.name} ({tag_of(peer.peer)}) may be an impostor"
        yes = partial(self._send, peer.peer, anyway=True)
        ask = Confirm(self.context, heading, self._why, "Invite anyway", Pop(), yes, "Do not", alarm=True)
        self.next = Push(ask)

    def _send(self, peer: str, *, anyway: bool) -> None:
        plugin = self._games[self._game]
        config = config_of(plugin.game.config_type, self._chosen)
        self.context.invited = (peer, plugin.game.name, config)
        self.canvas.sounds.play("click")
        self.client.invite(peer, plugin.game.name, config, anyway=anyway)

    def _practise(self) -> None:
        game = self._games[self._game].game
        self.canvas.sounds.play("click")
        self.next = self._to_practice(game.name, config_of(game.config_type, self._chosen))

    def _connect(self) -> None:
        address = self.address.text.strip()
        if address:
            self.client.add_seed(address)
            self.context.toast(f"Looking for {address}…")

    def _open_details(self) -> None:
        peer = self.peers.peer
        if peer is not None:
            self.next = Push(Person(self.context, peer.peer, peer.name))

    def _open_people(self) -> None:
        self.next = Push(KnownPeople(self.context))

    def _open_history(self) -> None:
        self.next = Push(self._history())

    def _open_rename(self) -> None:
        self.next = Push(self._rename())
