"""Rooms of three to eight programs on real kernels: rounds to the end, and all that may happen to members meanwhile."""

import signal
import time

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import Lan
from tests.lab.rooms import (
    NAMES,
    again,
    assert_same_round,
    guests_of,
    host_of,
    newest,
    open_room,
    played,
    split,
    verdict,
)

pytestmark = pytest.mark.lab

MIDDLE = 60
"""The frame in which something happens."""
GOES_ON_S = 3.0
"""Within so many seconds after the loss of a host all others play on; the promised time is in the benchmark."""


def test_eight_hosts_play_to_the_same_end(hall: Lan, start: Start) -> None:
    peers = open_room(start, 8, frames=180)
    end = assert_same_round(peers)
    assert end["frames"] == 180
    assert {tuple(p.wait_for("match_started")["players"]) for p in peers} == {
        tuple(peers[0].wait_for("match_started")["players"])
    }
    assert sorted(peers[0].wait_for("match_started")["players"]) == sorted(p.id for p in peers)
    assert verdict(peers[0])["signed_by"] == list(range(8))


def test_two_at_each_machine_and_bots(hall: Lan, start: Start) -> None:
    peers = open_room(start, 3, frames=180, seats=8, bots=2, local=2)
    assert_same_round(peers)
    for peer in peers:
        assert len(peer.wait_for("match_started")["seats"]) == 2
        assert len(peer.wait_for("match_started")["players"]) == 8


def test_far_apart_with_jitter_and_loss(hall: Lan, start: Start) -> None:
    hall.impair(delay_ms=10, jitter_ms=7.5, loss=0.05)
    assert_same_round(open_room(start, 4, frames=240))


def test_a_guest_is_killed_and_comes_back(hall: Lan, start: Start) -> None:
    peers = open_room(start, 4, frames=420)
    played(peers, MIDDLE)
    victim, *others = guests_of(peers)
    others.append(host_of(peers))
    victim.kill()
    reborn = again(start, victim)
    others[0].wait_for("seat_changed", kind="bot")
    seat = victim.wait_for("match_started")["me"]
    others[0].wait_until(
        "return to the seat",
        lambda: others[0].all("seat_changed", seat=seat, kind="person", peer=victim.id)[1:],
    )
    assert_same_round([*others, reborn], gone=[victim])
    assert verdict(reborn)["signed_by"] == [0, 1, 2, 3]


def test_two_guests_are_killed_at_once(hall: Lan, start: Start) -> None:
    peers = open_room(start, 5, frames=300)
    played(peers, MIDDLE)
    one, two, *others = guests_of(peers)
    for victim in (one, two):
        victim.process.kill()
    assert_same_round([*others, host_of(peers)], gone=[one, two])


def test_the_host_is_killed_and_comes_back_as_a_guest(hall: Lan, start: Start) -> None:
    peers = open_room(start, 4, frames=480)
    played(peers, MIDDLE)
    host, others = host_of(peers), guests_of(peers)
    host.process.kill()
    killed = time.time()
    assert played(others, newest(*others) + 30) - killed < GOES_ON_S
    chosen = {peer.wait_for("host_changed")["host"] for peer in others}
    assert len(chosen) == 1
    reborn = again(start, host)
    assert_same_round([*others, reborn], gone=[host])


def test_the_host_says_goodbye(hall: Lan, start: Start) -> None:
    peers = open_room(start, 4, frames=300)
    played(peers, MIDDLE)
    host, others = host_of(peers), guests_of(peers)
    host.process.terminate()
    left = time.time()
    assert played(others, newest(*others) + 30) - left < GOES_ON_S
    assert_same_round(others, gone=[host])


def test_the_host_is_killed_and_then_who_was_chosen(hall: Lan, start: Start) -> None:
    peers = open_room(start, 5, frames=420)
    played(peers, MIDDLE)
    host, others = host_of(peers), guests_of(peers)
    host.process.kill()
    chosen = others[0].wait_for("host_changed")["host"]
    (second,) = [peer for peer in others if peer.id == chosen]
    second.process.kill()
    rest = [peer for peer in others if peer is not second]
    gone = (host.id, second.id)
    for peer in rest:  # some may never have heard of the second one
        peer.wait_until(
            "third host",
            lambda peer=peer: [e for e in peer.all("host_changed") if e["host"] not in gone],
        )
    assert_same_round(rest, gone=[host, second])


def test_a_host_that_stood_still_comes_back_as_a_guest(hall: Lan, start: Start) -> None:
    peers = open_room(start, 4, frames=420)
    played(peers, MIDDLE)
    host, others = host_of(peers), guests_of(peers)
    host.process.send_signal(signal.SIGSTOP)
    for peer in others:
        peer.wait_for("host_changed", 12)
    host.process.send_signal(signal.SIGCONT)
    assert_same_round(peers)
    assert host.wait_for("host_changed")["host"] != host.id


def test_a_guest_without_a_cable_for_a_while(hall: Lan, start: Start) -> None:
    peers = open_room(start, 4, frames=330)
    played(peers, MIDDLE)
    victim = guests_of(peers)[0]
    hall.cut(victim.host)
    time.sleep(3)
    hall.mend(victim.host)
    assert_same_round(peers)


@pytest.mark.parametrize("with_host", [1, 2])
def test_a_split_room_is_one_again(hall: Lan, start: Start, with_host: int) -> None:
    """One host of four alone: the others go on. Two of four: they wait, or go on, but never both halves."""
    peers = open_room(start, 4, frames=480)
    played(peers, MIDDLE)
    here = [host_of(peers), *guests_of(peers)[: with_host - 1]]
    there = [peer for peer in peers if peer not in here]
    split(hall, here, there)
    time.sleep(6)
    for peer in peers:
        hall.unblock(peer.host)
    assert_same_round(peers)


def test_one_joins_a_running_round_and_another_watches_it(hall: Lan, start: Start) -> None:
    peers = open_room(start, 2, frames=420, seats=3, bots=1)
    played(peers, MIDDLE)
    late = start(2, NAMES[2], "bot", "--join", NAMES[0])
    watcher = start(3, NAMES[3], "bot", "--watch", NAMES[0])
    for peer in (late, watcher):
        peer.wait_for("spectating")
    seat = late.wait_for("seat_changed", kind="person", peer=late.id)["seat"]
    assert seat == 2
    played([watcher], MIDDLE + 60)
    assert abs(newest(watcher) - newest(*peers)) <= 60
    assert_same_round([*peers, late, watcher])
