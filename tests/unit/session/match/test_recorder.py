"""The records of a match while it is played: read back, they are the match, also after a cut, a repair or a restart."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from p2pgame.core.game import EndedBy, Outcome, Setup
from p2pgame.core.ids import peer_id_of
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.games.pong.rules import GAME as PONG
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.records import Decided, Header, Inputs, Note, Record, Repaired, Signature, Snapshot
from p2pgame.replay.verify import Verdict, verify
from p2pgame.session.match.recorder import Recorder
from p2pgame.session.saved_match import saved_match_of
from p2pgame.testing.recorded import replay_of
from p2pgame.wire.decisions import Claimed, DecisionBody, Ended, Paused, Resigned
from p2pgame.wire.runs import FrameInputs

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
RESIGNED = Outcome.by(EndedBy.RESIGNED, (1,))
CLAIMED = Outcome.by(EndedBy.CLAIMED, (0,))


class Playing:
    """A match of Pong, recorded by Ann: every frame is confirmed as soon as it is played."""

    def __init__(self) -> None:
        self.recorder = Recorder(HEADER, PUBLIC[0], KEYS[0].sign)
        self.states = [PONG.initial(SETUP)]
        self.log: list[FrameInputs] = []
        self.decisions = DecisionLog(HEADER.match)
        self.recorder.began(state_hash(self.states[0]))
        self.records: list[Record] = [*self.recorder.records()]

    @property
    def value(self) -> bytes:
        return state_hash(self.states[-1])

    def play(self, frames: int) -> None:
        for _ in range(frames):
            inputs = (len(self.log) // 7 % 3 - 1, 0)
            self.log.append(tuple(encode(move) for move in inputs))
            self.states.append(PONG.advance(self.states[-1], inputs))
            self.recorder.confirmed(self.log[-1], self.value)
            self.recorder.take_snapshot(len(self.log), self.states[-1])

    def chains(self) -> list[bytes]:
        """The hash chain after each frame, the start among them."""
        chains = [first_link(state_hash(self.states[0]))]
        for inputs, state in zip(self.log, self.states[1:], strict=True):
            chains.append(link(chains[-1], inputs, state_hash(state)))
        return chains

    def take_back(self, frames: int) -> None:
        del self.log[-frames:]
        del self.states[-frames:]
        self.recorder.cut(len(self.log), self.states[-1], lambda: self.chains()[-1])

    def decide(self, *bodies: DecisionBody, alone: bool = False) -> None:
        for number, what in enumerate(bodies):
            self.recorder.decided(
                self.decisions.write(len(self.log), what, epoch=2 if alone and not number else 0)
            )

    def end(self) -> None:
        """Ann resigns, and Ben agrees."""
        self.decide(Resigned(0), Ended(RESIGNED))
        self.recorder.ended(self.value, RESIGNED, self.decisions.chain, agreed=True, seat=0)
        assert self.countersign(1, PUBLIC[1], self.signature_of_ben())

    def signature_of_ben(self) -> bytes:
        theirs = Recorder(HEADER, PUBLIC[1], KEYS[1].sign)
        theirs.restored(self.recorder.frame, [self.recorder.chain])
        return theirs.sign(self.value, RESIGNED, self.decisions.chain)

    def countersign(self, player: int, key: bytes, signature: bytes) -> bool:
        given = Signature(player=player, public_key=key, signature=signature)
        genuine = self.recorder.is_genuine(given, HEADER.players, self.value, RESIGNED, self.decisions.chain)
        if genuine:
            self.recorder.add_signature(given)
        return genuine

    def judge(self) -> Verdict:
        self.records += self.recorder.records()
        return verify(replay_of(self.records), PONG, HEADER.digest)

    def check(self, signed_by: tuple[int, ...] = (0, 1)) -> None:
        verdict = self.judge()
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
    match.decide(Claimed(0), Ended(CLAIMED), alone=True)
    match.recorder.ended(match.value, CLAIMED, match.decisions.chain, agreed=False, seat=0)
    match.check(signed_by=(0,))


def test_a_wrong_signature_is_told_and_not_kept() -> None:
    match = Playing()
    match.play(40)
    match.decide(Resigned(0), Ended(RESIGNED))
    good = match.signature_of_ben()
    match.recorder.ended(match.value, RESIGNED, match.decisions.chain, agreed=True, seat=0)
    assert not match.countersign(1, PUBLIC[1], b"x" * 64)
    assert not match.countersign(1, PUBLIC[0], KEYS[0].sign(b"x"))
    assert not match.countersign(1, PUBLIC[0], good)
    assert not match.countersign(0, PUBLIC[1], good)
    assert not match.countersign(7, PUBLIC[1], good)
    verdict = match.judge()
    assert [(problem.code, problem.params) for problem in verdict.problems] == [("not_signed", {"player": 1})]
    assert sum(isinstance(record, Signature) for record in match.records) == 1


def test_a_signature_of_other_decisions_is_wrong() -> None:
    match = Playing()
    match.play(40)
    before = match.signature_of_ben()
    match.decide(Resigned(0), Ended(RESIGNED))
    match.recorder.ended(match.value, RESIGNED, match.decisions.chain, agreed=True, seat=0)
    assert not match.countersign(1, PUBLIC[1], before)
    assert match.countersign(1, PUBLIC[1], match.signature_of_ben())


def test_notes_and_decisions_come_after_all_frames_that_came_before_them() -> None:
    match = Playing()
    match.play(10)
    match.recorder.note("connection")
    match.play(2)
    match.decide(Paused("connection", 3))
    first, note, second, decided = match.recorder.records()
    assert isinstance(first, Inputs)
    assert note == Note(frame=10, what="connection")
    assert isinstance(second, Inputs)
    assert second.first == 10
    assert decided == Decided(entry=match.decisions.entries[0])


def test_a_state_that_was_repaired_is_what_the_match_goes_on_from() -> None:
    """The frames after it are recorded again."""
    match = Playing()
    match.play(40)
    right = match.states[38]
    match.recorder.repaired(38, match.log[37], state_hash(right), right)
    again = list(zip(match.log, match.states[1:], strict=True))[38:]
    for inputs, state in again:
        match.recorder.confirmed(inputs, state_hash(state))
    match.play(5)
    match.end()
    match.check()
    (repaired,) = [record for record in match.records if isinstance(record, Repaired)]
    assert (repaired.frame, repaired.reason) == (38, "desync")


def test_what_was_recorded_can_be_resumed_with_its_decisions() -> None:
    match = Playing()
    match.play(45)
    match.decide(Paused("connection", 3))
    match.recorder.note("resign")
    match.records += match.recorder.records()
    saved = saved_match_of(replay_of(match.records), PONG)
    assert (saved.log, saved.state) == (tuple(match.log), match.states[-1])
    assert (saved.chain, saved.config) == (match.recorder.chain, CONFIG)
    assert saved.decisions.entries == match.decisions.entries
    assert saved.decisions.chain == match.decisions.chain
    assert saved.resign_requested
    assert not saved_match_of(replay_of(match.records[:-1]), PONG).resign_requested


@pytest.mark.parametrize("back", [1, 3, 40])
def test_frames_that_never_were_are_taken_back(back: int) -> None:
    match = Playing()
    match.play(70)
    match.take_back(back)
    match.end()
    match.check()


@pytest.mark.parametrize("known", [1, 5])
def test_a_match_that_is_gone_on_with_keeps_its_chain(known: int) -> None:
    """`known`: hash chains that could be told when it was read again."""
    match = Playing()
    match.play(60)
    match.records += match.recorder.records()
    chains = match.chains()
    match.recorder = Recorder(HEADER, PUBLIC[0], KEYS[0].sign)
    match.recorder.restored(60, chains[-known:])
    match.take_back(2)
    match.play(35)
    match.end()
    match.check()


def test_what_the_other_side_told_of_our_inputs_is_marked() -> None:
    match = Playing()
    match.play(10)
    with match.recorder.told():
        match.play(5)
    match.play(10)
    match.end()
    match.check()
    assert replay_of(match.records).told == 5


def test_entries_that_the_next_host_never_had_are_taken_back() -> None:
    match = Playing()
    match.play(10)
    match.decide(Paused(reason="connection", milliseconds=9), Paused(reason="connection", milliseconds=8))
    match.decisions.take_back(1)
    match.recorder.undecided(1)
    match.play(10)
    match.end()
    match.check()
    assert len(replay_of(match.records).decisions.entries) == 3
