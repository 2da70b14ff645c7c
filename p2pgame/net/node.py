"""One running peer: discovery, links and lobby on one asyncio loop. Everything here happens on that loop's thread.

Connects the layers: datagrams go to discovery, connections to links, messages and commands to the lobby, and the
resulting events to `on_event`.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec

from p2pgame import __version__
from p2pgame.chat.log import Said
from p2pgame.core.errors import DiscoveryError, IllegalMoveError, LocalProtocolError, P2PGameError, Param
from p2pgame.core.game import EndedBy
from p2pgame.core.guard import GameError
from p2pgame.core.ids import PeerId, tag_of
from p2pgame.core.registry import Registry
from p2pgame.discovery import events as d
from p2pgame.discovery.failure import Failure
from p2pgame.discovery.peer import Peer
from p2pgame.discovery.profile import Profile
from p2pgame.net.config import NodeConfig
from p2pgame.net.discovery import DiscoveryConfig, DiscoveryService
from p2pgame.net.driver import Driver
from p2pgame.net.event_adapter import event_of
from p2pgame.net.impair import Impairer, Impairment
from p2pgame.net.interfaces import is_wired, listen_host, publishable
from p2pgame.net.links import LinkHandler, Links
from p2pgame.net.people import People
from p2pgame.net.reachability import Reachability
from p2pgame.net.recording_context import recording_context_of
from p2pgame.net.room_list import RoomList
from p2pgame.net.routes import Routes
from p2pgame.net.trace import TraceFile
from p2pgame.net.unicast import UnicastPort
from p2pgame.netcode.corrupt import corrupt_at
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.chat_event import chat_event, kind_of
from p2pgame.session.lobby import Lobby
from p2pgame.session.lot import Lot
from p2pgame.session.people.known_peer import Trust
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.session.room_view import ListedRoom, RoomView
from p2pgame.session.view import MatchView
from p2pgame.storage.identity import Identity, open_identity
from p2pgame.storage.interrupted import find_adjourned, find_interrupted, newest_ends
from p2pgame.storage.lots import load_lots, save_lots
from p2pgame.storage.recordings import Recordings
from p2pgame.wire import messages as m
from p2pgame.wire.beacon import RoomLine
from p2pgame.wire.bounds import PROTOCOL
from p2pgame.wire.names import safe_name
from p2pgame.wire.sealed import MATCH_DATAGRAM, SEALED_LENGTHS

__all__ = ["Node", "NodeConfig"]

_log = logging.getLogger(__name__)
_GOODBYE_TIMEOUT = 0.4
_YEAR = 31_556_952
"""Seconds of a year."""
_YEARS = range(2025, 2100)
"""What a clock may say: this program is not older, and a clock without a battery begins in 1970 or 2000."""
_FAMILIAR_FOR = 1.0
_CALLED_BACK = 0
"""Ticket of a dial that a peer requested, or to a copy of our identity; tickets of the lobby begin at 1."""
_CHECK = -1
"""Ticket of a dial that only finds out whether a peer is reached."""
_COPIES_MAX = 16


class Node(LinkHandler):
    """A peer from its first beacon to its goodbye."""

    def __init__(
        self,
        config: NodeConfig,
        registry: Registry,
        on_event: Callable[[float, e.Event], None],
        on_view: Callable[[MatchView | None], None] | None = None,
        on_room: Callable[[RoomView | None], None] = lambda _: None,
    ) -> None:
        """Opens the identity; no socket yet. Raises `P2PGameError`.

        `on_event(t, event)` gets the Unix time; `on_view` the match and `on_room` the room whenever they look
        different, before the event. Without `on_view`, nobody looks at a match.
        """
        self.config = config
        self.registry = registry
        self.identity: Identity = open_identity(config.data_dir)
        fallback = f"Player-{tag_of(self.identity.peer_id)}"
        self.name = safe_name(config.name, fallback)
        self._on_event = on_event
        self._profile = Profile(name=self.name, version=__version__, games=registry.digests())
        self.unicast = UnicastPort()
        self.discovery = DiscoveryService(
            DiscoveryConfig(
                interfaces=config.interfaces,
                may_be_gone=config.interfaces_may_be_gone,
                discovery_port=config.discovery_port,
                seeds=config.seeds,
            ),
            self.unicast,
            self.identity,
            self._profile,
            self._on_discovery,
            self._on_said,
        )
        self._impairer = Impairer(self.unicast.send, config.impairment)
        self._trace = TraceFile(config.trace) if config.trace is not None else None
        self.links = Links(
            self.identity,
            self._hello,
            self,
            self._trace.message if self._trace is not None else None,
            self.discovery.request_dial,
        )
        self.lobby = Lobby(
            self.identity.peer_id,
            self.name,
            registry,
            secrets.token_bytes,
            frames=config.frames,
            input_delay=config.input_delay,
            countdown=config.countdown,
            perf=time.perf_counter,
            recording=recording_context_of(self.identity),
            tamper=corrupt_at(config.corrupt) if config.corrupt else None,
            author=self.discovery.author,
            unix=time.time,
        )
        self.lobby.set_round_trip(lambda peer: self.discovery.rtt(peer) or 0.0)
        self._rooms = RoomList()
        self.lobby.set_rooms(self._rooms.get)
        self.recordings = Recordings(config.data_dir, self.identity.peer_id, self._not_recorded)
        self.people = People(self._on_trust_store, lambda error: self._fail("not_saved", error))
        self._routes = Routes()
        self._reachability = Reachability(self.discovery.get, self.discovery.set_unreachable)
        self._familiar: tuple[float, frozenset[str]] = (0.0, frozenset())
        """Until when these addresses of peers that we know are taken as the newest."""
        self._driver = Driver(
            self.lobby,
            self.links,
            self.discovery,
            self._routes,
            self._impairer,
            self.recordings,
            on_event=self._emit,
            on_view=on_view,
            on_room=on_room,
            on_rest=self._update_status,
            keep_lots=self._keep_lots,
            trace=self._trace,
        )
        self.unicast.listen(bytes([MATCH_DATAGRAM]), SEALED_LENGTHS, self._driver.receive_datagram)
        self._commands: dict[type[c.Command], Callable[[Any], None]] = {
            c.SetAvatar: self._set_avatar,
            c.SetName: self._set_name,
            c.AddSeed: self._add_seed,
            c.Invite: self._invite,
            c.CheckReach: self._check_reach,
            c.ShowRoundTrips: lambda command: self.discovery.show_rtt(command.peers),
            c.SetImpairment: self._set_impairment,
            c.Verify: self._verify,
            c.SetBlocked: self._set_blocked,
            c.SetMuted: lambda command: self.people.set_muted(command.peer, command.muted),
            c.Say: self._say,
            c.Rename: lambda command: self.people.rename(command.peer, command.name),
            c.Forget: lambda command: self.people.forget(command.peer),
        }
        self._match_over = asyncio.Event()
        self._copies: set[str] = set()
        """Instances of other programs with our identity."""
        self._loop: asyncio.AbstractEventLoop | None = None

    # --- life

    async def start(self) -> None:
        """Open the sockets and announce. Raises `P2PGameError`."""
        self._loop = asyncio.get_running_loop()
        problems = [self.people.open(self.config.data_dir), self.recordings.start()]
        # Before anybody can ask for a match: they would be told that it is gone.
        problems.append(await self._find_interrupted())
        await self.unicast.open(self.config.discovery_port + 1, listen_host(self.config.interfaces))
        await self.discovery.start()
        if self.unicast.listener is not None:
            await self.links.listen([self.unicast.listener])
        self.lobby.candidate = m.Candidate(wired=all(is_wired(i) for i in self.discovery.interfaces))
        self._on_event(
            time.time(),
            e.Announcing(
                peer=self.identity.peer_id,
                name=self.name,
                instance=self.discovery.instance.hex(),
                tcp_port=self.unicast.number,
                udp_port=self.unicast.number,
                discovery_port=self.config.discovery_port,
                interfaces=tuple(i.name for i in self.discovery.interfaces),
            ),
        )
        if (year := int(1970 + time.time() / _YEAR)) not in _YEARS:
            self._emit(e.ErrorEvent(code="clock_wrong", params={"year": year}))
        for problem in problems:
            if problem is not None:
                self._fail("data_file", problem)
        self._driver.start()
        if self.identity.ephemeral:
            _log.info("another p2pgame uses this data directory: this one runs under a passing identity")

    async def stop(self) -> None:
        """Say goodbye and close. Takes less than a second unless the disk is slow.

        Ends no match: one that runs can be resumed. Only an end that is under way gets a moment to be confirmed.
        """
        self.lobby.close(self._driver.now)
        self._driver.pump()
        if self.lobby.matches.ending:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._match_over.wait(), _GOODBYE_TIMEOUT)
            self.lobby.matches.end_now()
            self._driver.pump()
        self._driver.stop()
        await asyncio.gather(self.discovery.stop(), self.links.close())
        self.unicast.close()
        self.people.close()
        self.recordings.close()
        self.identity.release()
        if self._trace is not None:
            self._trace.close()

    def _keep_lots(self, lots: tuple[Lot, ...]) -> None:
        if not self.identity.ephemeral:
            save_lots(self.config.data_dir, _shifted(lots, time.time() - self._driver.now))

    async def _find_interrupted(self) -> P2PGameError | None:
        if self.identity.ephemeral:
            return None
        lots = load_lots(self.config.data_dir, time.time())
        self.lobby.restore_lots(_shifted(lots, self._driver.now - time.time()))
        try:
            found = await asyncio.to_thread(
                find_interrupted, self.config.data_dir, self.identity.peer_id, self.registry, time.time()
            )
            adjourned = await asyncio.to_thread(
                find_adjourned, self.config.data_dir, self.identity.peer_id, self.registry, time.time()
            )
            ends = await asyncio.to_thread(newest_ends, self.config.data_dir, self.identity.peer_id)
        except P2PGameError as error:  # another program has just locked the history
            return error
        for entry in ends:  # whoever comes back for one is told who gave up
            self.lobby.matches.remember(entry.match, EndedBy(entry.ended_by), won=entry.result == "won")
        for one in [*adjourned, *([found] if found is not None else [])]:
            waits = len(one.saved.log) if one.saved.adjourned else None
            self.recordings.reopen(one.saved.header, one.file, one.whole, adjourned=waits)
            self.lobby.matches.offer(one.saved, self._driver.now - one.away)
        return None

    @property
    def addresses(self) -> tuple[str, ...]:
        """``ADDRESS:PORT`` of this peer, for peers that broadcasts do not reach."""
        found = (ip.address for i in publishable(self.discovery.interfaces) for ip in i.ipv4)
        return tuple(f"{address}:{self.unicast.number}" for address in found)

    @property
    def match_running(self) -> bool:
        return self.lobby.match is not None and self.lobby.match.running

    @property
    def peers(self) -> tuple[Peer, ...]:
        """The peer list, in order of first hearing."""
        return self.discovery.peers

    @property
    def rooms(self) -> Sequence[ListedRoom]:
        """The rooms that others announce, in order of first hearing."""
        return self._rooms.rooms

    # --- what the user does

    def execute(self, command: c.Command) -> None:
        """Execute a command; a failure becomes an `ErrorEvent`."""
        handler = self._commands.get(type(command))
        with self._reporting():
            if handler is not None:
                handler(command)
            else:
                self.lobby.execute(command, self._driver.now)
        self._driver.pump()

    def match_view(self) -> MatchView | None:
        return self.lobby.view(self._driver.now)

    def room_view(self) -> RoomView | None:
        """The room that we are in."""
        return self.lobby.room_view(self._driver.now)

    def _set_name(self, command: c.SetName) -> None:
        self.name = self.lobby.name = safe_name(command.name, f"Player-{tag_of(self.identity.peer_id)}")
        self._profile = msgspec.structs.replace(self._profile, name=self.name)
        self.discovery.set_profile(self._profile)

    def _set_avatar(self, command: c.SetAvatar) -> None:
        self._profile = msgspec.structs.replace(self._profile, avatar=command.avatar)
        self.discovery.set_profile(self._profile)

    def _add_seed(self, command: c.AddSeed) -> None:
        try:
            self.discovery.add_seed(command.address)
        except DiscoveryError as error:
            raise LocalProtocolError(error.code, **error.params) from error

    def _invite(self, command: c.Invite) -> None:
        assessment = self.people.assess(command.peer)
        if assessment.trust is Trust.BLOCKED:
            name = self.people.name_of(command.peer)
            self._emit(e.ErrorEvent(code="blocked", params={"name": name}))
            return
        if assessment.trust is Trust.IMPOSTOR and not command.anyway:
            warning = assessment.warning
            self._emit(e.ErrorEvent(code=warning.code, params=dict(warning.params)))
            return
        peer = self.discovery.get(command.peer)
        plugin = self.registry.get(command.game)
        if peer is None:
            raise LocalProtocolError("peer_gone")
        if plugin is None:
            raise LocalProtocolError("no_such_game", game=command.game)
        if peer.games.get(command.game) != plugin.digest:
            raise LocalProtocolError("incompatible", name=peer.name, game=plugin.game.title)
        config = plugin.game.config_type() if command.config is None else command.config
        self.lobby.invite(peer.peer, peer.name, plugin, config, self._driver.now)

    def _check_reach(self, command: c.CheckReach) -> None:
        """Dial the address that answers our probes. No other: nobody pressed a button, and records name any address."""
        peer = self.discovery.get(command.peer)
        if peer is None or peer.rtt_ms is None or peer.silent or self._driver.linked(peer.peer):
            return
        if not self.people.trust_store.blocked(peer.peer):
            self.links.dial(peer.peer, [peer.address], peer.tcp_port, _CHECK, self.discovery.rtt(peer.peer))

    def _set_impairment(self, command: c.SetImpairment) -> None:
        """Impair what our matches send from now on."""
        self._impairer.impairment = Impairment(command.latency_ms, command.jitter_ms, command.loss)

    def _verify(self, command: c.Verify) -> None:
        peer = PeerId(command.peer)
        self.lobby.verify(peer, self.people.name_of(peer), self._driver.now)

    def _say(self, command: c.Say) -> None:
        """In the lobby; what is said in a room or a match is the business of `Lobby`."""
        if command.where == e.LOBBY:
            self.discovery.say(kind_of(command.kind), command.text)
        else:
            self.lobby.execute(command, self._driver.now)

    def _on_said(self, said: Said) -> None:
        """A line of the lobby's chat."""
        if self.lobby.reads(said.peer):
            self._emit(chat_event(said))

    def _set_blocked(self, command: c.SetBlocked) -> None:
        """A blocked peer gets no link and no answer. It stays in the list, so that it can be unblocked."""
        self.people.set_blocked(command.peer, command.blocked)
        if command.blocked:
            self.lobby.block(PeerId(command.peer), self._driver.now)

    def _on_trust_store(self, trust_store: TrustStore) -> None:
        self.lobby.trust_store = trust_store
        self.discovery.set_friends(trust_store.friends)

    # --- what the links bring (LinkHandler)

    def admits(self, peer: PeerId) -> bool:
        self.people.catch_up()  # another window of ours may have blocked it
        return not self.people.trust_store.blocked(peer)

    def knows(self, peer: PeerId, address: str | None = None) -> bool:
        if not self.people.trust_store.knows(peer) and not self.lobby.plays_with(peer):
            return False
        return address is None or address in self._routes.find(peer, self.discovery.peers)[0]

    def expects(self, address: str) -> bool:
        now, (until, addresses) = self._driver.now, self._familiar
        if now >= until:
            known = [peer.peer for peer in self.discovery.peers if self.knows(peer.peer)]
            if (match := self.lobby.match) is not None:  # its other side may not be listed any more
                known += [PeerId(peer) for peer in match.core.election.players]
            addresses = frozenset(
                address for peer in known for address in self._routes.find(peer, self.discovery.peers)[0]
            )
            self._familiar = (now + _FAMILIAR_FOR, addresses)
        return address in addresses

    def needs(self, link: int) -> bool:
        return self.lobby.uses(link)

    def opened(self, link: int, peer: PeerId, hello: m.Hello, address: str, ticket: int | None) -> None:
        if peer == self.identity.peer_id:
            self._meet_copy(hello.instance, address)
            self.links.close_link(link, "done")
            return
        route = self._routes.remember(peer, address, hello.tcp_port)
        self._driver.opened(link, peer)
        self._reachability.opened(peer)
        self.discovery.linked(peer, route[0])
        if ticket in (None, _CALLED_BACK):  # what happened is known; what a request says is not
            self.lobby.candidate = msgspec.structs.replace(self.lobby.candidate, reachable=ticket is None)
        name = safe_name(hello.name, f"Player-{tag_of(peer)}")
        self.people.see(peer, name)
        self.lobby.link_opened(link, peer, name, ticket, self._driver.now, route)
        self._driver.pump()

    def message(self, link: int, message: m.Message, size: int) -> None:
        self.lobby.link_message(link, message, self._driver.now, size)
        self._driver.pump()

    def measured(self, link: int, rtt: float) -> None:
        self.lobby.link_rtt(link, rtt)

    def closed(self, link: int, code: str, params: Mapping[str, Param], *, remote: bool) -> None:
        self._driver.closed(link, code)
        self.lobby.link_closed(link, code, params, self._driver.now, remote=remote)
        self._driver.pump()

    def quiet(self, link: int) -> None:
        self.lobby.matches.quiet(link, self._driver.now)
        self._driver.pump()

    def heard(self, link: int) -> None:
        self.lobby.matches.heard(link, self._driver.now)
        self._driver.pump()

    def dial_failed(self, peer: PeerId, failures: Sequence[Failure], ticket: int | None) -> None:
        self._reachability.dial_failed(peer, failures)
        if ticket == _CHECK:
            self.discovery.request_dial(peer)
        elif ticket is not None:
            self.lobby.dial_failed(ticket, self._driver.now)
            self._driver.pump()

    # --- inside

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Report a failure as an event."""
        try:
            yield
        except IllegalMoveError as error:
            self._fail("illegal_move", error)
        except LocalProtocolError as error:
            self._fail("not_now", error)
        except GameError as error:
            self._emit(e.ErrorEvent(code=error.code, params=error.params))

    def _fail(self, code: str, error: P2PGameError) -> None:
        self._emit(e.ErrorEvent(code=code, params={**error.params, "reason": error.code}))

    def _emit(self, event: e.Event) -> None:
        if isinstance(event, e.MatchStarted):
            self._match_over.clear()
            for player, (peer, name) in enumerate(zip(event.players, event.names, strict=True)):
                if player != event.me:
                    self.people.met(peer, name)
        elif isinstance(event, e.MatchEnded):
            self._match_over.set()
        elif isinstance(event, e.InviteDeclined) and event.params.get("code") == "no_answer":
            event = self._with_cause(event)
        elif isinstance(event, e.VerifyEnded) and event.verified:
            self.people.set_verified(event.peer, event.name)
        self._on_event(time.time(), event)

    def _with_cause(self, event: e.InviteDeclined) -> e.InviteDeclined:
        """The event, with why the peer was not reached as far as it was seen."""
        failure = self._reachability.cause(PeerId(event.peer))
        if failure is None:
            return event
        params = {**event.params, "cause": failure.code.value, **failure.params}
        return msgspec.structs.replace(event, params=params)

    def _meet_copy(self, instance: str, address: str) -> None:
        """A program has our identity: another one, or this one at an address that we dialled."""
        known = instance == self.discovery.instance.hex() or instance in self._copies
        if not known and len(self._copies) < _COPIES_MAX:
            self._copies.add(instance)
            shown = address.removeprefix("::ffff:")
            self._emit(e.IdentityCopied(peer=self.identity.peer_id, address=shown))

    def _not_recorded(self, error: P2PGameError) -> None:
        """Called on any thread."""
        event = e.ErrorEvent(code="not_recorded", params={**error.params, "reason": error.code})
        with suppress(RuntimeError):  # the loop is closed: no user is left
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._emit, event)

    def _hello(self) -> m.Hello:
        return m.Hello(
            protocol=PROTOCOL,
            version=__version__[:32],
            instance=self.discovery.instance.hex(),
            name=self.name,
            tcp_port=self.unicast.number,
            games=self._profile.games,
        )

    def _on_discovery(self, event: d.DiscoveryEvent) -> None:
        match event:
            case d.Found(peer=peer) | d.Updated(peer=peer):
                self.people.see(peer.peer, peer.name)
                self._report(event)
                self._reachability.seen(peer)
                self.lobby.matches.seen(peer.peer, self._driver.now)
                self._driver.pump()
            case d.Lost(peer=peer, reason=reason):
                self._reachability.lost(peer.peer)
                if reason == "goodbye":  # who is merely not heard may be where it was
                    self._routes.forget(peer.peer)
                self._report(event)
            case d.DialRequested(peer=peer_id) if self.people.trust_store.blocked(peer_id):
                pass
            case d.DialRequested(peer=peer_id, address=address, tcp_port=port, punch=punch):
                if punch:
                    self.links.punch(address, port, _CALLED_BACK)
                else:
                    self.links.dial(peer_id, [address], port, _CALLED_BACK)
            case d.DuplicateIdentity(address=address, tcp_port=port):
                # An old beacon of ours may come back, so only who proves the key in TLS is a copy: see `opened`.
                self.links.dial(self.identity.peer_id, [address], port, _CALLED_BACK)

    def _report(self, event: d.Found | d.Updated | d.Lost) -> None:
        """A peer, and the room that it leads."""
        self._emit(event_of(event))
        for about in self._rooms.note(event):
            self._emit(about)

    def _update_status(self) -> None:
        """Announce whether we are busy, and our room."""
        playing = self.lobby.playing
        self.links.handshakes.playing = bool(playing)
        profile = msgspec.structs.replace(
            self._profile, busy=self.lobby.busy, playing=playing, room=_line_of(self.lobby.listed_room)
        )
        if profile != self._profile:
            self._profile = profile
            self.discovery.set_profile(profile)


def _line_of(room: ListedRoom | None) -> RoomLine | None:
    if room is None:
        return None
    return RoomLine(
        id=bytes.fromhex(room.room),
        game=room.game,
        seats=room.seats,
        taken=room.taken,
        running=room.running,
        locked=room.locked,
    )


def _shifted(lots: Sequence[Lot], seconds: float) -> tuple[Lot, ...]:
    """`lots` by another clock."""
    return tuple(msgspec.structs.replace(lot, until=lot.until + seconds) for lot in lots)
