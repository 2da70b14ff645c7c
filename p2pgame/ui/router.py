"""Decides which scenes are on the stack, by transitions from scenes and events from the network.

Knows all scenes; knows no device and no window.
"""

import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import msgspec

from p2pgame.core.game import Outcome
from p2pgame.core.guard import GameError
from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import gettext, ngettext
from p2pgame.i18n.rooms import left_text, member_left_text, vote_text
from p2pgame.session import commands
from p2pgame.session import events as ev
from p2pgame.session.people.known_peer import Trust
from p2pgame.ui.inputs import Control, Input, MenuAction, Press
from p2pgame.ui.people import called, name_and_tag
from p2pgame.ui.practice import LineUp, Practice, line_ups
from p2pgame.ui.room_words import member_of, own_seats, player_names
from p2pgame.ui.scene import Context, Pop, Push, Quit, Replace, Reset, Scene, Transition
from p2pgame.ui.scenes.chat import ChatScene
from p2pgame.ui.scenes.dialogs import (
    CopiedIdentityDialog,
    Dialog,
    InviteDialog,
    InviteSentDialog,
    NoticeDialog,
)
from p2pgame.ui.scenes.error import ErrorScene
from p2pgame.ui.scenes.history import HistoryScene
from p2pgame.ui.scenes.how_to import HowToScene, game_keys
from p2pgame.ui.scenes.keyboard import KeyboardScene
from p2pgame.ui.scenes.lobby import LobbyScene
from p2pgame.ui.scenes.match import MatchScene
from p2pgame.ui.scenes.name import NameScene
from p2pgame.ui.scenes.practice import PracticeScene
from p2pgame.ui.scenes.practice_dialog import PracticeDialog, choices
from p2pgame.ui.scenes.result import Result
from p2pgame.ui.scenes.resume import ResumeAskedDialog, ResumeDialog
from p2pgame.ui.scenes.room import RoomScene
from p2pgame.ui.scenes.room_dialogs import (
    LeaveRoundDialog,
    PickDialog,
    RoomOfferDialog,
    RulesDialog,
    SeatDialog,
)
from p2pgame.ui.scenes.settings import SettingsScene
from p2pgame.ui.scenes.verify import BrokenOffDialog, CodesDifferDialog, VerifyDialog, VerifyRequestDialog
from p2pgame.ui.scenes.viewer import open_record
from p2pgame.ui.sentences import (
    NOTICES,
    adjourned_text,
    desync_text,
    end_text,
    error_heading,
    error_text,
    invite_end_text,
    sentence,
    verify_end_text,
)
from p2pgame.ui.textfield import TextField
from p2pgame.ui.view import load_view
from p2pgame.wire.bounds import LOCAL_MAX

__all__ = ["Router"]

_DIALOGS_AT_ONCE = 3
_Asking: TypeAlias = InviteDialog | RoomOfferDialog | VerifyRequestDialog
_OWN_HELP = (LobbyScene, MatchScene, HowToScene, NameScene)
"""What answers F1 by itself."""
_log = logging.getLogger(__name__)
_OF_ROOMS = (RoomScene, SeatDialog, PickDialog, RulesDialog, LeaveRoundDialog)
"""Scenes that mean nothing outside of a room."""


