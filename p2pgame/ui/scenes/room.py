"""The room: its seats and who has them, before a round, while one is on, and at the table after it."""

from collections.abc import Sequence

import pygame

from p2pgame.core.guard import GameError
from p2pgame.i18n.catalogue import enumerated, gettext, ngettext
from p2pgame.i18n.games import options
from p2pgame.i18n.rooms import series_text
from p2pgame.session import commands
from p2pgame.session.room_view import RoomMember, RoomView
from p2pgame.ui.avatars import Avatar
from p2pgame.ui.chat_bar import ChatBar, draw_emotes
from p2pgame.ui.iconbutton import IconButton
from p2pgame.ui.inputs import Input, Join, KeySet, MenuAction, Press
from p2pgame.ui.room_words import (
    device_text,
    member_of,
    round_text,
    seat_title,
    seats_of,
    seconds_left,
    watchers,
)
from p2pgame.ui.scene import Context, Push, Scene, Transition
from p2pgame.ui.scenes.how_to import HowToScene
from p2pgame.ui.scenes.room_dialogs import (
    TEAMS_MAX,
    InviteIntoDialog,
    LeaveRoundDialog,
    RulesDialog,
    SeatDialog,
    SeriesDialog,
    StartVoteDialog,
)
from p2pgame.ui.scenes.seat_card import SeatCard
from p2pgame.ui.scenes.settings import SettingsScene
from p2pgame.ui.scenes.vote_panel import VotePanel
from p2pgame.ui.sentences import game_title, listed, winners_text
from p2pgame.ui.widgets import Button, Widget
from p2pgame.wire.bounds import LOCAL_MAX

__all__ = ["RoomScene"]

_ANSWER = 2.0
"""Seconds within which the leader answers who joined on this machine."""
_TWICE = 1.0
"""Seconds in which a second Enter does not leave the room that the first one joins."""
_SIDE = 268
_SEAT = 58
_SEAT_GAP = 6
_STRIP = 56
"""Units of the strip for who joins on this machine."""
_BUTTON = 44
_GAP = 8
_TEAM_MIN = 2
"""Players of a team, at least."""
_FEW = 4
"""So many seats stand one below another; more stand in two columns."""


