"""Dialogs of a room: an offer to come in, a seat, the game and its rules, votes, whom to invite, how to leave."""

from collections.abc import Callable, Collection, Sequence
from functools import partial

import msgspec
import pygame

from p2pgame.core.ids import long_tag_of
from p2pgame.i18n.catalogue import gettext
from p2pgame.i18n.rooms import level_text, series_text, team_text, vote_text
from p2pgame.session import commands
from p2pgame.session.commands import Command
from p2pgame.session.events import RoomOffered
from p2pgame.session.people.known_peer import Trust
from p2pgame.session.room_view import RoomView
from p2pgame.session.view import MatchView
from p2pgame.ui.badge import badge
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.people import name_and_tag
from p2pgame.ui.room_words import seat_title
from p2pgame.ui.rowlist import RowList
from p2pgame.ui.scene import Context, Pop, Push, Quit
from p2pgame.ui.scenes.dialogs import Dialog
from p2pgame.ui.scenes.game_picker import GamePicker
from p2pgame.ui.scenes.person import Person
from p2pgame.ui.sentences import error_text, game_title, sentence
from p2pgame.ui.widgets import Button, Form, focus_ring

__all__ = [
    "TEAMS_MAX",
    "InviteAfterDialog",
    "InviteIntoDialog",
    "LeaveRoundDialog",
    "PickDialog",
    "RoomOfferDialog",
    "RulesDialog",
    "SeatDialog",
    "SeriesDialog",
    "StartVoteDialog",
]

TEAMS_MAX = 4
"""Teams that a seat can be given here."""
_SERIES = (0, 2, 3, 5, 7, 9)
"""Wins of a series to choose from."""


