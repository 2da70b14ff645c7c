"""A match outlives its wire, its addresses and its programs, and nobody but the two players can go on with it.

Short outages; `tests/bench/bench_reconnect.py` gives the figures of longer ones.
"""

import time
from pathlib import Path

import pytest

from p2pgame.session.link import LinkClosed
from p2pgame.wire import messages as m
from tests.lab.caller import Caller
from tests.lab.conftest import Start
from tests.lab.lan import DEVICE, Lan
from tests.lab.match import assert_exits
from tests.lab.peer import Peer
from tests.lab.realtime import frame_of, pair
from tests.lab.reconnect import assert_went_on, newest_frame, playing_again, replay_of, verified

pytestmark = pytest.mark.lab

BOTH_KINDS = pytest.mark.parametrize("game", ["gomoku", "pong"])
SLACK = 4.0
"""Seconds in which a match must go on once it can, on a machine that also runs other tests."""


def play(start: Start, game: str, after: float = 1.0, *extra: str) -> tuple[Peer, Peer]:
    """A match that has well begun, and would last `after` seconds more."""
    frames, middle = (3 + round(15 * after), 3) if game == "gomoku" else (60 + round(60 * after), 60)
    think = "60" if game == "gomoku" else "0"
    peers = pair(start, game, frames, None, "--think-ms", think, "--seed", "3", *extra)
    frame_of(peers[0], middle)
    return peers


def again(start: Start, peer: Peer, *extra: str) -> Peer:
    """The same player's next program."""
    return start(peer.host, peer.name, *peer.args, *extra, data_dir=peer.data_dir)


def shown_pauses(*peers: Peer) -> list[str]:
    return [e["reason"] for peer in peers for e in peer.all("match_paused")]


# --- the wire


@pytest.mark.parametrize(
    ("game", "seconds", "ipv6"),
    [("gomoku", 3.0, True), ("pong", 3.0, False), ("pong", 1.0, True)],
    ids=["gomoku, lost", "pong, lost, IPv4", "pong, quiet"],
)
def test_the_cable_is_out_for_a_while(lan: Lan, start: Start, game: str, seconds: float, ipv6: bool) -> None:
    """Quiet: the TCP connection is still there when the wire is, and another one has been looked for."""
    for host in (0, 1) if not ipv6 else ():
        lan.disable_ipv6(host)
    alice, bob = play(start, game)
    lan.cut(1)
    for peer in (alice, bob):
        peer.wait_for("match_paused", 5, reason="connection")
    time.sleep(seconds)
    frame = newest_frame(alice, bob)
    lan.mend(1)
    playing_again((alice, bob), frame, SLACK)
    assert_went_on(lan, [alice], [bob])
    for peer in (alice, bob):
        assert peer.wait_for("match_resumed")["t"] > peer.wait_for("match_paused")["t"]


def test_a_hiccup_is_no_pause(lan: Lan, start: Start) -> None:
    alice, bob = play(start, "pong")
    lan.cut(0)
    time.sleep(0.3)
    lan.mend(0)
    assert_went_on(lan, [alice], [bob])
    assert shown_pauses(alice, bob) == []


def test_another_address_is_found(lan: Lan, start: Start) -> None:
    for host in (0, 1):
        lan.disable_ipv6(host)
    alice, bob = play(start, "pong")
    lan.cut(0)
    lan.add_address(0, "10.77.0.99/24")
    lan.remove_address(0, f"{lan.address(0)}/24")
    lan.run(0, ["ip", "route", "replace", "default", "dev", DEVICE])
    bob.wait_for("match_paused", 5)
    frame = newest_frame(alice, bob)
    lan.mend(0)
    playing_again((alice, bob), frame, SLACK + 3)
    assert_went_on(lan, [alice], [bob])


@pytest.mark.parametrize(("game", "times"), [("gomoku", 5), ("pong", 10)], ids=["gomoku", "pong"])
def test_a_wire_that_flaps(lan: Lan, start: Start, game: str, times: int) -> None:
    alice, bob = play(start, game, times * 0.8)
    for _ in range(times):
        lan.cut(1)
        time.sleep(0.5)
        lan.mend(1)
        time.sleep(0.5)
    assert_went_on(lan, [alice], [bob])


def test_real_time_goes_on_by_datagrams_while_tcp_is_blocked(lan: Lan, start: Start) -> None:
    alice, bob = play(start, "pong", 7.0)
    lan.block(0, "tcp")
    time.sleep(5.5)  # the session was given up by both
    lan.unblock(0)
    assert_went_on(lan, [alice], [bob])
    assert shown_pauses(alice, bob) == []


# --- the program


@pytest.mark.parametrize(
    ("game", "role"), [("gomoku", "host"), ("gomoku", "guest"), ("pong", "host"), ("pong", "guest")]
)
def test_a_killed_program_finds_its_match(lan: Lan, start: Start, game: str, role: str) -> None:
    alice, bob = play(start, game)
    host = alice.wait_for("host_elected")["host"]
    victim, other = (alice, bob) if (alice.id == host) == (role == "host") else (bob, alice)
    victim.kill()
    other.wait_for("match_paused", 8)
    frame = newest_frame(alice, bob)
    reborn = again(start, victim)
    offered = reborn.wait_for("match_resumable")
    assert offered["peer"] == other.id
    assert offered["frames"] >= frame - 60, "more than a second of the match was lost"
    playing_again((reborn, other), frame, SLACK)
    assert_went_on(lan, [victim, reborn], [other])


@BOTH_KINDS
def test_both_are_killed_at_once(lan: Lan, start: Start, game: str) -> None:
    victims = play(start, game)
    for peer in victims:
        peer.process.kill()
    for peer in victims:
        peer.wait_exit()
    reborn = [again(start, peer) for peer in victims]
    assert_went_on(lan, *([old, new] for old, new in zip(victims, reborn, strict=True)))


