"""Applies the rules of a game to recorded data. Any exception of the rules becomes a `ReplayError`.

Works on one frame at a time; the caller tracks states and frames.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from p2pgame.core.errors import IllegalMoveError
from p2pgame.core.game import AnyGame, EndedBy, Outcome, Setup, next_state
from p2pgame.core.guard import GameError, Guard
from p2pgame.core.snapshot import decode
from p2pgame.core.terms import takebacks_of
from p2pgame.netcode.takebacks import StandingMoves
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.records import Header, Sealed
from p2pgame.wire.bounds import TEXT_MAX
from p2pgame.wire.commitment import is_sealed, opens, unsealed
from p2pgame.wire.names import safe_text
from p2pgame.wire.runs import FrameInputs
from p2pgame.wire.takeback import Takeback, decode_takeback, takeback_in

__all__ = ["Rules", "decode_state"]

T = TypeVar("T")
_MOVES_KEPT: Final = 4096
"""Maximum number of cached decoded inputs: a real-time match has few different ones."""


def decode_state(game: AnyGame, frame: int, data: bytes) -> Any:
    """The state that a file has for `frame`. Raises `ReplayError`."""
    try:
        return decode(data, game.state_type)
    except msgspec.DecodeError as error:
        raise ReplayError("not_a_state", frame=frame, game=game.name, reason=_line(str(error))) from None


class Rules:
    """The rules of one match. All methods raise `ReplayError`, and nothing else."""

    def __init__(self, game: AnyGame, header: Header) -> None:
        if header.game != game.name:
            raise ReplayError("other_game", game=header.game, expected=game.name)
        if not game.min_players <= len(header.players) <= game.max_players:
            raise ReplayError("wrong_player_count", game=game.name, players=len(header.players))
        self.game = game
        try:
            config: Any = game.decode_config(header.config)
        except msgspec.DecodeError as error:
            raise ReplayError("bad_config", game=game.name, reason=_line(str(error))) from None
        self.setup: Setup[Any] = Setup(
            players=len(header.players), seed=header.seed, config=config, teams=header.teams
        )
        self._match = header.match
        self._limit = header.frame_limit
        self._moves: dict[bytes, Any] = {}

    def initial(self) -> Any:
        """The state of frame 0."""
        return self._call(0, self.game.initial, self.setup)

    def inputs(self, frame: int, raw: FrameInputs) -> tuple[Any, ...]:
        """The decoded inputs of the frame after `frame` frames."""
        return tuple([None if move is None else self._move(frame, move) for move in raw])

    def state(self, frame: int, data: bytes) -> Any:
        """The state that the file has for `frame`."""
        return decode_state(self.game, frame, data)

    def advance(self, frame: int, state: Any, inputs: tuple[Any, ...]) -> Any:
        """The state one frame after `frame`. No takeback is among the inputs."""
        return self._call(frame, next_state, self.game, state, inputs)

    def outcome(self, frame: int, state: Any) -> Outcome | None:
        """The outcome at `frame` by the rules or by the frame limit."""
        outcome = self._call(frame, self.game.outcome, state)
        if outcome is None and 0 < self._limit <= frame:
            return Outcome.by(EndedBy.FRAME_LIMIT)
        return outcome

    def to_move(self, frame: int, state: Any) -> tuple[int, ...]:
        """The players whose inputs the frame after `frame` frames needs."""
        asked = self._call(frame, self.game.to_move, state)
        return tuple(range(self.setup.players)) if asked is None else asked

    def check_seals(
        self, frame: int, state: Any, raw: FrameInputs, sealed: Mapping[tuple[int, int], Sealed]
    ) -> None:
        """Raises `ReplayError` unless the inputs of several players by turns are sealed, and open what is recorded.

        `raw`: as they travelled. `sealed`: the commitments that the file has, by frame and player.
        """
        if self.game.tick_rate:
            return
        several = len(self.to_move(frame, state)) > 1
        for player, data in enumerate(raw):
            if data is not None and several and not is_sealed(data):
                raise ReplayError("input_not_sealed", frame=frame, player=player)
            if data is not None and not several and is_sealed(data):
                raise ReplayError("input_sealed", frame=frame, player=player)
            made = sealed.get((frame, player))
            if made is not None and not opens(made.commitment, self._match, frame, player, data or b""):
                raise ReplayError("opening_differs", frame=frame, player=player)

    def takeback(self, raw: FrameInputs) -> Takeback | None:
        """The takeback that a frame is."""
        return None if self.game.tick_rate else takeback_in(raw)

    def check_takeback(self, frame: int, state: Any, inputs: tuple[Any, ...], moves: StandingMoves) -> None:
        """Raises `ReplayError` unless the moves that it takes back may be taken back. `moves`: up to `frame`."""
        given = [(player, data) for player, data in enumerate(inputs) if data is not None]
        asked = self.to_move(frame, state)
        try:
            if [player for player, _ in given] != list(asked):
                raise IllegalMoveError("not_your_turn")
            moves.check(given[0][1], asked, takebacks_of(self.setup.config))
        except IllegalMoveError as error:
            player = given[0][0]
            raise ReplayError("input_illegal", frame=frame, player=player, reason=error.code) from None

    def check(self, frame: int, state: Any, inputs: tuple[Any, ...]) -> None:
        """Raises `ReplayError` if these inputs are illegal in `state`."""
        asked = self.to_move(frame, state)
        for player, move in enumerate(inputs):
            if (move is not None) != (player in asked):
                code = "input_not_given" if move is None else "input_not_asked"
                raise ReplayError(code, frame=frame, player=player)
            by_turns = move is not None and not self.game.tick_rate
            error = self._call(frame, self._rejection, state, player, move) if by_turns else None
            if error is not None:
                facts = {f"move_{name}": value for name, value in error.params.items()}
                reason = _line(error.code)
                raise ReplayError("input_illegal", frame=frame, player=player, reason=reason, **facts)

    def describe(self, frame: int, state: Any, move: Any) -> str:
        """`move` in the notation of the game; of a takeback the frame from which the match goes on."""
        if isinstance(move, Takeback):
            return str(move)
        return _line(self._call(frame, self.game.describe, state, move))

    def render(self, frame: int, state: Any) -> str:
        """`state` as plain text of several lines."""
        return self._call(frame, self.game.render, state)

    def _move(self, frame: int, raw: bytes) -> Any:
        move = self._moves.get(raw)
        if move is None:
            takeback = None if self.game.tick_rate else decode_takeback(raw)
            try:
                move = takeback or self.game.decode_input(raw if self.game.tick_rate else unsealed(raw))
            except msgspec.DecodeError as error:
                reason = _line(str(error))
                raise ReplayError("bad_input", frame=frame, game=self.game.name, reason=reason) from None
            if len(self._moves) < _MOVES_KEPT:
                self._moves[raw] = move
        return move

    def _rejection(self, state: Any, player: int, move: Any) -> IllegalMoveError | None:
        try:
            self.game.validate(state, player, move)
        except IllegalMoveError as error:
            return error
        return None

    def _call(self, frame: int, call: Callable[..., T], *args: Any) -> T:
        try:
            return call(*args)
        except Exception as error:  # rules are written for states that they made, not for any that decodes
            fault = error if isinstance(error, GameError) else Guard(self.game.name).failure(error)
            reason = _line(str(fault.params["error"]))
            raise ReplayError("rules_failed_at", frame=frame, game=self.game.name, reason=reason) from error


def _line(text: str) -> str:
    return safe_text(text, TEXT_MAX)
