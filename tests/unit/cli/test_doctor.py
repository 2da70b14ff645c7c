"""How `p2pgame doctor` says what it found, and a whole examination of this machine's loopback."""

import json
import shutil
import socket
from pathlib import Path

import msgspec
import pytest

from p2pgame.cli.doctor import report
from p2pgame.cli.main import main
from p2pgame.cli.output import Printer
from p2pgame.net.doctor.facts import ErrorFact, Facts, InterfaceFact, PortFact
from p2pgame.storage.identity import open_identity
from tests.unit.cli.shell import Shell

FACTS = Facts(
    platform="linux",
    python="3.12.1",
    pygame="pygame 2.6.1",
    ports=PortFact(discovery=41420, preferred=41421, own=41421),
    interfaces=(InterfaceFact(name="eth0", addresses=("192.168.1.7",), kind="wired"),),
)
SICK = msgspec.structs.replace(
    FACTS, ports=PortFact(discovery=41420, shareable=False), start_error=ErrorFact("no_interface")
)


def test_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(Printer(json=False), SICK, 1.5) == 1
    out = capsys.readouterr().out
    assert "PROBLEM  UDP port 41420" in out
    assert "-> End that program" in out
    assert out.endswith("Play will not work like this: see what is marked PROBLEM.\n")
    assert "{" not in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(Printer(json=True), FACTS, 1.5) == 0
    *findings, summary = map(json.loads, capsys.readouterr().out.splitlines())
    for finding in findings:
        assert {"t", "event", "check", "code", "level", "message", "advice"} <= set(finding)
        assert (finding["t"], finding["event"]) == (1.5, "finding")
        assert finding["level"] in ("ok", "note", "warning", "problem")
    assert [f["interface"] for f in findings if "interface" in f] == ["eth0"]
    assert (summary["event"], summary["ok"], summary["problems"]) == ("summary", True, 0)


def examine(
    tmp_path: Path, port: int, capsys: pytest.CaptureFixture[str]
) -> tuple[int, list[dict[str, str]]]:
    """A doctor that keeps to loopback: exit code and JSON events."""
    where = ("--interface", "127.0.0.1", "--discovery-port", str(port), "--data-dir", str(tmp_path))
    code = main(["doctor", "--json", "--seconds", "0.3", *where])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_loopback_is_examined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, events = examine(tmp_path, free_port(), capsys)
    levels = {event["check"]: event["level"] for event in events[:-1]}
    assert code == 0
    assert levels["discovery_port"] == "ok"
    assert levels["broadcast"] in ("ok", "note")
    assert levels["interfaces"] == "note"
    assert events[-1]["event"] == "summary"


def test_a_copied_disk_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], shell: Shell) -> None:
    open_identity(tmp_path).release()
    shell.port = free_port()
    shutil.copytree(tmp_path, shell.home / "copy", ignore=shutil.ignore_patterns("copy"))
    with shell.start("peers", "--watch", name="copy"):
        _, events = examine(tmp_path, shell.port, capsys)
    (found,) = [event for event in events if event.get("check") == "identity"]
    assert (found["code"], found["level"]) == ("identity_copied", "problem")
    assert "127.0.0.1" in found["message"]


def test_a_taken_port_is_examined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as selfish:
        selfish.bind(("", 0))
        code, events = examine(tmp_path, selfish.getsockname()[1], capsys)
    assert code == 1
    assert [e["check"] for e in events if e.get("level") == "problem"] == ["discovery_port"]


def test_an_unwritable_data_directory_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    code, events = examine(in_the_way / "data", free_port(), capsys)
    assert code == 1
    assert [e["check"] for e in events if e.get("level") == "problem"] == ["start"]
