"""The rules of Tron, one situation at a time."""

from collections import Counter

import msgspec
import pytest

from p2pgame.core import IllegalMoveError, Outcome, Rng, Setup, decode, encode
from p2pgame.games.tron.rules import (
    AFTER,
    AFTER_FRAMES,
    CELLS,
    COUNTDOWN,
    COUNTDOWN_FRAMES,
    DOWN,
    GAME,
    HEIGHT,
    LEFT,
    NONE,
    RIDING,
    RIGHT,
    STEP,
    UP,
    WIDTH,
    Config,
    Edge,
    Rider,
    State,
    ahead,
    owner,
)


def cell(x: int, y: int) -> int:
    return y * WIDTH + x


def riding(
    *riders: Rider, edge: Edge = "walls", trails: tuple[int, ...] = (), best_of: int = 5, round_: int = 1
) -> State:
    """A round under way, the next frame a step; `trails` are cells of player 0."""
    grid = bytearray(CELLS)
    for player, rider in enumerate(riders):
        grid[rider.cell] = 33 + player
    for place in trails:
        grid[place] = RIGHT
    return State(best_of, edge, Rng(1), riders, bytes(grid), 100, round_, RIDING, 1)


def far_away() -> Rider:
    return Rider(cell(40, 30), LEFT)


def step(state: State, *inputs: int) -> State:
    """Until the next step is done."""
    while state.clock > 1:
        state = GAME.advance(state, inputs or (NONE,) * len(state.riders))
    return GAME.advance(state, inputs or (NONE,) * len(state.riders))


def test_a_round_begins_with_a_countdown_in_which_nobody_moves() -> None:
    state = GAME.initial(Setup(players=3, seed=1, config=Config()))
    places = [rider.cell for rider in state.riders]
    for _ in range(COUNTDOWN_FRAMES):
        assert state.phase == COUNTDOWN
        assert [rider.cell for rider in state.riders] == places
        state = GAME.advance(state, (NONE, NONE, NONE))
    assert (state.phase, state.clock) == (RIDING, 1)


def test_riders_go_one_cell_in_four_frames() -> None:
    state = riding(Rider(cell(10, 10), RIGHT), far_away())
    cells = []
    for _ in range(3 * STEP):
        state = GAME.advance(state, (NONE, NONE))
        cells.append(state.riders[0].cell % WIDTH)
    assert cells == [11] * STEP + [12] * STEP + [13] * STEP
    assert [owner(mark) for mark in state.grid if mark].count(0) == 4


def test_a_frame_without_a_step_keeps_the_grid_itself() -> None:
    state = step(riding(Rider(cell(10, 10), RIGHT), far_away()))
    assert GAME.advance(state, (UP, NONE)).grid is state.grid


@pytest.mark.parametrize(
    ("wanted", "x", "y"), [(UP, 10, 9), (DOWN, 10, 11), (RIGHT, 11, 10), (LEFT, 11, 10), (NONE, 11, 10)]
)
def test_turns_and_no_way_back(wanted: int, x: int, y: int) -> None:
    state = GAME.advance(riding(Rider(cell(10, 10), RIGHT), far_away()), (wanted, NONE))
    assert state.riders[0].cell == cell(x, y)
    assert not state.riders[0].out


def test_a_tap_between_two_steps_is_not_lost() -> None:
    state = step(riding(Rider(cell(10, 10), RIGHT), far_away()))
    state = GAME.advance(state, (UP, NONE))
    state = step(state, NONE, NONE)
    assert state.riders[0].cell == cell(11, 9)


def test_two_taps_within_a_step_are_a_u_turn() -> None:
    state = step(riding(Rider(cell(10, 10), RIGHT), far_away()))
    state = GAME.advance(GAME.advance(state, (UP, NONE)), (LEFT, NONE))
    state = step(state, LEFT, NONE)
    assert state.riders[0].cell == cell(11, 9)
    state = step(state, LEFT, NONE)
    assert state.riders[0].cell == cell(10, 9)


def test_a_change_of_mind_within_a_step_counts() -> None:
    state = step(riding(Rider(cell(10, 10), RIGHT), far_away()))
    state = GAME.advance(GAME.advance(state, (UP, NONE)), (DOWN, NONE))
    assert step(state, NONE, NONE).riders[0].cell == cell(11, 11)


