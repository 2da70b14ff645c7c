"""Practice: one or more players on this machine and the game's bots, without a network.

Only rules and bots: no session, no rollback. A real-time game advances in fixed steps on the
time that `step` is given; a bot of a turn-based game thinks on a thread and answers after a short pause.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from p2pgame.core.errors import ForfeitError
from p2pgame.core.game import AnyGame, EndedBy, Outcome, Setup, next_state
from p2pgame.core.records import Node, Record
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import state_hash
from p2pgame.i18n.catalogue import gettext
from p2pgame.session import commands
from p2pgame.session.view import CLOSING, MatchView, Requests

__all__ = ["LineUp", "Practice", "line_ups"]

_PAUSE = 0.4
"""Seconds that a move of a bot takes at least."""
_STEPS_AT_ONCE = 5
"""Frames simulated at once after a delay, at most; the rest is dropped, so that a slow machine plays slowly."""
_HASH_EVERY = 15
"""Real-time: frames from one hash to the next; they are only shown."""


class LineUp(msgspec.Struct, frozen=True, kw_only=True):
    """Who plays."""

    players: int
    teams: tuple[int, ...] = ()
    """As in `Setup.teams`."""
    local: int = 1
    """Players on this machine, the others are bots."""
    level: int = 0
    """Of the bots, from 1 to `Plugin.bot_levels`; 0: as they usually play."""


def line_ups(game: AnyGame) -> list[LineUp]:
    """One person and every number of bots that `game` allows, and where it knows teams, two teams of every size."""
    least, most = max(2, game.min_players), max(2, game.max_players)
    teams = range(4, most + 1, 2) if game.teams else ()
    return [LineUp(players=count) for count in range(least, most + 1)] + [
        LineUp(players=count, teams=tuple(player % 2 for player in range(count)))
        for count in teams
        if count >= least
    ]


class Practice:
    """Implements `p2pgame.ui.client.Seat`. Every method raises `GameError` if the rules or the bot fail.

    Raises `P2PGameError` if the game has no bot.
    """

    def __init__(
        self,
        plugin: Plugin,
        config: Any,
        *,
        peer: str,
        name: str,
        me: int,
        seed: int,
        clock: Callable[[], float],
        line_up: LineUp | None = None,
        start: Any = None,
    ) -> None:
        """`peer`, `name`, `me`: our id, name and first player index; the indices after it are the others' here.

        `line_up`: default one person and as many bots as the game needs. `clock`: monotonic seconds, for
        `MatchView.at`. `start`: the first state, where it is not that of a new match.
        """
        self.plugin = plugin
        self._game = plugin.game
        line_up = self.line_up = line_up or line_ups(self._game)[0]
        players = line_up.players
        level = {"level": line_up.level} if line_up.level else {}
        seats = tuple((me + i) % players for i in range(line_up.local))
        self._bots = {
            p: plugin.bot((seed + p) % (1 << 32), chosen=level) for p in range(players) if p not in seats
        }
        self._clock = clock
        self._rest = 0.0
        """Seconds that are not simulated yet."""
        self._inputs = [self._game.neutral] * players
        self._moves: dict[int, Any] = {}
        """By turns: the moves of this frame, until all players to move have made theirs."""
        self._thought: _Thought | None = None
        self._closing: deque[Any] = deque(maxlen=CLOSING)
        """Real-time: the newest states."""
        self._past: list[tuple[Any, dict[int, Any]]] = []
        """By turns: the state before each frame that stands, and the moves of its players."""
        state = self._game.initial(Setup(players, seed, config, line_up.teams)) if start is None else start
        self._first = state
        self._match = MatchView(
            match=f"practice-{seed:x}",
            game=self._game.name,
            host="nobody",
            players=tuple(peer if p in seats else "" for p in range(players)),
            names=_names(name, seats, players),
            me=me,
            seats=seats,
            bots=tuple(self._bots),
            config=config,
            state=state,
            frame=0,
            to_move=self._to_move(state),
            outcome=None,
            rtt_ms=None,
            hash=state_hash(state).hex(),
            tick_rate=self._game.tick_rate,
            previous=state,
            at=clock(),
        )

    def match(self) -> MatchView:
        return self._match

    def send(self, command: commands.Command) -> None:
        """Execute a command. Commands about the network do nothing."""
        match command:
            case commands.Submit(move=move, seat=seat):
                self._submit(move, self._match.me if seat is None else seat)
            case commands.Resign() | commands.Leave():
                self._resign()
            case commands.AskTakeback():
                self._take_back()

    def _submit(self, move: Any, seat: int) -> None:
        match = self._match
        if match.outcome is not None or seat not in match.seats:
            return
        if match.tick_rate:
            self._inputs[seat] = move
        elif seat in match.to_move:
            self._play(seat, move)

    def _resign(self) -> None:
        if self._match.outcome is None:
            winners = tuple(self._bots) if len(self._bots) == 1 else ()
            self._end(Outcome.by(EndedBy.RESIGNED, winners))

    def close(self) -> None:
        """The bots are not needed any more. Raises `GameError`."""
        for bot in self._bots.values():
            bot.close()

    @property
    def record(self) -> Record | None:
        """What was played and stands; None where it is no record: in real time, or where several moved at a time."""
        match = self._match
        if match.tick_rate or not self._past or any(len(moves) != 1 for _, moves in self._past):
            return None
        root = node = Node()
        for _, moves in self._past:
            node = node.add(*moves.values())
        return Record(
            config=match.config, start=self._first, names=match.names, root=root, ended=match.outcome
        )

    def moves_of(self, player: int) -> int:
        """By turns: how many moves of that player stand."""
        return sum(player in moves for _, moves in self._past)

    def _take_back(self) -> None:
        """By turns: our newest move, and what bots answered, never were."""
        match = self._match
        while self._past and match.outcome is None:
            state, movers = self._past.pop()
            if not set(match.seats) & set(movers):
                continue
            self._thought = None
            self._moves.clear()
            self._show(state, match.frame + 1)
            return

    def _show(self, state: Any, frame: int) -> None:
        """By turns: this is the state now."""
        ours = set(self._match.seats)
        self._match = msgspec.structs.replace(
            self._match,
            state=state,
            frame=frame,
            to_move=self._to_move(state),
            hash=state_hash(state).hex(),
            requests=Requests(may_take_back=any(ours & set(moves) for _, moves in self._past)),
        )

    def step(self, dt: float) -> None:
        """`dt` seconds of the match pass."""
        if self._match.outcome is not None:
            return
        if self._match.tick_rate:
            self._step_frames(dt)
        else:
            self._step_turn(dt)

    # --- real time

    def _step_frames(self, dt: float) -> None:
        frame = 1 / self._match.tick_rate
        self._rest = min(self._rest + dt, _STEPS_AT_ONCE * frame)
        while self._rest >= frame and self._match.outcome is None:
            self._rest -= frame
            self._advance()

    def _advance(self) -> None:
        before = self._match
        for player, bot in self._bots.items():
            self._inputs[player] = bot.choose(before.state, player)
        state = next_state(self._game, before.state, self._inputs)
        frame = before.frame + 1
        self._closing.append(state)
        self._match = msgspec.structs.replace(
            before,
            state=state,
            previous=before.state,
            frame=frame,
            confirmed=frame,
            at=self._clock() - self._rest,
            hash=before.hash if frame % _HASH_EVERY else state_hash(state).hex(),
        )
        self._check()

    # --- turn by turn

    def _step_turn(self, dt: float) -> None:
        match = self._match
        if self._thought is None:
            player = next((p for p in match.to_move if p in self._bots), None)
            if player is not None:
                self._thought = _Thought(self._bots[player].choose, match.state, player)
            return
        self._thought.age += dt
        if self._thought.age < _PAUSE or not self._thought.done:
            return
        thought, self._thought = self._thought, None
        if isinstance(thought.error, ForfeitError):
            self._end(
                Outcome.by(
                    EndedBy.RESIGNED, tuple(p for p in range(len(match.players)) if p != thought.player)
                )
            )
            return
        if thought.error is not None:
            raise thought.error
        self._play(thought.player, thought.move)

    def _play(self, player: int, move: Any) -> None:
        """Raises `IllegalMoveError`."""
        match = self._match
        self._game.validate(match.state, player, move)
        self._moves[player] = move
        waiting_for = tuple(p for p in match.to_move if p != player)
        if waiting_for:  # several move at once; nobody sees a move before all have made theirs
            self._match = msgspec.structs.replace(match, to_move=waiting_for)
            return
        inputs = [self._moves.get(p) for p in range(len(match.players))]
        state = next_state(self._game, match.state, inputs)
        self._past.append((match.state, dict(self._moves)))
        self._moves.clear()
        self._show(state, match.frame + 1)
        self._check()

    def _to_move(self, state: Any) -> tuple[int, ...]:
        to_move = self._game.to_move(state)
        return tuple(range(len(self._inputs))) if to_move is None else to_move

    # --- the end

    def _check(self) -> None:
        if (outcome := self._game.outcome(self._match.state)) is not None:
            self._end(outcome)

    def _end(self, outcome: Outcome) -> None:
        self._match = msgspec.structs.replace(
            self._match, outcome=outcome, to_move=(), closing=tuple(self._closing)
        )


def _names(name: str, seats: tuple[int, ...], players: int) -> tuple[str, ...]:
    """Of all players: ours, `Player 2` for the second one here, and the bots, numbered from 1."""
    names = {seat: gettext("Player {number}", number=i + 1) for i, seat in enumerate(seats)} | {
        seats[0]: name
    }
    bots = [player for player in range(players) if player not in seats]
    for number, bot in enumerate(bots, start=1):
        names[bot] = gettext("Bot") if len(bots) == 1 else gettext("Bot {number}", number=number)
    return tuple(names[player] for player in range(players))


class _Thought:
    """Computes a bot's move on a daemon thread."""

    def __init__(self, choose: Callable[[Any, int], Any], state: Any, player: int) -> None:
        self.player = player
        self.age = 0.0
        self.move: Any = None
        self.error: Exception | None = None
        self._choose = choose
        self._state = state
        self._thread = threading.Thread(target=self._think, name="p2pgame-bot", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def _think(self) -> None:
        try:
            self.move = self._choose(self._state, self.player)
        except Exception as error:  # the UI thread reports it
            self.error = error
