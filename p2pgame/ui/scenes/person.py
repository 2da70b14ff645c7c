"""The page of one player: trust, ids, matches, and what can be decided: verify, rename, mute, block, forget."""

import textwrap
from functools import partial

import pygame

from p2pgame.core.ids import long_tag_of
from p2pgame.i18n.catalogue import gettext
from p2pgame.replay.entry import Score
from p2pgame.session import commands
from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.ui.background import Future, taken
from p2pgame.ui.badge import badge, trust_ink, trust_meaning
from p2pgame.ui.people import known_peer, when
from p2pgame.ui.results import score_words
from p2pgame.ui.scene import Context, Pop, Push, Replace, Transition
from p2pgame.ui.scenes.dialogs import Confirm, Dialog
from p2pgame.ui.scenes.verify import VerifyDialog
from p2pgame.ui.sentences import error_text, listed
from p2pgame.ui.textfield import TextField
from p2pgame.ui.widgets import Button, Form

__all__ = ["Person"]

_CHARACTERS, _OCTETS = 24, 63


class Person(Dialog):
    """For a peer that is here and for one that is only known."""

    width = 560

    def __init__(self, context: Context, peer: str, name: str) -> None:
        """`name`: as it shows itself."""
        self.peer = peer
        self._shown_name = name
        self._verify = Button(gettext("Verify…"), self._ask, "primary")
        self._rename = Button(gettext("Rename…"), self._open_rename)
        self._mute = Button(gettext("Mute"), self._toggle_mute)
        self._block = Button(gettext("Block"), self._toggle_block, "danger")
        self._forget = Button(gettext("Forget…"), self._ask_forget, "danger")
        self._close = Button(gettext("Close"), self.dismiss)
        buttons = [self._verify, self._rename, self._mute, self._block, self._forget, self._close]
        super().__init__(context, "", [], buttons)
        self._known: KnownPeer | None = None
        self.trust = Trust.NEW
        self._here = False
        self._score = ""
        self._counting: Future[Score] | None = self.context.background.submit(self.client.score, peer)
        self._look()

    @property
    def _name(self) -> str:
        return self._known.name if self._known else self._shown_name

    def update(self, dt: float) -> Transition | None:
        self._look()
        if (counted := taken(self._counting)) is not None:
            self._counting = None
            self._score = score_words(counted.result())
            self.size, self.dirty = (0, 0), True
        return super().update(dt)

    def _look(self) -> None:
        """Read what is known now; the network thread changes it a moment after a request."""
        known, trust = known_peer(self.client, self.peer), self.client.trust(self.peer)
        here = next((p for p in self.client.peers() if p.peer == self.peer), None)
        if (known, trust, here is not None) == (self._known, self.trust, self._here) and self.heading:
            return
        self._known, self.trust, self._here = known, trust, here is not None
        self._shown_name = here.name if here else self._shown_name
        self.alarm = trust is Trust.IMPOSTOR
        self.heading = f"{self._name} ({long_tag_of(self.peer)})"
        self.lines = [error_text(self.client.warning(self.peer)) or trust_meaning(trust)]
        own = known.own_name if known and known.own_name != known.name else ""
        if own:
            self.lines.append(gettext("Shows itself as {name}.", name=own))
        blocked, muted = bool(known and known.blocked), bool(known and known.muted)
        self._verify.enabled = self._here and not blocked
        self._verify.label = gettext("Verify again…") if trust is Trust.VERIFIED else gettext("Verify…")
        self._rename.enabled = self._forget.enabled = known is not None
        self._block.label = gettext("Unblock") if blocked else gettext("Block")
        self._mute.label = gettext("Unmute") if muted else gettext("Mute")
        self.size, self.dirty = (0, 0), True

    def body_height(self) -> int:
        lines = 4 if self._score else 3
        return self.canvas.u(30) + lines * self.canvas.line_height("small") + self.canvas.u(10)

    def draw_body(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        middle = area.top + u(14)
        mark = badge(surface, canvas, self.trust, (area.left, middle))
        muted = gettext("muted") if self._known and self._known.muted else ""
        where = gettext("here now") if self._here else gettext("not here now")
        at = (mark.right + u(12), middle)
        words = listed(where, when(self._known), muted)
        canvas.text(surface, words, at, "small", theme.muted, anchor="midleft", width=area.right - at[0])
        y = area.top + u(30)
        if self._score:
            score = gettext("Your matches: {score}", score=self._score)
            canvas.text(surface, score, (area.left, y), "small", theme.muted)
            y += canvas.line_height("small")
        y += u(4)
        explained = gettext("Id, made from their key; nobody else can have it:")
        canvas.text(surface, explained, (area.left, y), "small", theme.faint)
        y += canvas.line_height("small")
        grouped = " ".join(textwrap.wrap(self.peer.upper(), 4))
        canvas.text(surface, grouped, (area.left, y), "body", trust_ink(theme, self.trust), width=area.width)

    def _ask(self) -> None:
        self.canvas.sounds.play("click")
        self.client.send(commands.Verify(self.peer))
        self.next = Replace(VerifyDialog(self.context, self.peer, f"{self._name} ({long_tag_of(self.peer)})"))

    def _open_rename(self) -> None:
        self.next = Push(NicknameDialog(self.context, self.peer, self._name))

    def _toggle_mute(self) -> None:
        self.client.send(commands.SetMuted(self.peer, not (self._known and self._known.muted)))

    def _toggle_block(self) -> None:
        self.client.send(commands.SetBlocked(self.peer, not (self._known and self._known.blocked)))

    def _ask_forget(self) -> None:
        ask = Confirm(
            self.context,
            gettext("Forget {name}?", name=self._name),
            gettext("As if you had never met: not verified, not blocked, not muted."),
            gettext("Forget"),
            Pop(),
            partial(self.client.send, commands.Forget(self.peer)),
            gettext("Keep"),
        )
        self.next = Push(ask)


class NicknameDialog(Dialog):
    """Asks for our own name for a peer."""

    def __init__(self, context: Context, peer: str, name: str) -> None:
        self.peer = peer
        self.field = TextField(
            name,
            gettext("as they call themselves"),
            on_submit=self._save,
            characters=_CHARACTERS,
            octets=_OCTETS,
        )
        buttons = [Button(gettext("Save"), self._save, "primary"), Button(gettext("Cancel"), self.dismiss)]
        heading, line = gettext("What do you call this player?"), gettext("Only you see this name.")
        super().__init__(context, heading, [line], buttons)
        self.form = Form([self.field, *buttons])

    def body_height(self) -> int:
        return self.canvas.u(60)

    def layout(self, size: tuple[int, int]) -> None:
        super().layout(size)
        first = self.buttons[0].rect
        inner = self.card.inflate(-self.canvas.u(56), 0)
        self.field.rect = pygame.Rect(
            inner.left, first.top - self.canvas.u(66), inner.width, self.canvas.u(46)
        )

    def _save(self) -> None:
        self.client.send(commands.Rename(self.peer, self.field.text.strip()))
        self.next = Pop()
