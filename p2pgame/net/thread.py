"""A node on a thread of its own, as the window needs it: commands go in, events and published values come out.

The UI thread never waits for the network, the network thread never for drawing. The only locks are a deque and the
event loop's own queue; everything handed over is immutable.
"""

import asyncio
import atexit
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from p2pgame.core.errors import P2PGameError
from p2pgame.core.registry import Registry
from p2pgame.discovery.peer import Peer
from p2pgame.net.node import Node, NodeConfig
from p2pgame.replay.entry import HistoryEntry, Score
from p2pgame.replay.reader import Replay
from p2pgame.session.commands import Command, NewIdentity, SetAvatar, SetName, SetPrivacy
from p2pgame.session.events import ErrorEvent, Event
from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.session.people.trust_store import TrustWarning
from p2pgame.session.room_view import ListedRoom, RoomView
from p2pgame.session.view import MatchView
from p2pgame.storage.archive import Archive
from p2pgame.storage.identity import put_identity_aside

__all__ = ["NodeThread"]

_CLOSE_TIMEOUT = 2.5
"""Seconds: most of a second for the others, and a second for the disk."""
_EVENTS_KEPT = 10_000


class NodeThread:
    """Implements `p2pgame.ui.client.Client`."""

    def __init__(
        self,
        config: NodeConfig,
        registry: Registry,
        *,
        on_name: Callable[[str], None] = lambda _: None,
        on_event: Callable[[float, Event], None] = lambda *_: None,
    ) -> None:
        """Start the node. `on_name` remembers a new name; `on_event` also sees every event, on the network thread.

        Raises `P2PGameError` if it cannot start.
        """
        self.registry = registry
        self._on_name = on_name
        self._also = on_event
        self._events: deque[Event] = deque(maxlen=_EVENTS_KEPT)
        self._changed = threading.Event()
        """There is something new for the UI thread."""
        self._wishes: dict[type[Command], Command] = {}
        """What the player chose that holds under another identity, too."""
        self._view: MatchView | None = None
        self._room: RoomView | None = None
        self._node = self._new_node(config)
        self._loop = asyncio.new_event_loop()
        self._wake = asyncio.Event()
        self._closing = False
        self._archive: Archive | None = None
        """Of the UI's side, which looks at what the network's side writes."""
        self._ready: threading.Event = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="p2pgame-net", daemon=True)
        atexit.register(self.close)  # whatever ends this program, the others hear a goodbye
        self._thread.start()
        self._ready.wait()
        if (error := self._failure()) is not None:
            self._thread.join()
            atexit.unregister(self.close)
            raise error

    @property
    def peer_id(self) -> str:
        return self._node.identity.peer_id

    @property
    def name(self) -> str:
        return self._node.name

    @property
    def addresses(self) -> Sequence[str]:
        """``ADDRESS:PORT`` of this peer on each interface, to tell to a friend."""
        return self._node.addresses

    @property
    def resumes(self) -> bool:
        return not self._node.identity.ephemeral

    def drain(self) -> Sequence[Event]:
        events = []
        while self._events:
            events.append(self._events.popleft())
        return events

    def peers(self) -> Sequence[Peer]:
        return self._node.peers

    @property
    def hall_count(self) -> int:
        return self._node.discovery.hall_count

    def match(self) -> MatchView | None:
        return self._view

    def wait(self, seconds: float) -> None:
        self._changed.wait(seconds)
        self._changed.clear()

    def room(self) -> RoomView | None:
        return self._room

    def rooms(self) -> Sequence[ListedRoom]:
        return self._node.rooms

    def send(self, command: Command) -> None:
        """Execute `command` on the network thread."""
        if isinstance(command, SetName):
            self._on_name(command.name)
        if isinstance(command, NewIdentity):
            self._call_soon(self._renew)
        else:
            self._call_soon(lambda: self._execute(command))

    def history(self) -> Sequence[HistoryEntry]:
        """Raises `P2PGameError` if the history cannot be read."""
        return self._open_archive().all()

    def score(self, peer: str) -> Score:
        with contextlib.suppress(P2PGameError):  # `history` reports it
            return self._open_archive().score(peer)
        return Score()

    def replay(self, match: str) -> Replay:
        return self._open_archive().replay(match)

    def delete_replay(self, match: str) -> None:
        try:
            self._open_archive().delete(match)
        except P2PGameError as error:
            self._events.append(ErrorEvent(code="not_deleted", params={**error.params, "reason": error.code}))

    def trust(self, peer: str) -> Trust:
        return self._node.people.trust(peer)

    def warning(self, peer: str) -> TrustWarning:
        return self._node.people.warning(peer)

    def known(self) -> Sequence[KnownPeer]:
        return self._node.people.known()

    def close(self) -> None:
        """Say goodbye and wait until that is done and the disk has everything, at most `_CLOSE_TIMEOUT`."""
        self._call_soon(self._end)
        self._thread.join(_CLOSE_TIMEOUT)
        atexit.unregister(self.close)
        if self._archive is not None:
            self._archive.close()
            self._archive = None

    def _open_archive(self) -> Archive:
        """That of our identity, which may have been renewed. Raises `P2PGameError`."""
        archive = self._archive
        if archive is None or archive.history.me != self.peer_id:
            if archive is not None:
                archive.close()
            archive = self._archive = Archive(self._node.config.data_dir, self.peer_id)
        return archive

    def _failure(self) -> BaseException | None:
        return self._error

    # --- on the network thread

    def _run(self) -> None:
        runner = asyncio.Runner(loop_factory=lambda: self._loop)
        try:
            runner.run(self._main())
        finally:
            with contextlib.suppress(RuntimeError):  # it would start a thread, and the program is ending
                runner.close()

    async def _main(self) -> None:
        try:
            await self._node.start()
        except Exception as error:  # whatever it is, a window without its network is of no use
            self._error = _network_failed(error) if isinstance(error, OSError) else error
            await self._node.stop()
            return
        finally:
            self._ready.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._node.stop()
            if self._closing:
                return
            await self._start_anew()

    def _end(self) -> None:
        self._closing = True
        self._wake.set()

    def _renew(self) -> None:
        if self._node.lobby.busy:
            self._note(time.time(), ErrorEvent(code="not_now", params={"reason": "match_on"}))
        else:
            self._wake.set()

    async def _start_anew(self) -> None:
        """Another node, with a new identity if the old one can be put aside."""
        old = self._node
        config = msgspec.structs.replace(old.config, name=old.name)
        try:
            try:
                put_identity_aside(config.data_dir)
            finally:
                self._node = self._new_node(config)
                await self._node.start()
            for command in self._wishes.values():
                self._node.execute(command)
        except (P2PGameError, OSError) as error:
            known = error if isinstance(error, P2PGameError) else _network_failed(error)
            self._note(time.time(), ErrorEvent(code=known.code, params=known.params))

    def _execute(self, command: Command) -> None:
        if isinstance(command, SetAvatar | SetPrivacy):
            self._wishes[type(command)] = command
        self._node.execute(command)
        self._view = self._node.match_view()
        self._changed.set()

    def _call_soon(self, function: Callable[[], None]) -> None:
        """Call `function` on the network thread, if it still runs."""
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(function)

    def _new_node(self, config: NodeConfig) -> Node:
        return Node(config, self.registry, self._note, self._show, self._show_room)

    def _show(self, view: MatchView | None) -> None:
        self._view = view
        self._changed.set()

    def _show_room(self, room: RoomView | None) -> None:
        if room != self._room:
            self._room = room
            self._changed.set()

    def _note(self, t: float, event: Event) -> None:
        self._events.append(event)
        self._changed.set()
        self._also(t, event)


def _network_failed(error: OSError) -> P2PGameError:
    return P2PGameError("network_failed", detail=error.strerror or type(error).__name__)
