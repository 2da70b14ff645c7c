"""Rooms of real processes on the loopback of this machine: what they say, and that all of them computed the same."""

import json
import subprocess
from typing import Any

from tests.unit.cli.shell import Shell

Events = list[dict[str, Any]]


def end_of(process: "subprocess.Popen[str]") -> Events:
    """What it printed, once it ended."""
    out, err = process.communicate(timeout=90)
    assert (process.returncode, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def pick(events: Events, kind: str, field: str) -> list[Any]:
    return [event[field] for event in events if event["event"] == kind]


def test_four_in_a_room_play_two_rounds_one_of_them_with_two_seats_and_one_watches(shell: Shell) -> None:
    rounds = ("--matches", "2", "--frames", "120")
    with (
        shell.start("bot", "--open", "tron", "--seats", "5", "--bots", "1", *rounds, name="Ann") as ann,
        shell.start("bot", "--watch", "Ann", "--matches", "2", name="Wim") as wim,
        shell.start("bot", "--join", "Ann", "--local", "2", *rounds, name="Ben") as ben,
        shell.start("bot", "--join", "ann", *rounds, name="Cat") as cat,
    ):
        told = [end_of(process) for process in (ann, ben, cat, wim)]
    ends = [pick(events, "match_ended", "hash") for events in told]
    assert ends == [ends[0]] * 4
    assert len(ends[0]) == 2
    started = [event for event in told[1] if event["event"] == "match_started"]
    for event in started:
        assert len(event["players"]) == len(event["names"]) == 5
        assert event["me"] == event["seats"][0]
        assert [event["names"][seat] for seat in event["seats"]] == ["Ben", "Ben (2)"]
        assert event["names"].count("") == 1, "the bot"
    assert pick(told[3], "match_started", "match") == []
    assert len(pick(told[3], "spectating", "frame")) == 2
    assert {name for event in told for name in pick(event, "member_joined", "name")} >= {"Ben", "Cat", "Wim"}


def test_rooms_are_listed_with_the_peers(shell: Shell) -> None:
    with shell.start("bot", "--open", "pong", "--seats", "2", name="Ann"):
        lines = shell.run("peers", "--seconds", "1.5").stdout.splitlines()
        events = [
            json.loads(line) for line in shell.run("peers", "--seconds", "1.5", "--json").stdout.splitlines()
        ]
    assert any(line.startswith("# room of Ann (") and "Pong, 1 of 2 seats taken" in line for line in lines)
    assert lines[-2:] == ["1 found", "1 room"]
    (room,) = [event for event in events if event["event"] == "room_found"]
    assert (room["name"], room["game"], room["seats"], room["taken"], room["running"]) == (
        "Ann",
        "pong",
        2,
        1,
        False,
    )


def test_nobody_has_such_a_room(shell: Shell) -> None:
    done = shell.run("bot", "--join", "Nobody", "--wait", "0.5")
    assert done.returncode == 3
    assert "no room of Nobody was found" in done.stdout
