"""The panel "Players here" of the lobby: the list of peers, or what to check while it is empty, and buttons below."""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session.events import Announcing
from p2pgame.ui import assets
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.scenes.peer_list import PeerList
from p2pgame.ui.textfield import TextField
from p2pgame.ui.widgets import Button, Widget
from p2pgame.wire.names import safe_name

__all__ = ["PeerPanel"]

_MANY = 12
"""Peers in the list, beyond which there is a field to look for one."""
_ADVICE_MAX = 4
_DISCOVERY_PORT = "41420"
"""Shown until the network is open."""


class PeerPanel:
    """The list and the buttons for details of a peer, known players and history."""

    def __init__(
        self,
        canvas: Canvas,
        peers: PeerList,
        details: Callable[[], None],
        known: Callable[[], None],
        history: Callable[[], None],
        invite: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        """`invite`: what Enter in the field to look for somebody does with who is selected. `resume`: goes on with the
        adjourned match with that one."""
        self.peers = peers
        self.details_button = Button(gettext("Details"), details)
        self.known_button = Button(gettext("People you know"), known)
        self.history_button = Button(gettext("History"), history)
        self.resume_button = Button(gettext("Resume adjourned match"), resume)
        self.search = TextField(placeholder=gettext("Find by name or tag"), on_submit=invite, characters=24)
        self.advice: Sequence[tuple[str, str]] = ()
        """What really stands in the way here, and what to do; empty: not looked at, or nothing found."""
        self._canvas = canvas
        self._panel = pygame.Rect(0, 0, 0, 0)

    @property
    def widgets(self) -> list[Widget]:
        search = [self.search] if self.searching else []
        return [
            *search,
            self.peers,
            *self._resume,
            self.details_button,
            self.known_button,
            self.history_button,
        ]

    @property
    def _resume(self) -> list[Widget]:
        return [self.resume_button] if self.peers.adjourned is not None else []

    @property
    def searching(self) -> bool:
        """Whether there is a field to look for somebody: there are more than one looks through at a glance."""
        return bool(self.search.text) or len(self.peers.rows) > _MANY

    def seek(self) -> bool:
        """Follow what was typed into it; True if that changed the list."""
        text = safe_name(self.search.text + self.search.composing, "").casefold()
        if text == self.peers.sought:
            return False
        self.peers.seek(text)
        return True

    def layout(self, panel: pygame.Rect) -> None:
        u = self._canvas.u
        self._panel = panel
        self.peers.canvas = self._canvas
        self.peers.rect = panel.inflate(-u(28), -u(28))
        self.peers.rect.top += u(28)
        self.peers.rect.height -= u(28 + 52)
        self.search.rect = pygame.Rect(
            self.peers.rect.left, self.peers.rect.top, self.peers.rect.width, u(36)
        )
        if self.searching:
            self.peers.rect.top += u(36 + 8)
            self.peers.rect.height -= u(36 + 8)
        if self._resume:
            self.peers.rect.height -= u(44 + 8)
            left, top = self.peers.rect.bottomleft
            self.resume_button.rect = pygame.Rect(left, top + u(8), self.peers.rect.width, u(44))
        self.peers.clamp()
        row = pygame.Rect(self.peers.rect.left, panel.bottom - u(14 + 40), self.peers.rect.width, u(40))
        part, x = (row.width - 2 * u(10)) * 27 // 100, row.left
        for button in (self.details_button, self.known_button, self.history_button):
            width = row.width - 2 * u(10) - 2 * part if button is self.known_button else part
            button.rect = pygame.Rect(x, row.top, width, row.height)
            x += width + u(10)

    def check(self) -> None:
        """Follow the selection."""
        self.details_button.enabled = self.peers.peer is not None

    @property
    def corner(self) -> tuple[int, int]:
        """Upper right, beside the title."""
        return self._panel.right - self._canvas.u(12), self._panel.top + self._canvas.u(6)

    def title(self, hall: int) -> str:
        """How many players are listed, and how many there are if that is more by far."""
        here = sum(row.gone is None for row in self.peers.rows)
        if hall > here + 1 + hall // 5:  # the list is full; the count of all is an estimate
            return gettext("{n} of about {all} players here", n=here, all=hall // 10 * 10)
        return gettext("Players here ({n})", n=here) if here else gettext("Players here")

    def draw(self, surface: pygame.Surface, announced: Announcing | None, hall: int) -> None:
        """Draw all but the widgets. `announced`: our ports, once they are open. `hall`: how many there are."""
        canvas, u = self._canvas, self._canvas.u
        canvas.panel(surface, self._panel)
        at = (self._panel.left + u(18), self._panel.top + u(14))
        title = self.title(hall)
        canvas.text(surface, title, at, "small", canvas.theme.muted, bold=True)
        if not self.peers.keys():
            if self.peers.sought:
                at = (self.peers.rect.centerx, self.peers.rect.top + u(40))
                canvas.text(
                    surface, gettext("Nobody like that"), at, "body", canvas.theme.muted, anchor="midtop"
                )
            else:
                self._draw_empty(surface, announced)

    def _draw_empty(self, surface: pygame.Surface, announced: Announcing | None) -> None:
        """A picture, a title and what to check."""
        canvas, u, theme = self._canvas, self._canvas.u, self._canvas.theme
        area = self._panel.inflate(-u(48), -u(40))
        area.height -= u(40)
        picture = assets.picture("nobody", u(92))
        width = min(area.width, u(430))
        rows = list(self.advice or _checks(announced))[:_ADVICE_MAX]
        heights = [
            canvas.paragraph_height(label, width, "small", bold=True)
            + canvas.paragraph_height(text, width, "small")
            for label, text in rows
        ]
        head = canvas.line_height("small")
        title = canvas.line_height("heading") + u(14)
        total = u(92) + u(10) + title + sum(heights) + len(rows) * u(9)
        y = max(area.top, area.centery - total // 2)
        surface.blit(picture, picture.get_rect(midtop=(area.centerx, y)))
        y += u(102)
        at = (area.centerx, y)
        canvas.text(surface, gettext("Nobody here yet"), at, "heading", anchor="midtop", bold=True)
        y += title
        left = area.centerx - width // 2
        for label, text in rows:
            if y + 2 * head > area.bottom:
                break
            place = pygame.Rect(left, y, width, area.bottom - y)
            y = canvas.paragraph(surface, label, place, "small", theme.text, bold=True)
            place = pygame.Rect(left, y, width, area.bottom - y)
            y = canvas.paragraph(surface, text, place, "small", theme.muted) + u(9)


def _checks(announced: Announcing | None) -> list[tuple[str, str]]:
    """What to check when nobody is here: a question and an answer each."""
    ports = gettext(
        "Let p2pgame through: UDP {discovery} and {udp}, and TCP {tcp}.",
        discovery=str(announced.discovery_port) if announced else _DISCOVERY_PORT,
        udp=str(announced.udp_port) if announced else "…",
        tcp=str(announced.tcp_port) if announced else "…",
    )
    return [
        (
            gettext("Same network?"),
            gettext("Both computers on one Wi-Fi or cable. Guest Wi-Fi often keeps devices apart."),
        ),
        (gettext("Firewall?"), ports),
        (gettext("VPN?"), gettext("Try without it, or type the other computer's address on the right.")),
    ]
