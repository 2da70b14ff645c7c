"""A match outlives its wire, its addresses and its programs, and nobody but the two players can go on with it.

Short outages, of a match by turns and one in real time on the same wire; `tests/bench/bench_reconnect.py` gives the
figures of longer ones.
"""

import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from p2pgame.session.link import LinkClosed
from p2pgame.wire import messages as m
from tests.lab.caller import Caller
from tests.lab.conftest import Start
from tests.lab.lan import DEVICE, Lan
from tests.lab.match import assert_exits, started
from tests.lab.peer import Peer
from tests.lab.realtime import frame_of
from tests.lab.reconnect import assert_went_on, newest_frame, playing_again, replay_of, verified

pytestmark = pytest.mark.lab

NAMES = {"gomoku": ("Alice", "Bob"), "pong": ("Carol", "Dave"), "tron": ("Erin", "Frank")}
THINK_MS = "60"
SLACK = 4.0
"""Seconds in which a match must go on once it can, on a machine that also runs other tests."""

Pair = tuple[Peer, Peer]


def begin(start: Start, game: str, *options: str, who: Sequence[Sequence[str]] = ((), ())) -> Pair:
    """Two bots that begin a match; `options` of both, and those `who` has of its own."""
    one, other = NAMES[game]
    bot = ("bot", "--game", game, "--think-ms", THINK_MS, "--seed", "3", *options)
    return start(0, one, *bot, "--accept", *who[0]), start(1, other, *bot, "--invite", one, *who[1])


def play(start: Start, games: Sequence[str], after: float = 0.4, *options: str) -> list[Pair]:
    """Matches that have well begun, and would last about `after` seconds more."""
    pairs = []
    for game in games:
        frames = 12 + round(15 * after) if game == "gomoku" else 75 + round(60 * after)
        pairs.append(begin(start, game, "--frames", str(frames), *options))
    for game, pair in zip(games, pairs, strict=True):
        frame_of(pair[0], 3 if game == "gomoku" else 45)
    return pairs


def again(start: Start, peer: Peer) -> Peer:
    """The same player's next program."""
    return start(peer.host, peer.name, *peer.args, data_dir=peer.data_dir)


def everybody(pairs: Sequence[Pair]) -> list[Peer]:
    return [peer for pair in pairs for peer in pair]


def assert_all_went_on(pairs: Sequence[Pair]) -> None:
    for one, other in pairs:
        assert_went_on([one], [other])


def shown_pauses(pairs: Sequence[Pair]) -> list[str]:
    return [e["reason"] for peer in everybody(pairs) for e in peer.all("match_paused")]


# --- the wire


def test_the_cable_is_out_for_a_while(lan: Lan, start: Start) -> None:
    pairs = play(start, ["gomoku", "pong"])
    lan.cut(1)
    for peer in everybody(pairs):
        peer.wait_for("match_paused", 5, reason="connection")
    time.sleep(2.8)  # until the TCP connection is given up, too
    frames = [newest_frame(*pair) for pair in pairs]
    lan.mend(1)
    for pair, frame in zip(pairs, frames, strict=True):
        playing_again(pair, frame, SLACK)
    assert_all_went_on(pairs)
    for peer in everybody(pairs):
        assert peer.wait_for("match_resumed")["t"] > peer.wait_for("match_paused")["t"]


def test_a_hiccup_is_no_pause(lan: Lan, start: Start) -> None:
    pairs = play(start, ["gomoku", "pong"])
    lan.cut(0)
    time.sleep(0.3)
    lan.mend(0)
    assert_all_went_on(pairs)
    assert shown_pauses(pairs) == []


def test_another_address_is_found(lan: Lan, start: Start) -> None:
    for host in (0, 1):
        lan.disable_ipv6(host)
    pairs = play(start, ["gomoku", "pong"])
    lan.cut(0)
    lan.add_address(0, "10.77.0.99/24")
    lan.remove_address(0, f"{lan.address(0)}/24")
    lan.run(0, ["ip", "route", "replace", "default", "dev", DEVICE])
    for peer in everybody(pairs):
        peer.wait_for("match_paused", 5)
    lan.mend(0)
    assert_all_went_on(pairs)


