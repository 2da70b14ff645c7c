"""Halls of many peers: few packets on the air, and soon all list all. Larger ones: `tests/bench/bench_hall.py`."""

import itertools
import random
from collections.abc import Iterator
from functools import partial

import pytest

from p2pgame.discovery.events import Found, Lost
from p2pgame.wire.beacon import Flag, decode
from p2pgame.wire.bundle import (
    NO_TOKEN,
    BundleRequest,
    BundleToken,
    Told,
    encode_token,
    pack,
)
from tests.sim.discovery_world import PORT, SimulatedLan, SimulatedNode, discovery
from tests.sim.hall_world import HallLan, arrive, at_rest, busiest_second, shared_checks
from tests.sim.test_strangers import Stranger


@pytest.fixture(autouse=True)
def checks() -> Iterator[None]:
    with shared_checks():
        yield


def found_at(node: SimulatedNode, other: SimulatedNode) -> float:
    """Seconds after the start of `other`; infinite if `node` never listed it."""
    return next(
        (
            at - other.started
            for at, event in node.told
            if isinstance(event, Found) and event.peer.peer == other.core.peer
        ),
        float("inf"),
    )


def test_a_newcomer_to_a_hundred_costs_few_packets_and_knows_all_at_once() -> None:
    lan = at_rest(100, 1)
    lan.run(8.0)
    rate = lan.on_air(lan.now - 8.0, lan.now) / 8.0
    assert rate <= 20
    for run in range(2):
        lan.run(1.0)
        began = lan.now
        node = arrive(lan, 101 + run)
        lan.run_until(lambda node=node: len(node.core.peers()) >= 99, 0.15)  # type: ignore[misc]
        lan.run(began + 1.0 - lan.now)
        assert lan.on_air(began, began + 1.0) - rate <= 40
    assert not any(node.events(Lost) for node in lan.nodes)


@pytest.mark.parametrize("together", [False, True])
def test_a_hundred_list_a_newcomer_though_a_third_of_all_broadcasts_is_lost(together: bool) -> None:
    lan = at_rest(100, 2, together=together)
    lan.run(1.0)
    lan.loss = 0.3
    old, times = list(lan.nodes), []
    for run in range(2):
        node = arrive(lan, 101 + run)
        lan.run(1.5)
        times += [found_at(other, node) for other in old]
    assert sorted(times)[int(0.99 * len(times))] <= 1.0


@pytest.mark.parametrize(("hall", "loss"), [(0, 0.3), (20, 0.0)])
def test_thirty_machines_that_are_switched_on_in_one_second(hall: int, loss: float) -> None:
    lan = at_rest(hall, 2)
    lan.run(2.0)
    lan.loss = loss
    chance, began = random.Random(3), lan.now
    for number in range(30):
        lan.at(began + chance.random(), partial(arrive, lan, hall + 1 + number))  # who is off hears nothing
    lan.run(3.0)
    assert busiest_second(lan, began) <= 100
    assert all(len(node.core.peers()) == hall + 29 for node in lan.nodes)


def test_two_that_start_together_find_each_other_soon_though_a_third_is_lost() -> None:
    times = []
    for seed in range(60):
        lan = HallLan(seed)
        lan.loss = 0.3
        first, other = lan.put(1), lan.put(2)
        first.start()
        lan.run(0.005)
        other.start()
        times.append(lan.run_until(lambda a=first, b=other: a.sees(b) and b.sees(a), 10.0))
    assert sorted(times)[int(0.95 * len(times))] <= 0.1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twenty_eight_that_start_soon_after_each_other_know_all_though_a_third_is_lost(seed: int) -> None:
    lan, chance = HallLan(seed), random.Random(seed)
    lan.loss = 0.3
    for number in range(1, 29):
        lan.at(lan.now + 3 * chance.random(), partial(arrive, lan, number))
    lan.run(3.0)
    lan.run_until(lambda: complete(lan), 2.0)
    assert len(lan.nodes) == 28


@pytest.mark.parametrize(("count", "empty"), [(40, True), (100, False)])
def test_a_hall_that_begins_again_together(count: int, *, empty: bool) -> None:
    """After a sleep in which all were forgotten, or as a switch comes back."""
    lan = at_rest(count, 4)
    lan.run(1.0)
    for node in lan.nodes if empty else ():
        for entry in list(node.core._table):  # all were away for longer than beacons hold
            node.core._drop(entry, "goodbye", lan.now)
        node.pump()
    chance, began = random.Random(5), lan.now
    for node in lan.nodes:
        lan.at(began + 2 * chance.random(), node.restart)
    lan.run(6.0)
    assert busiest_second(lan, began) <= 100
    assert all(len(node.core.peers()) == count - 1 for node in lan.nodes)


