"""Many programs on one simulated LAN."""

import statistics

import msgspec
import pytest

from p2pgame.discovery.events import DialRequested, Found, Lost, Updated
from p2pgame.discovery.peer import Peer
from p2pgame.discovery.transmit import Transmit
from p2pgame.wire.beacon import Beacon, DatagramType, Flag, SignedBeacon, datagram_type, decode
from tests.sim.discovery_world import PORT, SimulatedLan, SimulatedNode, discovery, show_all


def mutual(lan: SimulatedLan, a: SimulatedNode, b: SimulatedNode, seconds: float) -> float:
    """Seconds until each lists the other."""
    return lan.run_until(lambda: a.sees(b) and b.sees(a), seconds)


def all_see_all(lan: SimulatedLan) -> bool:
    return all(a.sees(b) for a in lan.nodes for b in lan.nodes if a is not b)


@pytest.mark.parametrize("seed", range(1))
def test_twenty_peers_list_each_other_within_a_second_and_then_stay_quiet(seed: int) -> None:
    lan = SimulatedLan(seed)
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
    lan = SimulatedLan(5)
    nodes = [lan.add(start=False) for _ in range(20)]
    for node in nodes:
        node.start()
    assert lan.run_until(lambda: all_see_all(lan), 1.0) <= 1.0


def test_without_loss_both_find_each_other_within_fifty_milliseconds() -> None:
    for seed in range(20):
        lan = SimulatedLan(seed)
        a = lan.add()
        lan.run(seed * 0.37)
        b = lan.add()
        assert mutual(lan, a, b, 0.05) <= 0.05


def test_with_a_third_lost_the_95th_percentile_is_below_a_second() -> None:
    times = []
    for seed in range(200):
        lan = SimulatedLan(seed, loss=0.3)
        a = lan.add()
        lan.run(3.0)
        b = lan.add()
        times.append(mutual(lan, a, b, 15.0))
    assert statistics.quantiles(times, n=20)[-1] <= 1.0


def test_a_lossy_lan_loses_nobody_who_lives() -> None:
    lan = SimulatedLan(3, loss=0.3, unicast_loss=0.1)
    nodes = [lan.add() for _ in range(5)]
    lan.run(300.0)
    assert all_see_all(lan)
    assert not any(node.events(Lost) for node in nodes)


def test_a_goodbye_empties_the_list_at_once() -> None:
    lan = SimulatedLan()
    a, b = lan.add(), lan.add()
    lan.run(3.0)
    b.stop()
    assert lan.run_until(lambda: not a.sees(b), 0.1) <= 0.1
    assert [event.reason for _, event in a.events(Lost)] == ["goodbye"]
    lan.run(10.0)
    assert len(a.events(Found)) == 1


@pytest.mark.parametrize("way", ["broadcast", "mdns", "seed"])
def test_a_killed_peer_is_lost_within_eight_seconds(way: str) -> None:
    lan = SimulatedLan()
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
    lan = SimulatedLan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    meet(lan, a, b, way)
    lan.run(60.0)
    assert a.sees(b)
    assert b.sees(a)
    assert not a.events(Lost)


def meet(lan: SimulatedLan, a: SimulatedNode, b: SimulatedNode, way: str) -> None:
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
    lan = SimulatedLan()
    a, b = lan.add(), lan.add()
    lan.run(0.5)
    lan.publish(b)
    a.core.remove_service(b.core.peer, b.core.instance, lan.now)
    a.pump()
    lan.run(5.0)
    assert a.sees(b)
    assert not a.events(Lost)


def test_an_mdns_goodbye_of_a_dead_peer_is_believed_after_half_a_second() -> None:
    lan = SimulatedLan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    meet(lan, a, b, "mdns")
    b.dead = True
    a.core.remove_service(b.core.peer, b.core.instance, lan.now)
    a.pump()
    assert 0.3 < lan.run_until(lambda: not a.sees(b), 0.6) <= 0.6
    assert [event.reason for _, event in a.events(Lost)] == ["goodbye"]


