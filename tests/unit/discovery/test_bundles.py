"""Who tells whom of others, and what a liar among those that tell can do: little."""

import random
from collections.abc import Iterable

from p2pgame.core.ids import peer_id_of
from p2pgame.discovery.bundles import BUNDLE_DATAGRAMS, CROWD, CROWD_RATE
from p2pgame.discovery.events import Found, Lost
from p2pgame.discovery.protocol import DiscoveryProtocol
from p2pgame.discovery.rates import BUNDLE_BURST, BUNDLE_RATE
from p2pgame.discovery.table import NEWCOMERS_PER_ADDRESS, TOLD_PER_TELLER
from p2pgame.discovery.transmit import Transmit
from p2pgame.wire.beacon import DatagramType, Flag, decode, encode_beacon
from p2pgame.wire.bundle import (
    NO_TOKEN,
    Bundle,
    BundleRequest,
    BundleToken,
    KnownFilter,
    Told,
    encode_request,
    encode_token,
    pack,
)
from tests.signers import Signer
from tests.sim.discovery_world import discovery
from tests.unit.discovery.test_protocol import HOME, answered, beacon, data, started

TELLER = ("10.0.0.2", 41421)
TOKEN = b"t" * 16


def sent_of(core: DiscoveryProtocol, kind: DatagramType) -> list[Transmit]:
    return [out for out in core.datagrams_to_send() if out.data[5] == kind]


def asked(now: float = 1.0) -> tuple[DiscoveryProtocol, bytes, BundleRequest]:
    """A program that asks `TELLER` for a bundle: it, the nonce, and what it asks."""
    core = started()
    core.receive_datagram(data(2), HOME, now)
    core.handle_timeout(now)
    (out,) = sent_of(core, DatagramType.BUNDLE_REQUEST)
    assert out.to == TELLER
    question = decode(out.data)
    assert isinstance(question, BundleRequest)
    assert (question.token, question.known) == (NO_TOKEN, b"")
    core.receive_datagram(encode_token(BundleToken(question.nonce, TOKEN)), TELLER, now)
    (out,) = sent_of(core, DatagramType.BUNDLE_REQUEST)
    request = decode(out.data)
    assert isinstance(request, BundleRequest)
    assert request.token == TOKEN
    core.events()
    return core, request.nonce, request


def tell(core: DiscoveryProtocol, nonce: bytes, told: Iterable[Told], now: float = 1.0) -> None:
    for datagram in pack(nonce, told, BUNDLE_DATAGRAMS):
        core.receive_datagram(datagram, TELLER, now)


def told(number: int, address: str = "", age: int = 0, **changes: object) -> Told:
    return Told(data(number, **changes), age, (address or f"10.0.1.{number}",))


def names(core: DiscoveryProtocol) -> set[str]:
    return {peer.name for peer in core.peers()}


def run(core: DiscoveryProtocol, since: float, until: float) -> list[Transmit]:
    out, now = core.datagrams_to_send(), since
    while now < until:
        deadline = core.next_deadline(now)
        now = min(until, max(now + 1e-3, deadline if deadline is not None else until))
        core.handle_timeout(now)
        out += core.datagrams_to_send()
    return out


# Who asks


def test_a_newcomer_is_told_of_others_by_the_first_that_it_hears() -> None:
    core, nonce, request = asked()
    known = KnownFilter(nonce, request.known)
    assert Signer(1).public_key in known
    assert Signer(2).public_key in known
    assert Signer(3).public_key not in known
    tell(core, nonce, [told(3), told(4)])
    assert names(core) == {"P2", "P3", "P4"}
    found = [event.peer for event in core.events() if isinstance(event, Found)]
    assert {(peer.name, peer.addresses, peer.via) for peer in found} == {
        ("P3", ("10.0.1.3",), ("bundle",)),
        ("P4", ("10.0.1.4",), ("bundle",)),
    }


def test_what_is_told_is_no_sign_of_life() -> None:
    core, nonce, _ = asked()
    tell(core, nonce, [told(3), told(4)])
    out = run(core, 1.0, 3.0)
    assert sum(sent.to == ("10.0.1.3", 41421) for sent in out) >= 2, "it is asked whether it is there"
    run(core, 3.0, 6.0)
    assert names(core) == {"P2"}
    assert sum(isinstance(event, Lost) for event in core.events()) == 2


