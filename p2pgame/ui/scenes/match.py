"""The match: the board, whose turn it is or the score, the connection, and the button to resign.

A real-time match is drawn 60 times a second, only its board where nothing else changed. The view turns held controls
into inputs, and the seat gets each input that differs from the one before. Where several of us play, the
view is asked for each seat. A round of a room is left, not resigned, and stays on screen for a moment when it is over.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
import pygame

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import Outcome
from p2pgame.i18n.catalogue import enumerated, gettext
from p2pgame.i18n.chat import emote_text
from p2pgame.session import commands
from p2pgame.session.events import (
    AdjournRefused,
    DrawRefused,
    Event,
    HostChanged,
    MatchDesync,
    MatchResumed,
    TakebackRefused,
    TakenBack,
)
from p2pgame.session.status import StatusCode
from p2pgame.session.view import MatchView
from p2pgame.ui.avatars import Avatar
from p2pgame.ui.canvas import Canvas, Size
from p2pgame.ui.chat_bar import ChatBar, draw_emotes, draw_tail
from p2pgame.ui.client import Seat
from p2pgame.ui.emotes import EMOTES, EmoteButton
from p2pgame.ui.iconbutton import IconButton
from p2pgame.ui.input_queue import InputQueue
from p2pgame.ui.inputs import (
    Control,
    Input,
    MenuAction,
    Pointer,
    PointerKind,
    Press,
    Secondary,
    control_letters,
)
from p2pgame.ui.room_words import device_text, gamepad_words, member_of, own_seats, player_names
from p2pgame.ui.scene import Context, Pop, Push, Scene, Transition
from p2pgame.ui.scenes.absent import Absent
from p2pgame.ui.scenes.count_in import CountIn
from p2pgame.ui.scenes.dialogs import Confirm, LeaveMatchDialog, game_line
from p2pgame.ui.scenes.finale import Finale
from p2pgame.ui.scenes.handback import Handback
from p2pgame.ui.scenes.how_to import HowToScene, game_keys
from p2pgame.ui.scenes.match_board import MatchBoard
from p2pgame.ui.scenes.match_menu import MatchMenu
from p2pgame.ui.scenes.move_list import draw_moves
from p2pgame.ui.scenes.news import News
from p2pgame.ui.scenes.overlay import Overlay
from p2pgame.ui.scenes.premove import Premove
from p2pgame.ui.scenes.requests import RequestPanel
from p2pgame.ui.scenes.room_dialogs import InviteAfterDialog, LeaveRoundDialog
from p2pgame.ui.scenes.settings import SettingsScene
from p2pgame.ui.scenes.vote_panel import VotePanel
from p2pgame.ui.scenes.waiting import Waiting
from p2pgame.ui.sentences import (
    desync_details,
    game_words,
    illegal_move_text,
    listed,
    repaired_text,
    winners_text,
)
from p2pgame.ui.view import View
from p2pgame.ui.widgets import Button, Form, Widget, focus_ring

__all__ = ["Board", "MatchScene"]

_HINT = 5
"""Seconds of a real-time match for which the hint on its keys is bright."""
_FAR = 120.0
"""Milliseconds of a round trip from which on the panel shows it; below, it does not matter."""
_LINGER = 2.5
"""Seconds for which a round of a room stays on screen after its last moment."""
_MENU = 50
"""Units of width of the button for the menu."""
_TALL = 260
"""Units of place beside the cards of the players where the bar of the chat has a line of its own."""
_ROOMY = 360
"""... and from which on there are the emotes, too."""
_ASK_COLUMNS = 2
"""Buttons to ask for something side by side, where there is place for more lines of them."""
_MENDED = 15.0
"""Seconds for which the repair of a desync is shown."""
_POLL = 0.5
"""Seconds between two reads of the round trip in real time: each change draws the panel again."""


class Board(Widget):
    """The view of a game as a widget. While it has the focus the keys are the game's."""

    def __init__(self, scene: "MatchScene") -> None:
        super().__init__()
        self._scene = scene

    def handle(self, event: Input) -> bool:
        if isinstance(event, Press) and event.action in (
            MenuAction.NEXT,
            MenuAction.PREVIOUS,
            MenuAction.BACK,
        ):
            return False
        if isinstance(event, Pointer):
            inside = self.rect.collidepoint(event.at) and not self._scene.covers(event.at)
            was, self.hover = self.hover, inside
            if not inside and not was:
                return False
        self._scene.play(event)
        return True

    def draw(self, surface: pygame.Surface, canvas: Canvas, *, focused: bool) -> None:
        if focused and not self._scene.match.tick_rate:
            focus_ring(surface, canvas, self.rect)