@pytest.mark.parametrize(
    ("heading", "at", "beyond"),
    [
        (UP, cell(7, 0), cell(7, HEIGHT - 1)),
        (DOWN, cell(7, HEIGHT - 1), cell(7, 0)),
        (LEFT, cell(0, 7), cell(WIDTH - 1, 7)),
        (RIGHT, cell(WIDTH - 1, 7), cell(0, 7)),
    ],
)
def test_the_edge_is_a_wall_or_leads_to_the_other_side(heading: int, at: int, beyond: int) -> None:
    assert ahead(at, heading, "walls") == -1
    assert ahead(at, heading, "wrap") == beyond
    crashed = GAME.advance(riding(Rider(at, heading), far_away()), (NONE, NONE))
    assert crashed.riders[0].out == crashed.frame
    assert crashed.riders[0].cell == at
    passed = GAME.advance(riding(Rider(at, heading), far_away(), edge="wrap"), (NONE, NONE))
    assert (passed.riders[0].cell, passed.riders[0].out) == (beyond, 0)


def test_a_trail_ends_a_ride_and_the_other_has_the_point() -> None:
    state = GAME.advance(riding(Rider(cell(10, 10), RIGHT), far_away(), trails=(cell(11, 10),)), (NONE, NONE))
    assert [rider.points for rider in state.riders] == [0, 1]
    assert (state.phase, state.clock) == (AFTER, AFTER_FRAMES)
    assert GAME.outcome(state) is None


def test_two_that_enter_one_cell_are_both_out() -> None:
    state = GAME.advance(riding(Rider(cell(10, 10), RIGHT), Rider(cell(12, 10), LEFT)), (NONE, NONE))
    assert all(rider.out for rider in state.riders)
    assert [rider.points for rider in state.riders] == [0, 0]
    assert state.grid[cell(11, 10)] == 0
    assert state.phase == AFTER


def test_two_that_face_each_other_are_both_out() -> None:
    state = GAME.advance(riding(Rider(cell(10, 10), RIGHT), Rider(cell(11, 10), LEFT)), (NONE, NONE))
    assert all(rider.out for rider in state.riders)


def test_a_third_one_wins_when_two_crash_together() -> None:
    state = GAME.advance(
        riding(Rider(cell(10, 10), RIGHT), Rider(cell(12, 10), LEFT), far_away()), (NONE, NONE, NONE)
    )
    assert [rider.points for rider in state.riders] == [0, 0, 1]


def test_the_round_goes_on_while_two_ride_and_who_is_out_stays_where_it_is() -> None:
    state = GAME.advance(
        riding(Rider(cell(10, 10), RIGHT), far_away(), Rider(cell(5, 0), UP)), (NONE, NONE, NONE)
    )
    assert state.phase == RIDING
    fallen = state.riders[2]
    assert fallen.out
    assert step(state, DOWN, DOWN, DOWN).riders[2] == fallen


def test_the_next_round_starts_clean_and_keeps_the_points() -> None:
    state = GAME.advance(riding(Rider(cell(10, 0), UP), far_away()), (NONE, NONE))
    for _ in range(AFTER_FRAMES):
        state = GAME.advance(state, (UP, LEFT))
    assert (state.phase, state.clock, state.round) == (COUNTDOWN, COUNTDOWN_FRAMES, 2)
    assert [rider.points for rider in state.riders] == [0, 1]
    assert not any(rider.out or rider.turn for rider in state.riders)
    assert sum(mark > 0 for mark in state.grid) == 2


def test_more_than_half_of_the_rounds_win() -> None:
    state = riding(Rider(cell(10, 0), UP, points=2), Rider(cell(40, 30), LEFT, points=2))
    over = GAME.advance(state, (NONE, NONE))
    assert GAME.outcome(over) == Outcome(winners=(1,), reason="most rounds won")
    assert GAME.advance(over, (UP, UP)) is over


@pytest.mark.parametrize(
    ("points", "winners", "reason"),
    [
        ((0, 0), (), "all rounds drawn"),
        ((1, 1), (), "equal rounds"),
        ((0, 1), (1,), "most rounds won"),
    ],
)
def test_a_match_of_drawn_rounds_ends(points: tuple[int, int], winners: tuple[int, ...], reason: str) -> None:
    left, right = points
    state = riding(
        Rider(cell(10, 10), RIGHT, points=left), Rider(cell(12, 10), LEFT, points=right), round_=15
    )
    assert GAME.outcome(GAME.advance(state, (NONE, NONE))) == Outcome(winners=winners, reason=reason)


