"""Commands as a person or a script runs them: exit codes, one line for each error, and never a traceback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from p2pgame import __version__
from p2pgame.cli.common import node_config
from p2pgame.cli.main import build_parser, main
from p2pgame.storage.files import write_atomically
from p2pgame.storage.settings import Settings, save_settings
from tests.unit.cli.shell import Shell

BRAINS = Path(__file__).parents[1] / "games" / "gomoku" / "brains.py"

posix = pytest.mark.skipif(os.name == "nt", reason="signals are different there")


def one_line(done: "subprocess.CompletedProcess[str]") -> str:
    (line,) = done.stderr.splitlines()
    assert line.startswith("p2pgame: ")
    return line


@pytest.mark.parametrize(
    "args",
    [
        ["--no-such-option"],
        ["no-such-command"],
        ["bot", "--game", "gomoku", "--invite", "x", "--accept"],
        ["bot", "--join", "x", "--watch", "x"],
        ["play", "--open", "tron", "--seats", "9"],
        ["bot", "--game", "gomoku", "--matches", "-1"],
        ["bot", "--game", "gomoku", "--matches", "many"],
        ["bot", "--game", "gomoku", "--wait", "nan"],
        ["bot", "--game", "gomoku", "--sim-loss", "nan"],
        ["bot", "--game", "gomoku", "--wait", "-1"],
        ["peers", "--discovery-port", "0"],
        ["peers", "--discovery-port", "65536"],
        ["peers", "--seconds", "nan"],
        ["peers", "--seconds", "soon"],
        ["ping"],
        ["ping", "x", "--count", "0"],
        ["ping", "x", "--count", "-3"],
        ["ping", "x", "--interval", "nan"],
        *(
            ["play", "--size", size]
            for size in ("big", "0x0", "-5x10", "1280x0", "1280x720x3", "1e3x7", "x", "")
        ),
    ],
    ids=" ".join,
)
def test_bad_options_are_usage_errors(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(args)
    said = capsys.readouterr()
    assert caught.value.code == 2
    assert "error:" in said.err
    assert said.out == ""


def test_what_is_wrong_in_the_settings_keeps_nobody_from_changing_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_settings(tmp_path, Settings(seeds=("10.0.0.7", "no address", "[::1"), interfaces=("gone7",)))
    config = node_config(build_parser(["peers"]).parse_args(["peers", "--data-dir", str(tmp_path)]))
    assert config.seeds == ("10.0.0.7",)
    assert [
        name in record.message for name, record in zip(("no address", "[::1"), caplog.records, strict=True)
    ]
    assert config.interfaces_may_be_gone
    asked = ["peers", "--data-dir", str(tmp_path), "--peer", "no address", "--interface", "gone7"]
    config = node_config(build_parser(asked).parse_args(asked))
    assert config.seeds == ("no address",), "what was typed just now is refused"
    assert not config.interfaces_may_be_gone


def test_settings_that_cannot_be_read_are_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "settings.json").write_text("[]")
    node_config(build_parser(["peers"]).parse_args(["peers", "--data-dir", str(tmp_path)]))
    assert len(caplog.records) == 1


def test_a_usage_error_is_the_exit_code_of_the_command(shell: Shell) -> None:
    done = shell.run("--no-such-option")
    assert done.returncode == 2
    assert "error:" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("args", [["bot", "--game", "chess"], ["demo", "--terminal", "--game", "chess"]])
def test_an_unknown_game_is_a_usage_error_that_names_the_known_ones(shell: Shell, args: list[str]) -> None:
    done = shell.run(*args)
    assert done.returncode == 2
    assert "gomoku" in one_line(done)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["bot"], "--open, --join or --watch"),
        (["bot", "--game", "gomoku", "--local", "2"], "--local goes with"),
        (["bot", "--join", "Ann", "--bots", "2"], "go with --open"),
        (["bot", "--open", "gomoku", "--seats", "3"], "at least 2 and at most 2 seats"),
        (["demo", "--players", "3", "--game", "gomoku"], "at least 2 and at most 2 seats"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(shell: Shell, args: list[str], words: str) -> None:
    done = shell.run(*args)
    assert done.returncode == 2
    assert words in one_line(done)


@pytest.mark.parametrize("args", [["peers"], ["bot", "--game", "gomoku"]])
def test_an_unknown_interface_is_named(shell: Shell, args: list[str]) -> None:
    done = shell.run(*args, "--interface", "no-such-0", "--data-dir", str(shell.home / "d"), plain=True)
    assert done.returncode == 1
    assert "no-such-0" in one_line(done)


@pytest.mark.parametrize("args", [["peers"], ["bot", "--game", "gomoku"], ["ping", "somebody"]])
def test_a_data_directory_that_cannot_be_used_is_named(shell: Shell, args: list[str]) -> None:
    (shell.home / "me").write_bytes(b"a file, not a directory")
    done = shell.run(*args)
    assert done.returncode == 1
    assert str(shell.home / "me") in one_line(done)


def test_a_damaged_identity_is_named(shell: Shell) -> None:
    (shell.home / "me").mkdir(mode=0o700)
    write_atomically(shell.home / "me" / "identity.pem", b"noise")
    done = shell.run("peers")
    assert done.returncode == 1
    assert "identity.pem" in one_line(done)


def test_a_taken_discovery_port_is_named(shell: Shell) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("", shell.port))  # without SO_REUSEADDR: nobody can share it
        done = shell.run("peers", "--seconds", "0.2")
    assert done.returncode == 1
    assert str(shell.port) in one_line(done)


def test_nobody_of_that_name(shell: Shell) -> None:
    done = shell.run("bot", "--game", "gomoku", "--invite", "Nobody", "--wait", "0.5")
    assert done.returncode == 3
    assert "Nobody" in done.stdout
    done = shell.run("bot", "--game", "gomoku", "--invite", "Nobody", "--wait", "0.5", "--json")
    assert done.returncode == 3
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["announcing", "error"]


@pytest.mark.parametrize("target", ["nobody.invalid", "x" * 70, "..", "127.0.0.1:99999", "127.0.0.1:²"])
def test_a_target_that_is_no_peer_and_no_address(shell: Shell, target: str) -> None:
    done = shell.run("ping", target, "--wait", "0.2")
    assert done.returncode == 3
    assert target in done.stdout


def test_pinging_a_port_where_nobody_is(shell: Shell) -> None:
    done = shell.run("ping", f"127.0.0.1:{shell.port}", "--count", "2", "--interval", "0.01")
    assert done.returncode == 5
    assert "100 % lost" in done.stdout


def test_pinging_a_peer_by_name(shell: Shell) -> None:
    with shell.start("peers", "--watch", name="Ann"):
        done = shell.run("ping", "Ann", "--count", "3", "--interval", "0.01", "--json")
    assert done.returncode == 0
    events = [json.loads(line) for line in done.stdout.splitlines()]
    stats = {event["transport"]: event["received"] for event in events if event["event"] == "ping_stats"}
    assert stats == {"udp": 3, "tcp": 3}


def test_no_display_is_one_line_that_says_what_works_without(shell: Shell) -> None:
    for args in ([], ["play"]):
        done = shell.run(*args)
        assert done.returncode == 1
        line = one_line(done)
        for word in ("display", "bot", "demo", "peers"):
            assert word in line


@posix
@pytest.mark.parametrize("args", [["games"], ["games", "--json"], ["peers", "--seconds", "0.1"], ["demo"]])
def test_closed_output_is_one_line(shell: Shell, args: list[str]) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", sys.executable, "-m", "p2pgame", *args],
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
        env=shell.env,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        1,
        "p2pgame: standard output is closed: there is nowhere to write to\n",
    )


@posix
def test_no_output_at_all_is_no_reason_to_fail(shell: Shell, tmp_path: Path) -> None:
    """As a menu of the desktop may start the window; here it ends since there is no display."""
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" <&- >&- 2>&-; echo "$?" > code', "sh", sys.executable, "-m", "p2pgame"],
        timeout=30,
        env=shell.env,
        cwd=tmp_path,
        check=True,
    )
    assert (done.returncode, (tmp_path / "code").read_text()) == (0, "1\n")


def test_version_and_help(shell: Shell) -> None:
    assert shell.run("--version", plain=True).stdout == f"p2pgame {__version__}\n"
    done = shell.run("--help", plain=True)
    assert done.returncode == 0
    for command in ("play", "demo", "peers", "bot", "ping", "doctor", "games", "gomocup"):
        assert command in done.stdout


def test_games(shell: Shell) -> None:
    done = shell.run("games", "--json")
    games = {game["game"]: game for game in map(json.loads, done.stdout.splitlines())}
    assert games["gomoku"]["bot"] is True
    assert len(games["gomoku"]["digest"]) == 16
    assert "gomoku" in shell.run("games").stdout


def test_two_bots_play_and_agree(shell: Shell) -> None:
    with shell.start("bot", "--game", "gomoku", "--accept", name="Ann") as ann:
        done = shell.run("bot", "--game", "gomoku", "--invite", "Ann", "--json")
        out, err = ann.communicate(timeout=10)
    assert (done.returncode, ann.returncode) == (0, 0)
    assert (done.stderr, err) == ("", "")
    ours, theirs = ([json.loads(line) for line in text.splitlines()] for text in (done.stdout, out))

    def pick(events: list[dict[str, object]], kind: str, field: str) -> list[object]:
        return [event[field] for event in events if event["event"] == kind]

    for kind, field in (
        ("host_elected", "host"),
        ("match_ended", "hash"),
        ("hash", "hash"),
        ("move", "move"),
    ):
        assert pick(ours, kind, field) == pick(theirs, kind, field) != []
    assert all(isinstance(event["t"], float) for event in ours + theirs)


@pytest.mark.parametrize(
    ("kind", "ends"), [("good", "five in a row"), ("illegal", "resigned"), ("floods", "resigned")]
)
def test_an_outside_engine_plays_and_a_bad_one_resigns(
    shell: Shell, tmp_path: Path, kind: str, ends: str
) -> None:
    engine = tmp_path / "engine.sh"
    engine.write_text(f"#!/bin/sh\nexec {sys.executable} {BRAINS} {kind}\n")
    engine.chmod(0o755)
    with shell.start("bot", "--game", "gomoku", "--accept", "--level", "1", name="Ann") as ann:
        done = shell.run("bot", "--game", "gomoku", "--invite", "Ann", "--json", "--engine", str(engine))
        out, err = ann.communicate(timeout=20)
    assert (done.returncode, ann.returncode, done.stderr, err) == (0, 0, "", "")
    ours, theirs = ([json.loads(line) for line in text.splitlines()] for text in (done.stdout, out))
    me = next(event["me"] for event in ours if event["event"] == "match_started")
    for events in (ours, theirs):
        (outcome,) = [event["outcome"] for event in events if event["event"] == "match_ended"]
        assert (outcome["reason"], outcome["winners"]) == (ends, [1 - me])
    errors = [event for event in ours if event["event"] == "error"]
    assert [error["code"] for error in errors] == ([] if kind == "good" else ["bot_forfeits"])
    assert all("engine.sh" in error["message"] for error in errors)
    assert not [event for event in theirs if event["event"] == "error"]


@pytest.mark.parametrize(
    "options",
    [
        ("--game", "gomoku", "--level", "7"),
        ("--game", "gomoku", "--level", "strong"),
        ("--game", "gomoku", "--option", "colour=red"),
        ("--game", "gomoku", "--option", "seconds=0"),
        ("--game", "pong", "--engine", "x"),
        ("--game", "tron", "--level", "4"),
        ("--game", "gomoku", "--option", "level"),
    ],
)
def test_what_a_bot_cannot_be_told_is_a_usage_error(shell: Shell, options: tuple[str, ...]) -> None:
    done = shell.run("bot", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_an_invitation_that_is_declined(shell: Shell) -> None:
    with shell.start("bot", "--game", "gomoku", "--invite", "somebody else", name="Ann"):
        done = shell.run("bot", "--game", "gomoku", "--invite", "Ann")
    assert done.returncode == 6


@posix
@pytest.mark.parametrize(
    ("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
@pytest.mark.parametrize("args", [["peers", "--watch"], ["bot", "--game", "gomoku"]], ids=lambda a: a[0])
@pytest.mark.timing
def test_a_signal_says_goodbye_and_ends_within_a_second(
    shell: Shell, args: list[str], signum: int, code: int
) -> None:
    with shell.start("peers", "--watch", name="Ben") as ben, shell.start(*args, name="Ann") as ann:
        assert ben.stdout is not None
        while json.loads(ben.stdout.readline())["event"] != "peer_found":
            pass
        began = time.monotonic()
        ann.send_signal(signum)
        _, err = ann.communicate(timeout=5)
        assert time.monotonic() - began < 1.0
        assert (ann.returncode, err) == (code, "")
        lost = json.loads(ben.stdout.readline())
        while lost["event"] != "peer_lost":
            lost = json.loads(ben.stdout.readline())
        assert lost["reason"] == "goodbye"


@posix
@pytest.mark.parametrize("signum", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_demo_that_is_ended_leaves_no_directory_behind(shell: Shell, tmp_path: Path, signum: str) -> None:
    (tmp_path / "temporary").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "p2pgame", "demo", "--terminal", "--json", "--think-ms", "2000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=shell.env | {"TMPDIR": str(tmp_path / "temporary")},
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "announcing"
    assert len(list((tmp_path / "temporary").iterdir())) == 1
    process.send_signal(getattr(signal, signum))
    _, told = process.communicate(timeout=20)
    assert process.returncode == (130 if signum == "SIGINT" else 128 + getattr(signal, signum))
    assert list((tmp_path / "temporary").iterdir()) == []
    assert "Traceback" not in told


@posix
@pytest.mark.timing
def test_a_reader_that_goes_away_ends_a_listing(shell: Shell) -> None:
    with shell.start("peers", "--watch", name="Ann") as ann:
        assert ann.stdout is not None
        ann.stdout.close()
        with shell.start("peers", "--watch", name="Ben"):
            began = time.monotonic()
            assert ann.wait(10) in (0, 141)
            assert time.monotonic() - began < 5.0
        assert ann.stderr is not None
        assert ann.stderr.read() == ""
        ann.stdout = None


@posix
def test_a_reader_that_goes_away_before_the_first_line(shell: Shell) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        done = subprocess.run(
            shell.argv("games"), stdout=pipe, stderr=subprocess.PIPE, text=True, timeout=10, env=shell.env
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_fault_of_ours_is_one_line_that_names_its_report(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import p2pgame.cli.games as module\ndef run(args):\n    raise KeyError('no such thing')\nmodule.run = run\n"
    )
    shell.env |= {"PYTHONPATH": str(tmp_path), "TMPDIR": str(tmp_path)}
    done = shell.run("games", plain=True)
    assert done.returncode == 1
    line = one_line(done)
    (report,) = tmp_path.glob("p2pgame-fault-*.txt")
    assert "KeyError: 'no such thing'" in line
    assert str(report) in line
    assert "Traceback" in report.read_text()


@pytest.mark.parametrize(
    "args",
    [["demo", "--terminal", "--think-ms", "0"], ["check", "gomoku", "--frames", "3", "--seeds", "1"]],
    ids=lambda args: args[0],
)
def test_nothing_in_the_current_directory_is_run(shell: Shell, tmp_path: Path, args: list[str]) -> None:
    """Neither by the command nor by a process that it starts."""
    here = tmp_path / "here"
    for module in ("random", "runpy", "socket", "msgspec", "p2pgame/__init__", "sitecustomize"):
        trap = here / f"{module}.py"
        trap.parent.mkdir(parents=True, exist_ok=True)
        trap.write_text("from pathlib import Path; Path(__file__).with_suffix('.ran').touch()\n")
    argv = [sys.executable, "-P", "-m", "p2pgame", *args]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, env=shell.env, cwd=here)
    assert done.returncode == 0, done.stderr
    assert not list(here.rglob("*.ran"))