class RoomOfferDialog(Dialog):
    """A member of a room asks us to come in."""

    unasked = True

    def __init__(self, context: Context, event: RoomOffered) -> None:
        self.room = event.room
        self.peer = event.peer
        self.trust = context.client.trust(event.peer)
        self.alarm = self.trust is Trust.IMPOSTOR
        who = name_and_tag(context.client, event.peer, event.name)
        heading = gettext("{name} asks you into a room", name=who)
        lines = [game_title(context.client.registry, event.game)]
        if self.alarm:
            lines.append(error_text(context.client.warning(event.peer)))
        self.join_button = Button(
            gettext("Join"), partial(self._join, local=1), "danger" if self.alarm else "primary"
        )
        self.watch_button = Button(gettext("Watch"), partial(self._join, local=0))
        self.decline_button = Button(gettext("Decline"), self.dismiss)
        super().__init__(context, heading, lines, [self.join_button, self.watch_button, self.decline_button])
        if self.alarm:
            self.form.give(self.decline_button)

    def body_height(self) -> int:
        return self.canvas.u(22)

    def draw_body(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        badge(surface, self.canvas, self.trust, (area.left, area.centery))

    def _join(self, *, local: int) -> None:
        self.canvas.sounds.play("click")
        self.client.send(commands.JoinRoom(room=self.room, local=local))
        self.next = Pop()

    def dismiss(self) -> None:
        self.client.send(commands.DeclineRoom(self.room))
        self.next = Pop()


class SeatDialog(Dialog):
    """What may be done about a seat: by the leader all, by others little."""

    columns = 2

    def __init__(
        self, context: Context, room: RoomView, index: int, *, teams: bool, bots: bool, levels: bool
    ) -> None:
        """`teams`: the game knows teams. `bots`: it has a bot; `levels`: which plays easy, medium or hard."""
        self.index = index
        seat = room.seats[index]
        actions: list[tuple[str, Command]] = []
        if room.leads:
            actions = self._of_leader(room, teams=teams, bots=bots, levels=levels)
        elif seat.kind == "person" and seat.peer != room.me:
            actions = [(gettext("Vote to remove"), commands.StartVote(kind="kick", argument=seat.peer))]
        buttons = [Button(words, partial(self._do, command)) for words, command in actions]
        if seat.kind == "person" and seat.peer != room.me:
            buttons.append(Button(gettext("Details"), partial(self._details, seat.peer, seat.name)))
        buttons.append(Button(gettext("Back"), self.dismiss))
        heading = gettext("Seat {number}: {who}", number=index + 1, who=seat_title(seat, index))
        super().__init__(context, heading, [], buttons)
        if seat.kind == "person":  # so that a slip sends nobody away
            self.form.give(buttons[-1])

    def _of_leader(
        self, room: RoomView, *, teams: bool, bots: bool, levels: bool
    ) -> list[tuple[str, Command]]:
        seat, index = room.seats[self.index], self.index
        found: list[tuple[str, Command]] = []
        if seat.kind not in ("open", "person"):  # it would be so once the person is gone, and nothing now
            found.append((gettext("Open"), commands.SetSeat(seat=index, kind="open")))
        if seat.kind != "closed":
            found.append((gettext("Closed"), commands.SetSeat(seat=index, kind="closed")))
        strengths = ("easy", "medium", "hard") if levels else ("medium",)
        for level in strengths if bots else ():
            words = gettext("Bot, {level}", level=level_text(level)) if levels else gettext("Bot")
            if (seat.kind, seat.level) != ("bot", level):
                found.append((words, commands.SetSeat(seat=index, kind="bot", level=level)))
        others = [team for team in range(min(TEAMS_MAX, len(room.seats) // 2)) if team != seat.team]
        found += [(team_text(n), commands.SetSeat(seat=index, team=n)) for n in others if teams]
        if seat.kind == "person" and seat.peer != room.me:
            found.append((gettext("Make leader"), commands.HandOver(seat.peer)))
            found.append((gettext("Remove"), commands.Kick(seat.peer)))
        return found

    def _do(self, command: Command) -> None:
        self.client.send(command)
        self.next = Pop()

    def _details(self, peer: str, name: str) -> None:
        self.next = Push(Person(self.context, peer, name))


class _Entry(msgspec.Struct, frozen=True):
    """A line of a list to pick from."""

    words: str
    note: str
    command: Command


class _Entries(RowList):
    row_height = 44
    row_gap = 4

    def __init__(self, entries: Sequence[_Entry], on_open: Callable[[], None]) -> None:
        super().__init__(lambda: None, on_open)
        self.entries = entries
        self.selected = "0" if entries else None

    def keys(self) -> Sequence[str]:
        return [str(i) for i in range(len(self.entries))]

    @property
    def entry(self) -> _Entry | None:
        return self.entries[int(self.selected)] if self.selected is not None else None

    def draw_row(
        self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, i: int, *, focused: bool
    ) -> None:
        theme, entry, chosen = canvas.theme, self.entries[i], str(i) == self.selected
        canvas.panel(surface, rect, theme.hover if chosen else theme.raised)
        if chosen:
            canvas.frame(surface, rect, theme.accent, 1.5)
            if focused:
                focus_ring(surface, canvas, rect)
        at = (rect.left + canvas.u(14), rect.centery)
        note = canvas.fonts.width(entry.note, canvas.px("small"))
        room = rect.width - canvas.u(28) - note - canvas.u(10)
        ink = theme.text if chosen else theme.muted
        canvas.text(surface, entry.words, at, "body", ink, anchor="midleft", width=room, bold=chosen)
        at = (rect.right - canvas.u(14), rect.centery)
        canvas.text(surface, entry.note, at, "small", theme.faint, anchor="midright")


class PickDialog(Dialog):
    """A list, one entry of which is picked: with Enter, a double click, or the button."""

    def __init__(
        self, context: Context, heading: str, entries: Sequence[_Entry], yes: str, nothing: str
    ) -> None:
        """`nothing`: what it says where there is no entry."""
        self.list = _Entries(entries, self._pick)
        self.list.canvas = context.canvas
        pick = Button(yes, self._pick, "primary")
        pick.enabled = bool(entries)
        buttons = [pick, Button(gettext("Back"), self.dismiss)]
        super().__init__(context, heading, [] if entries else [nothing], buttons)
        self.form = Form([self.list, *buttons], self.list if entries else buttons[1])

    def body_height(self) -> int:
        u, size = self.canvas.u, self.size
        return min(self.list.total, max(u(44), min(u(260), size[1] - u(230)))) if self.list.entries else 0

    def layout(self, size: tuple[int, int]) -> None:
        super().layout(size)
        inner = self.card.inflate(-self.canvas.u(56), 0)
        top = self.body_top()
        self.list.rect = pygame.Rect(inner.left, top, inner.width - self.canvas.u(12), self.body_height())
        self.list.reveal()

    def _pick(self) -> None:
        if (entry := self.list.entry) is not None:
            self.client.send(entry.command)
            self.next = Pop()


class InviteIntoDialog(PickDialog):
    """Whom to ask into the room."""

    def __init__(self, context: Context, room: RoomView) -> None:
        entries = _invitable(context, room.game, [member.peer for member in room.members])
        super().__init__(
            context, gettext("Invite into this room"), entries, gettext("Invite"), _nobody_to_invite()
        )

    def _pick(self) -> None:
        super()._pick()
        if (entry := self.list.entry) is not None:
            self.context.toast(gettext("{name} is asked to come in", name=entry.words))


class InviteAfterDialog(PickDialog):
    """Whom to ask into the room in which a match of two goes on once it is over."""

    def __init__(self, context: Context, match: MatchView, invitations: list[Command]) -> None:
        """`invitations`: for then; what the player picks is added to it."""
        self._invitations = invitations
        found = _invitable(context, match.game, match.players)
        entries = [entry for entry in found if entry.command not in invitations]
        super().__init__(context, gettext("Invite others"), entries, gettext("Invite"), _nobody_to_invite())

    def _pick(self) -> None:
        if (entry := self.list.entry) is not None:
            self._invitations.append(entry.command)
            self.context.toast(gettext("{name} is asked when this match is over", name=entry.words))
            self.next = Pop()


def _invitable(context: Context, game: str, inside: Collection[str]) -> list[_Entry]:
    """Those who can play this game here, but for the peers `inside`."""
    plugin = context.client.registry.get(game)
    digest = plugin.digest if plugin is not None else ""
    return [
        _Entry(peer.name, long_tag_of(peer.peer), commands.InviteIntoRoom(peer.peer))
        for peer in context.client.peers()
        if peer.peer not in inside
        and peer.compatible
        and peer.games.get(game) == digest
        and context.client.trust(peer.peer) not in (Trust.BLOCKED, Trust.IMPOSTOR)
    ]


def _nobody_to_invite() -> str:
    return gettext("Nobody else is here who has this game.")


class StartVoteDialog(PickDialog):
    """What to propose: from a list, no free text."""

    def __init__(self, context: Context, room: RoomView) -> None:
        votes = [("restart", "", "")] if room.phase in ("playing", "table") else []
        votes += [("pause", "", "")] if votes and not room.held else []
        votes += [("game", p.game.name, "") for p in context.client.registry if p.game.name != room.game]
        votes += [("kick", m.peer, m.name) for m in room.members if m.peer != room.me]
        entries = [
            _Entry(
                sentence(vote_text(kind, argument, name)),
                "",
                commands.StartVote(kind=kind, argument=argument),
            )
            for kind, argument, name in votes
        ]
        nothing = gettext("There is nothing to vote on.")
        super().__init__(context, gettext("Propose to the others"), entries, gettext("Propose"), nothing)


class SeriesDialog(PickDialog):
    """How many rounds are to be won."""

    def __init__(self, context: Context, room: RoomView) -> None:
        entries = [
            _Entry(
                sentence(series_text(wins)), gettext("now") if wins == room.first_to else "",
                commands.SetSeries(wins),
            )
            for wins in _SERIES
        ]  # fmt: skip
        super().__init__(context, gettext("Series"), entries, gettext("Begin it"), "")
        if room.first_to in _SERIES:
            self.list.selected = str(_SERIES.index(room.first_to))


class RulesDialog(Dialog):
    """Another game, or other rules, for the next round."""

    def __init__(self, context: Context, room: RoomView) -> None:
        self.picker = GamePicker(context.canvas, list(context.client.registry), self._changed, self._take)
        self.picker.show(room.game, room.config)
        buttons = [Button(gettext("Use these"), self._take, "primary"), Button(gettext("Back"), self.dismiss)]
        lines = [gettext("Everybody has to be ready again.")]
        super().__init__(context, gettext("Game and rules"), lines, buttons)
        self._buttons = buttons
        self._changed()

    def body_height(self) -> int:
        return max(self.canvas.u(190), min(self.canvas.u(330), self.size[1] - self.canvas.u(240)))

    def layout(self, size: tuple[int, int]) -> None:
        super().layout(size)
        inner = self.card.inflate(-self.canvas.u(56), 0)
        self.picker.layout(pygame.Rect(inner.left, self.body_top(), inner.width, self.body_height()))

    def draw_body(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        del area
        self.picker.draw_labels(surface)

    def _changed(self) -> None:
        if self.form.widgets:
            self.form.replace([*self.picker.widgets, *self._buttons])
            self.form.give(self.picker.games)
        self.size = (0, 0)

    def _take(self) -> None:
        if (plugin := self.picker.plugin) is not None:
            self.client.send(commands.SetRoomGame(game=plugin.game.name, config=self.picker.config))
            self.next = Pop()


class LeaveRoundDialog(Dialog):
    """How to leave: the round, for which a bot plays on, or the room."""

    columns = 1

    def __init__(self, context: Context, *, playing: bool, closing: bool = False) -> None:
        """`playing`: we have a seat in a round that is on. `closing`: the close button of the window asked."""
        self.closing = closing
        buttons = [Button(gettext("Stay"), self.dismiss)]
        if playing:
            buttons.append(Button(gettext("Leave the round"), self._leave_round))
        buttons.append(Button(gettext("Leave the room"), self._leave_room, "danger"))
        text = (
            gettext("Leave the round, and a bot plays on for you while you watch; or leave the room.")
            if playing
            else gettext("The others go on without you.")
        )
        super().__init__(context, gettext("Leave?"), [text], buttons)

    def _leave_round(self) -> None:
        self.client.send(commands.LeaveRound())
        self.next = Pop()

    def _leave_room(self) -> None:
        self.client.send(commands.LeaveRoom())
        self.next = Quit(0) if self.closing else Pop()
