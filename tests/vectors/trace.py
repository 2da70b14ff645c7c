"""A protocol trace, recorded by one of two peers of `p2pgame.testing.network`: a short match that the guest resigns."""

from typing import Any

import msgspec

from p2pgame.core.ids import PeerId, tag_of
from p2pgame.session import events as e
from p2pgame.session.link import LinkClosed, LinkEvent, LinkOpened
from p2pgame.session.trace import decision_entry, event_entry, link_entry, message_entry
from p2pgame.testing.network import LinkEnd, SimPeer, World
from p2pgame.wire import messages as m
from tests.vectors.session import GAMES

__all__ = ["recorded", "shown"]

_QUIET = ("heartbeat", "heartbeat_ack")
_ABOUT = ("what", "frame", "code", "reason", "session", "ok")


class _TracedWorld(World):
    """Writes down what `peer` says, hears and is told."""

    def __init__(self) -> None:
        super().__init__(GAMES[0], seed=2, delay=0.002)
        self.lines: list[dict[str, Any]] = []
        self.traced = self.add("Ann")
        self.other = self.add("Ben")
        self.traced.on_event = lambda event: self._note(event_entry(event))

    def _note(self, entry: dict[str, Any]) -> None:
        self.lines.append({"t": round(self.now, 3), **entry})

    def _note_message(self, link: int, message: m.Message, *, sent: bool) -> None:
        self._note(message_entry(link, tag_of(self.other.id), message, sent=sent))
        if isinstance(message, m.Decided):
            self._note(decision_entry(message))

    def _end(self, peer: SimPeer, ticket: int | None) -> LinkEnd:
        end = super()._end(peer, ticket)
        if peer is self.traced:
            self._note_message(end.number, peer.hello(), sent=True)  # it is on its way already
            end.link._trace = lambda sent, message: self._note_message(end.number, message, sent=sent)
        return end

    def _report(self, peer: SimPeer, end: LinkEnd, event: LinkEvent) -> None:
        if peer is self.traced:
            tag = tag_of(PeerId(self.other.id))
            if isinstance(event, LinkOpened):
                self._note(link_entry(end.number, tag, "open", {}))
            elif isinstance(event, LinkClosed):
                self._note(link_entry(end.number, tag, "closed", {"code": event.code, **event.params}))
        super()._report(peer, end, event)


def recorded() -> list[dict[str, Any]]:
    """The lines of the trace."""
    world = _TracedWorld()
    ann, ben = world.traced, world.other
    ann.invite(ben)
    world.run(0.5)
    ben.do("accept", ben.first(e.InviteReceived).invite, ben.now)
    world.run(0.5)
    guest = ben if ann.first(e.HostElected).host == ann.id else ann
    rules = GAMES[0].game
    for point in (112, 113, 97):
        view = ann.lobby.view(ann.now)
        assert view is not None
        mover = ann if view.to_move == (view.me,) else ben
        mover.do("submit", rules.decode_input(msgspec.msgpack.encode({"point": point})), mover.now)
        world.run(0.2)
    guest.do("resign", guest.now)
    world.run(0.2)
    ann.do("leave", ann.now)
    world.run(0.2)
    return world.lines


def shown(lines: list[dict[str, Any]]) -> list[str]:
    """The trace in short, heartbeats left out: what happens in which order."""
    out = []
    for line in lines:
        kind = line.get("type") or line.get("state") or line["trace"]
        if kind in _QUIET:
            continue
        arrow = {"sent": "->", "received": "<-"}.get(line.get("way", ""), "  ")
        about = [str(_kind(line[name])) for name in _ABOUT if name in line]
        out.append(f"{line['t']:.3f} {arrow} {' '.join([kind, *about])}")
    return out


def _kind(value: Any) -> Any:
    return value["kind"] if isinstance(value, dict) else value
