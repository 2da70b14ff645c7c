"""One running peer: discovery, links and lobby on one asyncio loop. Everything here happens on that loop's thread.

Joins the floors and decides nothing itself: datagrams go to discovery, connections to links, what is said to the
lobby, and what comes of it to `on_event`.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec

from p2pgame import __version__
from p2pgame.core.errors import DiscoveryError, IllegalMoveError, LocalProtocolError
from p2pgame.core.ids import PeerId, tag_of
from p2pgame.core.registry import Registry
from p2pgame.discovery import events as d
from p2pgame.discovery.peer import Peer
from p2pgame.discovery.profile import Profile
from p2pgame.net.config import NodeConfig
from p2pgame.net.discovery import DiscoveryConfig, DiscoveryService
from p2pgame.net.driver import Driver
from p2pgame.net.event_adapter import event_of
from p2pgame.net.impair import Impairer, Impairment
from p2pgame.net.interfaces import is_wired, listen_host
from p2pgame.net.links import LinkHandler, Links
from p2pgame.net.people import People
from p2pgame.net.recording_context import recording_context_of
from p2pgame.net.routes import Routes
from p2pgame.net.unicast import UnicastPort
from p2pgame.netcode.corrupt import corrupt_at
from p2pgame.session import events as e
from p2pgame.session.lobby import Lobby
from p2pgame.session.people.known_peer import Trust
from p2pgame.session.people.trust_store import TrustStore
from p2pgame.session.view import MatchView
from p2pgame.storage.identity import Identity, open_identity
from p2pgame.storage.interrupted import find_interrupted, newest_ends
from p2pgame.storage.recordings import Recordings
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import DELAY_MAX, PROTOCOL
from p2pgame.wire.names import safe_name

__all__ = ["Node", "NodeConfig"]

_log = logging.getLogger(__name__)
_GOODBYE_PATIENCE = 0.4
_CALLED_BACK = 0
"""Ticket of a dial that a peer asked us for; the lobby's own begin at 1."""


