"""A node that does nothing, for the tests of `p2pgame bot`: tests say what happens, and see what it is asked for."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import pytest

from p2pgame.cli import bot, streams
from p2pgame.cli.main import build_parser
from p2pgame.cli.rooms import room_wish
from p2pgame.core.game import Setup
from p2pgame.core.registry import installed
from p2pgame.session import commands as c
from p2pgame.session.room_view import RoomView
from p2pgame.session.status import RUNNING, Status, StatusCode
from p2pgame.session.view import MatchView

__all__ = ["FakeNode", "play"]


class FakeLobby:
    match = None


class FakeNode:
    """Takes down what it is asked for."""

    match_running = True

    def __init__(
        self, config: Any, registry: Any, on_event: Callable[..., None], on_view: Any, on_room: Any
    ) -> None:
        self.emit = lambda event: on_event(0.0, event)
        self.view: MatchView | None = None
        self.room: RoomView | None = None
        self._on_room = on_room
        self._on_view = on_view
        self.lobby = FakeLobby()
        self.calls: list[tuple[Any, ...]] = []
        self.news = asyncio.Event()

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.calls.append(("stop",))

    def match_view(self) -> MatchView | None:
        return self.view

    def room_view(self) -> RoomView | None:
        return self.room

    def show_room(self, room: RoomView | None) -> None:
        """The room as it is to be seen from now on."""
        self.room = room
        self._on_room(room)

    def show_match(self, view: MatchView) -> None:
        """The match as it is to be seen from now on."""
        self.view = view
        self._on_view(view)

    def execute(self, command: c.Command) -> None:
        match command:
            case c.Invite(peer=peer):
                self.calls.append(("invite", peer))
            case _:
                self.calls.append((type(command).__name__.lower(), *msgspec.structs.astuple(command)))
        self.news.set()

    def show(
        self,
        *,
        claim_in: float | None = None,
        paused: bool = True,
        to_move: tuple[int, ...] = (0,),
        code: StatusCode = StatusCode.CONNECTION,
    ) -> None:
        """The match as it is to be seen from now on, with an empty board."""
        now = asyncio.get_running_loop().time()
        claim_at = None if claim_in is None else now + claim_in
        plugin = installed().get("gomoku")
        assert plugin is not None
        config = plugin.game.config_type()
        self.view = MatchView(
            match="m", game="gomoku", host="ann", players=("me", "ann"), names=("Me", "Ann"), me=0,
            config=config, state=plugin.game.initial(Setup(players=2, seed=1, config=config)), frame=0,
            to_move=to_move, outcome=None, rtt_ms=1.0, hash="00",
            status=Status(code=code, since=now, claim_at=claim_at) if paused else RUNNING,
        )  # fmt: skip

    async def until(self, *call: Any) -> None:
        async with asyncio.timeout(5):
            while call not in self.calls:
                self.news.clear()
                await self.news.wait()


def play(
    monkeypatch: pytest.MonkeyPatch, script: Callable[[FakeNode], Coroutine[Any, Any, None]], *options: str
) -> int:
    """Run the bot while `script` plays its node; the exit code."""
    nodes: list[FakeNode] = []

    def make(*args: Any) -> FakeNode:
        nodes.append(FakeNode(*args))
        return nodes[0]

    monkeypatch.setattr(bot, "Node", make)
    args = build_parser().parse_args(["bot", "--data-dir", "unused", "--json", *options])
    registry = installed()
    wish = room_wish(args, registry)

    async def run() -> int:
        peer = bot._BotPeer(args, registry, wish)
        playing = asyncio.create_task(peer.main())
        await script(nodes[0])
        async with asyncio.timeout(5):
            return await playing

    code = asyncio.run(run())
    streams.finish()  # as the command does at its end
    return code
