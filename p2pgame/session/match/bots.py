"""The bots that play at this peer: one for each seat of a bot, made when it is first asked.

Does not know which seats these are, nor when an input is due.
"""

from collections.abc import Callable
from typing import Any

from p2pgame.core.game import Bot
from p2pgame.netcode.inputs import InputCodec

__all__ = ["BotPlayers", "MakeBot"]

MakeBot = Callable[[int], Bot[Any, Any] | None]
"""``make(seat)``: a new bot for the seat; None if the game has none."""


class BotPlayers:
    """The bots of one match."""

    def __init__(self, codec: InputCodec, neutral: Any, make: MakeBot) -> None:
        """`neutral`: the input where the game has no bot; None by turns."""
        self._codec = codec
        self._neutral = None if neutral is None else codec.encode(neutral)
        self._make = make
        self._bots: dict[int, Bot[Any, Any] | None] = {}

    def choose(self, seat: int, state: Any) -> bytes | None:
        """The encoded input of `seat` in `state`; None: by turns, where the game has no bot. Raises `GameError`."""
        if seat not in self._bots:
            self._bots[seat] = self._make(seat)
        bot = self._bots[seat]
        return self._neutral if bot is None else self._codec.encode(bot.choose(state, seat))
