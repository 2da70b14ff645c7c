"""Whether a match can be set up as somebody wants it, before anything is sent or played."""

from collections import Counter

from p2pgame.core.errors import LocalProtocolError
from p2pgame.core.game import AnyGame

__all__ = ["check_players", "check_teams"]


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


def check_teams(game: AnyGame, players: int, teams: tuple[int, ...]) -> None:
    """Raise `LocalProtocolError` ``wrong_teams`` unless `game` can be played in `teams` (see `Setup.teams`)."""
    if not teams:
        return
    sizes = Counter(teams)
    numbered = sorted(sizes) == list(range(len(sizes))) and len(sizes) > 1
    even = len(set(sizes.values())) == 1 and sizes[0] > 1
    if not (game.teams and len(teams) == players and numbered and even):
        raise LocalProtocolError("wrong_teams", game=game.name)
