"""What leaves the program as text: UTF-8 in any locale, and no reader or disk that stops a peer."""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from p2pgame.cli import streams
from p2pgame.cli.exits import Exit, OutputError
from p2pgame.cli.output import Printer
from p2pgame.cli.streams import Stream, stdout
from tests.unit.cli.shell import Shell

posix = pytest.mark.skipif(os.name == "nt", reason="pipes and devices are different there")
FULL = Path("/dev/full")
LOCALES = [
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "cp936"},
]


@pytest.fixture
def pipe() -> Iterator[tuple[int, Stream]]:
    """The end that a reader has, and a stream like that of our output."""
    read, write = os.pipe()
    with os.fdopen(write, "w", encoding="ascii") as text:
        stream = Stream(text, stdout().may_wait)
        yield read, stream
        stream.finish()
    os.close(read)


def drain(read: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += os.read(read, 1 << 20)
    return data


def test_where_no_thread_can_be_started_it_is_written_at_once(
    pipe: tuple[int, Stream], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def say() -> None:
        stream.write("a word\n")

    read, stream = pipe
    monkeypatch.setattr(threading.Thread, "start", fail)
    asyncio.run(say())
    assert drain(read, 7) == b"a word\n"


@posix
def test_on_an_event_loop_nobody_waits_for_a_reader(
    pipe: tuple[int, Stream], capsys: pytest.CaptureFixture[str]
) -> None:
    read, stream = pipe
    lines = [f"{number:99999}\n" for number in range(100)]

    async def flood() -> None:
        for line in lines:
            stream.write(line)

    asyncio.run(flood())  # ten megabytes, and nobody reads
    kept = drain(read, 4_000_000)
    streams.finish()
    assert b"".join(line.encode() for line in lines).startswith(kept[:4_000_000])
    assert "some of it is left out" in capsys.readouterr().err


@posix
def test_the_order_of_lines_is_kept_where_the_loop_ends(pipe: tuple[int, Stream]) -> None:
    read, stream = pipe

    async def some() -> None:
        for number in range(500):
            stream.write(f"{number}\n")

    asyncio.run(some())
    stream.write("last\n")
    expected = "".join(f"{number}\n" for number in range(500)) + "last\n"
    assert drain(read, len(expected)).decode() == expected


@posix
def test_a_full_disk_is_an_error_off_the_loop_and_a_call_on_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    async def some() -> None:
        stdout().on_failure = failed.set
        stdout().write("x\n")
        assert await asyncio.to_thread(failed.wait, 5)
        stdout().write("lost\n")

    with FULL.open("w") as text, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", text)
        with pytest.raises(OutputError):
            stdout().write("x\n")
    with FULL.open("w") as text, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", text)
        asyncio.run(some())
        streams.finish()
    assert capsys.readouterr().err.count("the output cannot be written: No space left on device") == 2


@posix
def test_a_log_that_nobody_reads_stops_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    with os.fdopen(write, "w") as text, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", text)
        for _ in range(100):
            streams.stderr().write("x" * 99_999 + "\n")
        drain(read, 4_000_000)
        streams.finish()
    os.close(read)


def test_a_closed_stream_swallows_everything() -> None:
    Stream(None, lambda: True).write("x\n")


def test_text_that_is_none_is_escaped(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    Printer(json=False).line("a\udcff小")
    Printer(json=True).object({"file": "a\udcff小"})
    line, value = capsysbinary.readouterr().out.splitlines()
    assert line == b"a\\udcff" + "小".encode()
    assert json.loads(value) == {"file": "a\udcff小"}


def test_a_pipe_that_is_full_for_a_moment_loses_nothing() -> None:
    class Slow(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""
            self.full = True

        def write(self, data: memoryview) -> int | None:  # type: ignore[override]
            self.full = not self.full
            if self.full:
                return None
            self.data += bytes(data[:3])
            return min(3, len(data))

    slow = Slow()

    class Text(io.StringIO):
        buffer: IO[bytes] = slow  # type: ignore[assignment]

    Stream(Text(), lambda: True).write("abcdefgh\n")
    assert slow.data == b"abcdefgh\n"


@posix
@pytest.mark.parametrize("env", LOCALES, ids=lambda env: next(iter(env.values())))
@pytest.mark.parametrize("json_too", [True, False], ids=["json", "plain"])
def test_a_chinese_name_in_any_locale(shell: Shell, env: dict[str, str], json_too: bool) -> None:
    argv = shell.argv("peers", "--seconds", "0", "--name", "小明é", *(["--json"] if json_too else []))
    done = subprocess.run(argv, capture_output=True, timeout=20, env=shell.env | env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "小明é".encode() in done.stdout


@posix
@pytest.mark.parametrize(
    "args",
    [
        ["games"],
        ["--help"],
        ["check", "gomoku", "--frames", "3", "--seeds", "1"],
        ["replay", "show", "tests/golden/gomoku-resigned.p2preplay"],
        ["peers"],
        ["peers", "--json"],
        ["bot", "--game", "gomoku", "--json"],
        ["doctor", "--seconds", "0.1"],
        ["demo", "--terminal"],
    ],
    ids=" ".join,
)
def test_a_full_disk_is_one_line_and_the_end(shell: Shell, args: list[str]) -> None:
    plain = args[0] in ("games", "--help", "check", "replay", "demo")
    argv = [sys.executable, "-m", "p2pgame", *args] if plain else shell.argv(*args)
    with FULL.open("w") as full:
        env = shell.env | {"PYTHONUNBUFFERED": ""}
        done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, text=True, timeout=20, env=env)
    assert done.returncode == Exit.FAILED
    assert done.stderr == "p2pgame: the output cannot be written: No space left on device\n"


@posix
@pytest.mark.timing
def test_a_reader_that_stops_stops_no_match(shell: Shell) -> None:
    """Ann's events fill the pipe within the first second; Ben plays with her to the end, and she says goodbye."""
    match = ("--game", "pong", "--frames", "120", "--sim-latency-ms", "0")
    read, write = os.pipe()
    with os.fdopen(write, "wb", buffering=0) as out:
        while os.get_blocking(write):
            os.set_blocking(write, False)
        while out.write(b"x" * 4096):
            pass
        while out.write(b"x"):
            pass
        os.set_blocking(write, True)
        argv = shell.argv("bot", "--accept", "--matches", "0", "--json", "--name", "Ann", *match, name="Ann")
        ann = subprocess.Popen(argv, stdout=out, stderr=subprocess.PIPE, text=True, env=shell.env)
    try:
        argv = shell.argv("bot", "--invite", "Ann", "--json", "--name", "Ben", *match, name="Ben")
        ben = subprocess.run(argv, capture_output=True, text=True, timeout=30, env=shell.env)
        events = [json.loads(line) for line in ben.stdout.splitlines()]
        assert (ben.returncode, ben.stderr) == (0, "")
        assert [event["frames"] for event in events if event["event"] == "match_ended"] == [120]
        assert not [event for event in events if event["event"] == "match_paused"]
        ann.send_signal(signal.SIGTERM)
        _, err = ann.communicate(timeout=10)
        assert (ann.returncode, err) == (143, "")
    finally:
        ann.kill()
        ann.wait()
        os.close(read)
