"""`p2pgame chat`: the group chat of the LAN in a terminal, or that of a room, in which it watches.

What is typed is said. Without a terminal it says what it reads; where nothing is to be read it listens.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Callable
from typing import Final

from p2pgame.cli.common import node_config, run_loop, seconds, words
from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer
from p2pgame.cli.rooms import RoomWish, exit_of
from p2pgame.cli.typed_lines import TypedLines
from p2pgame.core.errors import Param
from p2pgame.core.registry import installed
from p2pgame.i18n.catalogue import gettext
from p2pgame.net.node import Node
from p2pgame.session import commands as c
from p2pgame.session import events as e

__all__ = ["add_arguments", "run"]

_LOOK_AROUND: Final = 3.0
"""Seconds in which somebody should be found before something is said ..."""
_MORE: Final = 0.3
"""... and others after the first."""
_DELIVERY: Final = 4.0
"""Seconds in which everybody found should say that it has a line."""
_ROOM_WAIT: Final = 15.0
"""Seconds in which the room should be found and let us in."""
_POLL: Final = 0.02
_REFUSED: Final = (
    "chat_empty",
    "chat_gone",
    "chat_repeated",
    "chat_silenced",
    "chat_too_fast",
    "chat_too_long",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--room",
        type=words,
        metavar="R",
        help=gettext("the chat of the room of this name, tag or id; we watch there"),
    )
    parser.add_argument(
        "--say",
        type=words,
        action="append",
        default=[],
        metavar="TEXT",
        help=gettext("say this, wait until everybody has it, and end (repeatable)"),
    )
    parser.add_argument(
        "--seconds",
        type=seconds,
        default=None,
        metavar="S",
        help=gettext("end after so long (default: until interrupted, or until all is said)"),
    )


def run(args: argparse.Namespace) -> int:
    return run_loop(lambda: _Chat(args).main())


class _Chat:
    """One program that talks."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.printer = Printer(json=args.json)
        self.terminal = os.isatty(0) if not args.say else False
        self.node = Node(node_config(args), installed(), self._on_event)
        self.wish = None if args.room is None else RoomWish(target=args.room, local=0)
        self.where = e.LOBBY if self.wish is None else ""
        """The place of our chat; empty until we are there."""
        self.asked_to_join = False
        self.left: Exit | None = None
        """Why we are no longer in the room."""
        self.said = self.stood = 0
        """Lines of ours, and how many of them came back from the room."""
        self.refused = False
        self._started = 0.0

    async def main(self) -> int:
        try:
            await self.node.start()
            code = await self._until_deadline()
        finally:
            await self.node.stop()
        return code

    async def _until_deadline(self) -> int:
        """`--seconds` is the whole time, however much is said in it."""
        self._started = asyncio.get_running_loop().time()
        talk = asyncio.ensure_future(self._talk())
        try:
            done, _ = await asyncio.wait({talk}, timeout=self.args.seconds)
            if talk not in done:
                if not self._decided():
                    return self._no_such_room()
                if self.args.say and not self.said and not self.refused and self.left is None:
                    self.printer.event(time.time(), e.ErrorEvent(code="chat_not_said", params={}))
                    return Exit.FAILED
                return self._exit()
            if (code := talk.result()) is not Exit.DONE or self.args.seconds is None:
                return code
            rest = self._started + self.args.seconds - asyncio.get_running_loop().time()
            await self._wait(lambda: self.left is not None, rest)
            return self._exit()
        finally:
            talk.cancel()

    async def _talk(self) -> Exit:
        """Until all is said."""
        if self.wish is not None and not await self._wait(self._decided, _ROOM_WAIT):
            return self._no_such_room()
        if self.left is not None:
            return self.left
        if self.args.say:
            await self._look_around()
            for text in self.args.say:
                self._say(text)
            await self._delivered()
            return self._exit()
        typed, any_typed = TypedLines(), False
        while (line := await self._next_line(typed)) is not None:
            if line.strip():
                if not any_typed and not self.terminal:
                    await self._look_around()
                any_typed = True
                self._say(line)
        if (
            self.left is None and not self.terminal and not any_typed
        ):  # there was never anything to read: listen
            await self._wait(lambda: self.left is not None, float("inf"))
        if any_typed:
            await self._delivered()
        return self._exit()

    async def _next_line(self, typed: TypedLines) -> str | None:
        """None at the end of the input, and when we are no longer in the room."""
        line = asyncio.ensure_future(typed.get())
        while not line.done():
            await asyncio.wait({line}, timeout=0.2 if self.wish is not None else None)
            if self.left is not None:
                line.cancel()
                return None
        return line.result()

    def _say(self, text: str) -> None:
        self.said += 1
        self.node.execute(c.Say(text=text, where=self.where))

    async def _look_around(self) -> None:
        """Before the first line of a program that has just begun."""
        if self.wish is None and await self._wait(lambda: bool(self.node.peers), _LOOK_AROUND):
            await asyncio.sleep(_MORE)

    async def _delivered(self) -> None:
        """Wait until everybody whom we see has all that we said."""
        await self._wait(self._all_have_it, _DELIVERY)

    def _all_have_it(self) -> bool:
        if self.wish is not None:
            return self.stood >= self.said
        discovery = self.node.discovery
        return all(discovery.chat_reached(peer.peer) for peer in self.node.peers)

    async def _wait(self, condition: Callable[[], bool], most: float) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + most
        while not condition():
            if loop.time() >= end:
                return False
            await asyncio.sleep(_POLL)
        return True

    def _decided(self) -> bool:
        return bool(self.where) or self.left is not None

    def _exit(self) -> Exit:
        if self.left is not None:
            return self.left
        return Exit.REFUSED if self.refused and self.args.say else Exit.DONE

    def _no_such_room(self) -> Exit:
        waited = int(asyncio.get_running_loop().time() - self._started)
        params: dict[str, Param] = {"target": self.args.room, "seconds": waited}
        self.printer.event(time.time(), e.ErrorEvent(code="no_room_found", params=params))
        return Exit.NO_SUCH_PEER

    # --- events

    def _on_event(self, t: float, event: e.Event) -> None:
        own = isinstance(event, e.Chat) and event.peer == self.node.identity.peer_id
        if own:
            self.stood += 1
        if isinstance(event, e.ErrorEvent) and event.params.get("reason") in _REFUSED:
            self.refused = True
            self.said -= 1
        if not (own and self.terminal and not self.args.json):  # it stands there already, as it was typed
            self.printer.event(t, event)
        if self.wish is None:
            return
        joining = None if self.asked_to_join else self.wish.joining(event)
        if joining is not None:
            self.asked_to_join = True
            asyncio.get_running_loop().call_soon(self.node.execute, joining)
        match event:
            case e.RoomJoined(room=room):
                self.where = room
            case e.RoomLeft(reason=reason):
                self.left = Exit(exit_of(reason))
