"""A DiscoveryProtocol under arbitrary histories: bounded, never spinning, never raising."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from p2pgame.discovery.addresses import ADDRESSES_MAX
from p2pgame.discovery.events import Found, Lost
from p2pgame.discovery.table import NEWCOMERS_PER_ADDRESS, PEERS_MAX
from p2pgame.wire.beacon import (
    Beacon,
    Flag,
    Probe,
    SignedBeacon,
    decode,
    encode_beacon,
    txt_of_datagram,
)
from tests.signers import Signer
from tests.sim.discovery_world import discovery, proof_of

SIGNERS = {number: Signer(number) for number in range(1, 14)}
sources = st.tuples(st.sampled_from(["10.0.0.2", "10.0.0.3", "fe80::1%eth0"]), st.just(41421))
flags = st.sampled_from([0, 0, 0, Flag.SOLICIT, Flag.GOODBYE, Flag.BUSY, Flag.SEED, Flag.SEED | Flag.SOLICIT])


class Network(RuleBasedStateMachine):
    """Everything that can come in, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.core = discovery(1)
        self.core.start(self.now)
        self.listed: dict[str, bool] = {}
        self.recorded: list[bytes] = []
        self.probes: list[tuple[bytes, tuple[str, int]]] = []

    def make(self, number: int, seq: int, bits: int, run: int, token: bytes = b"") -> bytes:
        beacon = Beacon(
            SIGNERS[number].public_key,
            SIGNERS[number].exchange.public_key,
            bytes([run]) * 8,
            seq,
            1,
            "1",
            f"P{number}",
            1,
            2,
            int(bits),
            "",
            {},
            7000,
            token,
        )
        data = encode_beacon(beacon, SIGNERS[number])
        self.recorded.append(data)
        return data

    @rule(
        number=st.integers(1, 13), seq=st.integers(0, 50), bits=flags, run=st.integers(1, 3), source=sources
    )
    def beacon(self, number: int, seq: int, bits: int, run: int, source: tuple[str, int]) -> None:
        self.core.receive_datagram(self.make(number, seq, bits, run), source, self.now)

    @rule(number=st.integers(1, 13), seq=st.integers(0, 50), run=st.integers(1, 3), source=sources)
    def record(self, number: int, seq: int, run: int, source: tuple[str, int]) -> None:
        self.core.receive_service(txt_of_datagram(self.make(number, seq, 0, run)), [source[0]], self.now)

    @rule(data=st.data(), source=sources)
    def replay(self, data: st.DataObject, source: tuple[str, int]) -> None:
        if self.recorded:
            self.core.receive_datagram(data.draw(st.sampled_from(self.recorded)), source, self.now)

    @rule(noise=st.binary(max_size=64), kind=st.integers(0, 20), source=sources)
    def noise(self, noise: bytes, kind: int, source: tuple[str, int]) -> None:
        self.core.receive_datagram(b"p2pg\x01" + bytes([kind]) + noise, source, self.now)

    @rule(data=st.data())
    def service_gone(self, data: st.DataObject) -> None:
        peers = self.core.peers()
        if peers:
            peer = data.draw(st.sampled_from(peers))
            self.core.remove_service(peer.peer, bytes.fromhex(peer.instance), self.now)

    @rule(honest=st.booleans())
    def proofs(self, honest: bool) -> None:
        """All peers answer, from where they were probed, or from somewhere else."""
        for data, to in self.probes:
            for signer in SIGNERS.values():
                proof = proof_of(data, signer)
                if proof is not None:
                    self.core.receive_datagram(proof, to if honest else ("10.0.0.3", 2), self.now)
        self.probes.clear()

    @rule(seconds=st.floats(0.0, 5.0))
    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        for _ in range(500):
            deadline = self.core.next_deadline(self.now)
            if deadline is None or deadline > end:
                break
            self.now = max(self.now, deadline)
            self.core.handle_timeout(self.now)
            after = self.core.next_deadline(self.now)
            assert after is None or after > self.now, "spins"
        else:
            raise AssertionError("more than 100 timeouts a second")
        self.now = end

    @invariant()
    def events_and_list_agree(self) -> None:
        for event in self.core.events():
            if isinstance(event, Found):
                assert event.peer.peer not in self.listed
                self.listed[event.peer.peer] = True
            elif isinstance(event, Lost):
                del self.listed[event.peer.peer]
        assert [peer.peer for peer in self.core.peers()] == list(self.listed)

    @invariant()
    def bounds_hold(self) -> None:
        peers = self.core.peers()
        assert len(peers) <= PEERS_MAX
        assert all(1 <= len(set(peer.addresses)) == len(peer.addresses) <= ADDRESSES_MAX for peer in peers)
        assert self.core.peer not in {peer.peer for peer in peers}
        for out in self.core.datagrams_to_send():
            message = decode(out.data)
            assert not isinstance(message, SignedBeacon) or message.verify()
            if isinstance(message, Probe) and out.to is not None:
                self.probes.append((out.data, out.to))


Network.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestNetwork = Network.TestCase
assert len(SIGNERS) > NEWCOMERS_PER_ADDRESS
