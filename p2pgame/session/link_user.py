"""What a part of the lobby that talks on links has to know about them, in one way for all."""

from collections.abc import Mapping
from typing import Protocol

from p2pgame.core.errors import Param
from p2pgame.core.ids import PeerId

__all__ = ["LinkUser"]


class LinkUser(Protocol):
    """Invitations, comparisons of codes, the opening of a session, the room of the match.

    To add one: write its class, register its messages in the `MessageTable`, and append it to the lobby's list.
    """

    def uses(self, link: int) -> bool:
        """True while the link must stay open for this user."""
        ...

    def link_opened(self, link: int, peer: PeerId, purpose: object, now: float) -> None:
        """A link to `peer` is open. `purpose`: what we dialled it for (`Connections.dial`); None: we did not."""

    def link_closed(self, link: int, code: str, params: Mapping[str, Param], now: float) -> None:
        """A link is gone. `params` also has the other side's ``name``."""

    def dial_failed(self, purpose: object, now: float) -> None:
        """A dial for `purpose`, of whichever user, came to nothing."""

    def next_deadline(self) -> float | None:
        """When `handle_timeout` has something to do."""
        ...

    def handle_timeout(self, now: float) -> None:
        """End what waited too long."""
