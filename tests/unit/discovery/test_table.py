"""Who stays in a full table, and where a peer is taken to be."""

import random

from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.discovery.addresses import ADDRESSES_MAX, Addresses, Evidence
from p2pgame.discovery.profile import Profile
from p2pgame.discovery.table import (
    CHURN_BURST,
    NEWCOMERS_MIN,
    NEWCOMERS_PER_ADDRESS,
    PEERS_MAX,
    PeerTable,
)
from p2pgame.wire.beacon import Beacon, Flag, avatar_flags, encode_beacon


def key_of(number: int) -> bytes:
    return number.to_bytes(32, "big")


def peer_of(number: int) -> PeerId:
    return peer_id_of(key_of(number))


def table(seed: int = 1) -> PeerTable:
    return PeerTable(Profile(name="me", version="1", games={}), random.Random(seed))


def beacon_of(number: int, flags: int = Flag.NEW, exchange_key: bytes = b"") -> Beacon:
    exchange_key = exchange_key or key_of(number)
    return Beacon(key_of(number), exchange_key, bytes(8), 1, 1, "1", f"P{number}", 1, 1, flags, "", {}, 7000)


class Unsigned:
    """The table takes for granted that signatures were checked."""

    public_key = b""

    def sign(self, data: bytes, /) -> bytes:
        return bytes(64)


def signed(beacon: Beacon) -> bytes:
    return encode_beacon(beacon, Unsigned())


def add(peers: PeerTable, number: int, address: str, *, proven: bool = False, flags: int = Flag.NEW) -> bool:
    """A verified beacon of peer `number`, which then answers a probe at `address` if `proven`; whether it is listed."""
    beacon = beacon_of(number, flags)
    peers.merge(beacon.peer, beacon, signed(beacon), [address], "broadcast", 0.0)
    entry = peers.get(beacon.peer)
    if entry is not None and proven:
        peers.prove(entry)
        entry.addresses.credit(address, Evidence.ANSWERED)
    return entry is not None


def crowd(peers: PeerTable, count: int, first: int, *, proven: bool, per_address: int = 1) -> None:
    for number in range(count):
        place = number // per_address
        add(peers, first + number, f"10.{first // 1000}.{place // 200}.{place % 200}", proven=proven)


def test_friends_and_who_is_linked_stay_whatever_strangers_prove() -> None:
    peers = table()
    peers.friends = {peer_of(1)}
    for number in range(1, 25):  # the most crowded address, whose peers give way first
        add(peers, number, "10.0.0.1", proven=True)
    linked = peers.get(peer_of(2))
    assert linked is not None
    linked.pins = 1
    crowd(peers, 1500, 1000, proven=True)
    assert len(peers) == PEERS_MAX
    assert peers.get(peer_of(1)) is not None
    assert peers.get(peer_of(2)) is not None
    assert sum(peers.get(peer_of(number)) is not None for number in range(3, 25)) <= 2


def test_in_a_full_table_who_is_no_newcomer_gets_few_places() -> None:
    """Else two halls of which only one fits would drive each other out of it without end."""
    peers = table()
    crowd(peers, PEERS_MAX, 1000, proven=True)
    came = sum(add(peers, 5000 + number, f"10.9.0.{number}", flags=0) for number in range(100))
    assert came == CHURN_BURST
    assert all(add(peers, 6000 + number, f"10.9.1.{number}") for number in range(20))


def test_who_proved_itself_is_displaced_by_nobody_who_did_not() -> None:
    peers = table()
    honest = PEERS_MAX - NEWCOMERS_MIN
    crowd(peers, honest, 1000, proven=True)
    crowd(peers, 3000, 4000, proven=False)
    assert len(peers) == PEERS_MAX
    assert all(peers.get(peer_of(1000 + number)) is not None for number in range(honest))


def test_a_newcomer_finds_room_among_strangers_who_proved_themselves_and_costs_the_most_crowded_address() -> (
    None
):
    for seed in range(4):
        peers = table(seed)
        add(peers, 1, "10.0.0.1", proven=True)
        crowd(peers, 1600, 1000, proven=True, per_address=20)
        assert add(peers, 2, "10.0.0.2", proven=True)
        crowd(peers, 1600, 4000, proven=True, per_address=20)
        assert peers.get(peer_of(1)) is not None
        assert peers.get(peer_of(2)) is not None


def test_any_number_of_link_local_addresses_counts_as_one_place() -> None:
    peers = table()
    add(peers, 1, "10.0.0.1", proven=True)
    for number in range(3000):
        add(peers, 1000 + number, f"fe80::{number:x}%eth0", proven=True)
    assert peers.get(peer_of(1)) is not None