class RoomScene(Scene):
    """Follows `Client.room`; the router removes it when there is none any more."""

    joinable = True

    def __init__(self, context: Context, room: RoomView) -> None:
        super().__init__(context)
        self.room = room
        self.votes = VotePanel(self.canvas, self.client.send, context.clock)
        self.cards: list[SeatCard] = []
        self._sits: tuple[str, ...] = ()
        self._looks: tuple[Avatar, ...] = ()
        """Of those who sit there."""
        self.ready_button = Button(gettext("Ready"), self._toggle_ready, "primary")
        self.hold_button = Button(gettext("Hold the next round"), self._toggle_hold)
        self.start_button = Button(gettext("Start anyway"), lambda: self.client.send(commands.StartRound()))
        self.rules_button = Button(gettext("Game"), self._open_rules)
        self.series_button = Button(gettext("Series"), self._open_series)
        self.teams_button = Button(gettext("Teams"), self._next_teams)
        self.lock_button = Button(gettext("Lock"), self._toggle_lock)
        self.invite_button = Button(gettext("Invite"), self._open_invite)
        self.vote_button = Button(gettext("Vote"), self._open_votes)
        self.leave_round_button = Button(
            gettext("Leave the round"), lambda: self.client.send(commands.LeaveRound())
        )
        self.leave_button = Button(gettext("Leave the room"), self._leave)
        self.fewer_button = Button("−", lambda: self._set_local(-1))
        self.more_button = Button("+", lambda: self._set_local(1))
        self.help_button = IconButton("help", gettext("How to play"), self._open_help)
        self.settings_button = IconButton("settings", gettext("Settings"), self._open_settings)
        self.chat_bar = ChatBar(context.chat, context.open_chat)
        self._emotes: dict[int, str] = {}
        """By seat: what stands over it."""
        self._twice = context.clock() + _TWICE
        """Until when Enter was meant for what brought us here."""
        self._wanted = (0, 0.0)
        """How many players here we asked for last, and until when that may be answered."""
        self._shown: tuple[object, ...] = ()
        """What changes without another `RoomView`."""
        self._header = self._panel = self._strip = self._side = pygame.Rect(0, 0, 0, 0)
        self._traits: tuple[str, bool, bool, bool] = ("", False, False, False)
        """Of a game: whether it knows teams, has a bot, and that has levels."""
        self._take(room)

    @property
    def me(self) -> RoomMember | None:
        """Us, as the others see us; None until we are in."""
        return member_of(self.room, self.room.me)

    @property
    def local(self) -> int:
        """Players on this machine."""
        return self.me.local if self.me is not None else 0

    # --- following the room

    def refresh(self) -> None:
        room = self.client.room()
        if room is not None and room is not self.room:
            self._take(room)

    def _take(self, room: RoomView) -> None:
        was, let_in = self.room, self.room.joining and not room.joining
        self.room, self.dirty = room, True
        changed = (was.game, was.config) != (room.game, room.config)
        if changed and not (was.joining or room.leads):  # who leads was told before
            self.context.toast(
                gettext("The game or its rules have changed: everybody has to be ready again.")
            )
        self._fit_players()
        if len(self.cards) != len(room.seats):
            self.cards = [SeatCard(i, self._open_seat) for i in range(len(room.seats))]
        for card, device in zip(self.cards, self._devices(), strict=True):
            card.show(room, device, enabled=self._has_actions(card.index))
        self.votes.show(room)
        self._label()
        widgets = self._widgets()
        if widgets != self.form.widgets:
            focused = self.form.focused
            asked = self.ready_button in widgets and self.ready_button not in self.form.widgets
            self.form.replace(widgets)
            if let_in or asked or focused is None or focused not in widgets:
                self.form.give(next(w for w in self._buttons() if w.focusable))
        self.size = (0, 0)

    def _fit_players(self) -> None:
        """As many devices as players here; those of who just joined are kept until the leader has heard of it."""
        count, until = self._wanted
        if self.local == count or self.context.clock() > until:
            count = 0
        self.context.players.fit(max(1, self.local, count))

    def _devices(self) -> list[str]:
        """For each seat what its player uses, where several play on this machine."""
        found, others = [], iter([None, *self.context.players.others])
        for seat in self.room.seats:
            ours = seat.kind == "person" and seat.peer == self.room.me and self.local > 1
            found.append(device_text(next(others, None)) if ours else "")
        return found

    def _has_actions(self, index: int) -> bool:
        """Pressing that seat does something."""
        room, seat = self.room, self.room.seats[index]
        if room.joining:
            return False
        theirs = seat.kind == "person" and seat.peer != room.me
        return room.leads or theirs or (seat.kind in ("open", "bot") and not self.local)

    def _label(self) -> None:
        room, me = self.room, self.me
        ready = me is not None and me.ready
        self.ready_button.label = gettext("Not ready") if ready else gettext("Ready")
        self.ready_button.kind = "plain" if ready else "primary"
        self.hold_button.label = gettext("Go on") if room.held else gettext("Hold the next round")
        self.lock_button.label = gettext("Unlock") if room.locked else gettext("Lock")
        teams = self._teams
        self.teams_button.label = ngettext("{n} team", "{n} teams", teams) if teams else gettext("Teams")
        self.fewer_button.enabled = self.local > 0
        self.more_button.enabled = self.local < LOCAL_MAX

    def _buttons(self) -> list[Button]:
        """Those of the side, from top to bottom."""
        room, found = self.room, []
        if room.joining:
            return [self.leave_button]
        if room.phase == "table":
            found.append(self.hold_button)
        elif room.phase in ("open", "countdown") and seats_of(room, room.me):
            found.append(self.ready_button)
        if room.leads:
            if room.phase in ("open", "table"):
                found.append(self.start_button)
            found += [self.rules_button, self.series_button]
            if self._game_traits()[0] and len(room.seats) >= 2 * _TEAM_MIN:
                found.append(self.teams_button)
            found.append(self.lock_button)
        found.append(self.invite_button)
        if seats_of(room, room.me):  # who watches has no vote
            found.append(self.vote_button)
        if room.phase == "playing" and seats_of(room, room.me):
            found.append(self.leave_round_button)
        return [*found, self.leave_button]

    def _widgets(self) -> list[Widget]:
        return [
            *self.votes.widgets,
            *self._buttons(),
            *self.cards,
            self.fewer_button,
            self.more_button,
            self.chat_bar,
            self.help_button,
            self.settings_button,
        ]

    def update(self, dt: float) -> Transition | None:
        now = self.context.clock()
        shown = (round_text(self.room, now), self.votes.seconds, self._count(now))
        if shown != self._shown:
            if self._count(now) and self._count(now) != (self._shown[2] if self._shown else None):
                self.canvas.sounds.play("click")
            self._shown, self.dirty = shown, True
        emotes = self._emotes_now()
        self.dirty = self.chat_bar.changed() or emotes != self._emotes or self.dirty
        self._emotes = emotes
        return super().update(dt)

    def _emotes_now(self) -> dict[int, str]:
        """By seat: what its person shows."""
        seats = [(i, seat.peer) for i, seat in enumerate(self.room.seats) if seat.kind == "person"]
        shown = self.context.chat.emotes([peer for _, peer in seats], self.context.clock())
        return {i: shown[peer] for i, peer in seats if peer in shown}

    @property
    def chat_area(self) -> pygame.Rect | None:
        return self._side

    def notice_corner(self) -> tuple[int, int]:
        """Below the buttons of the side, where there is place above those to leave; else above the chat."""
        u, buttons = self.canvas.u, self._buttons()
        ways_out = (self.leave_round_button, self.leave_button)
        upper = [button.rect.bottom for button in buttons if button not in ways_out]
        top = max(upper, default=self._side.top) + u(10)
        if min(button.rect.top for button in buttons if button in ways_out) - top >= u(46):
            return self._side.right - u(12), top
        return self._panel.right - u(10), self.chat_bar.rect.top - u(44)

    def _count(self, now: float) -> int:
        """3, 2, 1 before a round; else 0."""
        return min(9, seconds_left(self.room, now)) if self.room.phase == "countdown" else 0

    # --- layout

    @property
    def game(self) -> str:
        return self.room.game

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [(gettext("a key or button of another player"), gettext("one more player at this computer"))]

    @property
    def looks(self) -> tuple[Avatar, ...]:
        sits = tuple(seat.peer if seat.kind in ("person", "kept") else "" for seat in self.room.seats)
        if sits != self._sits:
            self._sits, self._looks = sits, self.context.avatars(sits)
        return self._looks

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        pad = u(20)
        self._header = pygame.Rect(pad, pad, size[0] - 2 * pad, u(54))
        icons = [self.help_button, self.settings_button]
        for number, icon in enumerate(reversed(icons)):
            icon.rect = pygame.Rect(self._header.right - u(44) - number * u(52), pad + u(4), u(44), u(44))
        top = self._header.bottom + u(10)
        side = max(u(_SIDE), min(u(340), size[0] * 30 // 100))
        self._side = pygame.Rect(size[0] - pad - side, top, side, size[1] - pad - top)
        left = pygame.Rect(pad, top, self._side.left - u(14) - pad, self._side.height)
        self._strip = pygame.Rect(left.left, left.bottom - u(_STRIP), left.width, u(_STRIP))
        self._panel = pygame.Rect(left.left, top, left.width, self._strip.top - u(10) - top)
        bar = pygame.Rect(0, 0, (self._panel.width - u(30)) * 55 // 100, u(ChatBar.height))
        bar.bottomright = (self._panel.right - u(10), self._panel.bottom - u(8))
        self.chat_bar.rect = bar
        self._layout_seats(self._panel.inflate(-u(20), -u(20)))
        button = u(40)
        self.more_button.rect = pygame.Rect(self._strip.right - u(10) - button, 0, button, u(38))
        self.more_button.rect.centery = self._strip.centery
        self.fewer_button.rect = self.more_button.rect.move(-button - u(40), 0)
        self._layout_side(self._side.inflate(-u(24), -u(24)))

    def _layout_seats(self, area: pygame.Rect) -> None:
        u, count = self.canvas.u, max(1, len(self.cards))
        columns = 1 if count <= _FEW else 2
        rows = -(-count // columns)
        area.height -= u(36)  # who watches, and the chat
        pitch = min(u(_SEAT + 14), (area.height + u(_SEAT_GAP)) // rows)
        width = (area.width - (columns - 1) * u(_GAP)) // columns
        for i, card in enumerate(self.cards):
            column, row = divmod(i, rows)
            x, y = area.left + column * (width + u(_GAP)), area.top + row * pitch
            card.rect = pygame.Rect(x, y, width, pitch - u(_SEAT_GAP))

    def _layout_side(self, area: pygame.Rect) -> None:
        """The vote and the first button at the top, how to leave at the bottom, the rest in pairs between."""
        u = self.canvas.u
        self.votes.layout(area)
        y = area.top + (self.votes.height + u(10) if self.votes.height else 0)
        wide = [b for b in self._buttons() if b in (self.ready_button, self.hold_button, self.start_button)]
        for button in wide:
            height = u(52) if button is self.ready_button else u(_BUTTON)
            button.rect = pygame.Rect(area.left, y, area.width, height)
            y = button.rect.bottom + u(_GAP)
        last = [b for b in self._buttons() if b in (self.leave_round_button, self.leave_button)]
        pairs = [b for b in self._buttons() if b not in (*wide, *last)]
        each = (area.width - u(_GAP)) // 2
        for i, button in enumerate(pairs):
            row, column = divmod(i, 2)
            x = area.left + column * (each + u(_GAP))
            button.rect = pygame.Rect(x, y + row * u(_BUTTON + _GAP), each, u(_BUTTON))
        for i, button in enumerate(reversed(last)):
            top = area.bottom - u(_BUTTON) - i * u(_BUTTON + _GAP)
            button.rect = pygame.Rect(area.left, top, area.width, u(_BUTTON))

    # --- inputs

    def handle(self, event: Input) -> None:
        match event:
            case Join(device=device):
                if self.local < LOCAL_MAX and not self.room.joining:
                    if self.local:
                        self.context.players.join(device)
                    self._set_local(1)
            case Press(action=MenuAction.BACK):
                self._leave()
            case Press(action=MenuAction.CONFIRM) if self.room.joining and self.context.clock() < self._twice:
                return
            case _:
                super().handle(event)

    def _set_local(self, by: int) -> None:
        count = max(0, min(LOCAL_MAX, self.local + by))
        if count != self.local:
            self.canvas.sounds.play("click")
            self._wanted = (count, self.context.clock() + _ANSWER)
            self.client.send(commands.SetLocalPlayers(count))

    def _toggle_ready(self) -> None:
        self.canvas.sounds.play("click")
        self.client.send(commands.SetReady(self.me is None or not self.me.ready))

    def _toggle_hold(self) -> None:
        self.client.send(commands.HoldRound(not self.room.held))

    def _toggle_lock(self) -> None:
        self.client.send(commands.SetLocked(not self.room.locked))

    def _open_seat(self, index: int) -> None:
        seat = self.room.seats[index]
        if not self.room.leads and seat.kind in ("open", "bot"):
            self._set_local(1)
        else:
            teams, bots, levels = self._game_traits()
            self.next = Push(
                SeatDialog(self.context, self.room, index, teams=teams, bots=bots, levels=levels)
            )

    def _game_traits(self) -> tuple[bool, bool, bool]:
        """Of the room's game: whether it knows teams, has a bot, and that has levels."""
        game = self.room.game
        if self._traits[0] != game:
            plugin, traits = self.client.registry.get(game), (False, False, False)
            if plugin is not None:
                try:
                    traits = (plugin.game.teams, plugin.has_bot, plugin.bot_levels > 0)
                except GameError:  # its bot cannot be loaded
                    traits = (plugin.game.teams, False, False)
            self._traits = (game, *traits)
        return self._traits[1:]

    def _open_rules(self) -> None:
        self.next = Push(RulesDialog(self.context, self.room))

    def _open_help(self) -> None:
        plugin = self.client.registry.get(self.room.game)
        self.next = Push(HowToScene(self.context, plugin, self.help_keys()))

    def _open_settings(self) -> None:
        self.next = Push(SettingsScene(self.context))

    def _open_series(self) -> None:
        self.next = Push(SeriesDialog(self.context, self.room))

    @property
    def _teams(self) -> int:
        """How many teams there are; 0: everybody plays alone."""
        found = {seat.team for seat in self.room.seats}
        return len(found) if len(found) > 1 else 0

    def _next_teams(self) -> None:
        """Two teams, then the next number that makes all of one size; after the most, everybody alone."""
        seats = sum(seat.kind != "closed" for seat in self.room.seats)
        counts = range(_TEAM_MIN, min(TEAMS_MAX, len(self.room.seats) // _TEAM_MIN) + 1)
        even = [count for count in counts if seats % count == 0] or list(counts)
        self.client.send(commands.SetTeams(next((count for count in even if count > self._teams), 0)))

    def _open_invite(self) -> None:
        self.next = Push(InviteIntoDialog(self.context, self.room))

    def _open_votes(self) -> None:
        self.next = Push(StartVoteDialog(self.context, self.room))

    def _leave(self) -> None:
        if self.room.joining:
            self.client.send(commands.LeaveRoom())
        else:
            self.next = Push(LeaveRoundDialog(self.context, playing=False))

    def close(self) -> bool:
        self.next = Push(LeaveRoundDialog(self.context, playing=False, closing=True))
        return False

    # --- drawing

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        surface.fill(theme.background)
        self._draw_header(surface)
        for rect in (self._panel, self._strip, self._side):
            canvas.panel(surface, rect)
        self._draw_watchers(surface)
        self._draw_strip(surface)
        self.votes.draw(surface)
        self.form.draw(surface, canvas)
        draw_emotes(surface, canvas, {card.index: card.rect for card in self.cards}, self._emotes)
        if count := self._count(self.context.clock()):
            centre = self._panel.center
            canvas.shapes.disc(surface, centre, u(64), theme.background)
            canvas.shapes.ring(surface, centre, u(64), theme.accent, u(4))
            canvas.text(surface, str(count), centre, 64, theme.accent, anchor="center", bold=True)

    def _draw_header(self, surface: pygame.Surface) -> None:
        canvas, u, theme, room, area = self.canvas, self.canvas.u, self.canvas.theme, self.room, self._header
        area = pygame.Rect(area.left, area.top, self.help_button.rect.left - u(14) - area.left, area.height)
        plugin = self.client.registry.get(room.game)
        title = canvas.text(
            surface, game_title(self.client.registry, room.game), area.topleft, "heading",
            width=area.width * 2 // 5, bold=True,
        )  # fmt: skip
        leader = member_of(room, room.leader)
        rules = options(plugin.package if plugin else "", room.config) if room.config is not None else ""
        words = listed(
            rules,
            series_text(room.first_to) if room.first_to else "",
            gettext("Room of {name}", name=leader.name) if leader else "",
            gettext("locked") if room.locked else "",
        )
        at = (area.right, title.centery)
        space = area.right - title.right - u(20)
        canvas.text(surface, words, at, "small", theme.muted, anchor="midright", width=space)
        at = (area.left, area.bottom)
        what = listed(self._winners(), round_text(room, self.context.clock()))
        ink = theme.gold if room.phase == "table" else theme.text
        canvas.text(surface, what, at, "body", ink, anchor="bottomleft", width=area.width)

    def _winners(self) -> str:
        """At the table: who won the newest round, or the series."""
        room = self.room
        if room.phase != "table":
            return ""
        if room.champions:
            names = [_winner(room, i) for i in room.champions if i < len(room.seats)]
            return ngettext(
                "{names} wins the series", "{names} win the series", len(names), names=enumerated(names)
            )
        names = [_winner(room, i) for i in room.last if i < len(room.seats)]
        won = winners_text(names) if names else gettext("nobody won")
        return gettext("Round {number}: {who}", number=room.round, who=won)

    def _draw_watchers(self, surface: pygame.Surface) -> None:
        canvas, u = self.canvas, self.canvas.u
        names = watchers(self.room)
        text = gettext("Watching: {names}", names=enumerated(names)) if names else gettext("Nobody watches")
        at = (self._panel.left + u(14), self.chat_bar.rect.centery)
        width = self.chat_bar.rect.left - at[0] - u(8)
        canvas.text(surface, text, at, "small", canvas.theme.faint, anchor="midleft", width=width)

    def _draw_strip(self, surface: pygame.Surface) -> None:
        canvas, u, theme, strip = self.canvas, self.canvas.u, self.canvas.theme, self._strip
        free = [
            device_text(keys) for keys in KeySet if keys not in (KeySet.ARROWS, *self.context.players.others)
        ]
        how = listed(*free, gettext("a gamepad's button"))
        room = pygame.Rect(strip.left + u(14), strip.top, self.fewer_button.rect.left - strip.left - u(26), 0)
        if not self.local:
            what = gettext("You watch. Press a key or + to play")
        elif seats_of(self.room, self.room.me) < self.local:
            what = gettext("No seat is free: whoever has none watches")
        else:
            what = gettext("Press a key to join on this machine")
        lines = ((what, theme.text), (how, theme.muted))
        y = strip.centery - canvas.line_height("small")
        for i, (text, ink) in enumerate(lines):
            at = (room.left, y + i * canvas.line_height("small"))
            canvas.text(surface, text, at, "small", ink, width=room.width, bold=not i)
        at = ((self.fewer_button.rect.right + self.more_button.rect.left) // 2, strip.centery)
        canvas.text(surface, str(self.local), at, "body", theme.text, anchor="center", bold=True)


def _winner(room: RoomView, index: int) -> str:
    """Who won on that seat, even if nobody is there now."""
    seat = room.seats[index]
    return seat.name if seat.kind == "kept" else seat_title(seat, index)