class Router:
    """The stack of scenes. The lobby is always at the bottom."""

    def __init__(self, context: Context, *, first_run: bool) -> None:
        self.context = context
        self.client = context.client
        context.open_chat = self.open_chat
        self.lobby = LobbyScene(
            context,
            lambda: NameScene(context, Pop, first=False),
            self._practise,
            lambda: HistoryScene(context, self._resume),
            self._resume,
        )
        self.stack: list[Scene] = [self.lobby]
        self.exit_code: int | None = None
        self.changed = True
        """The stack changed; cleared by the app after drawing."""
        self._sent = ""
        self._awaited = ""
        """The match to show as soon as the client has it."""
        self._line_ups: dict[str, LineUp] = {}
        """By game: how it was practised last."""
        self._copied: ev.IdentityCopied | None = None
        """The first computer that has our identity."""
        self._warn_of_copy = False
        """That is to be said as soon as no match is on."""
        if first_run:
            self.push(NameScene(context, Pop, first=True))

    @property
    def top(self) -> Scene:
        return self.stack[-1]

    def visible(self) -> list[Scene]:
        """The scenes to be drawn, bottom first."""
        start = max(i for i, scene in enumerate(self.stack) if i == 0 or not scene.overlay)
        return self.stack[start:]

    def push(self, scene: Scene) -> None:
        self.stack.append(scene)
        self.changed = True

    def remove(self, scene: Scene) -> None:
        if scene in self.stack and scene is not self.lobby:
            self.stack.remove(scene)
            self.changed = True

    def reset(self, *scenes: Scene) -> None:
        """Show the lobby and these scenes over it."""
        self.stack = [self.lobby, *scenes]
        self.changed = True

    def apply(self, scene: Scene, transition: Transition) -> None:
        """Carry out a transition that `scene` requested."""
        match transition:
            case Push(new):
                self.push(new)
            case Pop():
                self.remove(scene)
            case Replace(new):
                self.stack[self.stack.index(scene)] = new
                self.changed = True
            case Reset(scenes):
                self.stack = list(scenes)
                self.changed = True
            case Quit(code):
                self.exit_code = code

    def handle(self, event: Input) -> None:
        """Give an input to the topmost scene, and carry out its transition."""
        scene = self.top
        scene.refresh()  # the move of another that came just before makes it our turn
        if event == Press(MenuAction.SETTINGS) and not isinstance(scene, Dialog | SettingsScene | NameScene):
            self.push(SettingsScene(self.context, playing=self._busy()))
            return
        if event == Press(MenuAction.HELP) and not isinstance(scene, (*_OWN_HELP, Dialog)):
            plugin = self.client.registry.get(scene.game) if scene.game else None
            self.push(HowToScene(self.context, plugin, scene.help_keys()))
            return
        if self._opens_chat(scene, event):
            self.open_chat()
            return
        if isinstance(event, Press) and event.action is MenuAction.CONFIRM and not event.enter:
            field = scene.form.field
            if isinstance(field, TextField):  # a gamepad: a keyboard says Enter, and types a space
                self.push(KeyboardScene(self.context, field))
                return
        scene.handle(event)
        transition = scene.update(0.0)
        if transition is not None:
            self.apply(scene, transition)

    def _opens_chat(self, scene: Scene, event: Input) -> bool:
        if not isinstance(event, Press) or scene.chat_area is None:
            return False
        return event.action is MenuAction.CHAT or (event.enter and scene.chat_on_enter)

    def open_chat(self) -> None:
        """Open the chat over the topmost scene, where that has a place for it."""
        scene = self.top
        if scene.chat_area is not None:
            self.push(ChatScene(self.context, lambda: scene.chat_area, playing=isinstance(scene, MatchScene)))

    def hold(self, held: Sequence[frozenset[Control]]) -> None:
        """Give the held controls to the topmost scene, and none to the others."""
        for scene in self.stack:
            scene.covered = scene is not self.top
            scene.hold(() if scene.covered else held)

    def update(self, dt: float) -> None:
        """Update all scenes by `dt` seconds."""
        self._follow_room()
        self._follow_chat()
        if self._awaited:
            self._start()
        if self._warn_of_copy and self._copied is not None and not self._busy():
            self._warn_of_copy = False
            self.push(CopiedIdentityDialog(self.context, self._copied.address, self._renew))
        shown = self.visible()
        for scene in list(self.stack):
            scene.covered, scene.hidden = scene is not self.top, scene not in shown
            scene.refresh()
            transition = scene.update(dt)
            if transition is not None and scene in self.stack:
                self.apply(scene, transition)

    def receive(self, event: ev.Event) -> None:
        """A network event."""
        match event:
            case ev.Announcing():
                self.context.announced = event
            case ev.Chat():
                self._follow_chat()
                if self.context.chat.note(event, self.client.peer_id, self.context.clock()):
                    self.context.canvas.sounds.play("chat")
            case ev.InviteSent():
                self._sent = event.invite
                self._drop(InviteSentDialog)
                self.push(InviteSentDialog(self.context, event))
            case ev.InviteReceived():
                self._invited(event)
            case ev.InviteAccepted():
                for scene in self.stack:
                    if isinstance(scene, InviteSentDialog | InviteDialog) and scene.invite == event.invite:
                        scene.accepted()
            case ev.InviteDeclined() | ev.InviteExpired() | ev.InviteCancelled():
                self._invite_over(event)
            case ev.VerifyRequested():
                self._verify_requested(event)
            case ev.VerifyCode():
                self._code(event)
            case ev.VerifyEnded():
                self._verify_ended(event)
            case ev.RoomOffered():
                self._offered(event)
            case ev.RoomLeft(reason=reason):
                if reason != "left":
                    self.context.toast(sentence(left_text(reason)))
            case ev.MemberLeft() | ev.LeaderChanged() | ev.VoteEnded():
                self._of_room(event)
            case ev.MatchStarted() | ev.Spectating():
                self._await(event.match)
            case ev.MatchPaused(reason="restarted") if self._playing() is None:
                self._await(event.match)
            case ev.MatchAdjourned():
                self._adjourned(event)
            case ev.MatchResumeAsked():
                self._drop(ResumeAskedDialog)
                self.context.canvas.sounds.play("invite")
                self.push(ResumeAskedDialog(self.context, event, self._resume))
            case ev.MatchResumable(adjourned=True):
                self.context.resumable[event.match] = event
            case ev.MatchResumable():
                self.context.resumable[event.match] = event
                self.push(ResumeDialog(self.context, event, self._resume))
            case ev.MatchEnded():
                self._ended(event)
            case ev.MatchDesync(mended=False):
                self._fail("desync", *desync_text(event))
            case ev.IdentityCopied() if self._copied is None:
                self._copied = event
                self._warn_of_copy = True
            case ev.ErrorEvent(code="data_file"):
                heading = gettext("A file of yours cannot be used")
                self.push(NoticeDialog(self.context, heading, error_text(event)))
            case ev.ErrorEvent():
                self._error(event)
        for scene in self.stack:
            scene.notice(event)

    def _invited(self, event: ev.InviteReceived) -> None:
        if not self._has_place(InviteDialog, event.peer):
            self.client.send(commands.Decline(event.invite))
            return
        self.context.canvas.sounds.play("invite")
        self.push(InviteDialog(self.context, event))

    def _offered(self, event: ev.RoomOffered) -> None:
        if not self._has_place(RoomOfferDialog, event.peer):
            self.client.send(commands.DeclineRoom(event.room))
            return
        self.context.canvas.sounds.play("invite")
        self.push(RoomOfferDialog(self.context, event))

    def _has_place(self, kind: type[_Asking], peer: str) -> bool:
        """Whether another question of that kind may be put to the player.

        Keys cost nothing, so the oldest question of a stranger gives its place to one of somebody that we know.
        """
        waiting = [scene for scene in self.stack if isinstance(scene, kind)]
        if len(waiting) < _DIALOGS_AT_ONCE:
            return True
        stranger = next((scene for scene in waiting if not self._knows(scene.peer)), None)
        if stranger is None or not self._knows(peer):
            return False
        stranger.dismiss()
        self.remove(stranger)
        return True

    def _knows(self, peer: str) -> bool:
        return self.client.trust(peer) in (Trust.MET, Trust.VERIFIED)

    def _of_room(self, event: ev.MemberLeft | ev.LeaderChanged | ev.VoteEnded) -> None:
        """Say what became of the room: who left it, who leads it, what was voted for."""
        room = self.client.room()
        match event:
            case _ if room is None or room.joining:
                return
            case ev.MemberLeft(reason=reason, name=name):
                if self._playing() is None:  # a round says who dropped out of it
                    self.context.toast(sentence(member_left_text(reason, name)))
            case ev.LeaderChanged(peer=peer, name=name):
                if peer == self.client.peer_id:
                    self.context.toast(gettext("You lead the room now"))
                elif self._playing() is None:  # it changes nothing for who plays
                    self.context.toast(gettext("{who} leads the room now", who=name))
            case ev.VoteEnded(kind=kind, argument=argument, passed=passed):
                about = member_of(room, argument)
                if kind == "kick" and about is None:  # it left, which is said
                    return
                what = vote_text(kind, argument, about.name if about else "")
                words = (
                    gettext("agreed: {what}", what=what)
                    if passed
                    else gettext("not agreed: {what}", what=what)
                )
                self.context.toast(sentence(words))

    def _follow_room(self) -> None:
        """Show the room while we are in one, over the lobby and under a match."""
        room = self.client.room()
        scene = next((s for s in self.stack if isinstance(s, RoomScene)), None)
        if room is None and scene is not None:
            for each in [s for s in self.stack if isinstance(s, _OF_ROOMS) or _is_round(s)]:
                self.remove(each)
        elif room is not None and (scene is None or scene.room.room != room.room):
            kept = [s for s in self.stack[1:] if s is not scene and not isinstance(s, Result)]
            self.stack[1:] = [RoomScene(self.context, room), *kept]
            self.changed = True

    def _follow_chat(self) -> None:
        """The place where we talk: our room, else our match by invitation, as long as it is there."""
        room, match = self.client.room(), self.client.match()
        if room is not None:
            self.context.chat.enter("" if room.joining else room.room)
        else:
            self.context.chat.enter(match.match if match is not None and not match.room else "")

    def _invite_over(self, event: ev.InviteDeclined | ev.InviteExpired | ev.InviteCancelled) -> None:
        """An invitation ended without a match: close its dialog and say why, unless the player did it."""
        for scene in list(self.stack):
            if isinstance(scene, InviteSentDialog | InviteDialog) and scene.invite == event.invite:
                self.remove(scene)
        ours = event.invite == self._sent
        if text := invite_end_text(event, ours=ours):
            self.context.toast(text)

    def _verify_requested(self, event: ev.VerifyRequested) -> None:
        """Open a dialog, unless a match is on or many dialogs are open."""
        if self._busy() or not self._has_place(VerifyRequestDialog, event.peer):
            self.client.send(commands.RejectCode(event.peer))
            self.context.toast(gettext("{name} wants to compare codes; ask again later", name=event.name))
            return
        self.context.canvas.sounds.play("invite")
        self.push(VerifyRequestDialog(self.context, event))

    def _code(self, event: ev.VerifyCode) -> None:
        scene = self._comparing(event.peer)
        if not isinstance(scene, VerifyDialog):
            if scene is not None:  # both asked at once
                self.remove(scene)
            if self._busy():
                return  # the request expires
            who = name_and_tag(self.client, event.peer, event.name)
            scene = VerifyDialog(self.context, event.peer, who)
            self.push(scene)
        scene.show(event)

    def _verify_ended(self, event: ev.VerifyEnded) -> None:
        scene = self._comparing(event.peer)
        if scene is not None:
            self.remove(scene)
        compared = isinstance(scene, VerifyDialog) and bool(scene.code)
        if event.verified:
            self.context.canvas.sounds.play("click")
            who = name_and_tag(self.client, event.peer, event.name)
            self.context.toast(gettext("{name} is verified", name=who))
        elif event.reason == "cheated" or (event.reason == "rejected" and compared):
            if self._busy():
                self.context.toast(gettext("The codes differ: do not play with {name}", name=event.name))
            else:
                self.push(CodesDifferDialog(self.context, event.peer, event.name))
        elif event.reason == "broken_off":
            if self._busy():
                self.context.toast(verify_end_text(event, asked=False))
            else:
                self.push(BrokenOffDialog(self.context, event.peer, event.name))
        elif scene is not None:
            self.context.toast(verify_end_text(event, asked=isinstance(scene, VerifyRequestDialog)))

    def _comparing(self, peer: str) -> VerifyRequestDialog | VerifyDialog | None:
        """The dialog about codes that is up for `peer`."""
        kinds = (s for s in self.stack if isinstance(s, VerifyRequestDialog | VerifyDialog))
        return next((s for s in kinds if s.peer == peer), None)

    def _busy(self) -> bool:
        """A match is on, with a peer or a bot: nothing may cover it."""
        return any(isinstance(scene, MatchScene) for scene in self.stack)

    def _await(self, match: str) -> None:
        self._awaited = match
        self._start()

    def _resume(self, match: str) -> None:
        """Resume an interrupted match, in its room if that is still there; it shows as soon as the client has it."""
        event = self.context.resumable.get(match)
        if event is not None and not event.adjourned:  # of one that is adjourned, once it is on the screen
            del self.context.resumable[match]
        if event is not None and event.room and any(room.room == event.room for room in self.client.rooms()):
            seats = event.players.count(self.client.peer_id)
            self.client.send(commands.JoinRoom(room=event.room, local=min(seats, LOCAL_MAX)))
        else:
            self.client.send(commands.Resume(match))
        self._await(match)

    def _start(self) -> None:
        """Show the match; it may become visible a moment after its event."""
        match = self.client.match()
        if match is None or match.match != self._awaited:
            return
        self._awaited = ""
        self.context.resumable.pop(match.match, None)
        plugin = self.client.registry.get(match.game)
        if plugin is None:
            return
        view = load_view(plugin, match.me, player_names(match))
        self.context.clear_toasts()
        if match.room:
            self.context.players.fit(max(len(self.context.players), len(own_seats(match))))
            rooms = [scene for scene in self.stack if isinstance(scene, RoomScene)]
            self.reset(*rooms, MatchScene(self.context, match, view))
        else:
            rival = next((p for i, p in enumerate(match.players) if i != match.me), "")
            self.context.invited = (rival, match.game, match.config)
            self.reset(MatchScene(self.context, match, view))
            if (
                match.game not in self.context.preferences.now.learned
            ):  # who plays with a person is not kept from it
                self.context.toast(gettext("F1 shows how to play"))

    def _practise(self, game: str, config: Any) -> Transition | None:
        """A match against the bots of `game`, or the question which ones; None if it has none."""
        plugin = self.client.registry.get(game)
        if plugin is None or not plugin.has_bot:
            return None
        if not choices(plugin):
            return self._start_practice(plugin, config, line_ups(plugin.game)[0])
        begin = partial(self._start_practice, plugin, config)
        return Push(PracticeDialog(self.context, plugin, self._line_ups.get(game), begin))

    def _start_practice(self, plugin: Plugin, config: Any, line_up: LineUp, me: int = 0) -> Transition:
        self._line_ups[plugin.game.name] = line_up
        self.context.players.fit(line_up.local)
        seed = random.getrandbits(32)
        practice = Practice(
            plugin,
            config,
            peer=self.client.peer_id,
            name=self.client.name,
            me=me,
            seed=seed,
            clock=self.context.clock,
            line_up=line_up,
        )
        view = load_view(plugin, me, practice.match().names)

        def again() -> Transition:
            return self._start_practice(plugin, config, line_up, (me + 1) % line_up.players)

        def ended(scene: PracticeScene, outcome: Outcome) -> Transition:
            self.context.series.note(scene.match, outcome)
            scene.match_board.wins = self.context.series.wins(scene.match)
            record = scene.practice.record
            review = None
            if record is not None:
                review = partial(open_record, self.context, record, plugin, turned=True)
            result = Result(self.context, scene.match_board, outcome, self._to_lobby, again, review)
            return Reset([self.lobby, result])

        self.context.clear_toasts()
        playing = PracticeScene(self.context, practice, view, ended)
        return Reset([self.lobby, playing, *self._lesson(plugin)])

    def _lesson(self, plugin: Plugin) -> list[Scene]:
        """The page "How to play", if the player never saw it."""
        if not self.context.lessons or plugin.game.name in self.context.preferences.now.learned:
            return []
        return [HowToScene(self.context, plugin, game_keys(plugin), label=gettext("Play"))]

    def _playing(self) -> MatchScene | None:
        """The scene of the match on the network."""
        return next((s for s in self.stack if isinstance(s, MatchScene) and s.seat is self.client), None)

    def _ended(self, event: ev.MatchEnded) -> None:
        """From the match to its result. Does nothing if an error screen took the match's place."""
        awaited = event.match == self._awaited
        if awaited:  # it was over before it could be seen
            self._start()
        self._awaited = ""
        self.context.resumable.pop(event.match, None)
        scene = self._playing()
        if scene is None and awaited:
            self.context.toast(gettext("The match is over: {reason}", reason=end_text(event.outcome.reason)))
        if scene is None or scene.match.match != event.match:
            return
        if scene.match.room:
            scene.finish(event.outcome)
            return
        scene.refresh()
        scene.match_board.match = msgspec.structs.replace(scene.match, outcome=event.outcome, to_move=())
        self.context.series.note(scene.match, event.outcome)
        scene.match_board.wins = self.context.series.wins(scene.match)
        invitations = scene.invitations
        self.reset(
            Result(self.context, scene.match_board, event.outcome, self._to_lobby, invitations=invitations)
        )

    def _adjourned(self, event: ev.MatchAdjourned) -> None:
        """The match of the scene is put aside, or does not go on yet."""
        awaited, self._awaited = self._awaited == event.match, ""
        scene, kept = self._playing(), self.context.resumable.get(event.match)
        if scene is not None and scene.match.match == event.match:
            self.reset()
            self.context.toast(adjourned_text(event, scene.rival))
        elif awaited and kept is not None:  # it could not be seen yet
            self.context.toast(adjourned_text(event, called(self.client, kept.peer, kept.name)))

    def _error(self, event: ev.ErrorEvent) -> None:
        """Show an error screen if a match or the start of one ends by it, else a notice."""
        if str(event.params.get("reason", "")).startswith("chat_"):
            self.context.chat.refused()
        if isinstance(self.top, ErrorScene):
            return
        playing = self._playing()
        ends = (playing is not None and not playing.match.room) or any(
            isinstance(s, InviteSentDialog | InviteDialog) and s.is_accepted for s in self.stack
        )
        if ends and event.code not in NOTICES:
            self._fail(event.code, error_text(event), "")
        else:
            self.context.toast(error_text(event))

    @contextmanager
    def games(self) -> Iterator[None]:
        """Wrap everything that may call code of a game: where that fails, its match ends and an error screen says why.

        The only place where the window reacts to a `GameError`.
        """
        try:
            yield
        except GameError as error:
            _log.warning("%s", error)
            _log.info("the traceback for its author", exc_info=error)
            facts = {name: str(value) for name, value in error.params.items()}
            self.client.send(commands.BreakOff(**facts))  # means nothing where that game is not played
            self._fail(error.code, error_text(error), "", again=False)

    def _fail(self, code: str, reason: str, details: str, *, again: bool = True) -> None:
        """`again`: offer to repeat the last invitation."""
        self._awaited = ""
        heading, retry = error_heading(code), self._retry() if again else None
        self.reset(ErrorScene(self.context, heading, reason, details, self._to_lobby, retry))

    def _retry(self) -> Callable[[], Transition] | None:
        """Repeats the last invitation; None if that player is not here any more."""
        invited = self.context.invited
        if invited is None or all(p.peer != invited[0] for p in self.client.peers()):
            return None
        peer, game, config = invited

        def again() -> Transition:
            self.client.send(commands.Invite(peer=peer, game=game, config=config))
            return self._to_lobby()

        return again

    def _renew(self) -> Transition:
        self.client.send(commands.NewIdentity())
        self.context.resumable.clear()
        self._copied = None
        self.context.toast(gettext("This computer has a new identity"))
        return self._to_lobby()

    def _to_lobby(self) -> Transition:
        return Reset([self.lobby])

    def _drop(self, kind: type[Scene]) -> None:
        for scene in [s for s in self.stack if isinstance(s, kind)]:
            self.remove(scene)

    def waiting_for_us(self) -> str:
        """What the player should come for: an invitation, the turn, or what was said meanwhile; empty: nothing."""
        for scene in reversed(self.stack):
            if isinstance(scene, InviteDialog | RoomOfferDialog):
                return scene.heading
            if isinstance(scene, MatchScene):
                match = scene.match
                if (
                    not match.tick_rate
                    and match.outcome is None
                    and set(own_seats(match)) & set(match.to_move)
                ):
                    return gettext("Your turn")
        if missed := self.context.chat.missed:
            return ngettext("{n} new message", "{n} new messages", missed)
        return ""

    def close(self) -> bool:
        """The window's close button: True if the app may end, False if a dialog asks first.

        A second press while the dialog is open leaves at once, and ends no match.
        """
        if any(isinstance(scene, Dialog) and scene.closing for scene in self.stack):
            return True
        return all(scene.close() for scene in reversed(self.stack))


def _is_round(scene: Scene) -> bool:
    return isinstance(scene, MatchScene) and bool(scene.match.room)
