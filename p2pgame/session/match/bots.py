"""The bots that play at this peer: one for each seat of a bot, made when it is first asked.

Does not know which seats these are, nor when an input is due.
"""

from collections.abc import Callable
from typing import Any

from p2pgame.core.guard import GuardedBot
from p2pgame.netcode.inputs import InputCodec

__all__ = ["BotPlayers", "MakeBot"]

MakeBot = Callable[[int], GuardedBot | None]
"""``make(seat)``: a new bot for the seat; None if the game has none."""


class BotPlayers:
    """The bots of one match."""

    def __init__(self, codec: InputCodec, neutral: Any, make: MakeBot) -> None:
        """`neutral`: the input where the game has no bot; None by turns."""
        self._codec = codec
        self._neutral = None if neutral is None else codec.encode(neutral)
        self._make = make
        self._bots: dict[int, GuardedBot | None] = {}
        self.thinking: set[int] = set()
        """By turns: the seats whose bots want to be asked again."""

    def thought(self, seat: int, state: Any) -> bytes | None:
        """By turns: the encoded input of `seat`; None while its bot thinks, or where the game has none.

        Raises `GameError` and `ForfeitError`.
        """
        bot = self._of(seat)
        move = None if bot is None else bot.thought(state, seat)
        (self.thinking.discard if bot is None or move is not None else self.thinking.add)(seat)
        return None if move is None else self._codec.encode(move)

    def choose(self, seat: int, state: Any) -> bytes | None:
        """The encoded input of `seat` in `state`; None: by turns, where the game has no bot. Raises `GameError`."""
        bot = self._of(seat)
        return self._neutral if bot is None else self._codec.encode(bot.choose(state, seat))

    def close(self) -> None:
        """No bot is needed any more. Raises `GameError`."""
        bots, self._bots = self._bots, {}
        self.thinking.clear()
        for bot in bots.values():
            if bot is not None:
                bot.close()

    def _of(self, seat: int) -> GuardedBot | None:
        if seat not in self._bots:
            self._bots[seat] = self._make(seat)
        return self._bots[seat]
