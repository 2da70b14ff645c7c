"""Scenes and the transitions between them. One scene is one screen or one dialog.

A scene handles inputs and network events, updates and draws; drawing changes nothing. It requests a transition by
setting `next`, which `update` returns.
"""

import time
from collections.abc import Callable, Sequence, Set
from concurrent.futures import Executor
from math import inf
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import msgspec
import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session.events import Announcing, Event, MatchResumable
from p2pgame.ui.avatars import Avatar, avatar_of, of_players
from p2pgame.ui.background import worker
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.chat_model import ChatModel
from p2pgame.ui.client import Client
from p2pgame.ui.gamepads import Gamepads
from p2pgame.ui.inputs import Control, Input, LocalPlayers
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.sentences import error_text
from p2pgame.ui.series import Series
from p2pgame.ui.widgets import Form

__all__ = ["Context", "Pop", "Push", "Quit", "Replace", "Reset", "Scene", "Transition"]


class Context(msgspec.Struct):
    """What scenes share."""

    client: Client
    canvas: Canvas
    toast: Callable[[str], None]
    clear_toasts: Callable[[], None]
    """Remove all notices, before another scene that they do not belong to."""
    announced: Announcing | None = None
    invited: tuple[str, str, object] | None = None
    """Peer, game and configuration of our last invitation, for a retry."""
    resumable: dict[str, MatchResumable] = msgspec.field(default_factory=dict)
    """Interrupted and adjourned matches that can be resumed, by match id."""
    clock: Callable[[], float] = time.monotonic
    """Seconds on the clock of `MatchView.at`."""
    players: LocalPlayers = msgspec.field(default_factory=LocalPlayers)
    """Which device each player on this machine has."""
    gamepads: Gamepads = msgspec.field(default_factory=Gamepads)
    """Those that are connected."""
    impairment: tuple[int, int, int] = (0, 0, 0)
    """What the network simulator is set to: latency and jitter in milliseconds, loss in percent."""
    chat: ChatModel = msgspec.field(default_factory=ChatModel)
    open_chat: Callable[[], None] = lambda: None
    """Open the chat over the topmost scene."""
    open_notices: Callable[[], None] = lambda: None
    """Show what the window said lately."""
    background: Executor = msgspec.field(default_factory=worker)
    """Runs what blocks. All calls of the client that read or change the history go through it."""
    fps: float = 0.0
    """Frames drawn in the last second."""
    series: Series = msgspec.field(default_factory=Series)
    """Who won how many of the matches here."""
    lively: bool = True
    """What moves for its looks alone may move."""
    lessons: bool = True
    """A person is at the window, who may want to know how to play."""
    advise: Callable[[], Sequence[tuple[str, str]]] | None = None
    """What of this computer stands in the way of play, and what to do: a sentence each. Blocks."""
    resolves: Callable[[str], bool] | None = None
    """Whether there is a computer of that name, or it is an address. Blocks."""
    preferences: Preferences = msgspec.field(default_factory=Preferences)
    """The settings in force."""
    export: Callable[[], Path] | None = None
    """Writes all data of the player into a file, and says where. Blocks. Raises `P2PGameError`."""

    def adjourned_with(self, peer: str) -> MatchResumable | None:
        """The newest adjourned match with `peer`."""
        waits = (match for match in self.resumable.values() if match.adjourned and match.peer == peer)
        return max(waits, key=lambda match: match.started or inf, default=None)

    def change(self, **values: Any) -> None:
        """Change settings; if they cannot be saved, say so."""
        if self.preferences.change(**values) and self.preferences.problem is not None:
            self.toast(error_text(self.preferences.problem))

    def avatar(self, peer: str) -> Avatar:
        """Of a person, as far as we heard what it chose."""
        return avatar_of(peer, self._chosen({peer}).get(peer))

    def avatars(self, seats: Sequence[str]) -> tuple[Avatar, ...]:
        """Of the players of a match, all different; `seats`: who sits there, empty for a bot."""
        return of_players(seats, self._chosen({*seats}).get)

    def _chosen(self, peers: Set[str]) -> dict[str, int]:
        """What they chose who chose one."""
        found: dict[str, int] = {
            p.peer: p.avatar for p in self.client.peers() if p.peer in peers and p.avatar is not None
        }
        if self.client.peer_id in peers and (ours := self.preferences.now.avatar) >= 0:
            found[self.client.peer_id] = ours
        return found

    def toggle_sound(self) -> None:
        """Switch sounds on or off, save the choice and say so."""
        on = not self.preferences.now.sound
        self.change(sound=on)
        if self.preferences.problem is None:
            self.toast(gettext("Sound on") if on else gettext("Sound off"))


