"""All known peers, and the trust in shown names. An immutable value, replaced on every change.

Can be read from any thread, for every peer and every drawn frame: results are cached. Does not know where known peers
are stored.
"""

from collections.abc import Iterable, Mapping

import msgspec

from p2pgame.core.errors import Param
from p2pgame.session.commands import Audience
from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.session.people.lookalike import skeleton

__all__ = ["NO_WARNING", "Assessment", "TrustStore", "TrustWarning", "assess"]

_ANSWERS_KEPT = 2048


class TrustWarning(msgspec.Struct, frozen=True):
    """A warning about a peer: code and parameters. False if there is none."""

    code: str = ""
    """``impostor``."""
    params: Mapping[str, Param] = {}
    """``impostor``: ``name`` of the verified peer that it looks like."""

    def __bool__(self) -> bool:
        return bool(self.code)


NO_WARNING = TrustWarning()


class Assessment(msgspec.Struct, frozen=True):
    """The trust in a peer under its shown name."""

    trust: Trust
    warning: TrustWarning = NO_WARNING
    """Only for an IMPOSTOR."""


class TrustStore:
    """All known peers at one time."""

    def __init__(self, known_peers: Iterable[KnownPeer] = ()) -> None:
        self._known = {known.peer: known for known in known_peers}
        self._answers: dict[tuple[str, str], Assessment] = {}
        self._names: dict[str, list[KnownPeer]] = {}
        for known in self._known.values():
            if known.verified:
                for name in {known.name, known.own_name}:
                    if look := skeleton(name):
                        self._names.setdefault(look, []).append(known)

    @property
    def known_peers(self) -> tuple[KnownPeer, ...]:
        return tuple(self._known.values())

    @property
    def friends(self) -> frozenset[str]:
        """Ids of the peers that the player verified or played with, and did not block."""
        return frozenset(
            peer
            for peer, known in self._known.items()
            if (known.verified or known.met_at) and not known.blocked
        )

    def get(self, peer: str) -> KnownPeer | None:
        return self._known.get(peer)

    def knows(self, peer: str) -> bool:
        """Whether `peer` is no stranger: we met or verified it, and it is not blocked."""
        known = self._known.get(peer)
        return known is not None and not known.blocked and (known.verified or known.met_at > 0)

    def blocked(self, peer: str) -> bool:
        known = self._known.get(peer)
        return known is not None and known.blocked

    def muted(self, peer: str) -> bool:
        known = self._known.get(peer)
        return known is not None and (known.muted or known.blocked)

    def in_audience(self, peer: str, audience: Audience) -> bool:
        """Whether `peer` is one of those."""
        known = self._known.get(peer)
        match audience:
            case "everyone":
                return known is None or not known.blocked
            case "known":
                return self.knows(peer)
            case "verified":
                return known is not None and known.verified and not known.blocked
        return False

    def assess(self, peer: str, shown_name: str) -> Assessment:
        """Assess `peer`, which is authenticated by its key, under its shown name."""
        key = (peer, shown_name)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= _ANSWERS_KEPT:
                self._answers.clear()
            answer = self._answers[key] = self._assess(peer, shown_name)
        return answer

    def _assess(self, peer: str, shown_name: str) -> Assessment:
        known = self._known.get(peer)
        if known is not None and known.blocked:
            return Assessment(Trust.BLOCKED)
        if known is not None and known.verified:
            return Assessment(Trust.VERIFIED)
        if self._names:  # skips loading the confusables while no peer is verified
            copied = next(iter(self._names.get(skeleton(shown_name), ())), None)
            if copied is not None:
                return Assessment(Trust.IMPOSTOR, TrustWarning("impostor", {"name": copied.name}))
        return Assessment(Trust.NEW if known is None or not known.met_at else Trust.MET)


def assess(peer: str, shown_name: str, known_peers: Iterable[KnownPeer]) -> tuple[Trust, TrustWarning]:
    """Trust and warning of one peer, without keeping a `TrustStore`."""
    answer = TrustStore(known_peers).assess(peer, shown_name)
    return answer.trust, answer.warning
