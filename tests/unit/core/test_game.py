"""The defaults of `Game`, the values around it, and the errors."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import pytest

from p2pgame.core import (
    Absence,
    DesyncError,
    Game,
    IllegalMoveError,
    Level,
    NoConfig,
    Outcome,
    P2PGameError,
    Setup,
    decode,
    encode,
)
from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import levels_of, make_bot


class Count(Game[int, int, NoConfig]):
    """A real-time game with nothing but the four methods that must be written."""

    name = "count"
    title = "Count"
    state_type = int
    input_type = int

    def initial(self, setup: Setup[NoConfig]) -> int:
        return setup.seed

    def validate(self, state: int, player: int, move: int) -> None:
        if move < 0:
            raise IllegalMoveError("only upwards")

    def advance(self, state: int, inputs: Sequence[int | None]) -> int:
        return state + sum(i or 0 for i in inputs)

    def outcome(self, state: int) -> Outcome | None:
        return Outcome((), "far enough") if state > 9 else None


def test_what_a_game_need_not_write() -> None:
    game = Count()
    assert game.to_move(1) is None
    assert game.describe(1, 5) == "5"
    assert game.render(3) == "3"
    assert (game.min_players, game.max_players, game.tick_rate) == (2, 2, 0)
    assert game.decode_config(encode({})) == NoConfig()
    assert game.decode_input(encode(4)) == 4
    with pytest.raises(msgspec.DecodeError):
        game.decode_input(encode("4"))


def test_who_drops_out_of_a_turn_is_waited_for_and_in_real_time_a_bot_plays_on() -> None:
    class Fast(Count):
        tick_rate = 60

    class Strict(Fast):
        absence = Absence.OUT

    class Stricter(Strict):
        max_players = 3

    assert (Count.absence, Count.join, Count.teams) == (Absence.WAIT, True, False)
    assert (Fast.absence, Strict.absence, Stricter.absence) == (Absence.BOT, Absence.OUT, Absence.OUT)


def test_without_teams_everybody_is_a_side_of_its_own() -> None:
    assert Setup(3, 1, NoConfig()).sides == (0, 1, 2)
    assert Setup(4, 1, NoConfig(), (1, 0, 1, 0)).sides == (1, 0, 1, 0)


class Plain:
    def __init__(self, seed: int) -> None:
        self.made_with: tuple[object, ...] = (seed,)

    def choose(self, state: int, player: int) -> int:
        return state + player


class Options(msgspec.Struct, frozen=True):
    level: Annotated[int, msgspec.Meta(ge=1, le=6)] = 4
    engine: str = ""


class Levelled(Plain):
    options = Options

    def __init__(self, seed: int, options: Options) -> None:
        self.made_with = (seed, options)


def test_a_bot_is_told_its_options_if_it_has_any() -> None:
    plain, levelled = (make_bot(kind, 7, Level.EASY) for kind in (Plain, Levelled))
    assert isinstance(plain, Plain)
    assert plain.made_with == (7,)
    assert isinstance(levelled, Levelled)
    assert levelled.made_with == (7, Options(level=2))
    assert (levels_of(Plain), levels_of(Levelled)) == (0, 6)


@pytest.mark.parametrize(
    ("level", "chosen", "options"),
    [
        (Level.MEDIUM, {}, Options(level=4)),
        (Level.HARD, {}, Options(level=6)),
        (Level.HARD, {"level": "1"}, Options(level=1)),
        (Level.EASY, {"engine": "./brain"}, Options(level=2, engine="./brain")),
    ],
)
def test_strengths_are_spread_over_the_levels_and_options_are_read_from_text(
    level: Level, chosen: dict[str, str], options: Options
) -> None:
    bot = make_bot(Levelled, 1, level, chosen)
    assert isinstance(bot, Levelled)
    assert bot.made_with == (1, options)


@pytest.mark.parametrize("chosen", [{"level": "0"}, {"level": "7"}, {"level": "much"}, {"colour": "red"}])
@pytest.mark.parametrize("kind", [Plain, Levelled])
def test_what_is_no_option_is_refused(kind: type[Plain], chosen: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        make_bot(kind, 1, Level.MEDIUM, chosen)


def test_a_game_without_rules_cannot_be_made() -> None:
    class Nothing(Game[int, int, NoConfig]):
        name = "nothing"

    with pytest.raises(TypeError, match="abstract"):
        Nothing()


def test_setup_and_outcome_go_over_the_wire_and_do_not_change() -> None:
    setup = Setup(players=2, seed=2**64 - 1, config=NoConfig())
    assert decode(encode(setup), Setup[NoConfig]) == setup
    outcome = Outcome(winners=(1,), reason="resigned")
    assert decode(encode(outcome), Outcome) == outcome
    with pytest.raises(AttributeError):
        outcome.reason = "other"


def test_errors_are_a_code_and_its_facts() -> None:
    desync = DesyncError(12, "aa", "bb")
    assert (desync.frame, desync.ours, desync.theirs) == (12, "aa", "bb")
    assert desync.code == "desync"
    assert desync.params == {"frame": 12, "ours": "aa", "theirs": "bb"}
    assert str(desync) == "desync: frame=12, ours='aa', theirs='bb'"
    remote = RemoteProtocolError("bad_frame")
    assert (remote.code, remote.params, str(remote)) == ("bad_frame", {}, "bad_frame")
    assert all(isinstance(e, P2PGameError) for e in (desync, remote, IllegalMoveError("no")))