def test_a_restarted_program_is_one_peer_updated() -> None:
    lan = SimulatedLan()
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
    lan = SimulatedLan()
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
    lan = SimulatedLan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    a.core.put_seed("b", [(b.address, PORT)], lan.now)
    a.pump()
    lan.run(0.05)
    unicast = [(sender, out) for _, sender, out in lan.sent if out.to is not None and len(out.data) > 100]
    answers = [(sender, len(out.data)) for _, sender, out in lan.sent if out.to is not None][:4]
    assert [sender for sender, _ in answers] == [a, b, a, b]
    assert answers[1][1] == 22 < answers[0][1]
    assert len(unicast) == 3
    assert a.sees(b)
    assert b.sees(a)
    lan.run(20.0)
    lan.sent.clear()
    lan.run(20.0)
    assert not [sent for sent in unicast_beacons(lan, a) if sent.has(Flag.SOLICIT)]


def unicast_beacons(lan: SimulatedLan, sender: SimulatedNode) -> list[Beacon]:
    messages = [decode(out.data) for _, by, out in lan.sent if by is sender and out.to is not None]
    return [m.body for m in messages if isinstance(m, SignedBeacon) and isinstance(m.body, Beacon)]


def change(node: SimulatedNode, **changes: object) -> None:
    node.core.set_profile(msgspec.structs.replace(node.core.profile, **changes), node.lan.now)
    node.pump()


@pytest.mark.parametrize("who", ["the seed", "who named it"])
def test_peers_known_by_address_alone_hear_of_changes(who: str) -> None:
    lan = SimulatedLan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    meet(lan, a, b, "seed")
    told, other = (b, a) if who == "the seed" else (a, b)
    change(told, busy=True, playing="gomoku")
    lan.run_until(lambda: other.core.peers()[0].status == "busy", 0.1)
    change(told, busy=False, playing="", games={"tron": "11" * 8})
    lan.run_until(lambda: other.core.peers()[0].games == {"tron": "11" * 8}, 0.1)
    assert other.core.peers()[0].status == "idle"
    assert not other.core.peers()[0].compatible


def test_a_change_reaches_peers_known_by_address_though_datagrams_get_lost() -> None:
    late = 0
    for seed in range(20):
        lan = SimulatedLan(seed, unicast_loss=0.2)
        lan.broadcast_works = False
        a, b = lan.add(), lan.add()
        a.core.put_seed("b", [(b.address, PORT)], lan.now)
        a.pump()
        lan.run_until(lambda a=a, b=b: a.sees(b) and b.sees(a), 30.0)
        lan.run(1.0)
        change(b, busy=True)
        lan.run(0.5)
        late += a.core.peers()[0].status != "busy"
        lan.run(61.0)
        assert a.core.peers()[0].status == "busy"
    assert late <= 2


def test_changes_go_to_peers_known_by_address_at_a_bounded_rate_and_to_nobody_else() -> None:
    lan = SimulatedLan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    meet(lan, a, b, "seed")
    lan.sent.clear()
    for number in range(200):
        change(b, busy=bool(number % 2))
        lan.run(0.01)
    assert 2 <= len(unicast_beacons(lan, b)) <= 6 + 4 * 2 + 1
    lan = SimulatedLan()
    a, b = lan.add(), lan.add()
    lan.run(1.0)
    lan.sent.clear()
    change(b, busy=True)
    lan.run(60.0)
    assert not unicast_beacons(lan, b)


def test_who_lost_us_lists_us_again_at_our_next_change() -> None:
    lan = SimulatedLan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    meet(lan, a, b, "seed")
    b.core._drop(b.core._table.get(a.core.peer), "expired", lan.now)
    assert a.sees(b)
    change(a, busy=True)
    lan.run_until(lambda: b.sees(a), 1.0)
    assert b.core.peers()[0].status == "busy"


def test_an_update_by_unicast_from_another_address_is_not_taken() -> None:
    lan = SimulatedLan()
    lan.broadcast_works = False
    a, b = lan.add(), lan.add()
    meet(lan, a, b, "seed")
    change(a, busy=True)
    stolen = next(out.data for _, by, out in reversed(lan.sent) if by is a and out.to and len(out.data) > 100)
    b.core.receive_datagram(stolen, ("10.9.9.9", 41421), lan.now)
    assert b.core.peers()[0].addresses == (a.address,)
    assert b.core.peers()[0].status == "idle"


