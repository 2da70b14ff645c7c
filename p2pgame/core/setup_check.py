"""Whether a match can be set up as somebody wants it, before anything is sent or played."""

from p2pgame.core.errors import LocalProtocolError
from p2pgame.core.game import AnyGame

__all__ = ["check_players"]


def check_players(game: AnyGame, players: int) -> None:
    """Raise `LocalProtocolError` ``wrong_number_of_players`` unless `game` is for so many players."""
    if not game.min_players <= players <= game.max_players:
        raise LocalProtocolError(
            "wrong_number_of_players",
            game=game.name,
            players=players,
            least=game.min_players,
            most=game.max_players,
        )
