"""`p2pgame replay` as a script sees it: lines, JSON objects, exit codes, and never a traceback."""

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from p2pgame.cli.main import main
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.snapshot import encode
from p2pgame.replay.codec import FILE_MAX, MAGIC
from p2pgame.replay.records import Desync, Inputs, Note, Record, Repaired, Snapshot
from p2pgame.wire.decisions import Adjourned, Ended
from tests.golden.make import DIRECTORY, plugin_of
from tests.unit.replay.made import Tape, chunk, file_of, header_of
from tests.unit.testing.games import Nim

GOMOKU = DIRECTORY / "gomoku-freestyle.p2preplay"
TRON = DIRECTORY / "tron-walls.p2preplay"
Put = Callable[[str, bytes], Path]
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def replay(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command; exit code and stdout. Stderr must be empty."""

    def run(*args: object) -> tuple[int, str]:
        code = main(["replay", *map(str, args)])
        out, err = capsys.readouterr()
        assert err == ""
        return code, out

    return run


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def newer() -> bytes:
    return MAGIC + chunk(encode({"type": "header", "format": 99}))


def spoiled(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


BAD = {
    "empty": b"",
    "garbage": b"garbage" * 100,
    "cut in the header": TRON.read_bytes()[:40],
    "newer": newer(),
    "of a game from elsewhere": Tape(Nim(), header_of(Nim())).play().end().data,
    "cut": TRON.read_bytes()[:20_000],
    "spoiled": spoiled(TRON.read_bytes(), 20_000),
}


def test_good_files_verify(replay: Run) -> None:
    code, out = replay("verify", GOMOKU, TRON)
    assert code == 0
    assert out.count("good") == 2
    assert "signed by Ann and Ben" in out
    code, out = replay("verify", GOMOKU, TRON, "--json")
    assert code == 0
    assert [found["ok"] for found in objects(out)] == [True, True]
    assert {found["event"] for found in objects(out)} == {"replay_verified"}
    assert [found["signed_by"] for found in objects(out)] == [[0, 1], [0, 1]]


def adjourned() -> Tape:
    game = plugin_of("gomoku")
    header = header_of(game.game, digest=game.digest)
    return Tape(game.game, header).play(5).decide(Adjourned(thought=()))


def test_an_agreed_adjournment_verifies_as_one_that_is_not_over(replay: Run, put: Put) -> None:
    path = put("aside", adjourned().data)
    code, out = replay("verify", path)
    assert code == 0
    assert "good so far. Adjourned by agreement, all 5 frames come out as recorded; not signed yet" in out
    code, out = replay("verify", path, "--json")
    (found,) = objects(out)
    assert (code, found["ok"], found["adjourned"], found["whole"], found["signed_by"]) == (
        0,
        True,
        True,
        True,
        [],
    )


@pytest.mark.parametrize("how", ["went on", "spoiled", "ended before"])
def test_any_other_file_without_an_end_does_not_verify(replay: Run, put: Put, how: str) -> None:
    tape = adjourned()
    if how == "ended before":
        tape.decide(Ended(Outcome.by(EndedBy.RESIGNED, (0,))))
    data = tape.data
    if how == "went on":
        data += chunk(msgspec.msgpack.encode(Note(frame=5, what="running")))
    elif how == "spoiled":
        data = spoiled(data, len(data) - 60)
    code, out = replay("verify", put("open", data))
    assert code == 7
    assert "not good" in out


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_a_file_that_does_not_verify_is_told_and_the_next_one_is_looked_at(
    replay: Run, put: Put, data: bytes
) -> None:
    bad = put("bad", data)
    code, out = replay("verify", bad, GOMOKU)
    assert code == 7
    assert out.startswith(f"{bad}: ")
    assert f"{GOMOKU}: good" in out
    code, out = replay("verify", bad, GOMOKU, "--json")
    assert code == 7
    found = objects(out)
    assert [item["file"] for item in found] == [str(bad), str(GOMOKU)]
    assert found[0].get("ok", False) is False
    assert found[0].get("message") or found[0].get("problems")


def test_a_newer_file_asks_for_an_update(replay: Run, put: Put) -> None:
    for what in ("verify", "show", "diff"):
        code, out = replay(what, put("new", newer()))
        assert code == 7
        assert "a newer p2pgame wrote this file: update this one" in out


@pytest.mark.parametrize("what", ["verify", "show", "diff"])
def test_files_that_cannot_be_read(replay: Run, tmp_path: Path, what: str) -> None:
    for path in (tmp_path / "none", tmp_path):
        code, out = replay(what, path)
        assert code == 7
        assert out.startswith(f"{path}: it cannot be read: ")
        assert out.count("\n") == 1


def test_a_huge_file_is_not_read(replay: Run, tmp_path: Path) -> None:
    path = tmp_path / "huge"
    path.write_bytes(TRON.read_bytes())
    with path.open("r+b") as file:
        file.truncate(FILE_MAX * 4)  # a hole
    code, out = replay("verify", path)
    assert code == 7
    assert "too large" in out


def test_a_turn_based_match_is_shown_in_its_notation(replay: Run) -> None:
    code, out = replay("show", GOMOKU)
    assert code == 0
    assert "Ann (GR2Q-7GF5, host), Ben (NI4A-HVPQ)" in out
    assert "   1. Ann: H8" in out
    assert "wins (five in a row)" in out
    assert "A B C D E F G" in out
    (found,) = objects(replay("show", GOMOKU, "--json")[1])
    assert found["moves"][0] == {"frame": 1, "player": 0, "move": "H8"}
    assert len(found["moves"]) == found["frames"] == found["at"]
    assert found["config"] == {
        "rule": "freestyle", "size": 15, "opening": "no_opening", "clock": "30 min of patience",
        "takebacks": "takebacks",
    }  # fmt: skip
    assert found["outcome"]["reason"] == "five in a row"


def test_a_real_time_match_is_shown_in_figures(replay: Run) -> None:
    code, out = replay("show", TRON)
    assert code == 0
    assert "at 60 frames a second; changes of input: Ann " in out
    assert "Tron, Best of 3, walls" in out
    assert "#1 " not in out


def test_the_state_at_a_frame(replay: Run) -> None:
    code, out = replay("show", GOMOKU, "--at", 1)
    assert code == 0
    assert "(X)" in out
    assert "2. O" in out
    assert "host" not in out
    assert "#1 " in replay("show", TRON, "--at", 100)[1]
    (found,) = objects(replay("show", TRON, "--at", 100, "--json")[1])
    assert (found["at"], found["state"]["frame"]) == (100, 100)
    code, out = replay("show", GOMOKU, "--at", 9999)
    assert code == 7
    assert "has no frame 9999" in out


def test_a_game_that_is_not_installed_is_shown_as_far_as_it_can_be(replay: Run, put: Put) -> None:
    path = put("nim", BAD["of a game from elsewhere"])
    code, out = replay("show", path)
    assert code == 0
    assert "nim is not installed here" in out
    assert "Ann" in out
    code, out = replay("show", path, "--at", 1)
    assert code == 7
    assert "not installed here" in out


def test_a_cut_file_is_shown_as_far_as_it_goes(replay: Run, put: Put) -> None:
    code, out = replay("show", put("cut", BAD["cut"]))
    assert code == 0
    assert "cannot be read: it was cut" in out
    assert "not ended" in out


def hostile(records: list[Record]) -> bytes:
    game = plugin_of("gomoku").game
    header = header_of(game, names=("\x1b[2J\u202eevil\n", ""), platform="\x07\n", version="\r")
    return file_of([header, *records])


def test_nothing_of_a_file_moves_the_cursor(replay: Run, put: Put) -> None:
    records: list[Record] = [
        Note(frame=0, what="\x1b[31m\nred"),
        Repaired(frame=0, state=encode({"rule": "freestyle"}), chain=bytes(16), reason="\x1b]0;title\x07"),
    ]
    for what in ("show", "verify"):
        _, out = replay(what, put("hostile", hostile(records)))
        assert all(character == "\n" or character.isprintable() for character in out)


def test_each_note_is_told_in_words(replay: Run, put: Put) -> None:
    whats = [
        "connection",
        "closed",
        "restarted",
        "desync",
        "running",
        "draw",
        "resign",
        "adjourn",
        "adjourned",
    ]
    whats.append("of_a_newer_program")
    notes = [Note(frame=0, what=what) for what in whats]
    code, out = replay("show", put("noted", file_of([header_of(Nim()), *notes])))
    assert code == 0
    assert [line.strip() for line in out.splitlines() if line.startswith("  frame 0: ")] == [
        "frame 0: paused: the other side is not heard",
        "frame 0: paused: the other side closed its program",
        "frame 0: paused: the program was started again",
        "frame 0: paused: the states differ",
        "frame 0: continued",
        "frame 0: offered a draw",
        "frame 0: resigned",
        "frame 0: asked to adjourn",
        "frame 0: adjourned, and waiting for the other side to go on",
        "frame 0: of a newer program",
    ]


def test_states_and_inputs_of_no_meaning(replay: Run, put: Put) -> None:
    move = encode({"point": 3})
    bad: list[list[Record]] = [
        [Inputs(first=0, runs=((1, (b"\xc1", None)),), hashes=b"", chain=bytes(16))],
        [Inputs(first=0, runs=((3, (move, move)),), hashes=b"", chain=bytes(16))],
        [
            Inputs(first=0, runs=((9, (None, None)),), hashes=b"", chain=bytes(16)),
            Snapshot(frame=9, state=b"\x80\x80"),
        ],
        [Repaired(frame=0, state=encode({"rule": "x"}), chain=bytes(16), reason="desync")],
        [
            Repaired(
                frame=0,
                state=encode({"rule": "standard", "board": bytes(225), "last": 224, "stones": -5}),
                chain=bytes(16),
                reason="desync",
            )
        ],
    ]
    for number, records in enumerate(bad):
        path = put(f"bad{number}", hostile(records))
        assert replay("verify", path)[0] == 7
        assert replay("show", path)[0] in (0, 7)
        assert replay("show", path, "--json")[0] in (0, 7)
        assert replay("diff", path, GOMOKU)[0] == 1


def test_equal_files_do_not_differ(replay: Run) -> None:
    code, out = replay("diff", GOMOKU, GOMOKU)
    assert code == 0
    assert "no difference" in out
    (found,) = objects(replay("diff", GOMOKU, GOMOKU, "--json")[1])
    assert (found["same"], found["kind"]) == (True, "same")


def test_different_files_differ(replay: Run, put: Put) -> None:
    code, out = replay("diff", GOMOKU, TRON)
    assert code == 1
    assert "two different matches" in out
    code, out = replay("diff", put("cut", TRON.read_bytes()[:20_000]), TRON)
    assert code == 1
    assert f"{TRON} continues" in out
    (found,) = objects(replay("diff", GOMOKU, TRON, "--json")[1])
    assert (found["same"], found["kind"], found["other"]) == (False, "match", str(TRON))


def test_another_move_names_who_made_it(replay: Run, put: Put) -> None:
    game = plugin_of("gomoku").game
    paths = []
    for point in (7, 8):
        runs = tuple((1, (encode({"point": at}), None)) for at in (112, point))
        runs = (runs[0], (1, (None, encode({"point": point}))))
        inputs = Inputs(first=0, runs=runs, hashes=b"", chain=bytes(16))
        paths.append(put(f"{point}", file_of([header_of(game), inputs])))
    code, out = replay("diff", *paths)
    assert code == 1
    assert "in frame 1 other inputs are recorded of Ben" in out
    assert "inputs[1].point: 7 ≠ 8" in out


def report(game: str = "gomoku") -> bytes:
    header = replace(header_of(plugin_of("gomoku").game), game=game)
    board = bytes(225)
    ours, theirs = ({"rule": "freestyle", "board": board, "stones": stones} for stones in (1, 2))
    return file_of(
        [
            header,
            Desync(
                frame=0,
                ours=encode(ours),
                theirs=encode(theirs),
                versions=("1.0", "2.0"),
                platforms=("Linux x86_64", "Windows"),
                reproduced=(True, False),
            ),
        ]
    )


@pytest.mark.parametrize(("game", "path"), [("gomoku", "stones: 1 ≠ 2"), ("chess", "['stones']: 1 ≠ 2")])
def test_a_desync_report_alone(replay: Run, put: Put, game: str, path: str) -> None:
    code, out = replay("diff", put("report", report(game)))
    assert code == 1
    for words in ("frame 0", "1.0 on Linux x86_64", "2.0 on Windows", "it was wrong", path):
        assert words in out
    (found,) = objects(replay("diff", put("report", report(game)), "--json")[1])
    assert found["event"] == "replay_desync"
    assert found["differences"] == [path]
    assert found["reproduced"] == [True, False]


@pytest.mark.parametrize(
    "args",
    [["diff", GOMOKU], ["diff", GOMOKU, GOMOKU, GOMOKU], ["verify", GOMOKU, "--at", "3"]],
    ids=["one file that is no report", "three files", "--at without show"],
)
def test_what_makes_no_sense_is_a_usage_error(args: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", *map(str, args)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("p2pgame: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "args", [[], ["verify"], ["burn", "x"], ["show", "x", "--at", "-1"], ["show", "x", "--at", "y"]]
)
def test_bad_options(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["replay", *args])
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_the_help_tells_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["replay", "--help"])
    assert "7 a file cannot be read, or does not verify" in " ".join(capsys.readouterr().out.split())


# --- names of files


HOSTILE = "\x1b]0;mine\x07\x1b[2J\rgood\nb.p2preplay: good\u202e\x9b1m.p2preplay"


@pytest.mark.parametrize("how", ["verify", "show", "diff", "bad", "report", "missing"])
def test_the_name_of_a_file_does_nothing_to_the_terminal(
    put: Put, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    good = GOMOKU.read_bytes()
    path = put(HOSTILE, b"junk" if how == "bad" else good)
    other = put("other" + HOSTILE, TRON.read_bytes())
    cut = put("cut" + HOSTILE, good[:-200])
    for arguments in {
        "verify": [["verify", path]],
        "show": [["show", path]],
        "diff": [["diff", path, other], ["diff", path, cut], ["diff", cut, path]],
        "bad": [["verify", path], ["show", path], ["diff", path, other]],
        "report": [["diff", path]],
        "missing": [["verify", path.with_name("no" + HOSTILE)]],
    }[how]:
        with contextlib.suppress(SystemExit):
            main(["replay", *map(str, arguments)])
        out, err = capsys.readouterr()
        shown = out + err
        assert all(character.isprintable() for character in shown.replace("\n", ""))
        assert not any(line.startswith("b.p2preplay") for line in shown.splitlines())
        if how != "diff":
            assert r"\x1b[2J\rgood\nb.p2preplay" in shown


def test_a_name_that_is_no_text_is_shown_and_told_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / os.fsdecode(b"x\xff\x1b.p2preplay")
    try:
        path.write_bytes(GOMOKU.read_bytes())
    except OSError:
        pytest.skip("this file system has no such names")
    assert main(["replay", "verify", str(path)]) == 0
    assert r"x\udcff\x1b.p2preplay: " in capsys.readouterr().out
    assert main(["--json", "replay", "verify", str(path)]) == 0
    (told,) = objects(capsys.readouterr().out)
    assert told["file"].endswith("/x\\xff\x1b.p2preplay")
