"""`p2pgame replay` on the files of other programs: shown in words and objects, written, refused in one line."""

import importlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import p2pgame.cli
from p2pgame.cli.main import main
from tests.golden.make import DIRECTORY

GOMOKU = DIRECTORY / "gomoku-resigned.p2preplay"
SGF = "(;GM[4]SZ[15]PB[Ann]PW[Ben]RE[B+];B[hh]C[hello];W[hi](;B[gg])(;B[ii]))"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in an empty folder; exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*args: object) -> tuple[int, str, str]:
        code = main(["replay", *map(str, args)])
        return code, *capsys.readouterr()

    return call


def test_a_record_is_shown(run: Run) -> None:
    Path("a.sgf").write_text(SGF)
    code, out, err = run("show", "a.sgf")
    assert (code, err) == (0, "")
    for words in (
        "Gomoku, freestyle",
        "Ann – Ben, B+",
        "3 moves; 1 more in variations",
        "1. Ann: H8  hello",
        "(X)",
    ):
        assert words in out
    code, out, _ = run("show", "a.sgf", "--at", 1, "--json")
    (found,) = map(json.loads, out.splitlines())
    assert (found["event"], found["at"], found["nodes"], found["problems"]) == ("record_shown", 1, 4, [])
    assert [move["move"] for move in found["moves"]] == ["H8", "H7", "G9"]
    assert run("show", "a.sgf", "--at", 9)[0] == 7


@pytest.mark.parametrize("form", ["sgf", "psq", "txt", "png"])
def test_a_match_of_ours_is_exported(run: Run, form: str) -> None:
    code, out, err = run("export", GOMOKU, "--format", form, "--json")
    assert (code, err) == (0, "")
    (found,) = map(json.loads, out.splitlines())
    path = Path(f"gomoku-resigned.{form}")
    assert (found["event"], found["to"], found["bytes"]) == ("record_written", str(path), path.stat().st_size)
    if form in ("sgf", "psq"):
        code, out, _ = run("show", path)
        assert code == 0
        assert "Ann – Ben" in out
        assert "7 moves" in out


def test_sgf_is_the_default_and_the_name_says_the_format(run: Run) -> None:
    assert run("export", GOMOKU)[0] == 0
    assert "RE[B+R]" in Path("gomoku-resigned.sgf").read_text()
    assert run("export", "gomoku-resigned.sgf", "--to", "other.psq")[0] == 0
    assert Path("other.psq").read_text().startswith("Piskvorky 15x15")


def test_a_new_name_without_an_ending_is_sgf(run: Run) -> None:
    assert run("export", GOMOKU, "--to", "match")[0] == 0
    assert Path("match").read_text().startswith("(;")


def test_a_name_that_is_no_text_is_told_in_json_as_that_of_a_match(run: Run) -> None:
    path = Path(os.fsdecode(b"x\xff.sgf"))
    try:
        path.write_text("(;GM[4]SZ[15];B[hh])")
    except OSError:
        pytest.skip("this file system has no such names")
    assert json.loads(run("show", path, "--json")[1])["file"] == "x\\xff.sgf"
    told = json.loads(run("export", path, "--json", "--to", "y.psq")[1])
    assert (told["file"], told["to"]) == ("x\\xff.sgf", "y.psq")


def test_pygame_greets_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYGAME_HIDE_SUPPORT_PROMPT")
    importlib.reload(p2pgame.cli)
    assert os.environ["PYGAME_HIDE_SUPPORT_PROMPT"]


def test_no_file_is_written_over(run: Run) -> None:
    Path("gomoku-resigned.sgf").write_text("mine")
    code, out, _ = run("export", GOMOKU)
    assert (code, out.count("\n")) == (7, 1)
    assert "is there already" in out
    assert Path("gomoku-resigned.sgf").read_text() == "mine"
    assert "cannot be written" in run("export", GOMOKU, "--to", "gone/x.sgf")[1]


@pytest.mark.parametrize(
    "args",
    [
        ("export", GOMOKU, "--format", "doc"),
        ("show", GOMOKU, "--format", "sgf"),
        ("verify", GOMOKU, "--to", "x.sgf"),
        ("export", GOMOKU, GOMOKU, "--to", "x.sgf"),
    ],
)
def test_what_does_not_exist_is_a_usage_error(run: Run, args: tuple[object, ...]) -> None:
    code, out, err = run(*args)
    assert (code, out) == (2, "")
    assert err.startswith("p2pgame: ")


def test_bad_files_are_one_line_each_and_partly_good_ones_are_shown(run: Run) -> None:
    Path("go.sgf").write_text("(;GM[1])")
    Path("cut.sgf").write_text("(;GM[4];B[hh];W[hi]")
    Path("x.lib").write_bytes(b"\xffRenLib")
    code, out, err = run("show", "go.sgf", "x.lib", "gone.sgf", "cut.sgf")
    assert (code, err) == (7, "")
    assert "another game" in out
    assert "2 moves" in out
    assert "it was cut, or is damaged" in out
    code, out, _ = run("export", DIRECTORY / "pong.p2preplay")
    assert code == 7
    assert "Pong reads and writes no files" in out