def test_a_wire_that_flaps(lan: Lan, start: Start) -> None:
    pairs = play(start, ["gomoku", "pong"], 5.0)
    for _ in range(9):
        lan.cut(1)
        time.sleep(0.5)
        lan.mend(1)
        time.sleep(0.5)
    assert_all_went_on(pairs)


def test_a_machine_sleeps_and_wakes(lan: Lan, start: Start) -> None:
    pairs = play(start, ["gomoku", "pong"])
    for _, sleeper in pairs:
        sleeper.process.send_signal(signal.SIGSTOP)
    for other, _ in pairs:
        other.wait_for("match_paused", 5, reason="connection")
    for pair in pairs:
        frame = newest_frame(*pair)
        pair[1].process.send_signal(signal.SIGCONT)
        playing_again(pair, frame, SLACK)
    assert_all_went_on(pairs)


def test_real_time_goes_on_by_datagrams_while_tcp_is_blocked(lan: Lan, start: Start) -> None:
    pairs = play(start, ["pong"], 6.0)
    lan.block(0, "tcp")
    time.sleep(5.3)  # the session was given up by both
    lan.unblock(0)
    assert_all_went_on(pairs)
    assert shown_pauses(pairs) == []


# --- the program


def test_a_killed_program_finds_its_match(lan: Lan, start: Start) -> None:
    """The host of one match, the guest of the other."""
    pairs = play(start, ["gomoku", "pong"])
    sides = []
    for (one, other), host_dies in zip(pairs, (True, False), strict=True):
        one_is_host = one.wait_for("host_elected")["host"] == one.id
        sides.append((one, other) if one_is_host == host_dies else (other, one))
    for victim, _ in sides:
        victim.kill()
    for _, other in sides:
        other.wait_for("match_paused", 8)
    for victim, other in sides:
        frame = newest_frame(victim, other)
        reborn = again(start, victim)
        offered = reborn.wait_for("match_resumable")
        assert offered["peer"] == other.id
        assert offered["frames"] >= frame - 60, "more than a second of the match was lost"
        playing_again((reborn, other), frame, SLACK)
        assert_went_on([victim, reborn], [other])


def test_both_are_killed_at_once(lan: Lan, start: Start) -> None:
    pairs = play(start, ["gomoku", "pong"])
    for peer in everybody(pairs):
        peer.process.kill()
    for peer in everybody(pairs):
        peer.wait_exit()
    reborn = [(again(start, one), again(start, other)) for one, other in pairs]
    for old, new in zip(pairs, reborn, strict=True):
        assert_went_on([old[0], new[0]], [old[1], new[1]])


def test_who_does_not_come_back_is_waited_for_and_then_left(lan: Lan, start: Start) -> None:
    pairs = play(start, ["gomoku", "pong"], 60.0, "--patience", "1")
    for _, other in pairs:
        other.kill()
    for one, _ in pairs:
        one.wait_for("match_paused", 8)
        one.assert_exit(5, 8)
        code, (verdict,) = verified(one)
        assert code == 0, verdict
        assert verdict["signed_by"] == [one.wait_for("match_started")["me"]]


# --- the disk


def full_disk(directory: Path) -> tuple[str, ...]:
    """Runs a command that has a small disk of its own at `directory`."""
    directory.mkdir()
    script = 'mount -t tmpfs -o size=1m none "$0" && exec "$@"'
    return "sh", "-c", script, str(directory)


def fill(disk: Path) -> None:
    with (disk / "rubbish").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