def test_who_came_first_has_no_advantage_over_who_came_later() -> None:
    first = last = 0
    for seed in range(8):
        peers = table(seed)
        crowd(peers, PEERS_MAX, 1000, proven=False)
        crowd(peers, PEERS_MAX, 3000, proven=False)
        first += sum(peers.get(peer_of(1000 + number)) is not None for number in range(20))
        last += sum(peers.get(peer_of(3000 + number)) is not None for number in range(20))
    assert first > 0
    assert first / (20 * 8) < 0.7
    assert last / (20 * 8) > 0.3


def test_the_limit_of_an_address_is_for_those_who_proved_nothing() -> None:
    peers = table()
    for number in range(2, 40):
        assert add(peers, number, "10.0.0.1")
    assert len(peers) == NEWCOMERS_PER_ADDRESS
    for number in range(100, 140):
        assert add(peers, number, "10.0.0.1", proven=True)
    assert sum(peers.get(peer_of(number)) is not None for number in range(100, 140)) == 40


def test_a_copied_exchange_key_is_that_of_who_proved_to_hold_it() -> None:
    peers = table()
    liar = beacon_of(7, exchange_key=key_of(8))
    peers.merge(liar.peer, liar, signed(liar), ["10.0.0.7"], "broadcast", 0.0)
    add(peers, 8, "10.0.0.8", proven=True)
    assert peers.by_exchange_key(key_of(8)) is peers.get(peer_of(8))


# Addresses


def addresses(*heard: str, seed: int = 1) -> Addresses:
    return Addresses(heard, random.Random(seed))


def test_what_is_proven_comes_first_and_tls_before_an_answer() -> None:
    known = addresses("10.0.0.1", "10.0.0.2", "10.0.0.3")
    known.credit("10.0.0.3", Evidence.ANSWERED)
    known.hear_newer("10.0.0.4")
    assert tuple(known) == ("10.0.0.3", "10.0.0.4", "10.0.0.1", "10.0.0.2")
    known.credit("10.0.0.2", Evidence.LINKED)
    known.credit("10.0.0.3", Evidence.ANSWERED)
    assert tuple(known)[:2] == ("10.0.0.2", "10.0.0.3")


def test_an_address_that_fell_silent_gives_way_to_one_that_answers() -> None:
    known = addresses("10.0.0.1", "10.0.0.2")
    known.credit("10.0.0.1", Evidence.LINKED)
    for _ in range(2):
        known.asked("10.0.0.1")
    known.credit("10.0.0.2", Evidence.ANSWERED)
    assert tuple(known) == ("10.0.0.2", "10.0.0.1")


def test_who_moved_is_followed_once_the_old_address_is_silent_and_the_new_one_answers() -> None:
    known = addresses("10.0.0.1")
    known.credit("10.0.0.1", Evidence.LINKED)
    assert known.unasked is None
    known.hear_newer("10.0.0.2")
    assert known.best == "10.0.0.1"
    asked = []
    while known.unasked is not None and len(asked) < 9:
        asked.append(known.unasked)
        known.asked(known.unasked)
        if asked[-1] == "10.0.0.2":
            known.credit("10.0.0.2", Evidence.ANSWERED)
    assert sorted(asked) == ["10.0.0.1", "10.0.0.1", "10.0.0.2"]
    assert known.best == "10.0.0.2"


def test_a_flood_of_copies_pushes_out_nothing_that_is_proven_nor_the_best() -> None:
    for seed in range(20):
        known = addresses("10.0.0.1", "fe80::1%eth0", seed=seed)
        known.credit("fe80::1%eth0", Evidence.ANSWERED)
        for number in range(100):
            known.hear([f"10.6.6.{number}"])
        assert len(known) == ADDRESSES_MAX
        assert known.best == "fe80::1%eth0"


def test_each_address_is_asked_until_it_answered_or_was_asked_twice() -> None:
    known = addresses("10.0.0.1", "10.0.0.2")
    assert known.unasked == "10.0.0.1"
    known.credit("10.0.0.1", Evidence.ANSWERED)
    assert known.unasked == "10.0.0.2"
    known.asked("10.0.0.2")
    known.asked("10.0.0.2")
    assert known.unasked is None


def test_an_address_that_a_link_came_from_is_not_one_to_dial_by_that() -> None:
    known = addresses("10.0.0.1")
    known.credit("10.0.0.254", Evidence.LINKED)
    assert tuple(known) == ("10.0.0.1",)


def test_what_a_player_chose_to_look_like_is_listed() -> None:
    peers = table()
    beacon = beacon_of(1, Flag.NEW | avatar_flags(42))
    peers.merge(beacon.peer, beacon, signed(beacon), ["10.0.0.1"], "broadcast", 0.0)
    entry = peers.get(beacon.peer)
    assert entry is not None
    assert peers.peer_of(entry).avatar == 42
