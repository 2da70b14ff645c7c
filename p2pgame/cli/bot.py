"""`p2pgame bot`: a peer without a window. Plays matches by itself, as a test or as a practice opponent.

It invites, or accepts invitations; or it opens, joins or watches a room, where it may have several seats.
"""

import argparse
import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from p2pgame.cli.common import add_match_arguments, count, game_called, node_config, run_loop, seconds, words
from p2pgame.cli.exits import Exit, UsageError
from p2pgame.cli.output import Printer
from p2pgame.cli.rooms import RoomWish, add_room_arguments, exit_of, room_wish
from p2pgame.core.errors import ForfeitError, P2PGameError, Param
from p2pgame.core.game import EndedBy
from p2pgame.core.guard import GameError, GuardedBot
from p2pgame.core.ids import long_tag_of, tag_of
from p2pgame.core.registry import Plugin, Registry, installed
from p2pgame.core.terms import clock_of
from p2pgame.i18n.catalogue import game_text, gettext
from p2pgame.i18n.games import package_of
from p2pgame.net.node import Node
from p2pgame.netcode.clocks import prudent_seconds
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.session.room_view import RoomView
from p2pgame.session.status import StatusCode
from p2pgame.session.view import MatchView
from p2pgame.wire.names import is_called

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
        "--game", metavar="G", help=gettext("what to play outside of rooms (see `p2pgame games`)")
    )
    role = parser.add_mutually_exclusive_group()
    role.add_argument(
        "--invite", type=words, metavar="NAME", help=gettext("invite the peer of this name, tag or id")
    )
    role.add_argument(
        "--accept", action="store_true", help=gettext("accept every invitation to the game (the default)")
    )
    add_room_arguments(parser, role)
    parser.add_argument(
        "--matches",
        type=count,
        default=1,
        metavar="N",
        help=gettext("end after N matches, or rounds of a room; 0: never (default 1)"),
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
        help=gettext("how long to look for NAME, or to wait for people on open seats (default 30)"),
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
    parser.add_argument(
        "--adjourn",
        choices=("agree", "refuse"),
        default="agree",
        help=gettext("what to answer to who wants to adjourn a match, or to go on with one (default agree)"),
    )
    add_match_arguments(parser)
    parser.add_argument(
        "--level",
        metavar="N",
        help=gettext("how strong the bot plays, from 1 on, where the game's bot has levels"),
    )
    parser.add_argument(
        "--engine",
        metavar="PATH",
        help=gettext("Gomoku: a program that plays instead of our bot, by the protocol of Gomocup"),
    )
    parser.add_argument(
        "--option",
        action="append",
        type=_option,
        default=[],
        metavar="NAME=VALUE",
        help=gettext("any option of the game's bot (repeatable)"),
    )
    parser.add_argument("--board", action="store_true", help=gettext("draw the board after every move"))


def run(args: argparse.Namespace) -> int:
    registry = installed()
    wish = room_wish(args, registry)
    if wish is None and args.game is None:
        raise UsageError("game_needed")
    if game := wish.game if wish is not None else args.game:
        plugin = game_called(registry, game)
        if not plugin.has_bot:
            raise UsageError("no_bot", game=plugin.game.name)
        _check_options(plugin, args)
    return run_loop(lambda: _BotPeer(args, registry, wish).main())


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(gettext("{text} is not NAME=VALUE", text=repr(text)))
    return name, value


def _options(args: argparse.Namespace) -> dict[str, str]:
    """What was chosen of the bot."""
    chosen = dict(args.option)
    for name in ("level", "engine"):
        if (value := getattr(args, name)) is not None:
            chosen[name] = value
    return chosen


def _check_options(plugin: Plugin, args: argparse.Namespace) -> None:
    try:
        plugin.bot(0, chosen=_options(args)).close()
    except GameError:
        raise
    except P2PGameError as error:
        raise UsageError(error.code, **error.params) from error


class _BotPeer:
    """Reacts to the events of its node until all its matches are played."""

    def __init__(self, args: argparse.Namespace, registry: Registry, wish: RoomWish | None = None) -> None:
        """`wish`: the room to be in; None: it plays outside of rooms."""
        self.args = args
        self.registry = registry
        self.wish = wish
        self.printer = Printer(json=args.json)
        self.node = Node(
            node_config(args, frames=args.frames), registry, self._on_event, self._on_view, self._on_room
        )
        self.seed = secrets.randbits(32) if args.seed is None else args.seed
        self.bots: dict[tuple[str, int], GuardedBot] = {}
        """By the name of the game, and which of our seats it is."""
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.matches = 0
        self.invited = False
        self.asked_to_join = False
        self.inside = False
        """We are in the room that we wanted."""
        self.left: e.MatchResumable | None = None
        """The match in which this program was ended."""
        self.unready: RoomView | None = None
        """The room when we last said that we are ready."""
        self.patience_over = False
        """Nobody is waited for on the open seats of our room any longer."""
        self.unfit: e.PeerFound | e.PeerUpdated | None = None
        """The peer that we were to invite, as it was when that was not possible."""
        self.failure: Exit | None = None
        self.waiting: asyncio.TimerHandle | None = None
        """Timer: when to stop waiting for the other side of an interrupted match."""
        self.thinking: dict[int, asyncio.Task[None]] = {}
        """By seat."""
        self.seen: tuple[str, int] | None = None
        """Real time: the match and the frame that were looked at last."""
        self.decided: dict[int, tuple[str, int]] = {}
        """By turns: the match and the frame for which each seat has decided."""
        self.held: dict[int, Any] = {}
        """Real time: the input of each seat."""

    async def main(self) -> int:
        try:
            await self.node.start()
            if self.args.invite is not None or self.wish is not None:
                asyncio.get_running_loop().call_later(self.args.wait, self._end_search)
            if self.wish is not None and (opening := self.wish.opening) is not None:
                self.node.execute(opening)
            return await self.done
        finally:
            self._stop_waiting()
            self._stop_thinking()
            self._close_bots()
            await self.node.stop()

    def _on_event(self, t: float, event: e.Event) -> None:
        self.printer.event(t, event)
        self._answer_request(event)
        loop = asyncio.get_running_loop()
        if self.wish is not None and self._in_room(self.wish, event):
            return
        match event:
            case e.PeerFound() | e.PeerUpdated():
                if self.args.invite is not None and not self.invited and self._can_be_invited(event):
                    self.invited = True
                    self._soon(c.Invite(peer=event.peer, game=self.args.game))
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
            case e.MatchStarted() | e.Move() | e.TakenBack() | e.Hash():
                if self.args.board and isinstance(event, e.Move):
                    self._draw()
                self._think()
            case e.MatchAdjourned():
                self._stop_waiting()
                loop.call_soon(self._adjourned, event)
            case e.MatchResumable(game=self.args.game, adjourned=False):
                self.invited = True  # the peer that we were to invite waits until this match is over
                self._soon(c.Resume(event.match))
            case e.MatchPaused():
                self._stop_thinking()
                loop.call_soon(self._wait)
            case e.MatchResumed():
                self._stop_waiting()
                self.decided.clear()  # the state may be another now
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

    def _answer_request(self, event: e.Event) -> None:
        """What another player asks for, in a room as well: moves may be taken back, and no draw is agreed."""
        agree = self.args.adjourn == "agree"
        match event:
            case e.AdjournAsked():
                self._soon(c.Adjourn() if agree else c.RefuseAdjourn())
            case e.MatchResumeAsked(match=match):
                self._soon(c.Resume(match) if agree else c.NotNow(match))
            case e.TakebackAsked():
                self._soon(c.AnswerTakeback(allow=True))
            case e.DrawOffered():
                self._soon(c.RefuseDraw())

    def _in_room(self, wish: RoomWish, event: e.Event) -> bool:
        """What an event means to who wants to be in a room; True if that is all that it means."""
        match event:
            case e.MatchResumable():
                self.left = event
            case e.RoomFound() | e.RoomUpdated():
                if not self.asked_to_join and (joining := wish.joining(event, self.left)) is not None:
                    self.asked_to_join = True
                    self._soon(joining)
            case e.RoomJoined():
                self.asked_to_join = self.inside = True
            case e.RoomLeft(reason="no_such_room") if not self.inside and self.wish is not None:
                self.asked_to_join = False  # its leader was started anew; who leads it now will be heard
                asyncio.get_running_loop().call_later(self.args.wait, self._end_search)
            case e.RoomLeft(reason=reason):
                self._finish(self.failure or exit_of(reason))
            case e.ErrorEvent(code=code, params=params) if code not in _HARMLESS and not self.inside:
                gone = params.get("reason") == "no_such_room"
                self._finish(Exit.NO_SUCH_PEER if gone else Exit.REFUSED)
            case e.InviteReceived(invite=invite):
                self._soon(c.Decline(invite))
            case e.RoomOffered(room=room):
                self._soon(c.DeclineRoom(room))
            case e.MatchEnded():
                asyncio.get_running_loop().call_soon(self._round_over)
            case e.ErrorEvent() | e.MatchPaused():
                pass  # the room sees to it
            case _:
                return False
        return True

    def _on_room(self, room: RoomView | None) -> None:
        if room is not None:
            asyncio.get_running_loop().call_soon(self._get_ready)

    def _get_ready(self) -> None:
        """Say that we are ready for the next round; the leader waits for people on its open seats."""
        room = self.node.room_view()
        if room is None or room.joining or room.phase not in ("open", "countdown") or room == self.unready:
            return
        plugin = self.registry.get(room.game)
        if plugin is None or not plugin.has_bot:
            self.printer.event(time.time(), e.ErrorEvent(code="no_bot", params={"game": room.game}))
            self.node.execute(c.LeaveRoom())
            self._finish(Exit.REFUSED)
            return
        me = next((member for member in room.members if member.peer == room.me), None)
        if me is None or me.ready or not me.local:
            return
        if room.leads and not self.patience_over and any(seat.kind == "open" for seat in room.seats):
            return
        self.unready = room
        self.node.execute(c.SetReady(True))

    def _round_over(self) -> None:
        self.matches += 1
        if self.failure is not None or self.matches == self.args.matches:
            self.node.execute(c.LeaveRoom())
            self._finish(self.failure or Exit.DONE)

    def _soon(self, command: c.Command) -> None:
        """Send `command` after the current event was handled."""
        asyncio.get_running_loop().call_soon(self.node.execute, command)

    def _end_search(self) -> None:
        if self.inside:
            self.patience_over = True
            self._get_ready()
        if self.invited or self.asked_to_join:
            return
        if self.wish is not None:
            facts: dict[str, Param] = {"target": self.wish.target, "seconds": round(self.args.wait)}
            self.printer.event(time.time(), e.ErrorEvent(code="no_room_found", params=facts))
            self._finish(Exit.NO_SUCH_PEER)
        elif (found := self.unfit) is not None:
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
        loop, patience = asyncio.get_running_loop(), self.args.patience
        if view is not None and pause is not None and pause.code is StatusCode.ADJOURNED:
            self._stop_waiting()
            self.waiting = loop.call_later(self.args.wait, self.node.execute, c.NotNow(view.match))
            return
        if pause is None or pause.claim_at is None:
            return
        self._stop_waiting()
        if patience is not None and pause.since + patience < pause.claim_at:
            self.waiting = loop.call_at(pause.since + patience, self._give_up)
        else:
            self.waiting = loop.call_at(pause.claim_at + _CLAIM_MARGIN, self.node.execute, c.Claim())

    def _adjourned(self, event: e.MatchAdjourned) -> None:
        """A match was put aside, which counts as played; or it does not go on yet, which changes nothing."""
        if event.reason == "agreed":
            self._match_over()

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
        return is_called(self.args.invite or "", peer, name, tag_of(peer), long_tag_of(peer))

    def _answer(self, event: e.InviteReceived) -> None:
        """Accept an invitation that fits; one that crossed ours was accepted already."""
        if event.invite in self.node.lobby.waiting:
            welcome = self.args.invite is None or self._is_target(event.peer, event.name)
            fits = welcome and event.game == self.args.game
            self.node.execute(c.Accept(event.invite) if fits else c.Decline(event.invite))

    def _on_view(self, view: MatchView | None) -> None:
        """Real time: check every frame, and send changed inputs."""
        if view is None or not view.tick_rate or view.outcome is not None:
            return
        if self.seen == (view.match, view.frame):
            return
        self.seen = (view.match, view.frame)
        if self.args.board and not view.frame % (view.tick_rate // 2):
            asyncio.get_running_loop().call_soon(self._draw)
        for seat in _seats(view):
            with self._games():
                move = self._bot(view, seat).choose(view.state, seat)
                if move != self.held.get(seat) or not view.frame:
                    self.held[seat] = move
                    asyncio.get_running_loop().call_soon(self._hold, view.match, seat, move)

    def _close_bots(self) -> None:
        for bot in self.bots.values():
            with suppress(GameError):
                bot.close()
        self.bots.clear()

    def _bot(self, view: MatchView, seat: int) -> GuardedBot:
        """What plays on that seat of ours. Raises `P2PGameError`."""
        number = _seats(view).index(seat)
        key = (view.game, number)
        if key not in self.bots:
            plugin = game_called(self.registry, view.game)
            seed = (self.seed + number) % (1 << 32)
            self.bots[key] = plugin.bot(seed, chosen=_options(self.args))
        return self.bots[key]

    def _hold(self, match: str, seat: int, move: Any) -> None:
        view = self.node.match_view()
        if view is None or view.match != match or view.outcome is not None or not self.node.match_running:
            return
        if seat in _seats(view):
            self.node.execute(_submit(view, seat, move))

    def _think(self) -> None:
        view = self.node.match_view()
        if view is None or view.pause is not None or view.tick_rate:
            return
        now = (view.match, view.frame)
        for seat in _seats(view):
            if seat in view.to_move and self.decided.get(seat) != now:
                self.decided[seat] = now
                self.thinking[seat] = asyncio.get_running_loop().create_task(self._move(view, seat))

    def _stop_thinking(self) -> None:
        for task in self.thinking.values():
            task.cancel()
        self.thinking.clear()

    async def _move(self, view: MatchView, seat: int) -> None:
        if self.args.think_ms:
            await asyncio.sleep(self.args.think_ms / 1000)
        with self._games():
            bot, terms = self._bot(view, seat), clock_of(view.config)
            if terms is not None and view.clocks:
                bot.allow(prudent_seconds(view.clocks[seat], terms))
            move = await asyncio.to_thread(bot.choose, view.state, seat)
            now = self.node.match_view()
            if now is None or (now.match, now.frame) != (view.match, view.frame):
                return
            if seat in _seats(now):
                self.node.execute(_submit(now, seat, move))

    @contextmanager
    def _games(self) -> Iterator[None]:
        """Wrap what calls code of the game: where that fails, the match ends."""
        try:
            yield
        except GameError as error:
            facts = {name: str(value) for name, value in error.params.items()}
            self._soon(c.BreakOff(**facts))
        except ForfeitError as error:
            self.printer.event(time.time(), self._forfeit(error))
            self._soon(c.Resign())

    def _forfeit(self, error: ForfeitError) -> e.ErrorEvent:
        view = self.node.match_view()
        game = view.game if view is not None else self.args.game
        reason = game_text(package_of(game), error.code, **error.params)
        return e.ErrorEvent(code="bot_forfeits", params={"game": game, "reason": reason})

    def _draw(self) -> None:
        view, text = self.node.match_view(), ""
        if view is not None:
            plugin = self.registry.get(view.game)
            with self._games():
                text = plugin.game.render(view.state) if plugin is not None else ""
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


def _seats(view: MatchView) -> tuple[int, ...]:
    """Our player indices."""
    return view.seats or ((view.me,) if view.me >= 0 else ())


def _submit(view: MatchView, seat: int, move: Any) -> c.Submit:
    return c.Submit(move, None if seat == view.me else seat)