@pytest.mark.parametrize(("game", "frames"), [("gomoku", "20"), ("pong", "120")])
def test_a_full_disk_ends_the_recording_and_not_the_match(
    lan: Lan, start: Start, tmp_path: Path, game: str, frames: str
) -> None:
    disk = tmp_path / "disk"
    bot = ("bot", "--game", game, "--frames", frames, "--think-ms", THINK_MS)
    alice = start(0, "Alice", *bot, "--accept", data_dir=disk, under=full_disk(disk))
    alice.wait_for("announcing")
    bob = start(1, "Bob", *bot, "--invite", "Alice")
    frame_of(alice, 3)
    fill(Path(f"/proc/{alice.process.pid}/root{disk}"))
    assert_exits(alice, bob, code=0, timeout=30)
    assert {e["code"] for e in alice.all("error")} == {"not_recorded"}, alice.story()
    ends = [peer.wait_for("match_ended") for peer in (alice, bob)]
    assert ends[0]["hash"] == ends[1]["hash"]
    assert verified(bob)[0] == 0
    assert "Traceback" not in alice.log


# --- others


def test_a_stranger_does_not_get_a_seat(lan3: Lan, start: Start, tmp_path: Path) -> None:
    alice, bob = begin(start, "gomoku", "--think-ms", "200", "--frames", "9")
    match = started(alice, bob)[0]["match"]
    stranger = Caller(lan3, 2, tmp_path / "mallory")

    def ask(peer: Peer) -> str:
        """What he is told who wants to go on with the match."""
        words = m.Resume(match=match, session=1000, frame=0, hash=bytes(16), fresh=True, salt=bytes(32))
        to = (lan3.address(peer.host), peer.wait_for("announcing")["tcp_port"])
        (answer,) = stranger.say(to, peer.id, [words])
        assert isinstance(answer, LinkClosed)
        return answer.code

    assert [ask(alice), ask(bob)] == ["no_seat", "no_seat"]
    lan3.cut(1)
    alice.wait_for("match_paused", 5)
    assert ask(alice) == "no_seat", "now that the seat is empty"
    lan3.mend(1)
    assert_went_on([alice], [bob])


# --- differing states


def damage(who: int, *frames: int) -> Sequence[Sequence[str]]:
    """Options for both programs, of which one damages its own state after each of `frames`."""
    words = [word for frame in frames for word in ("--corrupt", str(frame))]
    return (words, ()) if who == 0 else ((), words)


def test_a_damaged_state_is_named_and_mended(lan: Lan, start: Start) -> None:
    plans = {"gomoku": (5, "13", 1), "pong": (70, "130", 0), "tron": (70, "130", 1)}
    pairs = [
        begin(start, game, "--frames", frames, who=damage(who, at))
        for game, (at, frames, who) in plans.items()
    ]
    for pair, (at, _, who) in zip(pairs, plans.values(), strict=True):
        assert_exits(*pair, code=0, timeout=30)
        ends = [peer.wait_for("match_ended") for peer in pair]
        assert ends[0]["hash"] == ends[1]["hash"]
        found = [peer.wait_for("desync") for peer in pair]
        assert found[0]["frame"] == found[1]["frame"] == at
        assert found[0]["path"] == found[1]["path"] is not None
        assert [event["mended"] for event in found] == [True, True]
        assert found[who]["taken"] == "theirs", "who did not reproduce its own hash is wrong"
        assert found[1 - who]["taken"] == "ours"
        code, verdicts = verified(*pair)
        assert code == 0, verdicts
        for peer, verdict in zip(pair, verdicts, strict=True):
            assert verdict["frames"] == ends[0]["frames"]
            assert len(list(peer.data_dir.glob("**/*desync*"))) == 1, "one report"
            assert replay_of(peer).is_file()


def test_three_times_in_a_minute_is_once_too_often(lan: Lan, start: Start) -> None:
    pairs = [
        begin(start, "gomoku", "--frames", "20", who=damage(1, 4, 7, 10)),
        begin(start, "pong", "--frames", "200", who=damage(1, 40, 80, 120)),
    ]
    for pair in pairs:
        assert_exits(*pair, code=4, timeout=30)
        for peer in pair:
            assert [e["mended"] for e in peer.all("desync")] == [True, True, False]
            assert peer.all("error", code="desync")
            assert "Traceback" not in peer.log
