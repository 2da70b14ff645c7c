"""The protocol of Gomocup: a manager of our own talks with our brain, line by line and through pipes."""

import io
import subprocess
import threading
from collections.abc import Iterator

import pytest

from p2pgame.core import Setup
from p2pgame.core.child import child_argv
from p2pgame.games.gomoku.conversation import converse
from p2pgame.games.gomoku.engine.gomocup import Brain
from p2pgame.games.gomoku.engine.search import Sight
from p2pgame.games.gomoku.rules import GAME, Config, Move, Rule


class Ticking:
    """A clock that goes on by 2 ms a look, so that thinking takes looks and no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.002
        return self.now


QUICK = Sight(depth=2, width=6, root_width=10, four_nodes=5, threats=0)


class Manager:
    """Sends lines to a brain and keeps what it answers, without messages."""

    def __init__(self) -> None:
        self.clock = Ticking()
        self.brain = Brain(self.clock, "1.2.3", QUICK)
        self("INFO timeout_turn 200")

    def __call__(self, *lines: str) -> list[str]:
        answers = [answer for line in lines for answer in self.brain.receive(line)]
        return [answer for answer in answers if not answer.startswith("MESSAGE")]


@pytest.fixture
def manager() -> Manager:
    return Manager()


def test_a_game_begins_with_ok_and_a_move_in_the_middle(manager: Manager) -> None:
    assert manager("START 20") == ["OK"]
    assert manager("BEGIN") == ["10,10"]
    (move,) = manager("TURN 11,10")
    x, y = map(int, move.split(","))
    assert 7 <= x <= 14
    assert 7 <= y <= 14


@pytest.mark.parametrize("size", [5, 13, 15, 19, 20, 22])
def test_boards_from_5_to_22_are_played(manager: Manager, size: int) -> None:
    assert manager(f"START {size}") == ["OK"]
    assert manager("BEGIN") == [f"{size // 2},{size // 2}"]


@pytest.mark.parametrize(
    "line", ["START 4", "START 23", "START", "START x", "RECTSTART 15,20", "RECTSTART 15"]
)
def test_other_boards_are_errors(manager: Manager, line: str) -> None:
    (answer,) = manager(line)
    assert answer.startswith("ERROR ")


def test_a_square_rectangle_is_a_square(manager: Manager) -> None:
    assert manager("RECTSTART 15,15") == ["OK"]
    assert manager("RECTSTART 15, 15", "BEGIN") == ["OK", "7,7"]


def test_unknown_commands_are_said_to_be(manager: Manager) -> None:
    assert manager("SURPRISE 1 2") == ["UNKNOWN SURPRISE"]
    assert manager("x" * 100_000) == ["UNKNOWN " + "X" * 40]
    assert manager("", "   ") == []


def test_about_is_in_the_form_that_managers_read(manager: Manager) -> None:
    (answer,) = manager("ABOUT")
    facts = dict(part.split("=", 1) for part in answer.split(", "))
    assert facts["name"] == '"p2pgame"'
    assert facts["version"] == '"1.2.3"'
    assert {"author", "country"} <= set(facts)


@pytest.mark.parametrize(
    "line",
    ["BEGIN", "TURN 1,1", "TAKEBACK 1,1", "BOARD", "SWAP2BOARD", "RESTART", "YXSHOWFORBID"],
)
def test_nothing_is_played_before_start(manager: Manager, line: str) -> None:
    (answer,) = manager(line)
    assert answer == "ERROR no match was started"


@pytest.mark.parametrize("point", ["15,0", "-1,0", "0", "a,b", "1,2,3", "1_0,1", "+1,1", "", "7,7"])
def test_impossible_moves_are_errors_and_change_nothing(manager: Manager, point: str) -> None:
    manager("START 15", "BEGIN")
    (answer,) = manager(f"TURN {point}")
    assert answer.startswith("ERROR ")
    assert manager("TAKEBACK 7,7", "BEGIN") == ["OK", "7,7"]


def test_a_whole_board_is_taken_over(manager: Manager) -> None:
    manager("START 15")
    assert manager(
        "BOARD", "5,5,1", "6,5,1", "7,5,1", "8,5,1", "4,5,2", "0,0,2", "0,2,2", "0,4,2", "DONE"
    ) == ["9,5"]
    assert manager("TAKEBACK 9,5", "TAKEBACK 8,5") == ["OK", "OK"]


@pytest.mark.parametrize("stone", ["5,5", "5,5,0", "5,5,4", "99,5,1", "x", "5,5,1\n5,5,2"])
def test_a_bad_board_is_an_error_and_leaves_the_old_one(manager: Manager, stone: str) -> None:
    manager("START 15", "BEGIN")
    (answer,) = manager("BOARD", *stone.split("\n"), "DONE")
    assert answer.startswith("ERROR ")
    (answer,) = manager("TURN 7,7")
    assert answer == "ERROR 7,7 is taken"


def test_a_board_without_end_is_an_error(manager: Manager) -> None:
    manager("START 15")
    assert manager("BOARD", *["1,1,1"] * 600, "DONE", "BEGIN") == ["ERROR too many stones", "7,7"]


def test_takeback_and_restart(manager: Manager) -> None:
    manager("START 15", "BEGIN")
    assert manager("TAKEBACK 0,0") == ["ERROR there is no stone"]
    assert manager("RESTART", "BEGIN") == ["OK", "7,7"]
    assert manager("BEGIN") == ["ERROR the board is not empty"]


def test_a_move_stays_within_its_time(manager: Manager) -> None:
    brain = Brain(manager.clock, "1")
    for line in ("START 15", "INFO timeout_turn 1000", "BOARD", "7,7,1", "8,8,2", "7,8,1", "8,7,2"):
        assert not [a for a in brain.receive(line) if a.startswith("ERROR")]
    begin = manager.clock.now
    assert [*brain.receive("DONE")]
    assert manager.clock.now - begin < 1


@pytest.mark.parametrize(
    ("info", "most"),
    [
        ("INFO timeout_turn 5000|INFO time_left 900", 0.1),
        ("INFO timeout_turn 0|INFO timeout_match 3600", 0.3),
        ("INFO timeout_turn 300|INFO time_left 2147483647", 0.3),
        ("INFO timeout_turn 0|INFO timeout_match 0", 0.1),
    ],
)
def test_the_time_of_a_match_is_shared_by_its_moves(manager: Manager, info: str, most: float) -> None:
    brain = Brain(manager.clock, "1")
    for line in ("START 15", *info.split("|"), "BOARD", "7,7,1", "8,8,2", "7,8,1", "8,7,2"):
        assert [*brain.receive(line)] == (["OK"] if line.startswith("START") else [])
    begin = manager.clock.now
    assert [*brain.receive("DONE")]
    assert manager.clock.now - begin < most


def test_every_key_of_info_is_taken_without_an_answer(manager: Manager) -> None:
    keys = (
        "timeout_turn 1000", "timeout_match 60000", "time_left 5000", "max_memory 83886080", "max_memory 0",
        "game_type 1", "rule 1", "evaluate 3,4", "folder /tmp/x y", "unheard_of 3", "", "rule", "rule -4", "rule x",
        "timeout_turn 99999999999999999999",
    )  # fmt: skip
    assert manager(*(f"INFO {key}" for key in keys)) == []
    assert manager("START 15", "BEGIN") == ["OK", "7,7"]


def test_forbidden_points_are_shown_in_renju_only(manager: Manager) -> None:
    cross = ("YXBOARD", "7,8,1", "7,9,1", "8,7,1", "9,7,1", "0,0,2", "0,2,2", "0,4,2", "0,6,2", "DONE")
    assert manager("START 15", "INFO rule 4", *cross) == ["OK"]
    assert manager("YXSHOWFORBID") == ["FORBID 0707."]
    assert manager("INFO rule 0", "YXSHOWFORBID") == ["FORBID ."]


def test_exactly_five_wins_by_rule_1(manager: Manager) -> None:
    """Six in a row wins in freestyle, and nothing by the standard rule."""
    board = ("BOARD", *(f"{x},5,1" for x in (2, 3, 4, 6, 7)), *(f"{x},9,2" for x in (0, 2, 4, 6, 8)), "DONE")
    assert manager("START 15", "INFO rule 0", *board) == ["OK", "5,5"]
    assert manager("START 15", "INFO rule 1", *board)[1] != "5,5"


def swap2(manager: Manager, *stones: str) -> str:
    manager("START 15", "INFO rule 1")
    (answer,) = manager("SWAP2BOARD", *stones, "DONE")
    return answer


def test_swap2_begins_with_three_stones(manager: Manager) -> None:
    points = swap2(manager).split()
    assert len(set(points)) == 3
    assert all(0 <= int(n) < 15 for point in points for n in point.split(","))


def test_swap2_takes_black_where_black_is_better(manager: Manager) -> None:
    assert swap2(manager, "7,7", "0,0", "8,8") == "SWAP"


@pytest.mark.parametrize("stones", [("7,7", "7,8", "8,8"), ("0,0", "7,7", "14,14"), ("1,1", "2,13", "13,2")])
def test_swap2_answers_three_stones_with_one_of_three(manager: Manager, stones: tuple[str, ...]) -> None:
    answer = swap2(manager, *stones)
    if answer != "SWAP":
        points = answer.split()
        assert len({*points, *stones}) == len(stones) + len(points)
        assert len(points) in (1, 2)


def test_swap2_answers_five_stones(manager: Manager) -> None:
    answer = swap2(manager, "7,7", "7,8", "8,8", "6,6", "9,9")
    assert answer == "SWAP" or answer not in ("7,7", "7,8", "8,8", "6,6", "9,9")
    assert swap2(manager, "7,7", "7,7", "8,8").startswith("ERROR")
    assert swap2(manager, "7,7", "8,8").startswith("ERROR")


@pytest.mark.parametrize(("rule", "number"), [("freestyle", 0), ("standard", 1), ("renju", 4), ("caro", 8)])
def test_two_brains_play_a_whole_match(rule: Rule, number: int) -> None:
    """The manager judges by the rules of the game."""
    brains = (Manager(), Manager())
    state = GAME.initial(Setup(2, 0, Config(rule=rule)))
    for brain in brains:
        assert brain("START 15", f"INFO rule {number}", "INFO timeout_turn 150") == ["OK"]
    line = "BEGIN"
    while not state.over:
        (answer,) = brains[state.turn](line)
        line = f"TURN {answer}"
        x, y = map(int, answer.split(","))
        move = Move(y * 15 + x)
        GAME.validate(state, state.turn, move)
        state = GAME.advance(state, [move, move])
    assert state.foul is None


def lines_of(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if not line.startswith("MESSAGE"))


def test_a_conversation_answers_all_that_was_asked_before_end() -> None:
    said: list[str] = []
    source = io.BytesIO(b"START 15\r\nFOO\nBEGIN\nEND\nBEGIN\n")
    converse(source.readline, said.append, "1")
    assert said[0] == "OK\n"
    assert said[1] == "UNKNOWN FOO\n"
    assert said[-1] == "7,7\n"


def test_a_line_that_is_too_long_is_one_line() -> None:
    said: list[str] = []
    converse(io.BytesIO(b"A" * 50_000 + b"\nABOUT\n").readline, said.append, "1")
    assert len(said) == 2
    assert said[0].startswith("UNKNOWN AAAA")
    assert said[1].startswith("name=")


def test_end_stops_a_search() -> None:
    """Without END it would think for an hour."""
    thinking = threading.Event()
    lines = iter([b"START 15\n", b"INFO timeout_turn 3600000\n", b"BEGIN\n", b"TURN 8,8\n"])

    def read(limit: int) -> bytes:
        line = next(lines, None)
        if line is None:
            assert thinking.wait(60)
            return b""
        if line.startswith(b"TURN"):
            thinking.set()
        return line

    said: list[str] = []
    converse(read, said.append, "1")
    assert len([*lines_of("".join(said))]) == 3


def test_the_command_speaks_through_pipes() -> None:
    """As a manager runs it: answers come line by line while it runs."""
    with subprocess.Popen(
        child_argv("p2pgame", "gomocup"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as brain:
        assert brain.stdin is not None
        assert brain.stdout is not None

        def ask(line: str) -> str:
            assert brain.stdin is not None
            assert brain.stdout is not None
            brain.stdin.write(line + "\n")
            while (answer := brain.stdout.readline()).startswith("MESSAGE"):
                pass
            return answer

        assert ask("START 15") == "OK\n"
        assert ask("ABOUT").startswith("name=")
        brain.stdin.write("INFO timeout_turn 200\n")
        assert ask("BEGIN") == "7,7\n"
        assert "," in ask("TURN 8,8")
        brain.stdin.write("END\n")
        assert brain.wait(10) == 0
