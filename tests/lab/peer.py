"""A p2pgame program running in a host of the lab, measured from outside: its JSON events, exit code and memory.

Knows the command line and the events, nothing of the package.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

__all__ = ["Event", "Launcher", "Peer"]

Event = dict[str, Any]
_ROOT = Path(__file__).parents[2]


class Launcher(Protocol):
    """Where a program can be started: `Lan`, or the machine itself."""

    def popen(self, host: int, command: list[str], **options: Any) -> "subprocess.Popen[Any]": ...


class Peer:
    """One ``p2pgame COMMAND --json``, or `tests.lab.silent` as the command ``silent``.

    Every failure shows the events and the log of the program.
    """

    def __init__(
        self,
        lan: Launcher,
        host: int,
        name: str,
        data_dir: Path,
        *args: str,
        under: Sequence[str] = (),
        **env: str,
    ) -> None:
        """`under`: a command that runs ours, as ``nice`` does."""
        program = ["tests.lab.silent"] if args[0] == "silent" else ["p2pgame", args[0]]
        command = [*under, sys.executable, "-m", *program, "--json", "--name", name]
        command += ["--data-dir", str(data_dir), *args[1:]]
        if args[0] == "bot" and "gomoku" in args and "--level" not in args:
            command += ["--level", "1"]  # what is measured here is the network, not the engine
        self.name = name
        self.host = host
        self.data_dir = data_dir
        self.args = args
        self.events: list[Event] = []
        self._log_path = data_dir.with_name(f"{data_dir.name}-{name}.log")
        self._news = threading.Condition()
        with self._log_path.open("a") as log:  # a program that was killed may be started again
            self.process = lan.popen(
                host, command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                text=True, env=os.environ | env, cwd=_ROOT,
            )  # fmt: skip
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), name=f"reader {name}")
        self._reader.start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            try:
                event = json.loads(line)
            except ValueError:  # not what the contract promises: keep it, so that the test can see it
                event = {"event": "not json", "line": line}
            with self._news:
                self.events.append(event)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()
        stream.close()

    @property
    def log(self) -> str:
        """What the program wrote to stderr so far."""
        return self._log_path.read_text(errors="replace")

    @property
    def id(self) -> str:
        peer: str = self.wait_for("announcing")["peer"]
        return peer

    def all(self, event: str, **fields: Any) -> list[Event]:
        """The events of this kind so far whose `fields` have these values."""
        wanted = fields | {"event": event}
        with self._news:
            return [e for e in self.events if wanted.items() <= e.items()]

    def wait_until(self, what: str, found: Callable[[], Any], timeout: float = 10.0) -> Any:
        """The first true value of `found`, asked after every event; AssertionError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._news:
            while not (value := found()):
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    break
                self._news.wait(min(left, 0.1))
            else:
                return value
            if value := found():  # the last line came with the end of the program
                return value
        raise AssertionError(f"{self.name}: no {what} within {timeout} s\n{self.story()}")

    def wait_for(self, event: str, timeout: float = 10.0, *, after: int = 0, **fields: Any) -> Event:
        """The first such event, of those after the first `after`."""
        wanted = fields | {"event": event}

        def found() -> Event | None:
            return next((e for e in self.events[after:] if wanted.items() <= e.items()), None)

        value: Event = self.wait_until(f"{event} {fields or ''}".strip(), found, timeout)
        return value

    def wait_exit(self, timeout: float = 10.0) -> int:
        """The exit code, once all events are read."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name}: still running after {timeout} s\n{self.story()}") from None
        self._reader.join(5)
        return code

    def assert_exit(self, code: int, timeout: float = 10.0) -> None:
        got = self.wait_exit(timeout)
        assert got == code, f"{self.name}: exit {got}, not {code}\n{self.story()}"

    def kill(self) -> None:
        """End it as a crash would: no goodbye."""
        self.process.kill()
        self.wait_exit()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def memory_kb(self) -> int:
        """Resident memory (VmRSS)."""
        status = Path("/proc", str(self.process.pid), "status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def descriptors(self) -> int:
        """Open files and sockets."""
        return len(list(Path("/proc", str(self.process.pid), "fd").iterdir()))

    def cpu_s(self) -> float:
        """Processor time used so far, user and system, seconds."""
        fields = Path("/proc", str(self.process.pid), "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def story(self) -> str:
        """The last events and the log, for people who look at a failed test."""
        events = "\n".join(json.dumps(e, ensure_ascii=False) for e in self.events[-30:])
        return f"--- events of {self.name}\n{events}\n--- log of {self.name}\n{self.log[-6000:]}"

    def close(self) -> None:
        """End the program if it still runs. May be called again."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(5)
