"""A scripted player for the demo: calls the client like a user would, slowly enough to watch.

It knows only the client and its events; the scenes follow the events, as they do for a person.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal

import msgspec

from p2pgame.core.game import Outcome
from p2pgame.session import commands
from p2pgame.session import events as ev
from p2pgame.session.view import MatchView
from p2pgame.ui.client import Client
from p2pgame.ui.room_words import own_seats
from p2pgame.ui.sentences import NOTICES

__all__ = ["Autoplay", "Pace"]

Choose = Callable[[Any, int], Any]
"""State and player index to a move: a bot's `choose`."""


class Pace(msgspec.Struct, frozen=True):
    """Seconds between what happens and what the scripted player does about it."""

    invite: float = 1.2
    accept: float = 1.2
    move: float = 0.35
    linger: float = 4.0
    """How long the result stays before leaving."""


class Autoplay:
    """Plays one match as the inviter or the accepter, or one round of a room, then leaves. Call `close` at the end."""

    def __init__(
        self,
        role: Literal["inviter", "accepter", "room"],
        choose: Choose,
        game: str,
        config: Any,
        pace: Pace | None = None,
    ) -> None:
        self.exit_code: int | None = None
        """Set when it is done: 0, 4 after a desync, 5 after a lost connection or a failed start."""
        self._role = role
        self._choose = choose
        self._game = game
        self._config = config
        self._pace = pace or Pace()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="autoplay")
        self._thinking: Future[Any] | None = None
        self._since = 0.0
        self._planned: tuple[float, Callable[[], None]] | None = None
        self._inviting = False
        self._moved = -1
        self._pushed: dict[int, Any] = {}
        """Real-time: the current input of each seat."""
        self._ended = False

    def notice(self, client: Client, event: ev.Event, now: float) -> None:
        """Handle a network event. `now`: monotonic seconds."""
        match event:
            case ev.InviteReceived(invite=invite) if not self._ended:
                self._plan(now + self._pace.accept, lambda: client.send(commands.Accept(invite)))
            case ev.InviteDeclined() | ev.InviteExpired() | ev.InviteCancelled():
                self._inviting = False
            case ev.MatchDisputed():
                client.send(commands.AnswerDispute(go_on=False))
            case ev.MatchDesync(mended=False):
                self._finish(client, now, 4)
            case ev.MatchEnded(outcome=outcome):
                self._finish(client, now, 0 if outcome.winners or _is_draw(client, outcome) else 5)
            case ev.RoomLeft():
                self._finish(client, now, 5)
            case ev.ErrorEvent(code=code) if code not in NOTICES and self._role != "room":
                self._finish(client, now, 4 if code == "desync" else 5)

    def step(self, client: Client, now: float) -> None:
        """Do what is due. Called at every turn of the app's loop; never blocks."""
        if self._planned is not None:
            due, act = self._planned
            if now >= due:
                self._planned = None
                act()
            return
        if self._ended:
            return
        match = client.match()
        if self._role == "room":
            self._get_ready(client, now)
        if match is None:
            self._look_for_someone(client, now)
        elif match.outcome is None and match.pause is None and match.frame != self._moved:
            if match.tick_rate:
                self._push(client, match)
            elif (seat := next((s for s in own_seats(match) if s in match.to_move), None)) is not None:
                self._move(client, match, seat, now)

    def close(self) -> None:
        """Stop the bot."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look_for_someone(self, client: Client, now: float) -> None:
        if self._role != "inviter" or self._inviting:
            return
        peer = next(
            (p for p in client.peers() if p.compatible and p.status == "idle" and self._game in p.games), None
        )
        if peer is not None:
            self._inviting = True
            invite = commands.Invite(peer=peer.peer, game=self._game, config=self._config)
            self._plan(now + self._pace.invite, lambda: client.send(invite))

    def _get_ready(self, client: Client, now: float) -> None:
        """Say that we are ready, once everybody for whom there is a seat is here."""
        room = client.room()
        if room is None or room.phase != "open" or any(seat.kind == "open" for seat in room.seats):
            return
        if any(m.peer == room.me and m.local and not m.ready for m in room.members):
            self._plan(now + self._pace.accept, lambda: client.send(commands.SetReady(True)))

    def _move(self, client: Client, match: MatchView, seat: int, now: float) -> None:
        if self._thinking is None:
            self._thinking = self._pool.submit(self._choose, match.state, seat)
            self._since = now
        elif self._thinking.done() and now >= self._since + self._pace.move:
            thought, self._thinking, self._moved = self._thinking, None, match.frame
            client.send(_submit(match, seat, thought.result()))

    def _push(self, client: Client, match: MatchView) -> None:
        """Real-time: the input for now, sent when it is another one."""
        self._moved = match.frame
        for seat in own_seats(match):
            move = self._choose(match.state, seat)
            if move != self._pushed.get(seat):
                self._pushed[seat] = move
                client.send(_submit(match, seat, move))

    def _finish(self, client: Client, now: float, code: int) -> None:
        if self._ended:
            return
        self._ended = True

        def leave() -> None:
            client.send(commands.Leave() if self._role != "room" else commands.LeaveRoom())
            self.exit_code = code

        self._plan(now + self._pace.linger, leave)

    def _plan(self, due: float, act: Callable[[], None]) -> None:
        self._planned = (due, act)


def _submit(match: MatchView, seat: int, move: Any) -> commands.Submit:
    return commands.Submit(move, None if seat == match.me else seat)


def _is_draw(client: Client, outcome: Outcome) -> bool:
    """True for a draw by the rules, false for a match that was broken off."""
    match = client.match()
    plugin = client.registry.get(match.game) if match is not None else None
    return match is not None and plugin is not None and plugin.game.outcome(match.state) == outcome
