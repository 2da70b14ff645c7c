"""What a forged source address brings upon its owner: nothing by asking, and little by pretending to be there."""

from p2pgame.discovery.protocol import DiscoveryProtocol
from p2pgame.discovery.rates import UNPROVEN_BURST, UNPROVEN_RATE
from p2pgame.discovery.transmit import Transmit
from p2pgame.wire.beacon import (
    Beacon,
    Challenge,
    DatagramType,
    Flag,
    SignedBeacon,
    decode,
    encode_probe,
    txt_of_datagram,
)
from p2pgame.wire.probe import ExchangeKey, make_probe
from tests.signers import Signer
from tests.sim.discovery_world import discovery, proof_of, show_all
from tests.unit.discovery.test_protocol import data, started

VICTIM = ("10.9.9.9", 41421)


def run(core: DiscoveryProtocol, since: float, until: float) -> list[Transmit]:
    """All that goes out, with every timer met."""
    out = core.datagrams_to_send()
    now = since
    while now < until:
        deadline = core.next_deadline(now)
        now = min(until, max(now + 1e-3, deadline if deadline is not None else until))
        core.handle_timeout(now)
        out += core.datagrams_to_send()
    return out


def to_victim(out: list[Transmit]) -> list[Transmit]:
    return [sent for sent in out if sent.to is not None and sent.to[0] == VICTIM[0]]


def test_who_only_asks_is_answered_to_all_and_hit_by_nothing() -> None:
    core = started()
    out = []
    for number in range(2, 200):
        core.receive_datagram(data(number, flags=Flag.SOLICIT), VICTIM, 3.0 + number / 1000)
        show_all(core)
        out += run(core, 3.0 + number / 1000, 3.001 + number / 1000)
    out += run(core, 3.2, 6.0)
    assert core.peers()
    assert to_victim(out) == []
    assert 1 <= sum(sent.to is None for sent in out) <= 6 + 4 * 3


def test_a_newcomer_is_probed_as_soon_as_it_says_more_than_its_question() -> None:
    core = started()
    core.receive_datagram(data(2, 10, flags=Flag.SOLICIT), VICTIM, 3.0)
    assert to_victim(run(core, 3.0, 3.1)) == []
    core.receive_datagram(data(2, 11), VICTIM, 3.2)
    assert to_victim(run(core, 3.2, 3.3))


def test_who_only_ever_asked_is_never_probed_and_lapses() -> None:
    core = started()
    core.receive_datagram(data(2, 10, flags=Flag.SOLICIT), VICTIM, 3.0)
    assert to_victim(run(core, 3.0, 30.0)) == []
    assert core.peers() == ()


def test_the_same_question_as_a_record_is_more_than_a_question() -> None:
    core = started()
    question = data(2, 10, flags=Flag.SOLICIT)
    core.receive_datagram(question, VICTIM, 3.0)
    core.receive_service(txt_of_datagram(question), [VICTIM[0]], 3.1)
    proof = proof_of(to_victim(run(core, 3.1, 9.9))[-1].data, Signer(2))
    assert proof is not None
    core.receive_datagram(proof, VICTIM, 9.91)
    run(core, 9.91, 12.0)
    assert len(core.peers()) == 1


def test_peers_invented_at_an_address_have_it_probed_at_a_bounded_rate() -> None:
    core = started()
    out = []
    for number in range(2, 200):
        core.receive_datagram(data(number), VICTIM, 3.0 + number / 100)
        out += run(core, 3.0 + number / 100, 3.01 + number / 100)
    hits = to_victim(out)
    assert len(hits) > UNPROVEN_BURST / 2
    assert len(hits) <= UNPROVEN_BURST + UNPROVEN_RATE * 2
    assert {len(sent.data) for sent in hits} <= {30, 70}, "probes, and requests for a bundle without a token"


def probes_of_strangers(core: DiscoveryProtocol, count: int) -> list[bytes]:
    """A genuine probe each of `count` programs that `core` does not list."""
    message = decode(core._announcer.beacon(Flag(0), 1))
    assert isinstance(message, SignedBeacon)
    beacon = message.body
    assert isinstance(beacon, Beacon)
    found = []
    for number in range(count):
        own = ExchangeKey(number.to_bytes(32, "big"))
        key = own.key_to_probe(beacon.exchange_key, beacon.public_key)
        found.append(encode_probe(make_probe(key, own.public_key, 1, bytes(8))))
    return found


def challenges_in(out: list[Transmit]) -> list[Transmit]:
    return [sent for sent in out if isinstance(decode(sent.data), Challenge)]


def test_unknown_askers_are_challenged_at_a_bounded_rate() -> None:
    core = started()
    probes = probes_of_strangers(core, 200)
    out: list[Transmit] = []
    for number, probe in enumerate(probes):
        at = 3.0 + number / 100
        core.receive_datagram(probe, VICTIM, at)
        out += run(core, at, at + 0.01)
    out += run(core, 5.0, 20.0)
    assert 1 <= len(challenges_in(out)) <= 4 + 4 * 3
    assert sum(len(sent.data) for sent in to_victim(out)) < sum(map(len, probes))


def test_who_is_listed_by_then_is_not_asked_who_it_is() -> None:
    core = started()
    other = discovery(2)
    other.start(0.0)
    core.start(0.0)
    beacons = {}
    for who in (core, other):
        beacons[who] = next(sent.data for sent in run(who, 0.0, 4.0) if sent.to is None)
    other.receive_datagram(data(9), VICTIM, 4.0)
    other.receive_datagram(beacons[core], VICTIM, 4.0)
    (probe,) = (
        sent.data
        for sent in run(other, 4.0, 4.01)
        if sent.to is not None and sent.data[5] == DatagramType.PROBE
    )
    core.receive_datagram(probe, VICTIM, 4.02)
    core.receive_datagram(beacons[other], VICTIM, 4.2)
    assert core.peers()
    assert not challenges_in(run(core, 4.2, 8.0))
