"""The known peers of this node: stored peers, their shown names, and the trust in them.

Any thread may read (the trust store is an immutable value); only the network thread changes it. Sends nothing.
"""

import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from p2pgame.core.errors import P2PGameError
from p2pgame.core.ids import tag_of
from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.session.people.trust_store import Assessment, TrustStore, TrustWarning
from p2pgame.storage.known_peers import KnownPeers
from p2pgame.wire.names import safe_name

__all__ = ["People"]

_NAMES_MAX = 512


class People:
    """The trust store, kept in step with its file."""

    def __init__(
        self, on_change: Callable[[TrustStore], None], on_error: Callable[[P2PGameError], None]
    ) -> None:
        """`on_change(trust_store)` after every change; `on_error(error)` when one could not be stored."""
        self.trust_store = TrustStore()
        self._on_change = on_change
        self._on_error = on_error
        self._stored: KnownPeers | None = None
        self._names: dict[str, str] = {}

    def open(self, data_dir: Path) -> P2PGameError | None:
        """Returns what was done about a file that could not be used as it was; None: it is fine.

        Raises `P2PGameError`.
        """
        self._stored = KnownPeers(data_dir)
        self._refresh()
        return self._stored.problem

    def close(self) -> None:
        if self._stored is not None:
            self._stored.close()
            self._stored = None

    # --- from any thread

    def assess(self, peer: str) -> Assessment:
        """Assess the trust in `peer` under its shown name."""
        return self.trust_store.assess(peer, self._names.get(peer, ""))

    def trust(self, peer: str) -> Trust:
        return self.assess(peer).trust

    def warning(self, peer: str) -> TrustWarning:
        """The warning about `peer`; false if there is none."""
        return self.assess(peer).warning

    def known(self) -> Sequence[KnownPeer]:
        """Newest meeting first."""
        return self.trust_store.known_peers

    def name_of(self, peer: str) -> str:
        """Its own name, or the one at the last meeting."""
        known = self.trust_store.get(peer)
        return self._names.get(peer) or (known.own_name if known else f"Player-{tag_of(peer)}")

    # --- from the network thread

    def see(self, peer: str, name: str) -> None:
        """Note the own name of `peer`, which must be safe to draw."""
        self._names.pop(peer, None)
        self._names[peer] = name
        if len(self._names) > _NAMES_MAX:
            del self._names[next(iter(self._names))]

    def catch_up(self) -> None:
        """Load changes of our other processes. Takes microseconds if there are none."""
        with contextlib.suppress(P2PGameError):
            if self._stored is not None and self._stored.changed():
                self._refresh()

    def met(self, peer: str, name: str) -> None:
        self._change(lambda stored: stored.met(peer, name, time.time()))

    def set_verified(self, peer: str, name: str) -> None:
        self._change(lambda stored: stored.set_verified(peer, name))

    def set_blocked(self, peer: str, blocked: bool) -> None:
        self._change(lambda stored: stored.set_blocked(peer, self.name_of(peer), blocked))

    def set_muted(self, peer: str, muted: bool) -> None:
        self._change(lambda stored: stored.set_muted(peer, self.name_of(peer), muted))

    def rename(self, peer: str, name: str) -> None:
        known = self.trust_store.get(peer)
        if known is not None:
            chosen = safe_name(name, known.own_name)
            self._change(lambda stored: stored.rename(peer, chosen))

    def forget(self, peer: str) -> None:
        self._change(lambda stored: stored.forget(peer))

    def _change(self, change: Callable[[KnownPeers], None]) -> None:
        if self._stored is None:
            return
        try:
            change(self._stored)
            self._refresh()
        except P2PGameError as error:
            self._on_error(error)

    def _refresh(self) -> None:
        if self._stored is not None:
            self.trust_store = TrustStore(self._stored.all())
            self._on_change(self.trust_store)
