"""The interface between the lobby and a part of it that uses links."""

from collections.abc import Mapping
from typing import Protocol

from p2pgame.core.errors import Param
from p2pgame.core.ids import PeerId

__all__ = ["LinkUser"]


class LinkUser(Protocol):
    """Implemented by invitations, verifications, the session opener and `Matches`.

    To add one: write its class, register its messages with the `MessageTable`, append it to the list of the lobby.
    """

    def uses(self, link: int) -> bool:
        """True while the link must stay open for this user."""
        ...

    def link_opened(self, link: int, peer: PeerId, purpose: object, now: float) -> None:
        """A link to `peer` opened. `purpose`: that of our dial (`Connections.dial`); None if the peer dialled."""

    def link_closed(
        self, link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> None:
        """A link closed. `params` also has the ``name`` of the other side. `remote`: the other side closed it."""

    def dial_failed(self, purpose: object, now: float) -> None:
        """A dial for `purpose` failed. Called for the dials of all users."""

    def next_deadline(self) -> float | None:
        """Time of the next `handle_timeout`; None: no deadline."""
        ...

    def handle_timeout(self, now: float) -> None:
        """End what timed out."""