def test_who_was_told_of_and_answers_or_is_heard_is_there() -> None:
    core, nonce, _ = asked()
    tell(core, nonce, [told(3), told(4)])
    core.handle_timeout(1.1)
    answered(core, 3, 1.1)
    core.receive_datagram(data(4, 11), ("10.0.1.4", 50000), 1.2)
    run(core, 1.2, 5.0)
    assert {(peer.name, peer.via) for peer in core.peers()} >= {("P3", ("bundle",)), ("P4", ("broadcast",))}


def test_part_of_an_answer_is_had_by_asking_again() -> None:
    core, nonce, _ = asked()
    datagrams = pack(nonce, [told(number) for number in range(3, 15)], BUNDLE_DATAGRAMS)
    assert len(datagrams) > 1
    core.receive_datagram(datagrams[0], TELLER, 1.0)
    again = [sent for sent in run(core, 1.0, 2.0) if sent.data[5] == DatagramType.BUNDLE_REQUEST]
    assert again
    assert {sent.to for sent in again} == {TELLER}


def test_who_is_heard_by_questions_alone_is_not_asked() -> None:
    core = started()
    core.receive_datagram(data(2, flags=Flag.SOLICIT), HOME, 1.0)
    assert not [sent for sent in run(core, 1.0, 4.0) if sent.to is not None]


# A liar


def test_a_bundle_that_nobody_asked_for_is_not_read() -> None:
    core, nonce, _ = asked()
    for datagram, source in (
        (pack(b"guessed!", [told(3)], 1)[0], TELLER),
        (pack(nonce, [told(3)], 1)[0], ("10.0.0.9", 41421)),
        (pack(nonce, [told(3)], 1)[0], ("10.0.0.2", 41422)),
    ):
        core.receive_datagram(datagram, source, 1.0)
        assert names(core) == {"P2"}
    fresh = started()
    tell(fresh, nonce, [told(3)])
    assert fresh.peers() == ()


def test_a_bundle_that_comes_again_or_too_late_changes_nothing() -> None:
    core, nonce, _ = asked()
    (datagram,) = pack(nonce, [told(3)], 1)
    core.receive_datagram(datagram, TELLER, 1.0)
    run(core, 1.0, 8.0)
    assert "P3" not in names(core)
    core.events()
    core.receive_datagram(datagram, TELLER, 8.0)
    assert not [event for event in core.events() if isinstance(event, Found)]


def test_a_forged_beacon_in_a_bundle_lists_nobody_and_ends_the_word_of_who_told_it() -> None:
    core, nonce, _ = asked()
    forged = Told(encode_beacon(beacon(3), Signer(77)), 0, ("10.0.1.3",))
    tell(core, nonce, [forged, told(4)])
    assert names(core) == {"P2"}
    out = run(core, 1.0, 1.4)
    assert not [sent for sent in out if sent.data[5] == DatagramType.BUNDLE_REQUEST], "it is not asked again"


def part(nonce: bytes, number: int, count: int, one: Told) -> bytes:
    """A datagram of an answer that says to have so many."""
    (whole,) = pack(nonce, [one], 1)
    return whole[:14] + bytes([number, count]) + whole[16:]


def test_nothing_more_is_read_of_who_passed_on_a_forged_beacon() -> None:
    core, nonce, _ = asked()
    forged = Told(encode_beacon(beacon(3), Signer(77)), 0, ("10.0.1.3",))
    core.receive_datagram(part(nonce, 0, 2, forged), TELLER, 1.0)
    core.receive_datagram(part(nonce, 1, 2, told(4)), TELLER, 1.0)
    assert names(core) == {"P2"}


def test_each_datagram_of_an_answer_is_read_once_and_so_many_in_all() -> None:
    core, nonce, _ = asked()
    for number in range(3, 20):
        core.receive_datagram(part(nonce, 0, 2, told(number)), TELLER, 1.0)
        core.receive_datagram(part(nonce, number, BUNDLE_DATAGRAMS + 1, told(100 + number)), TELLER, 1.0)
    assert names(core) == {"P2", "P3"}


def test_who_passed_on_what_nobody_signed_is_never_asked_again() -> None:
    core, nonce, _ = asked()
    tell(core, nonce, [Told(encode_beacon(beacon(3), Signer(77)), 0, ("10.0.1.3",))])
    out = run(core, 1.0, 6.0)
    assert not [sent for sent in out if sent.data[5] == DatagramType.BUNDLE_REQUEST]