@pytest.mark.parametrize("players", range(2, 9))
def test_places_at_the_start_differ_and_lead_inwards(players: int) -> None:
    for seed in range(20):
        state = GAME.initial(Setup(players=players, seed=seed, config=Config()))
        assert len({rider.cell for rider in state.riders}) == players
        for number, rider in enumerate(state.riders):
            assert owner(state.grid[rider.cell]) == number
            x, y = rider.cell % WIDTH, rider.cell // WIDTH
            room = {UP: y, DOWN: HEIGHT - 1 - y, LEFT: x, RIGHT: WIDTH - 1 - x}[rider.heading]
            assert room >= HEIGHT // 2


PLAYERS = range(2, 9)
BACK = {UP: DOWN, DOWN: UP, LEFT: RIGHT, RIGHT: LEFT}


def reached_first(state: State) -> list[int]:
    """Cells that each rider reaches before the others; it cannot turn back at once."""
    count = [0] * len(state.riders)
    taken = {rider.cell for rider in state.riders}
    front = [
        {
            ahead(r.cell, heading, state.edge)
            for heading in (UP, RIGHT, DOWN, LEFT)
            if heading != BACK[r.heading]
        }
        for r in state.riders
    ]
    while any(front):
        arrived = Counter(cell for cells in front for cell in cells if cell >= 0 and cell not in taken)
        for player, cells in enumerate(front):
            mine = [cell for cell in cells if arrived[cell] == 1]
            count[player] += len(mine)
            front[player] = {ahead(cell, heading, state.edge) for cell in mine for heading in BACK}
        taken |= arrived.keys()
    return count


@pytest.mark.parametrize("edge", ["walls", "wrap"])
@pytest.mark.parametrize("players", PLAYERS)
def test_all_places_reach_as_many_cells_first(players: int, edge: Edge) -> None:
    state = GAME.initial(Setup(players, 1, Config(edge=edge)))
    count = reached_first(state)
    assert max(count) <= min(count) * (1.04 if edge == "walls" else 1.25)


@pytest.mark.parametrize("players", [2, 4, 6, 8])
def test_each_two_places_of_an_even_number_are_the_same_from_opposite_ends(players: int) -> None:
    places = {(r.cell, r.heading) for r in GAME.initial(Setup(players, 1, Config())).riders}
    assert {(CELLS - 1 - cell, BACK[heading]) for cell, heading in places} == places


@pytest.mark.parametrize("players", PLAYERS)
def test_who_goes_straight_on_meets_nothing_for_a_second_and_a_half(players: int) -> None:
    state = GAME.initial(Setup(players, 1, Config()))
    for _ in range(COUNTDOWN_FRAMES + 23 * STEP):
        state = GAME.advance(state, (NONE,) * players)
    assert not any(rider.out for rider in state.riders)


@pytest.mark.parametrize("teams", [(0, 0, 1, 1), (0, 1, 0, 1, 1, 0), (0, 0, 0, 0, 1, 1, 1, 1)])
def test_two_teams_have_the_same_places_from_opposite_ends(teams: tuple[int, ...]) -> None:
    deals = set()
    for seed in range(40):
        riders = GAME.initial(Setup(len(teams), seed, Config(), teams)).riders
        first, second = (
            {(r.cell, r.heading) for r, team in zip(riders, teams, strict=True) if team == number}
            for number in (0, 1)
        )
        assert {(CELLS - 1 - cell, BACK[heading]) for cell, heading in first} == second
        deals.add(tuple(rider.cell for rider in riders))
    assert len(deals) > 6, "by lot"


@pytest.mark.parametrize("teams", [(0, 1, 2, 0, 1, 2), (3, 2, 1, 0, 0, 1, 2, 3)])
def test_more_teams_have_places_of_their_own(teams: tuple[int, ...]) -> None:
    state = GAME.initial(Setup(len(teams), 5, Config(), teams))
    assert len({rider.cell for rider in state.riders}) == len(teams)
    assert state.sides == teams


@pytest.mark.parametrize("teams", [(0, 0, 0, 1), (0, 1), (0, 1, 1)])
def test_teams_of_different_sizes_are_refused(teams: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="same number"):
        GAME.initial(Setup(4, 1, Config(), teams))


