"""Matches in a test's hands: made by the factory, joined by lists. For two members, or a host and several guests."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pgame.core.game import AnyGame, EndedBy, Outcome
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.replay.records import Record
from p2pgame.session import events as e
from p2pgame.session.agreement import Agreement
from p2pgame.session.election import Election
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.match_factory import MatchFactory, RecordingContext
from p2pgame.session.saved_match import SavedMatch
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import Decision, DecisionBody, Ended, encode_decision

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 9)]
PUBLIC = [key.public_key().public_bytes_raw() for key in KEYS]
IDS = [peer_id_of(key) for key in PUBLIC]
HOST, GUEST, THIRD = IDS[:3]
NAMES = dict(zip(IDS, ("Ann", "Ben", "Cid", "Dan", "Eve", "Fay", "Gus", "Hal"), strict=True))
MATCH = "0123456789abcdef"
PORTS: dict[PeerId, Address] = {peer: (f"10.0.0.{n}", 41421) for n, peer in enumerate(IDS, 1)}
SALTS = {peer: bytes([n]) * 32 for n, peer in enumerate(IDS, 1)}


def plugin(game: AnyGame) -> Plugin:
    return cast("Plugin", SimpleNamespace(game=game, digest="0" * 16))


def election(players: Sequence[PeerId] = (HOST, GUEST)) -> Election:
    """`HOST` is the host, wherever it sits."""
    succession = (HOST, *(player for player in players if player != HOST))
    return Election(
        match=MATCH, host=HOST, succession=succession, players=tuple(players), seed=7, token=b"t" * 16
    )


def factory(
    me: PeerId,
    *,
    delay: int | None = 0,
    recorded: bool = False,
    countdown: int = 0,
    tamper: Callable[[int, Any], Any] | None = None,
) -> MatchFactory:
    n = IDS.index(me)
    context = RecordingContext(public_key=PUBLIC[n], sign=KEYS[n].sign, version="0", platform=f"box {n}")
    return MatchFactory(
        me,
        lambda size: SALTS[me][:size],
        recording=context if recorded else None,
        input_delay=delay,
        countdown=countdown,
        perf=lambda: 0.0,
        tamper=tamper,
    )


def make_match(
    me: PeerId,
    game: AnyGame,
    config: Any = None,
    players: Sequence[PeerId] = (HOST, GUEST),
    *,
    frames: int = 0,
    delay: int | None = 0,
    recorded: bool = False,
    countdown: tuple[int, int] = (0, 0),
    tamper: Callable[[int, Any], Any] | None = None,
) -> Match:
    """As `me` sees it, before its first word. Every member is at its own address.

    `countdown`: what the host, and what all others want to be counted down.
    """
    chosen = game.config_type() if config is None else config
    names = tuple(NAMES[player] for player in players)
    counted = countdown[me != HOST]
    made = factory(me, delay=delay, recorded=recorded, countdown=counted, tamper=tamper).begin(
        Agreement(
            election=election(players),
            plugin=plugin(game),
            config=chosen,
            config_bytes=encode(chosen),
            names=names,
            frames=frames,
        )
    )
    place(made)
    return made


def restore_match(me: PeerId, game: AnyGame, saved: SavedMatch, *, delay: int | None = 0) -> Match:
    made = factory(me, delay=delay, recorded=True).restore(saved, plugin(game))
    place(made)
    return made


def place(match: Match) -> None:
    for remote in match.core.linked:
        match.moved(remote.member, PORTS[PeerId(remote.peer)])


def other(match: Match) -> int:
    """The other member of a match of two."""
    (player,) = match.core.others
    return player


def said(match: Match) -> list[m.Message]:
    """What a match of two has to say to the other member."""
    return match.messages_to_send(other(match))


def hear(match: Match, message: m.Message, now: float = 0.0) -> None:
    """The other member of a match of two says `message`."""
    match.receive(other(match), message, now)


def move(match: Match, frame: int, data: bytes) -> m.Input:
    """An input of the other member of a match of two."""
    return m.Input(match=MATCH, player=other(match), frame=frame, data=data)


def request(match: Match, what: m.RequestKind, value: int = 0) -> m.Request:
    """The other member of a match of two asks for something."""
    return m.Request(match=MATCH, player=other(match), what=what, value=value)


def over_the_wire(message: m.Message) -> m.Message:
    return m.decode_message(m.encode_message(message))


def resigned(*winners: int) -> Outcome:
    return Outcome.by(EndedBy.RESIGNED, winners)


def entries(match: Match, frame: int, *bodies: DecisionBody) -> list[m.Decided]:
    """The next entries of the log of decisions, as `match` would take them from its host."""
    log = match.core.log
    first = log.decisions[-1].index + 1 if log.decisions else 1
    return [
        m.Decided(
            match=MATCH, entry=encode_decision(Decision(epoch=log.epoch, index=n, frame=frame, what=what))
        )
        for n, what in enumerate(bodies, first)
    ]


def ended(match: Match, frame: int, outcome: Outcome) -> m.Decided:
    return entries(match, frame, Ended(outcome=outcome))[0]


class Members:
    """All members of a match; `deliver` carries what they say, in order, and nothing is lost."""

    def __init__(
        self,
        game: AnyGame,
        config: Any = None,
        players: Sequence[PeerId] = (HOST, GUEST),
        **kind: Any,
    ) -> None:
        """`kind`: as for `make_match`."""
        self.now = 0.0
        self.by_peer = {peer: make_match(peer, game, config, players, **kind) for peer in players}
        self.all = [self.by_peer[peer] for peer in players]
        self.host = self.by_peer[HOST]
        self.told: dict[Match, list[e.Event]] = {match: [] for match in self.all}
        self.written: dict[Match, list[Record]] = {match: [] for match in self.all}
        self.said: list[tuple[int, int, m.Message]] = []
        """Everything: from whom, to whom, what."""
        self.wire: list[tuple[int, int, m.Message]] = []
        """Of it, what did not arrive yet."""
        for match in self.all:
            match.begin(0.0)

    @property
    def guest(self) -> Match:
        """The only one of a match of two, or the first."""
        return next(match for match in self.all if match is not self.host)

    def deliver(self) -> None:
        """One message after the other, until nobody has anything to say."""
        self.send()
        while self.wire:
            sender, player, message = self.wire.pop(0)
            to = self.all[player]
            to.core.statistics.received(message, len(m.encode_message(message)))
            to.receive(sender, over_the_wire(message), self.now)
            self.send()
        self.collect()

    def send(self) -> None:
        """What is said is on its way."""
        for one in self.all:
            for player in list(one.core.remotes):
                for message in one.messages_to_send(player):
                    one.core.statistics.sent(message, len(m.encode_message(message)))
                    self.wire.append((one.me, player, message))
                    self.said.append((one.me, player, message))

    def collect(self) -> None:
        for match in self.all:
            self.told[match] += match.events()
            self.written[match] += match.records()

    def of(self, match: Match, kind: type) -> list[Any]:
        self.collect()
        return [event for event in self.told[match] if isinstance(event, kind)]

    def ends(self) -> list[tuple[Outcome, int]]:
        """How it ended for each member for whom it did, and after how many frames."""
        return [(end.outcome, end.frames) for match in self.all for end in self.of(match, e.MatchEnded)]

    def rejoin(self, one: Match, two: Match, session: int = 2) -> None:
        """Both say where they stand, on another session; what was under way on the old one is lost."""
        for match in (one, two):
            match.messages_to_send(two.me if match is one else one.me)
            match.recovery.interrupted()
        words = [one.resume_message(two.me, session), two.resume_message(one.me, session)]
        for match, them, ours, theirs in ((one, two, *words), (two, one, *reversed(words))):
            match.rejoin(them.me, over_the_wire(ours), over_the_wire(theirs), self.now)  # type: ignore[arg-type]

    def replace(self, old: Match, new: Match) -> None:
        """The program of a member was started anew."""
        self.all[old.me] = new
        self.by_peer[new.core.election.players[new.me]] = new
        if old is self.host:
            self.host = new
        self.told[new], self.written[new] = [], list(self.written[old])