def test_who_begins_after_us_is_asked_if_nobody_else_is_there_and_counts_as_no_teller() -> None:
    core = started()
    run(core, 0.0, 1.0)
    for number in (3, 4):
        core.receive_datagram(data(number, 20, flags=Flag.SOLICIT), (f"10.0.0.{number}", 50000), 1.0)
        core.receive_datagram(data(number, 21), (f"10.0.0.{number}", 50000), 1.0)
    core.handle_timeout(1.0)
    (first,) = sent_of(core, DatagramType.BUNDLE_REQUEST)
    assert first.to in {("10.0.0.3", 41421), ("10.0.0.4", 41421)}
    answer(core, first, [])
    core.handle_timeout(1.0)
    assert not sent_of(core, DatagramType.BUNDLE_REQUEST)
    for number in (5, 6):
        core.receive_datagram(data(number, 20), (f"10.0.0.{number}", 50000), 1.0)
        core.handle_timeout(1.0)
        (older,) = sent_of(core, DatagramType.BUNDLE_REQUEST)
        assert older.to == (f"10.0.0.{number}", 41421)
        answer(core, older, [])


def test_a_crowd_of_newcomers_makes_each_ask_for_those_it_missed_at_a_bounded_rate() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 1.0)
    run(core, 1.0, 10.0)
    asker, questions = core._asker, []
    for tick in range(1000):  # for ten seconds
        now = 10.0 + tick / 100
        asker.hear_crowd(40, now)
        if (at := asker.next_deadline(now)) is not None and at <= now:
            core.receive_datagram(data(2, 100 + tick), HOME, now)
            questions += asker.take(core._table, now, 2.0)
            asker._round = None
    assert 10.0 / (CROWD[1] + 40 / CROWD_RATE) <= len(questions) <= 10.0 / CROWD[0]


def answer(core: DiscoveryProtocol, question: Transmit, told: Iterable[Told], now: float = 1.0) -> None:
    """Whoever is asked by `question` tells these, and has no more to tell."""
    request = decode(question.data)
    assert isinstance(request, BundleRequest)
    assert question.to is not None
    core.receive_datagram(encode_token(BundleToken(request.nonce, TOKEN)), question.to, now)
    core.datagrams_to_send()
    for datagram in pack(request.nonce, told, BUNDLE_DATAGRAMS):
        core.receive_datagram(datagram, question.to, now)


def test_a_liar_neither_changes_nor_brings_back_nor_outdates_anybody() -> None:
    core, nonce, _ = asked()
    core.receive_datagram(data(5, 20, name="mine"), ("10.0.0.5", 1), 1.0)
    core.receive_datagram(data(6, 20), ("10.0.0.6", 1), 1.0)
    core.receive_datagram(data(6, 21, flags=Flag.GOODBYE), ("10.0.0.6", 1), 1.0)
    core.events()
    tell(
        core,
        nonce,
        [
            told(5, "10.9.9.9", seq=10, name="old"),
            told(6, seq=19),
            told(7, flags=Flag.GOODBYE),
            told(8, age=8),
            told(1, name="ourselves"),
        ],
    )
    assert {(peer.name, peer.addresses) for peer in core.peers()} == {
        ("P2", ("10.0.0.2",)),
        ("mine", ("10.0.0.5",)),
    }
    assert core.events() == []


def test_addresses_that_nobody_can_have_are_not_taken() -> None:
    core, nonce, _ = asked()
    bad = ("127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0", "::1", "ff02::1", "fe80::1")
    tell(core, nonce, [told(10 + number, address) for number, address in enumerate(bad)])
    assert names(core) == {"P2"}


def test_many_told_at_one_address_are_few_and_have_it_probed_rarely() -> None:
    core, nonce, _ = asked()
    tell(core, nonce, [told(number, "10.9.9.9") for number in range(10, 90)])
    assert len(core.peers()) == 1 + NEWCOMERS_PER_ADDRESS
    hits = [sent for sent in run(core, 1.0, 4.0) if sent.to is not None and sent.to[0] == "10.9.9.9"]
    assert 0 < len(hits) <= 8 + 4 * 3
    assert {len(sent.data) for sent in hits} == {70}


