"""The panel "Players here" of the lobby: the list of peers, or what to check while it is empty, and buttons below."""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.i18n.catalogue import gettext
from p2pgame.session.events import Announcing
from p2pgame.ui import assets
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.scenes.peer_list import PeerList
from p2pgame.ui.widgets import Button, Widget

__all__ = ["PeerPanel"]

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
    ) -> None:
        self.peers = peers
        self.details_button = Button(gettext("Details"), details)
        self.known_button = Button(gettext("People you know"), known)
        self.history_button = Button(gettext("History"), history)
        self.advice: Sequence[tuple[str, str]] = ()
        """What really stands in the way here, and what to do; empty: not looked at, or nothing found."""
        self._canvas = canvas
        self._panel = pygame.Rect(0, 0, 0, 0)

    @property
    def widgets(self) -> list[Widget]:
        return [self.peers, self.details_button, self.known_button, self.history_button]

    def layout(self, panel: pygame.Rect) -> None:
        u = self._canvas.u
        self._panel = panel
        self.peers.canvas = self._canvas
        self.peers.rect = panel.inflate(-u(28), -u(28))
        self.peers.rect.top += u(28)
        self.peers.rect.height -= u(28 + 52)
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

    def draw(self, surface: pygame.Surface, announced: Announcing | None) -> None:
        """Draw all but the widgets. `announced`: the ports of this peer, once they are open."""
        canvas, u = self._canvas, self._canvas.u
        canvas.panel(surface, self._panel)
        at = (self._panel.left + u(18), self._panel.top + u(14))
        here = sum(row.gone is None for row in self.peers.rows)
        title = gettext("Players here ({n})", n=here) if here else gettext("Players here")
        canvas.text(surface, title, at, "small", canvas.theme.muted, bold=True)
        if not self.peers.keys():
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