class Node(LinkHandler):
    """A peer from its first beacon to its goodbye."""

    def __init__(
        self,
        config: NodeConfig,
        registry: Registry,
        on_event: Callable[[float, e.Event], None],
        on_view: Callable[[MatchView | None], None] = lambda _: None,
    ) -> None:
        """Opens the identity; no socket yet. Raises `P2PGameError`.

        `on_event(t, event)` gets the Unix time; `on_view` the match whenever it looks different, before the event.
        """
        self.config = config
        self.registry = registry
        self.identity: Identity = open_identity(config.data_dir)
        fallback = f"Player-{tag_of(self.identity.peer_id)}"
        self.name = safe_name(config.name, fallback)
        self._on_event = on_event
        self._profile = Profile(name=self.name, version=__version__, games=registry.digests())
        self.unicast = UnicastPort()
        self.unicast.on_match = self._on_datagram
        self.discovery = DiscoveryService(
            DiscoveryConfig(
                interfaces=config.interfaces, discovery_port=config.discovery_port, seeds=config.seeds
            ),
            self.unicast,
            self.identity,
            self._profile,
            self._on_discovery,
        )
        self._impairer = Impairer(self.unicast.send, config.impairment)
        self.links = Links(self.identity, self._hello, self)
        self.lobby = Lobby(
            self.identity.peer_id,
            self.name,
            registry,
            secrets.token_bytes,
            frames=config.frames,
            input_delay=config.input_delay,
            perf=time.perf_counter,
            recording=recording_context_of(self.identity),
            tamper=corrupt_at(config.corrupt) if config.corrupt else None,
        )
        self.recordings = Recordings(config.data_dir, self.identity.peer_id, self._not_recorded)
        self.people = People(
            self._on_trust_store,
            lambda text: self._on_event(time.time(), e.ErrorEvent(code="not_saved", message=text)),
        )
        self._routes = Routes()
        self._driver = Driver(
            self.lobby,
            self.links,
            self.discovery,
            self._routes,
            self._impairer,
            self.recordings,
            on_event=self._emit,
            on_view=on_view,
            on_rest=self._tell_status,
        )
        self._match_over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    # --- life

    async def start(self) -> None:
        """Open the sockets and announce. Raises `P2PGameError` in one line."""
        self._loop = asyncio.get_running_loop()
        self.people.open(self.config.data_dir)
        self.recordings.start()
        await self._find_interrupted()  # before anybody can ask for it: they would be told that it is gone
        await self.unicast.open(self.config.discovery_port + 1, listen_host(self.config.interfaces))
        await self.discovery.start()
        if self.unicast.listener is not None:
            await self.links.listen([self.unicast.listener])
        self.discovery.set_rtt_wanted(self.config.measure_rtt)
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
        self._driver.start()
        if self.identity.ephemeral:
            _log.info("another p2pgame uses this data directory: this one runs under a passing identity")

    async def stop(self) -> None:
        """Resign what is on, say goodbye everywhere, close. Takes less than a second, if the disk does its part."""
        with self._user():
            self.lobby.cancel()
            self.lobby.leave(self._driver.now)
        if self.match_running:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._match_over.wait(), _GOODBYE_PATIENCE)
        if self.match_running:  # nobody answers: it is over all the same, and not to be resumed
            self.lobby.room.fail("bye", "the program was closed")
            self._driver.pump()
        self._driver.stop()
        await asyncio.gather(self.discovery.stop(), self.links.close())
        self.unicast.close()
        self.people.close()
        self.recordings.close()
        self.identity.release()

    async def _find_interrupted(self) -> None:
        if self.identity.ephemeral:
            return
        found = await asyncio.to_thread(
            find_interrupted, self.config.data_dir, self.identity.peer_id, self.registry, time.time()
        )
        ends = await asyncio.to_thread(newest_ends, self.config.data_dir, self.identity.peer_id)
        for entry in ends:  # whoever comes back for one is told who gave up
            self.lobby.room.remember(entry.match, entry.reason, won=entry.result == "won")
        if found is not None:
            self.recordings.go_on(found.saved.header, found.file, found.whole)
            self.lobby.room.offer(found.saved)

    @property
    def addresses(self) -> tuple[str, ...]:
        """``ADDRESS:PORT`` of this peer, to be told to somebody whom broadcasts do not reach."""
        found = (ip.address for interface in self.discovery.interfaces for ip in interface.ipv4)
        return tuple(f"{address}:{self.unicast.number}" for address in found)

    @property
    def match_running(self) -> bool:
        return self.lobby.match is not None and self.lobby.match.running

    # --- what the user does

    @property
    def peers(self) -> Sequence[Peer]:
        return self.discovery.peers

    def match_view(self) -> MatchView | None:
        return self.lobby.view(self._driver.now)

    def set_name(self, name: str) -> None:
        """Show ourselves under another name from now on."""
        self.name = self.lobby.name = safe_name(name, f"Player-{tag_of(self.identity.peer_id)}")
        self._profile = msgspec.structs.replace(self._profile, name=self.name)
        self.discovery.set_profile(self._profile)

    def add_seed(self, address: str) -> None:
        with self._user():
            try:
                self.discovery.add_seed(address)
            except DiscoveryError as error:
                raise LocalProtocolError(str(error)) from error

    def invite(self, peer_id: str, game: str, config: Any = None, *, anyway: bool = False) -> None:
        """Invite a listed peer. `config` None: the game's defaults. Problems become an `ErrorEvent`.

        ``impostor``: the peer looks like somebody verified and is not; only `anyway` invites it.
        """
        judgement = self.people.judge(peer_id)
        if judgement.trust is Trust.BLOCKED:
            self._emit(e.ErrorEvent(code="blocked", message="you blocked this player"))
            return
        if judgement.trust is Trust.IMPOSTOR and not anyway:
            self._emit(e.ErrorEvent(code="impostor", message=judgement.warning))
            return
        with self._user():
            peer = next((p for p in self.peers if p.peer == peer_id), None)
            plugin = self.registry.get(game)
            if peer is None:
                raise LocalProtocolError("that player is no longer there")
            if plugin is None:
                raise LocalProtocolError(f"there is no game {game!r} here")
            if peer.games.get(game) != plugin.digest:
                reason = (
                    peer.reason or f"{peer.name} has other rules of {plugin.game.title}, or does not have it"
                )
                raise LocalProtocolError(reason)
            chosen = plugin.game.config_type() if config is None else config
            self.lobby.invite(peer.peer, peer.name, plugin, chosen, self._driver.now)

    def cancel_invite(self) -> None:
        with self._user():
            self.lobby.cancel()

    def accept(self, invite: str) -> None:
        with self._user():
            self.lobby.accept(invite, self._driver.now)

    def decline(self, invite: str) -> None:
        with self._user():
            self.lobby.decline(invite, self._driver.now)

    def submit(self, move: Any) -> None:
        with self._user():
            self.lobby.room.submit(move, self._driver.now)

    def resign(self) -> None:
        with self._user():
            self.lobby.room.resign(self._driver.now)

    def claim(self) -> None:
        """Win the paused match because the other side did not come back."""
        with self._user():
            self.lobby.room.claim(self._driver.now)

    def resume(self, match: str) -> None:
        """Go on with an interrupted match (`MatchResumable`)."""
        with self._user():
            self.lobby.resume(match, self._driver.now)

    def abandon(self, match: str) -> None:
        """Give such a match up."""
        with self._user():
            self.lobby.abandon(match, self._driver.now)

    def rematch(self) -> None:
        with self._user():
            self.lobby.rematch(self._driver.now)

    def leave(self) -> None:
        with self._user():
            self.lobby.leave(self._driver.now)

    # --- whom we know (what touches neither match nor links is asked of `people`)

    def verify(self, peer: str) -> None:
        """Compare codes with `peer`: ask it, or answer. What follows are `VerifyCode` and `VerifyEnded`."""
        with self._user():
            self.lobby.verify(PeerId(peer), self.people.name_of(peer), self._driver.now)

    def confirm_code(self, peer: str) -> None:
        with self._user():
            self.lobby.confirm_code(PeerId(peer))

    def reject_code(self, peer: str) -> None:
        with self._user():
            self.lobby.reject_code(PeerId(peer), self._driver.now)

    def set_blocked(self, peer: str, blocked: bool) -> None:
        """Blocked: no link, no word; what is on with it ends. It stays in the list, to be unblocked."""
        with self._user():
            self.people.set_blocked(peer, blocked)
            if blocked:
                self.lobby.block(PeerId(peer), self._driver.now)

    def _on_trust_store(self, trust_store: TrustStore) -> None:
        self.lobby.trust_store = trust_store
        self.discovery.set_friends(trust_store.verified)

    def set_input_delay(self, frames: int) -> None:
        """For both sides of the real-time match that is on."""
        with self._user():
            self.lobby.room.set_delay(max(0, min(DELAY_MAX, frames)))

    def set_impairment(self, impairment: Impairment) -> None:
        """Spoil what our matches send from now on."""
        self._impairer.impairment = impairment

    # --- what the links bring (LinkHandler)

    def admits(self, peer: PeerId) -> bool:
        self.people.catch_up()  # another window of ours may have blocked it
        return not self.people.trust_store.blocked(peer)

    def opened(self, link: int, peer: PeerId, hello: m.Hello, address: str, ticket: int | None) -> None:
        route = self._routes.remember(peer, address, hello.tcp_port)
        self._driver.opened(link, peer)
        if ticket is None and not self.lobby.candidate.reachable:
            self.lobby.candidate = msgspec.structs.replace(self.lobby.candidate, reachable=True)
        name = safe_name(hello.name, f"Player-{tag_of(peer)}")
        self.people.see(peer, name)
        self.lobby.link_opened(link, peer, name, ticket, self._driver.now, route)
        self._driver.pump()

    def message(self, link: int, message: m.Message) -> None:
        self.lobby.link_message(link, message, self._driver.now)
        self._driver.pump()

    def closed(self, link: int, code: str, message: str) -> None:
        self._driver.closed(link)
        self.lobby.link_closed(link, code, message, self._driver.now)
        self._driver.pump()

    def quiet(self, link: int) -> None:
        self.lobby.room.quiet(link, self._driver.now)
        self._driver.pump()

    def heard(self, link: int) -> None:
        self.lobby.room.heard(link, self._driver.now)
        self._driver.pump()

    def dial_failed(self, ticket: int, reason: str) -> None:
        del reason
        self.lobby.dial_failed(ticket, self._driver.now)
        self._driver.pump()

    # --- inside

    @contextmanager
    def _user(self) -> Iterator[None]:
        """Around everything the user asks for: what cannot be done is told, never raised."""
        try:
            yield
        except IllegalMoveError as error:
            self._emit(e.ErrorEvent(code="illegal_move", message=str(error)))
        except LocalProtocolError as error:
            self._emit(e.ErrorEvent(code="not_now", message=str(error)))
        self._driver.pump()

    def _emit(self, event: e.Event) -> None:
        if isinstance(event, e.MatchStarted):
            self._match_over.clear()
            them = 1 - event.me
            self.people.met(event.players[them], event.names[them])
        elif isinstance(event, e.MatchEnded):
            self._match_over.set()
        elif isinstance(event, e.VerifyEnded) and event.verified:
            self.people.set_verified(event.peer, event.name)
        self._on_event(time.time(), event)

    def _not_recorded(self, text: str) -> None:
        """Comes on whichever thread."""
        event = e.ErrorEvent(code="not_recorded", message=text)
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
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

    def _on_datagram(self, data: bytes, source: tuple[str, int]) -> None:
        self.lobby.room.receive_datagram(data, source, self._driver.now)
        self._driver.pump()

    def _on_discovery(self, event: d.DiscoveryEvent) -> None:
        match event:
            case d.Found(peer=peer) | d.Updated(peer=peer):
                self.people.see(peer.peer, peer.name)
                self._emit(event_of(event))
                self.lobby.room.seen(peer.peer, self._driver.now)
                self._driver.pump()
            case d.Lost(peer=peer, reason=reason):
                if reason == "goodbye":  # who is merely not heard may be where it was
                    self._routes.forget(peer.peer)
                self._emit(event_of(event))
            case d.DialRequested(peer=peer_id) if self.people.trust_store.blocked(peer_id):
                pass
            case d.DialRequested(peer=peer_id, address=address, tcp_port=port):
                self.lobby.candidate = msgspec.structs.replace(self.lobby.candidate, reachable=False)
                self.links.dial(peer_id, [address], port, _CALLED_BACK)
            case d.DuplicateIdentity(address=address):
                _log.warning("another program at %s has the identity of this one (a copied disk?)", address)

    def _tell_status(self) -> None:
        """Others see whether we are free."""
        busy, playing = self.lobby.busy, self.lobby.playing
        if (busy, playing) != (self._profile.busy, self._profile.playing):
            self._profile = msgspec.structs.replace(self._profile, busy=busy, playing=playing)
            self.discovery.set_profile(self._profile)