def test_one_teller_fills_half_of_the_list_at_most_and_who_is_heard_takes_its_places() -> None:
    core = asked()[0]
    table = core._table
    teller = peer_id_of(Signer(2).public_key)
    for number in range(3, 1100):
        fake = beacon(number)
        place = f"10.{1 + number // 250}.0.{number % 250}"
        table.tell(fake.peer, fake, data(number), [place], teller, 1.0)
    assert len(table) == 1 + TOLD_PER_TELLER
    for number in range(2000, 2000 + 1024):
        fake = beacon(number)
        place = f"10.{9 + number // 250}.0.{number % 250}"
        table.merge(fake.peer, fake, data(number, flags=Flag.NEW), [place], "seed", 1.0)
    assert all(entry.told_by is None for entry in table)


# Who answers


def test_who_has_not_shown_its_address_gets_no_more_than_it_sent() -> None:
    core = started()
    core.receive_datagram(data(2), HOME, 1.0)
    core.datagrams_to_send()
    token = core._tokens.make(("10.0.0.7", 41421), 1.0)
    for number in range(200):
        for given in (NO_TOKEN, TOKEN, token):
            request = encode_request(BundleRequest(number.to_bytes(8, "big"), given, b""))
            core.receive_datagram(request, ("10.0.0.8", 41421), 1.0)
    out = core.datagrams_to_send()
    assert {len(sent.data) for sent in out} == {30}
    assert 0 < len(out) <= 16


def test_who_shows_its_address_is_told_all_but_whom_it_knows_at_a_bounded_rate() -> None:
    core = started()
    for number in range(2, 40):
        core.receive_datagram(data(number), (f"10.0.1.{number}", 1), 1.0 + number / 10)
    core.datagrams_to_send()
    source = ("10.0.0.8", 41421)
    token = core._tokens.make(source, 5.0)
    known = KnownFilter.of(b"nonce 01", [Signer(number).public_key for number in range(2, 20)])
    core.receive_datagram(encode_request(BundleRequest(b"nonce 01", token, known.data)), source, 5.0)
    out = [decode(sent.data) for sent in core.datagrams_to_send()]
    keys = {
        decode(each.beacon).body.public_key  # type: ignore[union-attr]
        for bundle in out
        if isinstance(bundle, Bundle)
        for each in bundle.told
    }
    assert keys <= {Signer(number).public_key for number in range(20, 40)}
    assert len(keys) >= 19, "the filter names hardly anybody too many"
    answers = 0
    for number in range(500):
        now = 5.0 + number / 100
        core.receive_datagram(encode_request(BundleRequest(b"nonce 02", token, b"")), source, now)
        out_now = core.datagrams_to_send()
        answers += bool(out_now)
        assert len(out_now) <= BUNDLE_DATAGRAMS
    assert answers <= BUNDLE_BURST + BUNDLE_RATE * 5 + 1


def test_nobody_is_told_of_who_was_only_told_of() -> None:
    core, nonce, _ = asked()
    tell(core, nonce, [told(3)])
    core.datagrams_to_send()
    source = ("10.0.0.8", 41421)
    token = core._tokens.make(source, 1.0)
    core.receive_datagram(encode_request(BundleRequest(NONCE, token, b"")), source, 1.0)
    (sent,) = core.datagrams_to_send()
    bundle = decode(sent.data)
    assert isinstance(bundle, Bundle)
    assert [each.beacon for each in bundle.told] == [data(2)]


NONCE = b"12345678"


def test_random_bundles_change_nothing() -> None:
    core, nonce, _ = asked()
    rng = random.Random(1)
    before = core.peers()
    for _ in range(500):
        noise = rng.randbytes(rng.randrange(1180))
        core.receive_datagram(b"p2pg\x01\x0a" + nonce + noise, TELLER, 1.0)
    assert core.peers() == before


def test_two_programs_need_four_small_datagrams_to_tell_each_other_nothing() -> None:
    first, second = discovery(1), discovery(2)
    first.start(0.0)
    second.start(0.0)
    first.receive_datagram(second._announcer.beacon(Flag(0), 2), ("10.0.0.2", 50000), 0.0)
    first.handle_timeout(0.0)
    total = 0
    queue = [("first", out) for out in first.datagrams_to_send() if out.data[5] in (8, 9, 10)]
    while queue:
        who, out = queue.pop()
        total += len(out.data)
        other, source = (second, ("10.0.0.1", 41421)) if who == "first" else (first, ("10.0.0.2", 41421))
        other.receive_datagram(out.data, source, 0.0)
        back = "second" if who == "first" else "first"
        queue += [(back, out) for out in other.datagrams_to_send() if out.data[5] in (8, 9, 10)]
    assert total <= 128
