"""`p2pgame bot`: a peer without a window. Plays matches by itself, as a test or as a practice opponent."""

import argparse
import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from p2pgame.cli.common import add_match_arguments, count, game_called, node_config, run_loop, seconds, words
from p2pgame.cli.exits import Exit, UsageError
from p2pgame.cli.output import Printer
from p2pgame.core.game import AnyGame, EndedBy
from p2pgame.core.guard import GameError
from p2pgame.core.ids import long_tag_of, tag_of
from p2pgame.core.registry import Plugin, Registry, installed
from p2pgame.i18n.catalogue import gettext
from p2pgame.net.node import Node
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.view import MatchView

__all__ = ["add_arguments", "run"]

_LOST = frozenset(
    {
        "connection_lost",
        "silent",
        "left",
        "bye",
        "too_slow",
        "connect_failed",
        "end_timeout",
        "no_seat",
        "over",
    }
)
_HARMLESS = frozenset({"data_file", "not_saved", "not_recorded"})
"""Errors that do not touch the match."""
_CLAIM_MARGIN = 0.05
"""Safety margin in seconds, so that a claim is never too early."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--game", required=True, metavar="G", help=gettext("what to play (see `p2pgame games`)")
    )
    role = parser.add_mutually_exclusive_group()
    role.add_argument(
        "--invite", type=words, metavar="NAME", help=gettext("invite the peer of this name, tag or id")
    )
    role.add_argument(
        "--accept", action="store_true", help=gettext("accept every invitation to the game (the default)")
    )
    parser.add_argument(
        "--matches",
        type=count,
        default=1,
        metavar="N",
        help=gettext("end after N matches; 0: never (default 1)"),
    )
    parser.add_argument(
        "--frames", type=count, default=0, metavar="N", help=gettext("end each match after N frames")
    )
    parser.add_argument(
        "--think-ms", type=count, default=0, metavar="N", help=gettext("wait before each move")
    )
    parser.add_argument(
        "--seed", type=int, default=None, metavar="N", help=gettext("seed of the bot's random choices")
    )
    parser.add_argument(
        "--wait",
        type=seconds,
        default=30.0,
        metavar="S",
        help=gettext("how long to look for NAME (default 30)"),
    )
    parser.add_argument(
        "--patience",
        type=seconds,
        default=None,
        metavar="S",
        help=gettext(
            "give up a match that is interrupted for so long (default: claim it as soon as possible)"
        ),
    )
    add_match_arguments(parser)
    parser.add_argument("--board", action="store_true", help=gettext("draw the board after every move"))


def run(args: argparse.Namespace) -> int:
    registry = installed()
    plugin = game_called(registry, args.game)
    if not plugin.has_bot:
        raise UsageError("no_bot", game=plugin.game.name)
    return run_loop(lambda: _BotPeer(args, registry, plugin).main())


class _BotPeer:
    """Reacts to the events of its node until all its matches are played."""

    def __init__(self, args: argparse.Namespace, registry: Registry, plugin: Plugin) -> None:
        self.args = args
        self.plugin = plugin
        self.printer = Printer(json=args.json)
        self.node = Node(node_config(args, frames=args.frames), registry, self._on_event, self._on_view)
        self.bot = plugin.bot(secrets.randbits(32) if args.seed is None else args.seed)
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.matches = 0
        self.invited = False
        self.unfit: e.PeerFound | e.PeerUpdated | None = None
        """The peer that we were to invite, as it was when that was not possible."""
        self.failure: Exit | None = None
        self.waiting: asyncio.TimerHandle | None = None
        """Timer: when to stop waiting for the other side of an interrupted match."""
        self.thinking: asyncio.Task[None] | None = None
        self.decided_at: tuple[str, int] | None = None
        self.held: Any = None

    async def main(self) -> int:
        try:
            await self.node.start()
            if self.args.invite is not None:
                asyncio.get_running_loop().call_later(self.args.wait, self._end_search)
            return await self.done
        finally:
            self._stop_waiting()
            self._stop_thinking()
            await self.node.stop()

    def _on_event(self, t: float, event: e.Event) -> None:
        self.printer.event(t, event)
        loop = asyncio.get_running_loop()
        match event:
            case e.PeerFound() | e.PeerUpdated():
                if self.args.invite is not None and not self.invited and self._can_be_invited(event):
                    self.invited = True
                    self._soon(c.Invite(peer=event.peer, game=self.plugin.game.name))
                elif self.args.invite is not None and self._is_target(event.peer, event.name):
                    self.unfit = event
            case e.PeerLost(peer=peer) if self.unfit is not None and self.unfit.peer == peer:
                self.unfit = None
            case e.InviteReceived():
                loop.call_soon(self._answer, event)
            case e.InviteDeclined() if self.args.invite is not None:
                self._finish(Exit.CONNECTION_LOST if event.reason == "unreachable" else Exit.REFUSED)
            case e.InviteCancelled(reason="superseded"):
                pass  # their invitation crossed ours and takes its place
            case e.InviteExpired() if self.args.invite is not None:
                self._finish(Exit.REFUSED)
            case e.MatchStarted() | e.Move() | e.Hash():
                if self.args.board and isinstance(event, e.Move):
                    self._draw()
                self._think()
            case e.MatchResumable(game=self.plugin.game.name):
                self.invited = True  # the peer that we were to invite waits until this match is over
                self._soon(c.Resume(event.match))
            case e.MatchPaused():
                self._stop_thinking()
                loop.call_soon(self._wait)
            case e.MatchResumed():
                self._stop_waiting()
                self.decided_at = None  # the state may be another now
                loop.call_soon(self._think)
            case e.MatchDisputed():
                self._soon(c.AnswerDispute(go_on=False))
            case e.MatchDesync(mended=False):
                self.failure = Exit.DESYNC
            case e.ErrorEvent(code=code) if code not in _HARMLESS:
                self.failure = self.failure or (Exit.CONNECTION_LOST if code in _LOST else Exit.REFUSED)
                if self.node.lobby.match is None and self.args.invite is not None:
                    self._finish(self.failure)
            case e.MatchEnded(outcome=outcome):
                self._stop_waiting()
                if outcome.ended_by is EndedBy.CLAIMED:
                    self.failure = self.failure or Exit.CONNECTION_LOST
                loop.call_soon(self._match_over)

    def _soon(self, command: c.Command) -> None:
        """Send `command` after the current event was handled."""
        asyncio.get_running_loop().call_soon(self.node.execute, command)

    def _end_search(self) -> None:
        if self.invited:
            return
        if (found := self.unfit) is not None:
            facts = {**found.reason_params, "name": found.name, "reason": found.reason or "busy"}
            self.printer.event(time.time(), e.ErrorEvent(code="not_invited", params=facts))
            self._finish(Exit.REFUSED)
        else:
            facts = {"target": self.args.invite, "seconds": round(self.args.wait)}
            self.printer.event(time.time(), e.ErrorEvent(code="no_such_peer", params=facts))
            self._finish(Exit.NO_SUCH_PEER)

    def _wait(self) -> None:
        """Schedule what to do when the pause of the match lasts too long."""
        view = self.node.match_view()
        pause = view.pause if view is not None else None
        if pause is None or pause.claim_at is None:
            return
        self._stop_waiting()
        loop, patience = asyncio.get_running_loop(), self.args.patience
        if patience is not None and pause.since + patience < pause.claim_at:
            self.waiting = loop.call_at(pause.since + patience, self._give_up)
        else:
            self.waiting = loop.call_at(pause.claim_at + _CLAIM_MARGIN, self.node.execute, c.Claim())

    def _give_up(self) -> None:
        self.node.execute(c.Resign())
        self._finish(Exit.CONNECTION_LOST)

    def _stop_waiting(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None

    def _can_be_invited(self, event: e.PeerFound | e.PeerUpdated) -> bool:
        return self._is_target(event.peer, event.name) and event.compatible and event.status == "idle"

    def _is_target(self, peer: str, name: str) -> bool:
        """True if `--invite` means this peer."""
        wanted = (self.args.invite or "").casefold()
        tags = (tag_of(peer).casefold(), long_tag_of(peer).casefold())
        return wanted in (peer, name.casefold(), *tags)

    def _answer(self, event: e.InviteReceived) -> None:
        """Accept an invitation that fits; one that crossed ours was accepted already."""
        if event.invite in self.node.lobby.waiting:
            welcome = self.args.invite is None or self._is_target(event.peer, event.name)
            fits = welcome and event.game == self.plugin.game.name
            self.node.execute(c.Accept(event.invite) if fits else c.Decline(event.invite))

    def _on_view(self, view: MatchView | None) -> None:
        """Real time: check every frame, and send changed inputs."""
        if view is None or not view.tick_rate or view.outcome is not None:
            return
        if self.decided_at != (view.match, view.frame):
            self.decided_at = (view.match, view.frame)
            if self.args.board and not view.frame % (view.tick_rate // 2):
                asyncio.get_running_loop().call_soon(self._draw)
            with self._games():
                move = self.bot.choose(view.state, view.me)
                if move != self.held or not view.frame:
                    self.held = move
                    asyncio.get_running_loop().call_soon(self._hold, view.match, move)

    def _hold(self, match: str, move: Any) -> None:
        view = self.node.match_view()
        if view is not None and view.match == match and view.outcome is None and self.node.match_running:
            self.node.execute(c.Submit(move))

    def _think(self) -> None:
        view = self.node.match_view()
        if (
            view is None
            or view.pause is not None
            or view.tick_rate
            or view.me not in view.to_move
            or self.decided_at == (view.match, view.frame)
        ):
            return
        self.decided_at = (view.match, view.frame)
        self.thinking = asyncio.get_running_loop().create_task(self._move(view))

    def _stop_thinking(self) -> None:
        if self.thinking is not None:
            self.thinking.cancel()
            self.thinking = None

    async def _move(self, view: MatchView) -> None:
        if self.args.think_ms:
            await asyncio.sleep(self.args.think_ms / 1000)
        with self._games():
            move = await asyncio.to_thread(self.bot.choose, view.state, view.me)
            current = self.node.match_view()
            if current is not None and (current.match, current.frame) == (view.match, view.frame):
                self.node.execute(c.Submit(move))

    @contextmanager
    def _games(self) -> Iterator[None]:
        """Wrap what calls code of the game: where that fails, the match ends."""
        try:
            yield
        except GameError as error:
            facts = {name: str(value) for name, value in error.params.items()}
            self._soon(c.BreakOff(**facts))

    def _draw(self) -> None:
        view, text = self.node.match_view(), ""
        if view is not None:
            game: AnyGame = self.plugin.game
            with self._games():
                text = game.render(view.state)
            if self.args.json:
                self.printer.object({"t": time.time(), "event": "board", "match": view.match, "text": text})
            else:
                self.printer.line(text)

    def _match_over(self) -> None:
        self.matches += 1
        if self.failure is not None:
            if self.args.invite is not None or self.args.matches:
                self._finish(self.failure)
            self.failure = None
        elif self.matches == self.args.matches:
            self._finish(Exit.DONE)
        elif self.args.invite is not None:
            self.node.execute(c.Rematch())

    def _finish(self, code: Exit) -> None:
        if not self.done.done():
            self.done.set_result(code)
