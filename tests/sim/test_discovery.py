"""Many programs on one simulated LAN."""

import statistics

import pytest

from p2pgame.discovery.events import Found, Lost, Updated
from p2pgame.wire.beacon import Beacon, SignedBeacon, decode
from tests.sim.lan import PORT, Lan, Node, discovery


def mutual(lan: Lan, a: Node, b: Node, seconds: float) -> float:
    """Seconds until each lists the other."""
    return lan.run_until(lambda: a.sees(b) and b.sees(a), seconds)


def all_see_all(lan: Lan) -> bool:
    return all(a.sees(b) for a in lan.nodes for b in lan.nodes if a is not b)


@pytest.mark.parametrize("seed", range(1))
def test_twenty_peers_list_each_other_within_a_second_and_then_stay_quiet(seed: int) -> None:
    lan = Lan(seed)
    for _ in range(20):
        lan.add()
        lan.run(0.02)
    assert lan.run_until(lambda: all_see_all(lan), 1.0) <= 1.0
    lan.run(10.0)
    lan.sent.clear()
    lan.run(60.0)
    beacons = [out for _, _, out in lan.sent if out.to is None]
    assert len(beacons) / 60 <= 20.0
    assert len(beacons) / 60 >= 5.0
    for second in range(60):
        at_once = [at for at, _, out in lan.sent if out.to is None and int(at - lan.now + 60) == second]
        assert len(at_once) <= 20
    assert all_see_all(lan)
    assert not any(node.events(Lost) for node in lan.nodes)


def test_twenty_peers_started_at_one_instant_find_each_other() -> None:
    lan = Lan(5)
    nodes = [lan.add(start=False) for _ in range(20)]
    for node in nodes:
        node.start()
    assert lan.run_until(lambda: all_see_all(lan), 1.0) <= 1.0


def test_without_loss_both_find_each_other_within_fifty_milliseconds() -> None:
    for seed in range(20):
        lan = Lan(seed)
        a = lan.add()
        lan.run(seed * 0.37)
        b = lan.add()
        assert mutual(lan, a, b, 0.05) <= 0.05


def test_with_a_third_lost_the_95th_percentile_is_below_a_second() -> None:
    times = []
    for seed in range(200):
        lan = Lan(seed, loss=0.3)
        a = lan.add()
        lan.run(3.0)
        b = lan.add()
        times.append(mutual(lan, a, b, 15.0))
    assert statistics.quantiles(times, n=20)[-1] <= 1.0


def test_a_lossy_lan_loses_nobody_who_lives() -> None:
    lan = Lan(3, loss=0.3, unicast_loss=0.1)
    nodes = [lan.add() for _ in range(5)]
    lan.run(300.0)
    assert all_see_all(lan)
    assert not any(node.events(Lost) for node in nodes)


def test_a_goodbye_empties_the_list_at_once() -> None:
    lan = Lan()
    a, b = lan.add(), lan.add()
    lan.run(3.0)
    b.stop()
    assert lan.run_until(lambda: not a.sees(b), 0.1) <= 0.1
    assert [event.reason for _, event in a.events(Lost)] == ["goodbye"]
    lan.run(10.0)
    assert len(a.events(Found)) == 1


@pytest.mark.parametrize("way", ["broadcast", "mdns", "seed"])
def test_a_killed_peer_is_lost_within_eight_seconds(way: str) -> None:
    lan = Lan()
    lan.broadcast_works = way == "broadcast"
    a, b = lan.add(), lan.add()
    meet(lan, a, b, way)
    lan.run(20.0)
    assert a.core.get(b.core.peer).via == (way,)
    b.dead = True
    assert lan.run_until(lambda: not a.sees(b), 8.0) > 1.0
    assert [event.reason for _, event in a.events(Lost)] == ["expired"]


@pytest.mark.parametrize("way", ["mdns", "seed"])
def test_pongs_keep_a_peer_whose_beacons_do_not_come_through(way: str) -> None:
    lan = Lan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    meet(lan, a, b, way)
    lan.run(60.0)
    assert a.sees(b)
    assert b.sees(a)
    assert not a.events(Lost)


def meet(lan: Lan, a: Node, b: Node, way: str) -> None:
    if way == "seed":
        a.core.put_seed("b", [(b.address, PORT)], lan.now)
        a.pump()
    lan.run(0.2)
    if way == "mdns":
        lan.publish(a)
        lan.publish(b)
    lan.run(0.2)
    assert a.sees(b)
    assert b.sees(a)


