"""One DiscoveryProtocol against everything the network can do to it."""

import random

import msgspec
import pytest

from p2pgame.core.ids import peer_id_of
from p2pgame.discovery.addresses import ADDRESSES_MAX
from p2pgame.discovery.dial_requests import DIAL_BURST_ALL
from p2pgame.discovery.events import DialRequested, DuplicateIdentity, Found, Lost, Updated
from p2pgame.discovery.failure import Failure, FailureCode
from p2pgame.discovery.protocol import DiscoveryProtocol
from p2pgame.discovery.table import KNOWN_BURST, NEWCOMERS_PER_ADDRESS, PEERS_MAX
from p2pgame.discovery.transmit import Transmit
from p2pgame.wire.beacon import (
    ANYONE,
    Beacon,
    DialRequest,
    Flag,
    Ping,
    Pong,
    Probe,
    Proof,
    SignedBeacon,
    decode,
    encode_beacon,
    encode_dial_request,
    encode_ping,
    encode_pong,
    encode_probe,
    encode_proof,
    is_signed,
    txt_of_datagram,
)
from p2pgame.wire.bundle import BundleToken
from tests.signers import Signer
from tests.sim.discovery_world import PORT, discovery, proof_of, show_all

HOME = ("10.0.0.2", 50000)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The signatures that were verified: this is what costs time."""
    signatures: list[bytes] = []
    check = is_signed

    def count(public_key: bytes, message: bytes, signature: bytes) -> bool:
        signatures.append(signature)
        return check(public_key, message, signature)

    monkeypatch.setattr("p2pgame.wire.beacon.is_signed", count)
    monkeypatch.setattr("p2pgame.discovery.protocol.is_signed", count)
    return signatures


def started() -> DiscoveryProtocol:
    core = discovery(1, "me")
    core.start(0.0)
    core.datagrams_to_send()
    return core


def beacon(number: int, seq: int = 10, **changes: object) -> Beacon:
    fields: dict[str, object] = {
        "public_key": Signer(number).public_key,
        "exchange_key": Signer(number).exchange.public_key,
        "instance": number.to_bytes(8, "big"),
        "seq": seq,
        "protocol": 1,
        "version": "1.2.3",
        "name": f"P{number}",
        "tcp_port": 41421,
        "udp_port": 41421,
        "flags": 0,
        "playing": "",
        "games": {"gomoku": bytes.fromhex("0011223344556677")},
        "ttl_ms": 7000,
    }
    return Beacon(**{**fields, **changes})


def data(number: int, seq: int = 10, **changes: object) -> bytes:
    return encode_beacon(beacon(number, seq, **changes), Signer(number))


def state(core: DiscoveryProtocol) -> object:
    return core.peers(), core.events()


def test_our_own_beacon_comes_back_and_wakes_nothing(checked: list[bytes]) -> None:
    core = discovery(1)
    core.start(10.0)
    for now in (10.0, 11.0):
        core.handle_timeout(now)
        for out in core.datagrams_to_send():
            assert out.to is None
            assert not core.receive_datagram(out.data, HOME, now, shared=True)
    assert not checked
    assert not core.events()


def test_a_heard_beacon_is_a_found_peer() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 1.0)
    (event,) = core.events()
    assert isinstance(event, Found)
    peer = event.peer
    assert (peer.name, peer.addresses, peer.via, peer.status) == ("P2", ("10.0.0.2",), ("broadcast",), "idle")
    assert (peer.compatible, peer.reason, peer.games) == (True, "", {"gomoku": "0011223344556677"})
    assert core.peers() == (peer,)


@pytest.mark.parametrize(
    ("changes", "reason", "params"),
    [
        ({"protocol": 2}, "other_protocol", {"theirs": 2, "ours": 1}),
        ({"games": {"gomoku": b"\0" * 8}}, "other_rules", {"games": "gomoku"}),
        ({"games": {"chess": b"\0" * 8}}, "no_common_game", {}),
        ({"games": {}}, "no_common_game", {}),
    ],
)
def test_a_peer_that_cannot_play_with_us_is_listed_with_the_reason(
    changes: dict[str, object], reason: str, params: dict[str, object]
) -> None:
    core = started()
    core.receive_datagram(data(2, **changes), HOME, 1.0)
    (peer,) = core.peers()
    assert (peer.compatible, peer.reason, peer.reason_params) == (False, reason, params)


def test_a_hostile_name_is_shown_safely() -> None:
    core = started()
    core.receive_datagram(data(2, name="\u200b" * 20), HOME, 1.0)
    assert core.peers()[0].name == f"Player-{core.peers()[0].peer[:4].upper()}"


def test_a_replay_changes_nothing_and_is_no_sign_of_life() -> None:
    core = started()
    core.receive_datagram(data(2, 10), HOME, 1.0)
    core.receive_datagram(data(2, 11, name="new"), HOME, 2.0)
    core.events()
    before = state(core)
    for now in (3.0, 5.0, 7.0, 8.9):
        core.receive_datagram(data(2, 10), HOME, now)
    assert state(core) == before
    core.handle_timeout(9.1)
    assert [type(event) for event in core.events()] == [Lost]


LONG = 1_700_000_000_000
"""What numbers begin with where there is a clock."""


def test_a_beacon_that_says_the_same_again_is_a_sign_of_life_and_wakes_nobody() -> None:
    core = started()
    core.receive_datagram(data(2, LONG), HOME, 1.0)
    for second in range(2, 20):
        for before in (0.9, 0.6, 0.3):
            core.handle_timeout(second - before)
        assert not core.receive_datagram(data(2, LONG + second), HOME, second)
    assert [peer.silent for peer in core.peers()] == [True]  # it answers no probes, and is there
    assert not any(isinstance(event, Lost) for event in core.events())
    assert core.hall_count == 2
    core.handle_timeout(19.0 + 7.1)
    assert [type(event) for event in core.events()] == [Lost]


def test_only_who_asks_says_that_it_asks_no_more() -> None:
    core = started()
    core.receive_datagram(data(2, LONG, flags=Flag.NEW), HOME, 1.0)
    core.receive_datagram(data(3, LONG), ("10.0.0.3", 50000), 1.0)
    for number in range(1, 4):
        core.receive_datagram(data(2, LONG + number, flags=Flag.SOLICIT), HOME, 1.0 + number / 10)
    entry = core._table.by_public_key(Signer(2).public_key)
    assert entry is not None
    forged = encode_beacon(beacon(2, LONG + 9, flags=Flag.NEW), Signer(3))
    core.receive_datagram(forged, HOME, 1.4)
    core.receive_datagram(data(3, LONG + 1), ("10.0.0.3", 50000), 1.4)
    assert entry.asked == 3
    core.receive_datagram(data(2, LONG + 4, flags=Flag.NEW), HOME, 1.5)
    assert entry.asked == 0


def test_a_forged_or_old_beacon_that_says_the_same_is_no_sign_of_life(checked: list[bytes]) -> None:
    core = started()
    core.receive_datagram(data(2, LONG), HOME, 1.0)
    core.receive_datagram(data(2, LONG + 1), HOME, 1.1)
    core.events()
    checked.clear()
    for number in range(200):
        forged = encode_beacon(beacon(2, LONG + 2 + number), Signer(3))
        core.receive_datagram(forged, HOME, 2.0 + number / 50)
        core.receive_datagram(data(2, LONG), HOME, 2.0 + number / 50)
    assert 0 < len(checked) <= KNOWN_BURST + 4 * 16
    core.handle_timeout(1.1 + 7.1)
    assert [type(event) for event in core.events()] == [Lost]


def test_what_a_beacon_says_anew_is_shown_though_others_before_were_alike() -> None:
    core = started()
    core.receive_datagram(data(2, LONG), HOME, 1.0)
    core.receive_datagram(data(2, LONG + 1), HOME, 2.0)
    core.receive_datagram(data(2, LONG + 2, name="Q2"), HOME, 3.0)
    core.receive_datagram(data(2, LONG + 3, name="Q2"), ("10.0.0.77", 50000), 4.0)
    (peer,) = core.peers()
    assert (peer.name, peer.addresses) == ("Q2", ("10.0.0.77", "10.0.0.2"))


def test_an_exact_copy_from_elsewhere_is_one_more_address_and_no_sign_of_life() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 1.0)
    for octet in range(3, 20):
        core.receive_datagram(data(2), (f"10.0.0.{octet}", 50000), 7.0)
    assert core.peers()[0].address == "10.0.0.2"
    assert len(core.peers()[0].addresses) == ADDRESSES_MAX
    core.handle_timeout(8.1)
    assert core.peers() == ()


def test_a_lost_peer_is_not_brought_back_by_its_old_beacons() -> None:
    core = started()
    core.receive_datagram(data(2, 10), HOME, 1.0)
    core.handle_timeout(20.0)
    core.events()
    core.receive_datagram(data(2, 10), HOME, 21.0)
    core.receive_service(txt_of_datagram(data(2, 9)), ["10.0.0.2"], 21.0)
    assert state(core) == ((), [])
    core.receive_datagram(data(2, 11), HOME, 22.0)
    assert len(core.peers()) == 1


def test_a_new_address_comes_first_and_known_ones_keep_their_order() -> None:
    core = started()
    core.receive_datagram(data(2, 10), HOME, 1.0)
    core.receive_datagram(data(2, 11), ("10.0.0.77", 50000), 2.0)
    assert core.peers()[0].addresses == ("10.0.0.77", "10.0.0.2")
    core.receive_datagram(data(2, 12), HOME, 3.0)
    assert core.peers()[0].addresses == ("10.0.0.77", "10.0.0.2")
    core.receive_datagram(data(2, 13), ("fe80::1%eth0", 50000), 4.0)
    assert core.peers()[0].address == "10.0.0.77"


def test_only_the_owner_of_the_key_can_say_goodbye(checked: list[bytes]) -> None:
    core = started()
    core.receive_datagram(data(2, 10), HOME, 1.0)
    forged = encode_beacon(beacon(2, 11, flags=Flag.GOODBYE), Signer(3))
    core.receive_datagram(forged, HOME, 2.0)
    assert len(core.peers()) == 1
    assert len(checked) == 2
    core.receive_datagram(data(2, 11, flags=Flag.GOODBYE), ("10.9.9.9", 1), 2.0)
    assert core.peers() == ()
    lost = core.events()[-1]
    assert isinstance(lost, Lost)
    assert lost.reason == "goodbye"


def test_a_goodbye_of_an_earlier_run_is_not_that_of_this_one() -> None:
    core = started()
    core.receive_datagram(data(2, 10), HOME, 1.0)
    core.receive_datagram(data(2, 20, instance=b"new run!"), HOME, 2.0)
    core.receive_datagram(data(2, 21, flags=Flag.GOODBYE), HOME, 3.0)
    assert [peer.instance for peer in core.peers()] == [b"new run!".hex()]


def test_a_forged_beacon_cannot_rename_and_does_not_cost_a_live_peer_its_place(
    checked: list[bytes],
) -> None:
    core = started()
    core.receive_datagram(data(2, 10), HOME, 1.0)
    checked.clear()
    for seq in range(100, 600):
        core.receive_datagram(encode_beacon(beacon(2, seq, name="evil"), Signer(3)), HOME, 1.0)
    assert core.peers()[0].name == "P2"
    assert 0 < len(checked) <= KNOWN_BURST
    core.receive_datagram(data(2, 11, name="mine"), HOME, 4.0)
    assert core.peers()[0].name == "mine"


def test_a_record_proves_no_more_than_its_beacon() -> None:
    core = started()
    core.receive_service(txt_of_datagram(data(2)), ["10.0.0.2"], 1.0)
    assert core.peers()[0].via == ("mdns",)
    forged = encode_beacon(beacon(2, 99, name="evil"), Signer(3))
    core.receive_service(txt_of_datagram(forged), ["10.0.0.3"], 1.0)
    core.receive_service({b"b0": b"\xff" * 200}, ["10.0.0.3"], 1.0)
    core.receive_service({}, ["10.0.0.3"], 1.0)
    core.receive_service(txt_of_datagram(data(3)), [], 1.0)
    assert [(p.name, p.addresses) for p in core.peers()] == [("P2", ("10.0.0.2",))]


def test_via_grows_with_the_ways_and_is_told() -> None:
    core = started()
    core.receive_datagram(data(2, 10), HOME, 1.0)
    core.receive_service(txt_of_datagram(data(2, 9)), ["10.0.0.2"], 1.0)
    found, updated = core.events()
    assert isinstance(found, Found)
    assert isinstance(updated, Updated)
    assert updated.peer.via == ("broadcast", "mdns")


def test_invented_peers_fill_no_more_than_the_table_and_push_out_none_that_answered() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 0.0)
    core.handle_timeout(0.001)
    answer_probes_at(core, 2, HOME, 0.002)
    assert core.peers()[0].rtt_ms is not None
    core.receive_datagram(data(3), ("10.0.0.3", 1), 0.003)
    core.pin(next(p.peer for p in core.peers() if p.name == "P3"))
    core.events()
    for number in range(10, 400):
        address = (f"10.1.{number // 200}.{number % 200}", 1)
        core.receive_datagram(data(number), address, 0.1 + number / 100)
        assert len(core.peers()) <= PEERS_MAX
    names = {peer.name for peer in core.peers()}
    assert {"P2", "P3"} <= names
    assert "P399" in names
    found = sum(isinstance(event, Found) for event in core.events())
    assert found == 390


def test_one_address_has_at_most_eight_peers_that_have_proven_nothing() -> None:
    core = started()
    for number in range(2, 40):
        core.receive_datagram(data(number), HOME, number / 10)
    assert len(core.peers()) == NEWCOMERS_PER_ADDRESS


def test_signatures_are_checked_at_a_bounded_rate(checked: list[bytes]) -> None:
    core = started()
    for number in range(2000):
        forged = encode_beacon(beacon(2, number), Signer(3)) if number < 2 else mutated(number)
        core.receive_datagram(forged, (f"10.2.{number // 250}.{number % 250}", 1), 1.0)
    assert 0 < len(checked) <= 256
    assert core.peers() == ()


FORGED = bytearray(data(2))


def mutated(number: int) -> bytes:
    FORGED[-8:] = number.to_bytes(8, "big")
    return bytes(FORGED)


def test_one_address_cannot_take_all_the_budget() -> None:
    core = started()
    for number in range(1000):
        core.receive_datagram(mutated(number), ("10.6.6.6", 1), 1.0)
    core.receive_datagram(data(2), HOME, 1.0)
    assert len(core.peers()) == 1


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_change_nothing(seed: int) -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 1.0)
    core.events()
    before = state(core)
    rng = random.Random(seed)
    for _ in range(500):
        noise = rng.randbytes(rng.randrange(1500))
        for junk in (noise, b"p2pg\x01" + noise[:1195]):
            core.receive_datagram(junk, (f"10.0.{rng.randrange(256)}.1", 1), 1.0)
            for (
                out
            ) in core.datagrams_to_send():  # any bytes may ask for a bundle, and get no more than they are
                assert isinstance(decode(out.data), BundleToken)
                assert len(out.data) <= len(junk)
    assert state(core) == before


def test_what_is_dropped_at_a_glance_wakes_nobody() -> None:
    core = started()
    assert core.receive_datagram(data(2), HOME, 1.0)
    junk = (
        b"",
        b"ping",
        b"p2pg\x01\x09" + bytes(90),
        b"p2pg\x01\x01" + bytes(90),
        b"p2pg\x01\x06" + bytes(64),
        b"p2pg\x01\x07" + bytes(24),
        b"p2pg\x01\x05" + bytes(16),
        b"p2pg\x01\x04" + bytes(90),
        data(2),
    )
    for wasted in junk:
        assert not core.receive_datagram(wasted, HOME, 1.0)
    assert len(core.peers()) == 1


def test_a_stranger_for_whom_a_full_list_has_no_place_wakes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2pgame.discovery.table.PEERS_MAX", 4)
    core = started()
    listed = 0
    for number in range(2, 40):
        listed += core.receive_datagram(data(number), (f"10.0.1.{number}", 50000), 1.0)
        core.events()
        core.datagrams_to_send()
    assert 4 <= listed <= 4 + 8  # who takes the place of another at once
    assert core.hall_count == 39, "it counts all the same"
    assert core.receive_datagram(data(50, flags=Flag.SOLICIT), ("10.0.1.50", 50000), 1.0)


def test_our_own_beacons_are_not_a_peer_and_a_clone_is_told_once() -> None:
    core = started()
    core.receive_datagram(data(1, instance=core.instance), HOME, 1.0)
    assert state(core) == ((), [])
    for seq in range(5):
        core.receive_datagram(data(1, 20 + seq, instance=b"clone!!!"), HOME, 1.0)
    assert [type(event) for event in core.events()] == [DuplicateIdentity]
    assert core.peers() == ()


def test_a_ping_is_answered_by_the_same_size_for_us_or_anyone_within_bounds() -> None:
    core = started()
    for instance, answered in ((core.instance, 1), (ANYONE, 1), (b"somebody", 0)):
        core.receive_datagram(encode_ping(Ping(b"12345678", instance)), HOME, 1.0)
        out = core.datagrams_to_send()
        assert len(out) == answered
        if out:
            assert out == [Transmit(encode_pong(Pong(b"12345678", core.instance)), HOME)]
    for number in range(100):
        core.receive_datagram(encode_ping(Ping(number.to_bytes(8, "big"), ANYONE)), HOME, 1.0)
    assert len(core.datagrams_to_send()) <= 20


def probes_in(out: list[Transmit]) -> list[tuple[bytes, tuple[str, int]]]:
    return [(sent.data, sent.to) for sent in out if sent.to is not None and is_probe(sent.data)]


def is_probe(data: bytes) -> bool:
    return isinstance(decode(data), Probe)


def test_only_who_holds_the_listed_keys_can_answer_a_probe() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 0.0)
    core.handle_timeout(0.01)
    ((probe, to),) = probes_in(core.datagrams_to_send())
    assert to == ("10.0.0.2", 41421)
    message = decode(probe)
    assert isinstance(message, Probe)
    right = proof_of(probe, Signer(2))
    assert right is not None
    lies = [
        encode_pong(Pong(message.nonce, (2).to_bytes(8, "big"))),
        encode_proof(Proof(message.nonce, bytes(16))),
        encode_proof(Proof(b"guessed!", right[-16:])),
        right[:-1] + bytes([right[-1] ^ 1]),
    ]
    for lie in lies:
        core.receive_datagram(lie, HOME, 6.0)
    core.handle_timeout(7.1)
    assert core.peers() == ()


def test_an_answer_from_elsewhere_is_a_sign_of_life_and_proves_no_address() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 0.0)
    core.receive_datagram(data(2), ("10.6.6.6", 50000), 0.0)
    entry = core._table.by_public_key(Signer(2).public_key)
    assert entry is not None
    for _ in range(4):
        core.handle_timeout(entry.pinged + 0.5 if entry.probed else 0.01)
        for probe, to in probes_in(core.datagrams_to_send()):
            proof = proof_of(probe, Signer(2))
            assert proof is not None
            core.receive_datagram(proof, HOME, 2.0)
            assert entry.proven
            assert entry.addresses.evidence(to[0]) == (to[0] == HOME[0])
    assert core.peers()[0].addresses == ("10.0.0.2", "10.6.6.6")


def test_who_copies_the_exchange_key_of_another_gets_no_answer_to_its_name() -> None:
    core, bob = started(), discovery(2, instance=2)
    exchange = bob._announcer._exchange_key
    core.receive_datagram(data(3, exchange_key=exchange, instance=bob.instance), HOME, 0.0)
    core.handle_timeout(0.01)
    ((probe, _),) = probes_in(core.datagrams_to_send())
    bob.receive_datagram(probe, HOME, 0.02)
    assert bob.datagrams_to_send() == []


def test_a_probe_is_answered_once_and_only_if_who_asks_made_it() -> None:
    core, bob = started(), discovery(2)
    bob.start(0.0)
    beacon = next(out.data for out in bob.datagrams_to_send() if out.to is None)
    core.receive_datagram(beacon, HOME, 0.0)
    ours = core._announcer.beacon(Flag.SOLICIT, 2)
    bob.receive_datagram(ours, ("10.0.0.9", 50000), 0.0)
    entry = core._table.by_public_key(Signer(2).public_key)
    assert entry is not None
    entry.only_solicited = False
    core._watch.touch(entry)
    core.handle_timeout(0.01)
    ((probe, _),) = probes_in(core.datagrams_to_send())
    message = decode(probe)
    assert isinstance(message, Probe)
    source = ("10.0.0.9", 41421)
    forged = encode_probe(msgspec.structs.replace(message, count=99))
    for number in range(1000):  # in the name of core, from its address
        bob.receive_datagram(forged[:-4] + number.to_bytes(4, "big"), source, 0.02)
    assert bob.datagrams_to_send() == []
    bob.receive_datagram(probe, source, 0.02)
    (answer,) = bob.datagrams_to_send()
    assert answer.to == source
    for _ in range(100):
        bob.receive_datagram(probe, source, 0.03)
    assert bob.datagrams_to_send() == [], "replayed"
    core.receive_datagram(answer.data, HOME, 0.04)
    assert core.peers()[0].rtt_ms == pytest.approx(30)


def call(number: int, target: str, seq: int, signer: int | None = None) -> bytes:
    body = DialRequest(Signer(number).public_key, target, b"12345678", seq, 41999)
    return encode_dial_request(body, Signer(signer or number))


def answered(core: DiscoveryProtocol, number: int, now: float, *, shows: str = "") -> list[str]:
    """Peer `number` answers all probes that are out, from where they went; the addresses that were probed.

    `shows`: only those that reach this address get an answer.
    """
    asked = []
    for probe, to in probes_in(core.datagrams_to_send()):
        proof = proof_of(probe, Signer(number))
        if proof is not None:
            asked.append(to[0])
            if not shows or to[0] == shows:
                core.receive_datagram(proof, to, now)
    return asked


def test_a_call_is_heeded_if_signed_for_us_and_from_a_listed_peer_that_receives_there() -> None:
    core = started()
    core.receive_datagram(call(2, core.peer, 1), HOME, 1.0)
    assert core.events() == [], "not listed"
    core.receive_datagram(data(2), HOME, 1.0)
    core.events()
    core.receive_datagram(call(2, core.peer, 2, signer=3), HOME, 1.0)
    core.receive_datagram(call(2, "a" * 26, 3), HOME, 1.0)
    assert answered(core, 2, 1.0) == []
    away = ("10.0.0.9", 41421)
    core.receive_datagram(call(2, core.peer, 4), away, 1.0)
    assert core.events() == [], "who calls may not be there"
    assert answered(core, 2, 1.01) == ["10.0.0.9"]
    assert core.events() == [DialRequested(core.peers()[0].peer, "10.0.0.9", 41999)]
    core.receive_datagram(call(2, core.peer, 4), HOME, 3.0)
    assert answered(core, 2, 3.0) == [], "replayed"
    core.receive_datagram(call(2, core.peer, 5), HOME, 3.0)
    core.receive_datagram(call(2, core.peer, 6), HOME, 3.4)
    answered(core, 2, 3.41)
    assert len(core.events()) == 1, "at most one in half a second"


def test_a_copy_of_a_call_asks_again_since_probes_get_lost() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 1.0)
    core.events()
    for now in (1.0, 1.15):
        core.receive_datagram(call(2, core.peer, 4), HOME, now)
        assert probes_in(core.datagrams_to_send())
    core.receive_datagram(call(2, core.peer, 4), HOME, 1.45)
    answered(core, 2, 1.46)
    assert [type(event) for event in core.events()] == [DialRequested]


def test_a_call_with_a_forged_source_has_nobody_dialled_and_its_victim_probed_rarely() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 0.0)
    core.handle_timeout(0.01)
    answered(core, 2, 0.01)
    core.events()
    probed = []
    for number in range(400):
        now = 1.0 + number / 20
        core.receive_datagram(call(2, core.peer, 10 + number), ("10.9.9.9", 41421), now)
        probed += answered(core, 2, now, shows=HOME[0])
    assert not [event for event in core.events() if isinstance(event, DialRequested)]
    assert 1 <= probed.count("10.9.9.9") <= 8 + 4 * 20


def test_calls_to_one_address_and_in_all_are_bounded() -> None:
    core = started()
    for number in range(2, 40):
        source = (f"10.0.0.{number}", 41421)
        core.receive_datagram(data(number), source, 1.0)
        core.receive_datagram(call(number, core.peer, 5), source, 1.0)
        answered(core, number, 1.0)
    calls = [event for event in core.events() if isinstance(event, DialRequested)]
    assert len(calls) == DIAL_BURST_ALL
    core = started()
    for number in range(2, 40):
        core.receive_datagram(data(number), HOME, 1.0 + number)
        core.handle_timeout(1.01 + number)
        answered(core, number, 1.01 + number)
        core.receive_datagram(call(number, core.peer, 5), HOME, 1.01 + number)
        answered(core, number, 1.01 + number)
        core.receive_datagram(call(number, core.peer, 6), HOME, 1.9 + number)
        answered(core, number, 1.9 + number)
    calls = [event for event in core.events() if isinstance(event, DialRequested)]
    assert 4 <= len(calls) <= 4 + 2 * 38


def test_our_call_goes_out_three_times_to_the_peers_unicast_port() -> None:
    core = started()
    assert not core.request_dial(core.peer, 1.0)
    core.receive_datagram(data(2, udp_port=5555), HOME, 1.0)
    peer = core.peers()[0].peer
    assert core.request_dial(peer, 1.0)
    calls = []
    for now in (1.0, 1.2, 1.6, 2.5):
        core.handle_timeout(now)
        for out in core.datagrams_to_send():
            message = decode(out.data)
            if isinstance(message, SignedBeacon) and isinstance(message.body, DialRequest):
                calls.append((out.to, message.body.target, message.verify()))
    assert calls == [(("10.0.0.2", 5555), peer, True)] * 3


def test_a_change_of_ours_is_told_at_once_and_in_the_record() -> None:
    core = started()
    record = core.record()
    core.set_profile(msgspec.structs.replace(core.profile, busy=True, playing="gomoku"), 5.0)
    core.handle_timeout(5.0)
    bodies = [
        m.body for m in (decode(o.data) for o in core.datagrams_to_send()) if isinstance(m, SignedBeacon)
    ]
    assert bodies
    assert isinstance(bodies[0], Beacon)
    assert bodies[0].has(Flag.BUSY)
    assert bodies[0].playing == "gomoku"
    assert core.record() is not record


def test_goodbye_goes_to_all_and_to_each_three_times() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 1.0)
    core.datagrams_to_send()
    core.stop(2.0)
    sent: list[Transmit] = []
    now = 2.0
    while now is not None:
        core.handle_timeout(now)
        sent += core.datagrams_to_send()
        now = core.next_deadline(now)
    assert [out.to for out in sent] == [None, ("10.0.0.2", 41421)] * 3
    assert len({out.data for out in sent}) == 1


def test_an_unasked_answer_of_a_seed_is_ignored() -> None:
    core = started()
    core.receive_datagram(data(2, flags=Flag.SEED), HOME, 1.0)
    assert core.peers() == ()


def test_a_challenge_is_taken_from_seeds_only_and_answers_are_rare() -> None:
    core = started()
    challenge = b"p2pg\x01\x05" + bytes(16)
    core.receive_datagram(challenge, HOME, 1.0)
    assert core.datagrams_to_send() == []
    core.put_seed("x", [("10.0.0.2", PORT)], 1.0)
    core.receive_datagram(challenge, HOME, 1.0)
    assert len(core.datagrams_to_send()) == 1
    for seq in range(50):
        asked = data(2, 100 + seq, flags=Flag.SEED | Flag.SOLICIT)
        core.receive_datagram(asked, ("10.0.0.8", 9), 1.0)
    out = core.datagrams_to_send()
    assert 1 <= len(out) <= 4
    assert all(len(o.data) < len(asked) for o in out)
    assert core.peers() == ()


def test_friends_are_neither_pushed_out_nor_kept_out_by_strangers() -> None:
    core = started()
    core.set_friends({peer_id_of(Signer(number).public_key) for number in (2, 500)})
    core.receive_datagram(data(2), HOME, 0.0)
    for number in range(10, 310):
        source = (f"10.1.{number // 200}.{number % 200}", 1)
        core.receive_datagram(data(number), source, number / 10)
        core.handle_timeout(number / 10)
        answered(core, number, number / 10)
        core._table.get(peer_id_of(Signer(2).public_key)).mark_alive(number / 10)  # type: ignore[union-attr]
    names = {peer.name for peer in core.peers()}
    assert "P2" in names
    core.receive_datagram(data(500), ("10.3.0.2", 1), 31.0)
    assert {"P2", "P500"} <= {peer.name for peer in core.peers()}


def test_a_friend_is_listed_and_proven_at_once_though_its_address_is_flooded_with_newcomers() -> None:
    core = started()
    core.set_friends({peer_id_of(Signer(400).public_key)})
    for number in range(10, 350):
        core.receive_datagram(data(number), HOME, 1.0)
        core.handle_timeout(1.0)
    core.datagrams_to_send()
    core.receive_datagram(data(400), HOME, 1.0)
    core.handle_timeout(1.0)
    assert answered(core, 400, 1.001) == [HOME[0]]
    assert next(peer for peer in core.peers() if peer.name == "P400").rtt_ms is not None


def test_a_crowded_address_does_not_keep_a_friend_out() -> None:
    core = started()
    core.set_friends({peer_id_of(Signer(30).public_key)})
    for number in range(2, 20):
        core.receive_datagram(data(number), HOME, number / 10)
    core.receive_datagram(data(30), HOME, 3.0)
    assert "P30" in {peer.name for peer in core.peers()}
    assert len(core.peers()) == NEWCOMERS_PER_ADDRESS + 1


def test_any_number_of_peers_behind_one_address_are_listed_once_they_prove_themselves() -> None:
    core = started()
    for number in range(2, 40):
        core.receive_datagram(data(number, udp_port=number, ttl_ms=600_000), HOME, 2.0 * number)
        for step in range(20):  # the more there are, the later it is probed
            core.handle_timeout(2.0 * number + step / 10)
            answered(core, number, 2.0 * number + step / 10)
    assert len(core.peers()) == 38


def answer_probes_at(core: DiscoveryProtocol, number: int, source: tuple[str, int], now: float) -> None:
    for out in core.datagrams_to_send():
        proof = proof_of(out.data, Signer(number))
        if proof is not None:
            core.receive_datagram(proof, source, now)


def test_an_address_that_held_a_tls_link_comes_first_and_is_told() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 0.0)
    core.receive_datagram(data(2), ("10.0.0.3", 1), 0.0)
    peer = core.peers()[0].peer
    core.handle_timeout(0.01)
    answered(core, 2, 0.01, shows="10.0.0.2")
    core.events()
    core.linked(peer, "10.0.0.3")
    assert core.peers()[0].addresses == ("10.0.0.3", "10.0.0.2")
    assert [type(event) for event in core.events()] == [Updated]
    core.linked(peer, "10.9.9.9")
    core.linked(core.peer, "10.0.0.3")
    assert core.peers()[0].addresses == ("10.0.0.3", "10.0.0.2")
    assert core.events() == []


def unanswered(core: DiscoveryProtocol, until: float) -> None:
    """Time passes at every deadline; beacons of peer 2 are heard, its pongs are not."""
    now, seq = 1.0, 10
    while now < until:
        now = min(core.next_deadline(now) or until, now + 0.5, until)
        core.handle_timeout(now)
        core.datagrams_to_send()
        seq += 1
        core.receive_datagram(data(2, seq), HOME, now)


def test_who_is_heard_and_answers_no_probe_is_listed_as_silent() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 1.0)
    unanswered(core, 2.2)
    assert not core.peers()[0].silent, "the third probe has had no time yet"
    core.events()
    unanswered(core, 4.0)
    (peer,) = core.peers()
    assert peer.silent
    assert [event.peer.silent for event in core.events() if isinstance(event, Updated)] == [True]


def test_nobody_counts_as_silent_before_each_of_its_addresses_was_asked() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 1.0)
    for octet in range(3, 7):
        core.receive_datagram(data(2), (f"10.0.0.{octet}", 50000), 1.0)
    show_all(core)
    unanswered(core, 5.0)
    assert not core.peers()[0].silent
    unanswered(core, 20.0)
    assert core.peers()[0].silent


def test_a_pong_or_a_link_ends_the_silence() -> None:
    for linked in (False, True):
        core = started()
        core.receive_datagram(data(2), HOME, 1.0)
        if linked:
            core.pin(core.peers()[0].peer)
        unanswered(core, 4.0)
        assert core.peers()[0].silent is not linked, "a peer with a link to it is reached, whatever UDP does"
        show_all(core)
        core.handle_timeout(8.0)
        core.events()
        answer_probes_at(core, 2, HOME, 8.01)
        assert not core.peers()[0].silent
        assert len([event for event in core.events() if isinstance(event, Updated)]) == (not linked)


def test_a_reason_not_to_be_reached_goes_with_the_program_it_was_seen_at() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 1.0)
    peer = core.peers()[0].peer
    failure = Failure(FailureCode.TCP_DROPPED, "10.0.0.2", 41421)
    core.events()
    core.set_unreachable(peer, failure)
    core.set_unreachable(peer, failure)
    assert [event.peer.unreachable for event in core.events() if isinstance(event, Updated)] == [failure]
    core.receive_datagram(data(2, 99, instance=b"restart!"), HOME, 2.0)
    assert core.peers()[0].unreachable is None