def test_the_count_is_the_same_for_all_within_a_fifth() -> None:
    lan = at_rest(80, 6)
    node = arrive(lan, 81)
    lan.run(0.5)
    assert node.core.hall_count == pytest.approx(81, rel=0.2)
    lan.run(11.0)
    for each in lan.nodes:
        assert each.core.hall_count == pytest.approx(81, rel=0.2)


class Liar(Stranger):
    """Is quickest to answer, with eight identities, and tells of nobody who exists, and of a hundred who do not."""

    def receive_datagram(self, data: bytes, source: tuple[str, int], now: float, *, shared: bool) -> None:
        message = decode(data)
        if shared and data[5] == 1 and message.body.has(Flag.SOLICIT):  # type: ignore[union-attr]
            for number in range(8):
                self.send(self.beacon(number, ttl_ms=600_000), "*", self.address)
        if isinstance(message, BundleRequest) and message.token == NO_TOKEN:
            self.send(encode_token(BundleToken(message.nonce, b"t" * 16)), source[0], self.address)
        elif isinstance(message, BundleRequest):
            fakes = [Told(self.beacon(number), 0, (f"10.66.0.{number}",)) for number in range(8, 108)]
            for datagram in pack(message.nonce, fakes, 32):
                self.send(datagram, source[0], self.address)
        super().receive_datagram(data, source, now, shared=shared)


def test_a_liar_who_answers_first_hides_nobody_and_keeps_no_invented_peer_listed() -> None:
    lan = SimulatedLan(7)
    nodes = [lan.add() for _ in range(12)]
    liar = Liar(lan, fakes=108)
    lan.run(5.0)
    late = lan.add(start=False)
    lan.run(1.0)
    late.start()
    lan.run_until(lambda: all(late.sees(node) for node in nodes), 3.0)
    assert all(node.sees(late) for node in nodes)
    liar.answer = lambda *_: None
    lan.run(30.0)
    keys = {fake.public_key for fake in liar.fakes[8:]}
    assert not [entry for entry in late.core._table if entry.public_key in keys]
    assert all(late.sees(node) for node in nodes)


def test_questions_without_end_do_not_make_all_shout() -> None:
    lan = at_rest(40, 1)
    liar = Liar(lan, fakes=8)
    lan.by_address[liar.address] = liar  # type: ignore[assignment]
    for number in range(8):
        liar.send(liar.beacon(number, ttl_ms=60_000), "*", liar.address)
    lan.run(1.0)
    began = lan.now
    questions = (
        (liar.beacon(number, flags=int(Flag.SOLICIT), ttl_ms=60_000), "*", liar.address)
        for number in itertools.count()
    )
    liar.flood(questions, 3.0, 40)
    lan.run(3.0)
    assert busiest_second(lan, began) <= 16 + 40 + 20


class Odd(HallLan):
    """A network that may pass no unicast, or all thrice, or nothing between odd and even addresses."""

    copies, parted = 1, False

    def transmit(self, sender: SimulatedNode, out) -> None:  # type: ignore[no-untyped-def]
        nodes, addresses = self.nodes, self.by_address
        if self.parted:
            self.nodes = [node for node in nodes if side(node) == side(sender)]
            self.by_address = {node.address: node for node in self.nodes}
        super().transmit(sender, out)
        self.nodes, self.by_address = nodes, addresses

    def deliver(self, *args, **options) -> None:  # type: ignore[no-untyped-def]
        for _ in range(self.copies):
            super().deliver(*args, **options)


def side(node: SimulatedNode) -> int:
    return int(node.address.rpartition(".")[2]) % 2


def gather(lan: HallLan, count: int) -> list[SimulatedNode]:
    """So many that start within four seconds, and know each other."""
    chance = random.Random(lan.seed)
    nodes = [lan.put(number) for number in range(1, count + 1)]
    for node in nodes:
        lan.at(lan.now + 4 * chance.random(), node.start)
    lan.run(12.0)
    return nodes


def complete(lan: HallLan) -> bool:
    return all(len(node.core.peers()) == len(lan.nodes) - 1 for node in lan.nodes)


def test_where_no_unicast_passes_all_list_all_and_stay_listed() -> None:
    lan = Odd(3)
    lan.unicast_loss = 1.0
    gather(lan, 12)
    late = arrive(lan, 13)
    lan.run_until(lambda: complete(lan), 4.0)
    lan.run(20.0)
    assert not any(node.events(Lost) for node in lan.nodes)
    assert all(peer.silent for peer in late.core.peers())


def test_three_copies_of_all_change_nothing() -> None:
    lan = Odd(4)
    lan.copies = 3
    gather(lan, 12)
    began = lan.now
    late = arrive(lan, 13)
    lan.run_until(lambda: complete(lan), 0.5)
    lan.run(1.0)
    assert lan.on_air(began, began + 1.0) <= 30
    lan.run(9.0)
    assert late.core.hall_count == 13
    assert not any(node.events(Lost) for node in lan.nodes)


