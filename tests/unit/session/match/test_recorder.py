"""The records of a match as it goes: read back, they are the match, whatever was cut, mended or gone on with."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pgame.core.game import Outcome, Setup
from p2pgame.core.ids import peer_id_of
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.games.pong.rules import GAME as PONG
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.records import End, Header, Inputs, Mended, Note, Signature, Snapshot
from p2pgame.replay.verify import verify
from p2pgame.session.match.recorder import Recorder, raw
from p2pgame.testing.recorded import replay_of

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
PUBLIC = [key.public_key().public_bytes_raw() for key in KEYS]
CONFIG = PONG.config_type()
HEADER = Header(
    version="0",
    game="pong",
    digest="0" * 16,
    match="0123456789abcdef",
    seed=5,
    config=encode(CONFIG),
    tick_rate=60,
    players=tuple(peer_id_of(key) for key in PUBLIC),
    names=("Ann", "Ben"),
    host=peer_id_of(PUBLIC[0]),
    me=0,
)
SETUP = Setup(players=2, seed=5, config=CONFIG)
RESIGNED = Outcome(winners=(1,), reason="resigned")


class Playing:
    """A match of Pong, recorded by Ann: every frame is confirmed as soon as it is played."""

    def __init__(self) -> None:
        self.recorder = Recorder(HEADER, PUBLIC[0], KEYS[0].sign)
        self.states = [PONG.initial(SETUP)]
        self.log: list[tuple[int, int]] = []
        self.recorder.began(state_hash(self.states[0]))
        self.records = [*self.recorder.records()]

    @property
    def value(self) -> bytes:
        return state_hash(self.states[-1])

    def play(self, frames: int) -> None:
        for _ in range(frames):
            inputs = (len(self.log) // 7 % 3 - 1, 0)
            self.log.append(inputs)
            self.states.append(PONG.advance(self.states[-1], inputs))
            self.recorder.confirmed(inputs, self.value)
            self.recorder.look(len(self.log), self.states[-1])

    def end(self, outcome: Outcome = RESIGNED, *, agreed: bool = True) -> None:
        self.recorder.ended(self.value, outcome, agreed=agreed)
        theirs = Recorder(HEADER, PUBLIC[1], KEYS[1].sign)
        theirs.frame, theirs.chain = self.recorder.frame, self.recorder.chain
        if agreed:
            self.recorder.countersigned(1, PUBLIC[1], theirs.sign(self.value, outcome), self.value, outcome)

    def check(self, signed_by: tuple[int, ...] = (0, 1)) -> None:
        self.records += self.recorder.records()
        verdict = verify(replay_of(self.records), PONG, HEADER.digest)
        assert verdict.problems == ()
        assert verdict.signed_by == signed_by


def test_frames_come_in_batches_of_half_a_second_and_snapshots_now_and_then() -> None:
    match = Playing()
    match.play(29)
    assert match.recorder.records() == ()
    match.play(1)
    (batch,) = match.recorder.records()
    assert isinstance(batch, Inputs)
    assert batch.first == 0
    assert len(batch.hashes) == 4 * 30
    match.play(600)
    kinds = [type(record) for record in match.recorder.records()]
    assert kinds.count(Inputs) == 20
    assert kinds.count(Snapshot) == 2


@pytest.mark.parametrize("frames", [0, 1, 30, 301, 650])
def test_a_match_that_ended_by_agreement_is_whole_true_and_signed(frames: int) -> None:
    match = Playing()
    match.play(frames)
    match.end()
    match.check()


def test_an_end_without_the_other_side_is_signed_by_us_alone() -> None:
    match = Playing()
    match.play(40)
    match.end(Outcome(winners=(0,), reason="claimed"), agreed=False)
    match.check(signed_by=(0,))


def test_a_signature_that_is_not_theirs_is_not_kept() -> None:
    match = Playing()
    match.play(40)
    match.recorder.ended(match.value, RESIGNED, agreed=True)
    match.recorder.countersigned(1, PUBLIC[1], b"x" * 64, match.value, RESIGNED)
    match.recorder.countersigned(1, PUBLIC[0], KEYS[0].sign(b"x"), match.value, RESIGNED)
    records = match.recorder.records()
    assert sum(isinstance(record, Signature) for record in records) == 1


def test_a_pause_is_noted_after_all_that_came_before_it() -> None:
    match = Playing()
    match.play(10)
    match.recorder.note("paused: connection")
    inputs, note = match.recorder.records()
    assert isinstance(inputs, Inputs)
    assert note == Note(frame=10, what="paused: connection")


@pytest.mark.parametrize("back", [1, 3, 40])
def test_frames_that_never_were_are_taken_back(back: int) -> None:
    match = Playing()
    match.play(70)
    del match.log[-back:]
    del match.states[-back:]
    match.recorder.cut(70 - back, match.states[-1])
    match.end()
    match.check()


@pytest.mark.parametrize("known", [1, 5])
def test_a_match_that_is_gone_on_with_keeps_its_chain(known: int) -> None:
    """`known`: hash chains that could be told when it was read again."""
    match = Playing()
    match.play(60)
    match.records += match.recorder.records()
    chains = [first_link(state_hash(match.states[0]))]
    for inputs, state in zip(match.log, match.states[1:], strict=True):
        chains.append(link(chains[-1], raw(inputs), state_hash(state)))
    match.recorder = Recorder(HEADER, PUBLIC[0], KEYS[0].sign)
    match.recorder.restored(60, chains[-known:])
    if known > 1:
        del match.log[-2:]
        del match.states[-2:]
        match.recorder.cut(58, match.states[-1])
    match.play(35)
    match.end()
    match.check()


@pytest.mark.parametrize("missed", [0, 100])
def test_frames_that_were_not_simulated_here_are_verified_all_the_same(missed: int) -> None:
    """Ann goes on from a snapshot of Ben's."""
    match, ben = Playing(), Playing()
    match.play(20)
    ben.play(20 + missed)
    match.recorder.skipped(ben.log[20:], ben.states[-1], ben.recorder.chain)
    match.log, match.states = ben.log, ben.states
    match.play(10)
    match.end()
    match.check()
    (mended,) = [record for record in match.records if isinstance(record, Mended)]
    assert mended.reason == "caught up"
    (end,) = [record for record in match.records if isinstance(record, End)]
    assert end.frame == 30 + missed
