"""Hand-written stand-ins for what surrounds the users of links: games, a matches, and two sides that talk."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

from p2pgame.core.errors import Param
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.core.registry import Plugin
from p2pgame.session.agreement import Agreement
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.effects import CloseLink, Dial, KeepLots, RequestDial, Send
from p2pgame.session.events import Event
from p2pgame.session.message_table import MessageTable
from p2pgame.wire import messages as m

GOMOKU = Plugin("p2pgame.games.gomoku")
ANN, BEN, EVE = (peer_id_of(bytes([n]) * 32) for n in (1, 2, 3))
NAMES = {ANN: "Ann", BEN: "Ben", EVE: "Eve"}


def game_for(least: int, most: int) -> Plugin:
    """Gomoku, but for another number of players."""
    rules = GOMOKU.game
    game = SimpleNamespace(
        name=rules.name,
        title=rules.title,
        min_players=least,
        max_players=most,
        config_type=rules.config_type,
        decode_config=rules.decode_config,
    )
    return cast("Plugin", SimpleNamespace(game=game, digest=GOMOKU.digest))


class Games:
    """A registry of one game."""

    def __init__(self, plugin: Plugin) -> None:
        self.plugin = plugin

    def get(self, name: str) -> Plugin | None:
        return self.plugin if name == self.plugin.game.name else None


class FakeMatches:
    """Takes down what it is told. `link`: the one that it uses."""

    def __init__(self, *about: Any, **callbacks: Any) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.callbacks = callbacks
        self.link: int | None = None
        self.deadline: float | None = None
        self.busy = False
        self.match = self.last_match = None
        self.commands: dict[type, Callable[[Any, float], None]] = {}

    def uses(self, link: int) -> bool:
        return link == self.link

    def chat_place(self) -> None:
        return None

    def next_deadline(self) -> float | None:
        return self.deadline

    def cancel(self) -> tuple[int, ...]:
        self.calls.append(("cancel",))
        link, self.link = self.link, None
        return (link,) if link is not None else ()

    @property
    def links(self) -> tuple[int, ...]:
        return (self.link,) if self.link is not None else ()

    def begin(self, agreement: Agreement, links: Mapping[PeerId, int], now: float) -> None:
        (self.link,) = links.values()
        self.calls.append(("begin", agreement, dict(links), now))

    def link_closed(
        self, link: int, code: str, params: Mapping[str, Param], now: float, *, remote: bool
    ) -> None:
        self.calls.append(("link_closed", link, code, dict(params), now))

    def link_opened(self, link: int, peer: PeerId, purpose: object, now: float) -> None:
        pass

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *about, **more: self.calls.append((name, *about, *more.items()))


class Side:
    """One peer's connections and table; `link` 1 leads to `other`."""

    def __init__(self, me: PeerId, other: PeerId, *, linked: bool = True) -> None:
        self.me = me
        self.other = other
        self.connections = Connections()
        self.table = MessageTable()
        self.now = 0.0
        if linked:
            self.link(1, other)

    def link(self, number: int, peer: PeerId) -> None:
        self.connections.links[number] = Connection(peer, NAMES[peer], self.now)

    def token(self, size: int) -> bytes:
        return (NAMES[self.me].encode() * size)[:size]

    def said(self) -> list[m.Message]:
        """Messages since the last call, as they travelled."""
        return [m.decode_message(x.payload) for x in self.connections.effects() if isinstance(x, Send)]

    def effects(self) -> list[Send | CloseLink | Dial | RequestDial]:
        found = [effect for effect in self.connections.effects() if not isinstance(effect, KeepLots)]
        return cast("list[Send | CloseLink | Dial | RequestDial]", found)

    def told(self) -> list[Event]:
        return self.connections.events()

    def hear(self, *messages: m.Message, link: int = 1) -> None:
        for message in messages:
            self.table.dispatch(link, message, self.now)


def talk(one: Side, other: Side) -> None:
    """Pass on what both say on link 1 until neither says more."""
    while True:
        ours, theirs = one.said(), other.said()
        if not ours and not theirs:
            return
        other.hear(*ours)
        one.hear(*theirs)