def test_two_halls_that_a_cable_joins_become_one_without_a_storm() -> None:
    lan = Odd(5)
    lan.parted = True
    nodes = gather(lan, 16)
    assert all(len(node.core.peers()) == 7 for node in nodes)
    lan.parted, began = False, lan.now
    lan.run_until(lambda: complete(lan), 4.0)
    assert busiest_second(lan, began) <= 30
    lan.parted = True  # and apart again
    lan.run(12.0)
    assert all(len(node.core.peers()) == 7 for node in nodes)


def test_a_class_that_slept_an_hour_knows_itself_again_at_once() -> None:
    lan = Odd(6)
    nodes = gather(lan, 16)
    lan.now += 3600.0  # all clocks went on, and nothing else did
    began = lan.now
    for node in nodes:
        lan.at(began + 2 * random.Random(node.address).random(), node.restart)
    lan.run(4.0)
    assert busiest_second(lan, began) <= 60
    assert complete(lan)


def test_where_half_of_all_is_lost_nearly_all_list_nearly_all() -> None:
    lan = Odd(7)
    gather(lan, 12)
    lan.loss = lan.unicast_loss = 0.5
    late = arrive(lan, 13)
    lan.run(4.0)
    assert sum(node.sees(late) for node in lan.nodes) >= 11
    lan.run(16.0)
    listed = sum(len(node.core.peers()) for node in lan.nodes)
    assert listed >= 0.95 * 13 * 12


class TwoNets(HallLan):
    """Two broadcast domains, and a router between them."""

    def transmit(self, sender: SimulatedNode, out) -> None:  # type: ignore[no-untyped-def]
        if out.to is not None:
            super().transmit(sender, out)
            return
        nodes, self.nodes = self.nodes, [n for n in self.nodes if self.net(n) == self.net(sender)]
        super().transmit(sender, out)
        self.nodes = nodes

    def net(self, node: SimulatedNode) -> int:
        return int(node.address.split(".")[2])


def test_a_seed_brings_the_peers_of_another_network() -> None:
    lan = TwoNets(8)
    here = [lan.put(number) for number in range(1, 7)]
    there = [lan.put(256 + number) for number in range(1, 7)]
    for node in (*here, *there):
        node.start()
        lan.run(0.2)
    lan.run(3.0)
    assert not here[0].sees(there[0])
    here[0].core.put_seed("there", [(there[0].address, PORT)], lan.now)
    here[0].pump()
    lan.run_until(lambda: all(here[0].sees(node) for node in there), 3.0)
    lan.run(70.0)
    for node in here:
        for other in there:
            assert node.sees(other)
            assert other.sees(node)
    later = lan.put(250)
    later.start()
    lan.run_until(lambda: all(later.sees(node) for node in (*here, *there)), 3.0)
    lan.run(20.0)
    assert not any(node.events(Lost) for node in lan.nodes)


def test_a_full_list_stands_still_and_takes_newcomers(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("discovery.table.PEERS_MAX", "discovery.bundles.PEERS_MAX"):
        monkeypatch.setattr(f"p2pgame.{module}", 40)
    monkeypatch.setattr("tests.sim.hall_world.PEERS_MAX", 40)
    lan = at_rest(100, 9)
    lan.run(15.0)
    changes = sum(len(node.events(Lost)) for node in lan.nodes) / len(lan.nodes)
    assert changes <= 8 + 15 * 1.0
    node = arrive(lan, 101)
    lan.run(1.0)
    assert sum(other.sees(node) for other in lan.nodes) >= 95
    assert len(node.core.peers()) == 40
    assert node.core.hall_count == pytest.approx(101, rel=0.2)


def test_round_trips_of_rows_on_the_screen_cost_five_probes_a_second() -> None:
    lan = at_rest(40, 10)
    lan.run(1.0)
    looker = lan.nodes[0]
    shown = [peer.peer for peer in looker.core.peers()[:30]]
    looker.core.show_rtt(shown)
    looker.pump()
    count = looker.core._probes._count
    lan.run(8.0)
    assert 35 <= looker.core._probes._count - count <= 45
    measured = [looker.core.get(peer) for peer in shown]
    assert all(peer is not None and peer.rtt_ms is not None for peer in measured)
    looker.core.show_rtt([])
    count = looker.core._probes._count
    lan.run(4.0)
    assert looker.core._probes._count - count <= 2


def test_two_alone_find_each_other_as_fast_as_ever() -> None:
    times = []
    for seed in range(60):
        lan = SimulatedLan(seed, loss=0.0)
        first = lan.add(core=discovery(1, seed=seed))
        lan.run(1.0 + seed * 0.05)
        second = lan.add(core=discovery(2, seed=seed))
        times.append(
            lan.run_until(
                lambda first=first, second=second: first.sees(second) and second.sees(first),  # type: ignore[misc]
                1.0,
            )
        )
    assert max(times) <= 0.025
