"""Who plays on each seat of a match: its members by the header, and the decisions of the host since.

A seat is a player index. Its inputs come from its owner, a peer: a person of it, or, where a bot plays, the host. Does
not know what an input is, nor when it comes.
"""

from collections.abc import Collection, Sequence

from p2pgame.wire.decisions import Decision, Dropped, HostIs, Seated

__all__ = ["Seating"]


class Seating:
    """The owner of each seat, and whether a bot plays there."""

    def __init__(self, players: Sequence[str], host: str, bots: Collection[int] = ()) -> None:
        """`players`: the owner of each seat. `bots`: seats that bots play; their owner is the host."""
        self.host = host
        self.owners = list(players)
        self.bots = set(bots)
        self.kept: dict[int, str] = {}
        """Seats of people who dropped out, and who they were: they may return."""
        self._first = frozenset(players)
        """The peers that have a file of the match from its beginning on."""
        self.cuts: dict[str, int] = {}
        """To peers whose people dropped out: the frames before which they gave inputs."""

    def apply(self, decision: Decision) -> None:
        """Apply an entry of the decision log; those that move nobody change nothing."""
        match decision.what:
            case Dropped(seat=seat):
                if seat not in self.bots:
                    owner = self.kept[seat] = self.owners[seat]
                    self.cuts[owner] = min(decision.frame, self.cuts.get(owner, decision.frame))
                self.owners[seat] = self.host
                self.bots.add(seat)
            case Seated(seat=seat, peer=peer):
                self.owners[seat] = peer
                self.bots.discard(seat)
                self.kept.pop(seat, None)
                self.cuts.pop(peer, None)
            case HostIs(peer=peer):
                self.host = peer
                for seat in self.bots:
                    self.owners[seat] = peer

    def allows(self, decision: Decision) -> bool:
        """Whether the entry fits who plays where: only people drop out, only bots give way, a host begins an epoch."""
        match decision.what:
            case Dropped(seat=seat):
                return seat < len(self.owners) and seat not in self.bots
            case Seated(seat=seat):
                return seat in self.bots
            case HostIs():
                return decision.index == 1
        return True

    def seats_of(self, peer: str) -> tuple[int, ...]:
        """The seats whose inputs come from `peer`, those of its bots as well."""
        return tuple([seat for seat, owner in enumerate(self.owners) if owner == peer])

    def people_of(self, peer: str) -> tuple[int, ...]:
        """The seats on which people play at `peer`."""
        return tuple([s for s, owner in enumerate(self.owners) if owner == peer and s not in self.bots])

    @property
    def people(self) -> tuple[str, ...]:
        """The peers at which people play, in order of their seats."""
        return tuple(dict.fromkeys(p for s, p in enumerate(self.owners) if s not in self.bots))

    @property
    def signers(self) -> dict[str, int]:
        """Who signs the end, and the seat that it signs for: everybody at whom people play, and the host.

        Who came later has no file of the match, and signs nothing.
        """
        found: dict[str, int] = {}
        for peer in dict.fromkeys((*self.people, self.host)):
            seats = self.people_of(peer) or self.seats_of(peer)
            if seats and peer in self._first:
                found[peer] = seats[0]
        return found