def test_a_forged_mdns_goodbye_removes_nobody_who_lives() -> None:
    lan = Lan()
    a, b = lan.add(), lan.add()
    lan.run(0.5)
    lan.publish(b)
    a.core.remove_service(b.core.peer, b.core.instance, lan.now)
    a.pump()
    lan.run(5.0)
    assert a.sees(b)
    assert not a.events(Lost)


def test_an_mdns_goodbye_of_a_dead_peer_is_believed_after_half_a_second() -> None:
    lan = Lan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    meet(lan, a, b, "mdns")
    b.dead = True
    a.core.remove_service(b.core.peer, b.core.instance, lan.now)
    a.pump()
    assert 0.3 < lan.run_until(lambda: not a.sees(b), 0.6) <= 0.6
    assert [event.reason for _, event in a.events(Lost)] == ["goodbye"]


def test_a_restarted_program_is_one_peer_updated() -> None:
    lan = Lan()
    a, b = lan.add(), lan.add()
    lan.run(1.0)
    b.dead = True
    again = lan.add(
        core=discovery(2, "new name", instance=99, first_seq=1_700_000_009_000), address=b.address
    )
    lan.run(1.0)
    assert [p.instance for p in a.core.peers()] == [(99).to_bytes(8, "big").hex()]
    assert a.core.peers()[0].name == "new name"
    assert not a.events(Lost)
    assert again.sees(a)


def test_the_older_program_of_a_cloned_disk_is_listed_once_the_newer_is_gone() -> None:
    lan = Lan()
    a, old = lan.add(), lan.add()
    lan.run(1.0)
    new = lan.add(core=discovery(2, instance=99, first_seq=1_700_000_009_000))
    lan.run(10.0)
    assert [p.instance for p in a.core.peers()] == [new.core.instance.hex()]
    changes = len(a.events(Updated))
    lan.run(20.0)
    assert len(a.events(Updated)) == changes, "two programs of one identity must not make the list flap"
    new.stop()
    lan.run(5.0)
    assert [p.instance for p in a.core.peers()] == [old.core.instance.hex()]
    assert not old.sees(new)


def test_a_seed_gets_no_more_than_it_sent_before_it_shows_its_address() -> None:
    lan = Lan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    a.core.put_seed("b", [(b.address, PORT)], lan.now)
    a.pump()
    lan.run(0.05)
    unicast = [(sender, out) for _, sender, out in lan.sent if out.to is not None and len(out.data) != 22]
    answers = [(sender, len(out.data)) for _, sender, out in lan.sent if out.to is not None][:4]
    assert [sender for sender, _ in answers] == [a, b, a, b]
    assert answers[1][1] == 22 < answers[0][1]
    assert len(unicast) == 3
    assert a.sees(b)
    assert b.sees(a)
    lan.run(20.0)
    lan.sent.clear()
    lan.run(20.0)
    assert not [out for _, sender, out in lan.sent if out.to and sender is a and is_beacon(out.data)]


def is_beacon(data: bytes) -> bool:
    message = decode(data)
    return isinstance(message, SignedBeacon) and isinstance(message.body, Beacon)


def test_a_seed_that_returns_is_asked_again() -> None:
    lan = Lan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    meet(lan, a, b, "seed")
    lan.unicast_works = False
    lan.run(15.0)
    assert not a.sees(b)
    lan.unicast_works = True
    lan.run(5.0)
    assert a.sees(b)
    assert b.sees(a)


def test_two_halves_of_a_lan_find_each_other_when_it_heals() -> None:
    lan = Lan()
    a, b = lan.add(), lan.add()
    lan.run(3.0)
    lan.broadcast_works = lan.unicast_works = False
    lan.run(12.0)
    assert not a.sees(b)
    lan.broadcast_works = lan.unicast_works = True
    lan.run(4.0)
    assert a.sees(b)
    assert b.sees(a)


def test_round_trips_are_measured_on_demand() -> None:
    lan = Lan(delay=0.010)
    a, b = lan.add(), lan.add()
    a.core.set_rtt_wanted(True)
    lan.run(30.0)
    assert a.core.peers()[0].rtt_ms == pytest.approx(20, abs=8)
    probes = [out for _, sender, out in lan.sent if sender is a and out.to and len(out.data) == 22]
    assert 10 <= len(probes) <= 40
    assert b.core.peers()[0].rtt_ms is not None