class MatchScene(Scene):
    """One match, from its start until it ends."""

    def __init__(
        self,
        context: Context,
        match: MatchView,
        view: View,
        seat: Seat | None = None,
    ) -> None:
        """`seat`: the place that we play at; default: the client."""
        super().__init__(context)
        self.seat: Seat = seat or context.client
        self.match_board = MatchBoard(self.canvas, view, match, context.series.wins(match))
        now = ["" if seat in match.bots else peer for seat, peer in enumerate(match.players)]
        self.match_board.looks = context.avatars(match.first_players or now)
        self.match_board.keep_corner = _MENU
        self.board = Board(self)
        self.invitations: list[commands.Command] = []
        """Into the room in which this match of two goes on once it is over."""
        self.network: Overlay | None = None
        """The network overlay, while it is open."""
        self.menu_button = IconButton("menu", gettext("Menu"), self.open_menu)
        self._resign = Button(gettext("Resign"), self.ask_resign, "danger")
        self._leave_round = Button(gettext("Leave round"), self.ask_resign)
        self._leave_room = Button(gettext("Leave room"), self.ask_resign)
        self.chat_bar = ChatBar(context.chat, context.open_chat)
        self._all_emotes = [
            EmoteButton(code, emote_text(code), partial(self._emote, code)) for code in EMOTES
        ]
        self.emotes: list[EmoteButton] = []
        """Those of the panel, where it has place for them and there is somebody to see them."""
        self._emotes: dict[int, str] = {}
        """By player: what stands over its card."""
        self.news = News(self.canvas)
        self._news_beside = False
        """The panel has place for it."""
        self.absent = Absent(self.canvas, lambda: context.client.send(commands.DropAbsent()))
        self.votes = VotePanel(self.canvas, context.client.send, context.clock)
        self.requests = RequestPanel(
            self.canvas, self.seat.send, lambda: self.rival, kept=context.client.resumes, alone=self.alone
        )
        self.requests.update(context.clock(), match)
        self.waiting = Waiting(
            self.canvas,
            self.rival,
            lambda: context.client.send(commands.Claim()),
            lambda go_on: context.client.send(commands.AnswerDispute(go_on)),
            lambda: context.client.send(commands.NotNow(match.match)),
        )
        self.form = Form([self.board, *self._feet(), self.menu_button], self.board)
        self._animating = bool(match.tick_rate)
        self._queues = {player: InputQueue(view.game.neutral) for player in own_seats(match)}
        """Of each seat of ours. Real-time only."""
        self.count_in = CountIn(self.canvas)
        self.handback = Handback(self.client.registry.get(match.game), context.clock)
        self.finale: Finale | None = None
        """Of a round of a room that is over."""
        self._away: tuple[str, ...] = ()
        """By turns: who is to move in a round of a room and is not heard."""
        self._shown: tuple[object, ...] = ()
        """Real-time: what the panel shows."""
        self._polled = 0.0
        self._waited = False
        """The current pause was long enough to be shown."""
        self.premove = Premove(context, self.match_board)
        self._meant: tuple[int, int, Any] | None = None
        """The move that was given once, where moves are confirmed."""
        self._by = self._device
        """What the hint is for."""
        self._seen: MatchView | None = None
        """What `refresh` read last."""
        self._fresh = False
        self._mended: tuple[str, str] | None = None
        """The last repaired desync: the sentence and the details."""
        self._mended_age = 0.0

    @property
    def looks(self) -> tuple[Avatar, ...]:
        return self.match_board.looks

    @property
    def copied(self) -> str:
        return self.match_board.text

    @property
    def match(self) -> MatchView:
        return self.match_board.match

    @property
    def game(self) -> str:
        return self.match.game

    @property
    def rival(self) -> str:
        """The name of the other player, or of the others."""
        match, ours = self.match, own_seats(self.match)
        names = [name for i, name in enumerate(player_names(match)) if i not in ours]
        if len(names) > 2:
            return gettext("the others")
        return enumerated(names) or gettext("The other side")

    @property
    def alone(self) -> bool:
        """Nobody else plays who could be asked for something, or see an emote."""
        return self.seat is not self.client

    @property
    def turn(self) -> int:
        """By turns: the seat of ours that is to move; else our first one."""
        return next((seat for seat in self._queues if seat in self.match.to_move), self.match.me)

    @property
    def watching(self) -> bool:
        """We have no seat."""
        return not own_seats(self.match)

    @property
    def host_name(self) -> str:
        """The name of who carries the match; empty if nobody knows it."""
        match, room = self.match, self.client.room()
        if room is not None and (member := member_of(room, match.host)) is not None:
            return member.name
        names = player_names(match)
        return next(
            (names[i] for i, peer in enumerate(match.players) if peer == match.host and i not in match.bots),
            "",
        )

    @property
    def paused(self) -> bool:
        """The match does not run, so no input is taken."""
        return self.match.pause is not None and self.match.outcome is None

    @property
    def _hint(self) -> str:
        view, names = self.match_board.view, player_names(self.match)
        if self.watching:
            return ""
        if len(self._queues) > 1:
            devices = [None, *self.context.players.others]
            return listed(
                *(f"{names[p]}: {device_text(d)}" for p, d in zip(self._queues, devices, strict=False))
            )
        if self.context.players.by_touch:
            by_clock = gettext("Touch the field where you want to go, or keep your finger there.")
            return by_clock if self.match.tick_rate else gettext("Touch the point that you mean.")
        if self.context.players.by_gamepad:
            return gamepad_words(view.controls if self.match.tick_rate else ())
        return game_words(view.package, view.hint, control_letters())

    @property
    def _device(self) -> tuple[bool, bool]:
        return self.context.players.by_gamepad, self.context.players.by_touch

    @property
    def _hinting(self) -> bool:
        """Real-time: the match just began, and no key was pressed yet."""
        match = self.match
        return match.frame < _HINT * match.tick_rate and not any(q.used for q in self._queues.values())

    def covers(self, at: tuple[int, int]) -> bool:
        """True if something covers the board at this place."""
        rects = [self.waiting.card, self.absent.rect, self.requests.rect] + (
            [self.network.rect] if self.network is not None else []
        )
        return any(rect.collidepoint(at) for rect in rects)

    def layout(self, size: tuple[int, int]) -> None:
        self.match_board.layout(size)
        self.board.rect = self.match_board.board
        self.menu_button.rect = self.match_board.corner
        self.waiting.layout(self.match_board.board)
        u, area = self.canvas.u, self.match_board.controls
        self.absent.layout(self.match_board.board)
        shown = self._all_emotes if area.height >= u(_ROOMY) and not self.alone else []
        if shown != self.emotes:
            self.emotes = shown
            self._gather()
        bar = self._place_feet(area)
        row = pygame.Rect(area.left, bar.top - u(8 + 36), area.width, u(36))
        columns = _ASK_COLUMNS if area.height >= u(_TALL) else len(self.requests.buttons)
        self.requests.layout(self.match_board.board, row, columns=columns)
        if self.match_board.wide:
            self.votes.layout(self.match_board.captions)
        else:
            top = self._foot - u(8) - self.votes.height
            self.votes.layout(pygame.Rect(area.left, top, area.width, self.votes.height))
        if self.network is not None:
            panel, floor = self.match_board.panel.inflate(-u(12), -u(12)), self._foot - u(4)
            self.network.layout(
                [pygame.Rect(panel.left, top, panel.width, floor - top) for top in (area.top, panel.top)]
                + [self.board.rect.inflate(-u(16), -u(16))]
            )

    def _place_feet(self, area: pygame.Rect) -> pygame.Rect:
        """Give the ways out, the bar of the chat and the emotes their places at the bottom; returns the topmost one."""
        u, ways, gap = self.canvas.u, self._ways_out(), self.canvas.u(8)
        if area.height < u(_TALL):  # one line, and of the bar the sign alone
            foot = pygame.Rect(area.left, area.bottom - u(44), area.width, u(44))
            if self.match_board.wide:
                foot.centery = area.centery
            self.chat_bar.rect = bar = pygame.Rect(foot.left, foot.top, u(52), foot.height)
            foot.width, foot.left = foot.width - bar.width - gap, bar.right + gap
            each = (foot.width - (len(ways) - 1) * gap) // len(ways)
            self._name_ways(each)
            for i, button in enumerate(ways):
                button.rect = pygame.Rect(foot.left + i * (each + gap), foot.top, each, foot.height)
            return bar
        self._name_ways(area.width)
        line = pygame.Rect(area.left, area.bottom, area.width, 0)
        for button in reversed(ways):
            button.rect = pygame.Rect(area.left, line.top - u(44), area.width, u(44))
            line = button.rect.move(0, -gap)
        height = u(ChatBar.height)
        self.chat_bar.rect = line = pygame.Rect(area.left, line.top - height, area.width, height)
        if self.emotes:
            each = min(u(40), (area.width - 7 * u(4)) // len(self.emotes))
            step = (area.width - each) // (len(self.emotes) - 1)
            top = line.top - gap - each
            for i, emote in enumerate(self.emotes):
                emote.rect = pygame.Rect(area.left + i * step, top, each, each)
            line = pygame.Rect(area.left, top, area.width, each)
        return line

    def handle(self, event: Input) -> None:
        if self.waiting.early(event):
            return
        if self.premove.cancels(event):
            self.dirty = True
        elif isinstance(event, Secondary):
            pass
        elif event == Press(MenuAction.BACK):
            self.open_menu()
        elif event == Press(MenuAction.HELP):
            self.next = Push(self.help_page())
        elif event == Press(MenuAction.OVERLAY):
            self._toggle_overlay()
        else:
            super().handle(event)
        if self.match.tick_rate and isinstance(event, Pointer) and event.kind is PointerKind.DOWN:
            self.form.give(self.board)  # the mouse does not take the keys away from the game

    def _toggle_overlay(self) -> None:
        shown = self.network is not None
        self.network = None if shown else Overlay(self.context, self.seat, self.match, lambda: self.host_name)
        self._gather()
        self.layout(self.size)

    def _gather(self) -> None:
        """Put the current widgets into the form."""
        extra = self.network.widgets if self.network is not None else ()
        over = (*self.waiting.widgets, *self.absent.widgets, *self.requests.widgets)
        self.form.replace([self.board, *over, *extra, *self.votes.widgets, *self._feet(), self.menu_button])
        self.dirty = True

    def _feet(self) -> list[Widget]:
        """All widgets below the text beside the board."""
        return [*self.requests.buttons, self.chat_bar, *self._ways_out(), *self.emotes]

    @property
    def _foot(self) -> int:
        """Where they begin, or where the words beside them end."""
        if self.match_board.wide:
            return self.match_board.captions.bottom + self.canvas.u(8)
        return min(widget.rect.top for widget in self._feet())

    def _ways_out(self) -> list[Button]:
        """The buttons at the bottom: to resign, or in a room to leave."""
        if not self.match.room:
            return [self._resign]
        return [self._leave_room] if self.watching else [self._leave_round, self._leave_room]

    def _name_ways(self, width: int) -> None:
        """In shorter words where the two would look the same, being cut."""
        names = gettext("Leave round"), gettext("Leave room")
        px, fonts = self.canvas.px("body"), self.canvas.fonts
        if max(fonts.width(name, px, bold=True) for name in names) > width - self.canvas.u(16):
            names = gettext("Watch"), gettext("Leave")
        self._leave_round.label, self._leave_room.label = names

    def hold(self, held: Sequence[frozenset[Control]]) -> None:
        match = self.match
        if match.tick_rate and match.outcome is None and not self.paused and self.finale is None:
            playing = self.form.focused is self.board
            for number, (seat, queue) in enumerate(self._queues.items()):
                ours = held[number] if playing and number < len(held) else frozenset()
                move = self.handback.move(match, seat)
                if move is None:
                    move = self.match_board.hold(ours, seat)
                if move is not None:
                    queue.put(move)
                due = queue.take(self.context.clock(), match.tick_rate)
                if due is not None:
                    self._submit(seat, due)

    def _submit(self, seat: int, move: Any) -> None:
        self.seat.send(commands.Submit(move, None if seat == self.match.me else seat))

    def play(self, event: Input) -> None:
        """Give an input to the view, and the move that comes of it to the network."""
        match, view, seat = self.match, self.match_board.view, self.turn
        if self.watching or self.finale is not None:
            return
        if self.paused:
            if isinstance(event, Press) or (isinstance(event, Pointer) and event.kind is PointerKind.DOWN):
                self._say_paused()
            return
        move = self.match_board.handle(event, seat)
        if move is None or match.outcome is not None:
            return
        if self.handback.steers(seat):
            return
        if match.tick_rate:
            moves = isinstance(event, Pointer) and event.kind is PointerKind.MOVE
            self._queues[match.me].put(move, position=moves)
            return
        if self.premove.possible(match):
            if self._confirmed(seat, move, gettext("The same again chooses it")):
                self.premove.choose(seat, move)
            return
        try:
            view.game.validate(match.state, seat, move)
        except IllegalMoveError as error:
            self.context.toast(illegal_move_text(view.package, error))
        else:
            if self._confirmed(seat, move, gettext("The same again plays it")):
                self._submit(seat, move)

    def _confirmed(self, seat: int, move: Any, words: str) -> bool:
        """Whether this move is meant: where moves are confirmed, only once it was given twice at the same frame."""
        meant, self._meant, self.dirty = self._meant, None, True
        if not self.context.preferences.now.confirm_moves or meant == (self.match.frame, seat, move):
            return True
        self._meant = (self.match.frame, seat, move)
        self.context.toast(words)
        return False

    def _say_paused(self) -> None:
        pause = self.match.pause
        if pause is not None and not self.match.tick_rate:
            if pause.code is StatusCode.DESYNC:
                self.context.toast(gettext("The two games are being compared"))
            else:
                self.context.toast(gettext("{name} is not here yet", name=self.rival))

    def notice(self, event: Event) -> None:
        match event:
            case MatchResumed(match=match, reason=reason) if match == self.match.match:
                if reason != "desync" and self._waited:
                    back = gettext("{name} is back", name=self.rival)
                    ours = reason in ("restarted", "adjourned")
                    several = len(self.match.names) > 2
                    self.context.toast(gettext("The match goes on") if ours or several else back)
                self._waited = False
            case MatchDesync(match=match, mended=True) if match == self.match.match:
                text = repaired_text(event, self.rival, moves=not self.match.tick_rate)
                self._mended, self._mended_age, self.dirty = (text, desync_details(event)), 0.0, True
                self.context.toast(gettext("The two games differed; repaired"))
            case DrawRefused(match=match) if match == self.match.match:
                self.context.toast(gettext("{name} refuses the draw", name=self.rival))
            case AdjournRefused(match=match) if match == self.match.match:
                self.context.toast(gettext("{name} does not want to adjourn", name=self.rival))
            case TakebackRefused(match=match) if match == self.match.match:
                self.context.toast(gettext("{name} does not allow it", name=self.rival))
            case TakenBack(match=match) if match == self.match.match:
                self.premove.cancel()
                self.context.toast(gettext("Moves were taken back"))
            case HostChanged(match=match, host=host, name=name) if match == self.match.match:
                ours = host == self.client.peer_id
                self.news.say(gettext("You host now") if ours else gettext("{name} hosts now", name=name))
                self.dirty = True

    def refresh(self) -> None:
        match = self.seat.match()
        if self.finale is not None or (match is not None and match is self._seen):
            return
        self._seen = match
        if match is None and self.match.room:  # the round goes on without us, or was called off
            self.next = self.next or Pop()
        if match is None or match.match != self.match.match:
            return
        if match.tick_rate:
            self._fresh = True
            match = msgspec.structs.replace(
                match, previous=None
            )  # it is drawn when it comes, not a frame later
        else:
            if match.frame != self.match.frame:
                self.canvas.sounds.play("stone")
            self.dirty = True
        if (match.bots, match.host, match.players) != (self.match.bots, self.match.host, self.match.players):
            self.news.compare(self.match, match)
            self.dirty = True
        self.match_board.match = match
        if own_seats(match) != tuple(self._queues):
            self._change_seats()

    def _change_seats(self) -> None:
        """We lost our seats, or got one back."""
        neutral, ours = self.match_board.view.game.neutral, own_seats(self.match)
        for seat in self._queues.keys() - ours:
            self.handback.forget(seat)
        if self.match.tick_rate and self.match.outcome is None:
            self.handback.begin(set(ours) - self._queues.keys())
        self._queues = {seat: self._queues.get(seat) or InputQueue(neutral) for seat in own_seats(self.match)}
        self._gather()
        self.layout(self.size)

    def finish(self, outcome: Outcome) -> None:
        """The round of a room is over: what there is to see stays for a moment."""
        self.refresh()
        self.news.clear()
        ended = msgspec.structs.replace(self.match, outcome=outcome, to_move=())
        self.match_board.match = ended
        names = [player_names(ended)[w] for w in outcome.winners]
        words = winners_text(names) if names else gettext("Nobody wins the round")
        ours, clock = set(own_seats(ended)), self.context.clock
        won = not ours or bool(ours & set(outcome.winners))
        self.finale = Finale(self.match_board, outcome, words, clock, ours=won)
        self.dirty = True

    def update(self, dt: float) -> Transition | None:
        """Raises `GameError` if the view failed: who cannot see the match cannot play it."""
        if self.match_board.failed is not None:
            raise self.match_board.failed
        match = self.match
        if self.finale is None:
            moving = self.match_board.update(dt)
        else:
            slow = self.finale.slow
            moving = self.finale.update(dt)
            self.dirty = self.dirty or slow != self.finale.slow
        if self._by != self._device:
            self._by, self.dirty = self._device, True
        if match.tick_rate:
            self._fresh = self.count_in.update(max(self.goes_on_in, self.handback.left)) or self._fresh
            self._update_live(dt)
        else:
            self.dirty = self.dirty or (self._animating and not moving)
            self._animating = moving
        if self.network is not None and self.network.update(dt, match) and not match.tick_rate:
            self.dirty = True
        if match.room:
            self._update_round(dt)
        if (due := self.premove.due(match)) is not None:
            self._submit(*due)
            self.dirty = True
        self._update_requests()
        self._update_waiting(dt)
        self._update_chat()
        return super().update(dt)

    def _update_chat(self) -> None:
        if self.match_board.beside != bool(self.context.chat.reading):
            self.match_board.beside = not self.match_board.beside
            self.layout(self.size)
            self.dirty = True
        shown = self.context.chat.emotes(self.match.players, self.context.clock())
        emotes = {
            player: shown[peer]
            for player, peer in enumerate(self.match.players)
            if peer in shown and player not in self.match.bots
        }
        if self.chat_bar.changed() or emotes != self._emotes:
            self._emotes, self.dirty = emotes, True

    def _emote(self, code: str) -> None:
        """Show an emote to all who are here."""
        chat = self.context.chat
        chat.say(chat.here.where, self.client.peer_id, self.client.name, "emote", code)
        self.client.send(commands.Say(text=code, kind="emote", where=chat.here.where))

    def notice_corner(self) -> tuple[int, int]:
        return self.match_board.notice_corner(self.form.widgets) or super().notice_corner()

    @property
    def chat_area(self) -> pygame.Rect | None:
        board = self.match_board
        return board.side if board.wide and self.size[0] > self.size[1] else board.panel

    @property
    def chat_on_enter(self) -> bool:
        """On the board, where Enter places nothing: in real time, and while others move."""
        match = self.match
        if self.form.focused is not self.board:
            return False
        mine = not self.watching and any(seat in match.to_move for seat in own_seats(match))
        return bool(match.tick_rate) or not (mine or self.premove.possible(match))

    def _update_round(self, dt: float) -> None:
        """Of a round of a room: who is waited for, what happened, a vote, and the end."""
        match = self.match
        if self.finale is not None and self.finale.age >= _LINGER and self.next is None:
            self.next = Pop()
        seconds, hosting = self.votes.seconds, match.host == self.client.peer_id
        away = self._not_heard()
        if away != self._away:
            self._away, self.dirty = away, True
        if self.news.update(dt):
            self.dirty = True
        changed = self.absent.update(self.context.clock(), match, hosting=hosting)
        if self.votes.show(self.client.room()) or changed:
            self._gather()
            self.layout(self.size)
            self.form.give(self.board)
        self.dirty = self.dirty or seconds != self.votes.seconds

    def _not_heard(self) -> tuple[str, ...]:
        """By turns: the names of those who are to move and whom the room does not hear. Who watches is told so too."""
        match, room = self.match, self.client.room()
        if match.tick_rate or room is None:
            return ()
        names = player_names(match)
        moving = [(i, member_of(room, match.players[i])) for i in match.to_move]
        return tuple(names[i] for i, member in moving if member is not None and not member.connected)

    def _update_requests(self) -> None:
        """Of a match by turns: what is asked for, and the clocks."""
        now, match = self.context.clock(), self.match
        if match.tick_rate:
            return
        before = (*self.requests.widgets, *self.requests.buttons)
        if self.requests.update(now, match):
            self.dirty = True
        if before != (*self.requests.widgets, *self.requests.buttons):
            self._gather()
            self.layout(self.size)
            self.form.give(self.board)
        if self.match_board.clocks_moved(now):
            self.dirty = True

    def _update_waiting(self, dt: float) -> None:
        if self.match.room and self.match.stalled:  # `absent` says for whom
            return
        before = self.waiting.widgets
        self._waited = self._waited or (self.paused and self.waiting.seconds is not None)
        if self.waiting.update(dt, self.context.clock(), self.match):
            self.dirty = True
            if self.waiting.widgets != before:
                self._gather()
                self.form.give(self.waiting.keep if self.waiting.widgets else self.board)
        self._mended_age += dt
        if self._mended is not None and self._mended_age >= _MENDED:
            self._mended, self.dirty = None, True

    def _update_live(self, dt: float) -> None:
        """Whether the panel has to be drawn again."""
        match = self.match
        self._polled += dt
        ping = self._shown[0] if self._shown else None
        if self._polled >= _POLL or not self._shown:
            self._polled = 0.0
            ping = None if match.rtt_ms is None else round(match.rtt_ms)
        shown = (ping, self.match_board.status, self.match_board.standings)
        if shown != self._shown:
            self._shown, self.dirty = shown, True

    @property
    def fresh(self) -> bool:
        return self._fresh

    @property
    def in_step(self) -> bool:
        match = self.match
        return bool(match.tick_rate) and match.outcome is None

    @property
    def animating(self) -> bool:
        return self._animating

    def draw(self, surface: pygame.Surface) -> None:
        self._fresh = False
        self.match_board.draw(surface)
        self.premove.draw(surface)
        if self._meant is not None and self._meant[0] == self.match.frame:
            self.match_board.sketch(surface, [self._meant[2]], self._meant[1])
        self._draw_panel(surface)
        self._draw_over_board(surface)
        if self.network is not None:
            self.network.draw(surface, self.form)
        self.votes.draw(surface)
        feet = [*self.votes.widgets, *self._feet(), self.menu_button]
        self.form.draw(surface, self.canvas, [self.board, *feet])
        draw_emotes(surface, self.canvas, self.match_board.emote_spots, self._emotes)

    def draw_live(self, surface: pygame.Surface) -> Sequence[pygame.Rect] | None:
        if not self.match.tick_rate:
            return None
        self._fresh = False
        self.match_board.draw_board(surface)
        self._draw_over_board(surface)
        if self.network is None:
            return [self.match_board.board]
        self.network.draw(surface, self.form)
        return [self.match_board.board, self.network.rect]

    def _draw_panel(self, surface: pygame.Surface) -> None:
        if self.match_board.wide and self.votes.height:  # the vote has the place of the words
            self._news_beside = False
            return
        canvas, u, theme, match = self.canvas, self.canvas.u, self.canvas.theme, self.match
        area, wide = self.match_board.captions, self.match_board.wide
        floor = self._foot - u(8) - (self.votes.height + u(8) if self.votes.height else 0)
        far = match.rtt_ms is not None and match.rtt_ms >= _FAR
        if self.seat is self.client and (far or match.pause is not None):
            floor -= u(24)
            at = (area.left, floor + u(12))
            canvas.text(surface, gettext("Connection"), at, "small", theme.faint, anchor="midleft")
            cut = match.pause is not None and match.pause.code is not StatusCode.DESYNC
            canvas.ping(surface, (area.right, at[1]), None if cut else match.rtt_ms)
        y = self._draw_state(surface, pygame.Rect(area.left, area.top, area.width, floor - area.top))
        lines = [game_line(self.client.registry, match.game, match.config)]
        hint = self._hint
        if not match.tick_rate:
            watching = gettext("You watch") if self.watching else ""
            move = "" if self.finale is not None else gettext("Move {n}", n=self.match_board.played + 1)
            lines.append(listed(watching, move, self.match_board.status))
            lines[:0] = filter(None, [self.premove.words])
        elif wide and (self._hinting or self.news.lines):
            lines = []
        if self._mended is not None:
            place = pygame.Rect(area.left, y, area.width, max(0, floor - y))
            _draw_mended(surface, canvas, place, *self._mended)
            lines, hint = [], ""
            y = place.bottom
        for line in lines:
            place = pygame.Rect(area.left, y, area.width, max(0, floor - y))
            y = canvas.paragraph(surface, line, place, "small", theme.muted) + u(4)
        rect = pygame.Rect(area.left, y, area.width, max(0, floor - y))
        self._news_beside = self.news.fits(rect)
        if self.news.lines and self._news_beside:
            self.news.draw_beside(surface, rect)
        elif match.tick_rate or (bool(set(own_seats(match)) & set(match.to_move)) and match.frame < 2):
            ink = theme.text if self._hinting and match.tick_rate else theme.faint
            y = canvas.paragraph(surface, hint, rect, "small", ink) + u(8)
            self._draw_rest(surface, pygame.Rect(area.left, y, area.width, max(0, floor - y)))
        else:
            self._draw_rest(surface, rect)

    def _draw_rest(self, surface: pygame.Surface, rect: pygame.Rect) -> None:
        """What the panel has place for besides: the moves so far, and below them what was said."""
        moves = self.match_board.moves if not self.match.tick_rate else ()
        tail = pygame.Rect(rect.left, rect.centery, rect.width, rect.bottom - rect.centery) if moves else rect
        top = draw_tail(surface, self.canvas, tail, self.context.chat)
        place = pygame.Rect(rect.left, rect.top, rect.width, max(0, top - self.canvas.u(8) - rect.top))
        draw_moves(surface, self.canvas, place, moves)

    def _draw_state(self, surface: pygame.Surface, area: pygame.Rect) -> int:
        """Whose turn it is, or in real time what the game says of itself; returns the y below it."""
        canvas, u, theme, match = self.canvas, self.canvas.u, self.canvas.theme, self.match
        if match.tick_rate:
            few = len(match.players) <= 2 and not self.match_board.wide
            size: Size = "heading" if few else "body"
            return canvas.paragraph(surface, self.match_board.status, area, size, bold=True) + u(4)
        mine = bool(set(own_seats(match)) & set(match.to_move)) and not self.paused
        if mine:
            words = gettext("Your turn")
            if len(self._queues) > 1:
                words = gettext("{name}, your turn", name=player_names(match)[self.turn])
        elif self.paused:
            words = gettext("Paused")
        elif self.finale is not None:
            words = self.finale.words
        elif self._away:
            words = gettext("Waiting for {name}…", name=enumerated(self._away))
        else:
            thinking = [name for i, name in enumerate(player_names(match)) if i in match.to_move]
            words = gettext("{name} is thinking…", name=enumerated(thinking) or self.rival)
        ink = theme.accent if mine else theme.text
        canvas.text(surface, words, area.topleft, "heading", ink, width=area.width, bold=True)
        return area.top + u(36)

    @property
    def goes_on_in(self) -> float:
        """Seconds until frames pass again; 0 and less: they do."""
        return self.match.goes_on_at - self.context.clock() if self.match.goes_on_at else 0.0

    def _draw_over_board(self, surface: pygame.Surface) -> None:
        """Draw the message of a pause, or the end of a round of a room."""
        canvas, board = self.canvas, self.match_board.board
        if self.finale is not None:
            self.finale.draw(surface)
        elif self.waiting.seconds is not None:
            self.waiting.draw(surface, self.form)
        elif self.absent.rect.width:
            self.absent.draw(surface, self.form)
        elif self.requests.rect.width:
            self.requests.draw(surface, self.form)
        self.count_in.draw(surface, board, dark=self.match_board.view.covers)
        if not self._news_beside:
            self.news.draw_over(surface, board)
        if self.watching and self.match.outcome is None and self.match.tick_rate:
            _badge(surface, canvas, board, gettext("You watch"))

    def open_menu(self) -> None:
        """What Escape does."""
        end = self._resign.label if not self.match.room else gettext("Leave room")
        if self.match.room and not self.watching:
            end = gettext("Leave round")
        settings = partial(SettingsScene, self.context, playing=True)
        invite = self.invite if self.seat is self.client and not self.match.room else None
        menu = MatchMenu(
            self.context, self.help_page, settings, end, self.question, self._toggle_overlay, invite
        )
        self.next = Push(menu)

    def invite(self) -> Scene:
        """The dialog that asks who else is to play when this match of two is over."""
        return InviteAfterDialog(self.context, self.match, self.invitations)

    def help_page(self) -> Scene:
        """How to play this game, and all keys."""
        plugin = self.client.registry.get(self.match.game)
        return HowToScene(self.context, plugin, game_keys(plugin) if plugin is not None else ())

    def ask_resign(self) -> None:
        """Ask, then give the match up, or leave."""
        self.next = Push(self.question())

    def question(self) -> Scene:
        """The dialog that asks before the match is given up, or left."""
        if self.match.room:
            return LeaveRoundDialog(self.context, playing=not self.watching)
        return Confirm(
            self.context,
            gettext("Resign this match?"),
            gettext("{name} wins.", name=self.rival),
            gettext("Resign"),
            Pop(),
            lambda: self.seat.send(commands.Resign()),
            no=gettext("Play on"),
        )

    def close(self) -> bool:
        if self.match.room:
            playing = not self.watching
            self.next = Push(LeaveRoundDialog(self.context, playing=playing, closing=True))
            return False
        if self.match.status.code is StatusCode.ADJOURNED:
            return True
        self.next = Push(LeaveMatchDialog(self.context, self.rival))
        return False


def _draw_mended(
    surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, words: str, details: str
) -> None:
    """Draw how a desync was repaired, in place of the other lines beside the board."""
    inner = rect.inflate(-canvas.u(24), -canvas.u(20))
    height = canvas.paragraph_height(words, inner.width, "small", bold=True) + canvas.u(4)
    height += canvas.paragraph_height(details, inner.width, "small")
    inner.height = min(inner.height, height)
    box = inner.inflate(canvas.u(24), canvas.u(20))
    canvas.panel(surface, box, canvas.theme.raised)
    canvas.frame(surface, box, canvas.theme.warm, 1.5)
    y = canvas.paragraph(surface, words, inner, "small", bold=True) + canvas.u(4)
    place = pygame.Rect(inner.left, y, inner.width, inner.bottom - y)
    canvas.paragraph(surface, details, place, "small", canvas.theme.muted)


def _badge(surface: pygame.Surface, canvas: Canvas, board: pygame.Rect, text: str) -> None:
    """`text` in the lower left corner of the board."""
    box = pygame.Rect(
        0, 0, canvas.fonts.width(text, canvas.px("small"), bold=True) + canvas.u(20), canvas.u(26)
    )
    box.bottomleft = (board.left + canvas.u(8), board.bottom - canvas.u(8))
    canvas.shapes.box(surface, box, canvas.theme.accent, canvas.u(13))
    canvas.text(surface, text, box.center, "small", canvas.theme.on_accent, anchor="center", bold=True)