def test_who_does_not_come_back_is_waited_for_and_then_left(lan: Lan, start: Start) -> None:
    alice, bob = play(start, "pong", 60.0, "--patience", "2")
    bob.kill()
    alice.wait_for("match_paused", 8)
    alice.assert_exit(5, 8)
    code, verdict = verified(lan, alice)
    assert code == 0, verdict
    assert verdict["signed_by"] == [alice.wait_for("match_started")["me"]]


# --- the disk


def full_disk(directory: Path) -> tuple[str, ...]:
    """Runs a command that has a small disk of its own at `directory`."""
    directory.mkdir()
    script = 'mount -t tmpfs -o size=1m none "$0" && exec "$@"'
    return "sh", "-c", script, str(directory)


@BOTH_KINDS
def test_a_full_disk_ends_the_recording_and_not_the_match(
    lan: Lan, start: Start, tmp_path: Path, game: str
) -> None:
    disk = tmp_path / "disk"
    bot = ("bot", "--game", game, "--frames", "20" if game == "gomoku" else "120", "--think-ms", "60")
    alice = start(0, "Alice", *bot, "--accept", data_dir=disk, under=full_disk(disk))
    alice.wait_for("announcing")
    bob = start(1, "Bob", *bot, "--invite", "Alice")
    frame_of(alice, 3)
    fill(Path(f"/proc/{alice.process.pid}/root{disk}"))
    assert_exits(alice, bob, code=0, timeout=30)
    assert {e["code"] for e in alice.all("error")} == {"not_recorded"}, alice.story()
    ends = [peer.wait_for("match_ended") for peer in (alice, bob)]
    assert ends[0]["hash"] == ends[1]["hash"]
    assert verified(lan, bob)[0] == 0
    assert "Traceback" not in alice.log


def fill(disk: Path) -> None:
    with (disk / "rubbish").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


# --- others


def test_a_stranger_does_not_get_a_seat(lan3: Lan, start: Start, tmp_path: Path) -> None:
    alice, bob = play(start, "gomoku", 0.0, "--think-ms", "250", "--frames", "12")
    stranger = Caller(lan3, 2, tmp_path / "mallory")
    match = alice.wait_for("match_started")["match"]

    def ask(peer: Peer, match: str = match) -> list[m.Message | LinkClosed]:
        words = m.Resume(match=match, epoch=1000, frame=0, hash=bytes(16), fresh=True, salt=bytes(32))
        to = (lan3.address(peer.host), peer.wait_for("announcing")["tcp_port"])
        return stranger.say(to, peer.id, [words])

    for peer in (alice, bob):
        (answer,) = ask(peer)
        assert isinstance(answer, LinkClosed)
        assert answer.code == "no_seat"
    lan3.cut(1)
    alice.wait_for("match_paused", 5)
    (answer,) = ask(alice)  # now that the seat is empty
    assert isinstance(answer, LinkClosed)
    assert answer.code == "no_seat"
    lan3.mend(1)
    assert_went_on(lan3, [alice], [bob])


# --- differing states


@pytest.mark.parametrize(
    ("game", "frame", "who"),
    [("gomoku", 5, 0), ("gomoku", 6, 1), ("pong", 70, 0), ("tron", 70, 1)],
)
def test_a_corrupted_state_is_named_and_mended(
    lan: Lan, start: Start, game: str, frame: int, who: int
) -> None:
    alice, bob = corrupted_pair(start, game, frame, who=who)
    assert_exits(alice, bob, code=0, timeout=30)
    ends = [peer.wait_for("match_ended") for peer in (alice, bob)]
    assert ends[0]["hash"] == ends[1]["hash"]
    found = [peer.wait_for("desync") for peer in (alice, bob)]
    assert found[0]["frame"] == found[1]["frame"] == frame
    assert found[0]["path"] == found[1]["path"] is not None
    assert {found[who]["taken"], found[1 - who]["taken"]} == {"theirs", "ours"}
    assert found[who]["taken"] == "theirs", "who did not reproduce its own hash is wrong"
    assert all(event["mended"] for event in found)
    for peer, end in zip((alice, bob), ends, strict=True):
        code, verdict = verified(lan, peer)
        assert code == 0, verdict
        assert verdict["frames"] == end["frames"]
        assert len(list(replay_of(peer).parent.parent.glob("**/*desync*"))) == 1


@BOTH_KINDS
def test_three_times_in_a_minute_is_once_too_often(lan: Lan, start: Start, game: str) -> None:
    frames = (4, 7, 10) if game == "gomoku" else (40, 80, 120)
    alice, bob = corrupted_pair(start, game, *frames, who=1)
    assert_exits(alice, bob, code=4, timeout=30)
    for peer in (alice, bob):
        assert [e["mended"] for e in peer.all("desync")] == [True, True, False]
        assert peer.all("error", code="desync")
        assert "Traceback" not in peer.log


def corrupted_pair(start: Start, game: str, *frames: int, who: int) -> tuple[Peer, Peer]:
    """A match in which the program of `who` (0: Alice, 1: Bob) damages its own state after each of `frames`."""
    think, length = ("60", "14") if game == "gomoku" else ("0", "150")
    bot = ("bot", "--game", game, "--frames", length, "--think-ms", think, "--seed", "3")
    damage = [word for frame in frames for word in ("--corrupt", str(frame))]
    alice = start(0, "Alice", *bot, "--accept", *(damage if who == 0 else ()))
    alice.wait_for("announcing")
    bob = start(1, "Bob", *bot, "--invite", "Alice", *(damage if who == 1 else ()))
    return alice, bob