class Scene:
    """Base of all scenes."""

    overlay: ClassVar[bool] = False
    """True for a dialog: the scene under it stays visible."""
    dims: ClassVar[bool] = True
    """False for a dialog that leaves the scene under it as bright as it is."""
    joinable = False
    """True where another player on this machine may come in with a device of its own (`Join`)."""
    capturing = False
    """True while it wants to know every key (`Key`)."""

    @property
    def game(self) -> str:
        """The game whose keys are in force; empty: none in particular."""
        return ""

    @property
    def looks(self) -> tuple[Avatar, ...]:
        """Of the players that it shows, by seat; empty: it shows none."""
        return ()

    @property
    def copied(self) -> str:
        """What Ctrl+C copies where nobody types; empty: nothing."""
        return ""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.client = context.client
        self.canvas = context.canvas
        self.form = Form([])
        self.size = (0, 0)
        self.dirty = True
        """Set when the picture changed; cleared by the app after drawing."""
        self.next: Transition | None = None
        self.covered = False
        """Another scene is on top of it ..."""
        self.hidden = False
        """... and leaves nothing of it in sight."""

    def layout(self, size: tuple[int, int]) -> None:
        """Place everything on a canvas of `size`."""

    def place(self, size: tuple[int, int]) -> None:
        """Lay out for `size` if that is not done yet. Called before every input and every draw."""
        if size != self.size:
            self.size = size
            self.layout(size)

    def handle(self, event: Input) -> None:
        """Take an input."""
        if self.form.handle(event):
            self.dirty = True

    def hold(self, held: Sequence[frozenset[Control]]) -> None:
        """The controls that each player on this machine holds down.

        Called at every turn of the loop and when they change; of nobody while covered.
        """

    def notice(self, event: Event) -> None:
        """A network event. Every scene of the stack gets it."""

    def refresh(self) -> None:
        """Read `client.match()`. Called at every turn of the loop, so it must be cheap."""

    def update(self, dt: float) -> "Transition | None":
        """`dt` seconds passed. Returns the requested transition, once."""
        if self.form.glow(1.0 if self.canvas.still else dt / self.canvas.theme.fast):
            self.dirty = True
        wanted, self.next = self.next, None
        return wanted

    @property
    def fresh(self) -> bool:
        """There is a state of a match that was not drawn yet, and that is to be drawn at once."""
        return False

    @property
    def in_step(self) -> bool:
        """Its pictures come with the states of a match."""
        return False

    @property
    def animating(self) -> bool:
        """Something moves: draw every frame."""
        return False

    def draw(self, surface: pygame.Surface) -> None:
        """Draw all of it."""
        raise NotImplementedError

    def draw_live(self, surface: pygame.Surface) -> Sequence[pygame.Rect] | None:
        """Draw only what moves, over the last picture, and return where; None: it has to be drawn whole.

        Called instead of `draw` while the scene is `animating` and not `dirty`.
        """
        del surface
        return None

    def help_keys(self) -> Sequence[tuple[str, str]]:
        """The keys of this scene beside those that are the same everywhere, and what they do."""
        return ()

    def notice_corner(self) -> tuple[int, int]:
        """The upper right corner of where short notices are shown: not over anything that can be pressed."""
        u = self.canvas.u
        return self.size[0] - u(20), u(74)

    @property
    def chat_area(self) -> pygame.Rect | None:
        """Where an open chat covers least; None: no chat is opened here."""
        return None

    @property
    def chat_on_enter(self) -> bool:
        """Enter has nothing to do here, so it opens the chat."""
        return False

    def close(self) -> bool:
        """The window's close button. True: it may close; False: the scene asks first."""
        return True


class Push(msgspec.Struct, frozen=True):
    """Put a scene on top."""

    scene: Scene


class Pop(msgspec.Struct, frozen=True):
    """Take this scene off."""


class Replace(msgspec.Struct, frozen=True):
    """Put another scene in the place of this one."""

    scene: Scene


class Reset(msgspec.Struct, frozen=True):
    """Replace the whole stack by these scenes, bottom first."""

    scenes: Sequence[Scene]


class Quit(msgspec.Struct, frozen=True):
    """Close the window with an exit code."""

    code: int = msgspec.field(default=0)


Transition: TypeAlias = Push | Pop | Replace | Reset | Quit