def in_teams(*riders: Rider, teams: tuple[int, ...], best_of: int = 3) -> State:
    return msgspec.structs.replace(riding(*riders), teams=teams, best_of=best_of)


def test_a_round_goes_on_while_a_rider_of_each_team_is_left() -> None:
    state = in_teams(
        Rider(cell(10, 0), UP),
        Rider(cell(12, 0), UP),
        far_away(),
        Rider(cell(40, 20), LEFT),
        teams=(0, 1, 0, 1),
    )
    later = GAME.advance(state, (NONE,) * 4)
    assert [rider.out > 0 for rider in later.riders] == [True, True, False, False]
    assert later.phase == RIDING
    assert [rider.points for rider in later.riders] == [0, 0, 0, 0]


def test_a_team_wins_the_round_with_its_last_rider_and_all_of_it_the_match() -> None:
    state = in_teams(
        Rider(cell(10, 0), UP, out=1, points=1),
        Rider(cell(12, 0), UP, points=1),
        Rider(cell(40, 20), LEFT, points=1),
        Rider(cell(14, 0), UP, points=1),
        teams=(0, 1, 0, 1),
    )
    over = GAME.advance(state, (NONE,) * 4)
    assert [rider.points for rider in over.riders] == [2, 1, 2, 1]
    assert over.riders[0].out == 1, "who is out stays out"
    assert GAME.outcome(over) == Outcome(winners=(0, 2), reason="most rounds won")
    assert GAME.render(over).splitlines()[0] == "#1  A+C 2  B+D 1"


def test_a_round_in_which_the_last_of_both_teams_crash_at_once_is_drawn() -> None:
    state = in_teams(*(Rider(cell(x, 0), UP) for x in (10, 20, 30, 40)), teams=(0, 0, 1, 1))
    later = GAME.advance(state, (NONE,) * 4)
    assert later.phase == AFTER
    assert [rider.points for rider in later.riders] == [0] * 4


def test_the_next_round_keeps_teams_and_points() -> None:
    state = in_teams(
        *(Rider(cell(x, 0), UP, points=1) for x in (10, 20, 30, 40)), teams=(1, 1, 0, 0), best_of=9
    )
    for _ in range(AFTER_FRAMES + 2):
        state = GAME.advance(state, (NONE,) * 4)
    assert (state.round, state.phase, state.teams) == (2, COUNTDOWN, (1, 1, 0, 0))
    assert [rider.points for rider in state.riders] == [1] * 4


def test_who_starts_where_is_by_lot() -> None:
    starts = {GAME.initial(Setup(players=2, seed=seed, config=Config())).riders[0].cell for seed in range(20)}
    assert len(starts) == 2


@pytest.mark.parametrize("players", [0, 1, 9])
def test_for_two_to_eight(players: int) -> None:
    with pytest.raises(ValueError, match="2 to 8"):
        GAME.initial(Setup(players=players, seed=1, config=Config()))


@pytest.mark.parametrize("data", [b"\x05", b"\xff", b"\xc3", b"\xcb" + bytes(8), b"\xa1u", b"\x90", b""])
def test_what_is_no_input_does_not_decode(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        GAME.decode_input(data)


@pytest.mark.parametrize("move", [5, -1, True, None, "up", 1.0])
def test_what_is_no_input_is_refused(move: int) -> None:
    with pytest.raises(IllegalMoveError):
        GAME.validate(riding(far_away(), far_away()), 0, move)


def test_a_configuration_from_the_wire_offers_few_values() -> None:
    assert GAME.decode_config(encode({"best_of": 9, "edge": "wrap"})) == Config(best_of=9, edge="wrap")
    for bad in ({"best_of": 1000}, {"edge": "void"}, {"speed": 1}):
        with pytest.raises(msgspec.DecodeError):
            GAME.decode_config(encode(bad))


def test_words_picture_and_size() -> None:
    state = GAME.initial(Setup(players=8, seed=2**64 - 1, config=Config()))
    assert GAME.describe(state, UP) == "^"
    text = GAME.render(state)
    assert all(letter in text for letter in "ABCDEFGH")
    assert len(text.splitlines()) == 1 + HEIGHT // 2
    assert decode(encode(state), State) == state
    assert len(encode(state)) < 2600