def test_a_seed_that_returns_is_asked_again() -> None:
    lan = SimulatedLan()
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


def test_who_was_lost_is_found_again_where_only_unicast_passes() -> None:
    lan = SimulatedLan()
    lan.broadcast_works = False
    a, b = lan.add("Ann"), lan.add("Ben")
    for node in (a, b):
        lan.publish(node)
    lan.run(5)
    lan.unicast_works = False
    lan.run_until(lambda: not a.sees(b) and not b.sees(a), 10)
    lan.run(20)
    lan.unicast_works = True
    lan.run_until(lambda: a.sees(b) and b.sees(a), 3)


def test_who_does_not_hear_us_and_is_heard_lists_us_and_hears_of_our_changes() -> None:
    lan = SimulatedLan()
    a, b = lan.add("Ann"), lan.add("Ben", start=False)
    lan.deaf.add(b)
    lan.run(5)
    b.start()
    lan.run_until(lambda: a.sees(b) and b.sees(a), 6)
    lan.run(60)
    assert not a.events(Lost)
    assert not b.events(Lost)
    change(a, busy=True)
    lan.run_until(lambda: listed(b, a).status == "busy", 1)


def test_only_who_is_unknown_is_asked_who_it_is() -> None:
    lan = SimulatedLan()
    for name in ("Ann", "Ben", "Cleo"):
        lan.add(name)
    lan.run(60)
    assert not [out for _, _, out in lan.sent if datagram_type(out.data) == DatagramType.CHALLENGE]


def test_who_comes_from_behind_a_router_stays_listed_and_can_be_asked_to_dial() -> None:
    lan = SimulatedLan()
    a, b = lan.add("Ann"), lan.add("Ben", address="192.168.122.5", start=False)
    lan.routers[b] = "10.0.0.77"
    b.start()
    b.core.put_seed("a", [(a.address, PORT)], lan.now)
    b.pump()
    lan.run_until(lambda: a.sees(b) and b.sees(a), 3)
    lan.run(120)
    assert not a.events(Lost)
    assert not b.events(Lost)
    change(a, busy=True)
    lan.run_until(lambda: listed(b, a).status == "busy", 1)
    assert a.core.request_dial(b.core.peer, lan.now)
    a.pump()
    lan.run_until(lambda: bool(b.events(DialRequested)), 1)
    a.stop()
    lan.run_until(lambda: not b.sees(a), 1)


def listed(node: SimulatedNode, other: SimulatedNode) -> Peer:
    peer = node.core.get(other.core.peer)
    assert peer is not None
    return peer


def test_nobody_is_sought_for_ever_nor_where_nobody_ever_answered() -> None:
    lan = SimulatedLan()
    a, b = lan.add("Ann"), lan.add("Ben")
    invented = discovery(9, "Nobody")
    lan.run(5)
    b.dead = True
    invented.start(lan.now)
    for out in invented.datagrams_to_send():
        a.core.receive_datagram(out.data, ("10.0.0.99", 50000), lan.now, shared=True)
    lan.run(200)
    sought = [(at, out.to[0]) for at, sender, out in lan.sent if out.to and sender is a and is_beacon(out)]
    assert {address for _, address in sought} == {b.address}
    assert 20 < len(sought) < 100
    assert sought[-1][0] < lan.now - 50


def is_beacon(out: Transmit) -> bool:
    return datagram_type(out.data) == DatagramType.BEACON


def test_two_halves_of_a_lan_find_each_other_when_it_heals() -> None:
    lan = SimulatedLan()
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
    lan = SimulatedLan(delay=0.010)
    a, b = lan.add(), lan.add()
    lan.run(1.0)
    show_all(a.core)
    a.pump()
    lan.run(30.0)
    assert a.core.peers()[0].rtt_ms == pytest.approx(20, abs=8)
    probes = [out for _, sender, out in lan.sent if sender is a and out.to and len(out.data) == 70]
    assert 10 <= len(probes) <= 40
    assert b.core.peers()[0].rtt_ms is not None
