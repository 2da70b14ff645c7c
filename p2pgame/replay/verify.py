"""Is a replay whole, what the rules make of its inputs, and signed by those who played?

Everything is played again from the header: each input must be legal, and each link of the hash chain, each snapshot
and the end must come out as they stand in the file. docs/replays.md says what that proves and what it does not.
"""

from typing import Any, Final

import msgspec

from p2pgame.core.game import AnyGame
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.errors import ReplayError
from p2pgame.replay.reader import Replay
from p2pgame.replay.records import Mended
from p2pgame.replay.rules import Rules
from p2pgame.replay.signing import vouches
from p2pgame.wire.names import safe_name
from p2pgame.wire.runs import FrameInputs

__all__ = ["Verdict", "verify"]

_PROBLEMS_MAX: Final = 20


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. The replay is good if there is no problem."""

    whole: bool
    """It has its end, and nothing of the file is damaged."""
    same_rules: bool
    """The rules installed here are those it was played by."""
    deterministic: bool
    """Playing it again gave every link, snapshot and mended state, and the end."""
    first_difference: int | None
    """The first frame of which that is not so."""
    signed_by: tuple[int, ...]
    """Players whose genuine signatures it has."""
    decided: bool
    """It ended by decision (resigned, claimed) and not by the rules, which cannot confirm such an end."""
    problems: tuple[str, ...]
    """In plain words; at most twenty."""

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(replay: Replay, game: AnyGame, digest: str) -> Verdict:
    """Play `replay` again by the rules of `game`, whose digest is `digest`. Costs one `advance` a frame."""
    findings = _Findings()
    if replay.damage:
        findings.problem(f"from byte {replay.whole} on it cannot be read: {replay.damage}")
    if replay.end is None:
        findings.problem("it has no end: it was cut, or the match is not over")
    header = replay.header
    if header.digest != digest:
        findings.problem(
            f"it was played by other rules ({header.digest}) than those installed here ({digest})"
        )
    if header.tick_rate != game.tick_rate:
        findings.problem(f"{game.title} is not played at {header.tick_rate} frames a second")
    decided = played = False
    try:
        again = _Again(replay, Rules(game, header), findings)
        again.play()
        decided = again.check_end()
        played = True
    except ReplayError as error:
        findings.problem(str(error))
    return Verdict(
        whole=replay.end is not None and not replay.damage,
        same_rules=header.digest == digest,
        deterministic=played and findings.first_difference is None,
        first_difference=findings.first_difference,
        signed_by=_signers(replay, findings),
        decided=decided,
        problems=tuple(findings.problems),
    )


class _Findings:
    """What is wrong, in the order in which it was found."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.first_difference: int | None = None

    def problem(self, text: str) -> None:
        if len(self.problems) < _PROBLEMS_MAX:
            self.problems.append(text)

    def difference(self, frame: int, text: str) -> None:
        if self.first_difference is None:
            self.first_difference = frame
        self.problem(f"frame {frame}: {text}")


class _Again:
    """A match while it is played again. Methods raise `ReplayError` where the rules refuse to go on."""

    def __init__(self, replay: Replay, rules: Rules, findings: _Findings) -> None:
        self._replay = replay
        self._rules = rules
        self._findings = findings
        self._state: Any = None
        self._chain = b""
        self._comparing = True
        """False after a link that did not come out: those after it cannot either, until the match was mended."""

    def play(self) -> None:
        rules = self._rules
        state = rules.initial()
        self._arrive(0, state, first_link(state_hash(state)))
        raw: FrameInputs | None = None
        inputs: tuple[Any, ...] = ()
        for frame, now in enumerate(self._replay.inputs):
            if now is not raw:  # frames of one run share their inputs
                raw, inputs = now, rules.inputs(frame, now)
            if rules.outcome(frame, self._state) is not None:
                raise ReplayError(f"the match was over at frame {frame}, and the file goes on")
            rules.check(frame, self._state, inputs)
            state = rules.advance(frame, self._state, inputs)
            self._arrive(frame + 1, state, link(self._chain, now, state_hash(state)))

    def check_end(self) -> bool:
        """True if the match ended by decision: the rules say nothing then."""
        end, frame = self._replay.end, self._replay.frames
        if end is None:
            return False
        if end.hash != state_hash(self._state):
            self._findings.difference(frame, "the last state is not the one that the end names")
        if self._comparing and end.chain != self._chain:
            self._findings.difference(frame, "the hash chain is not the one that the end names")
        outcome = self._rules.outcome(frame, self._state)
        if outcome is not None and outcome != end.outcome:
            self._findings.difference(frame, f"by the rules it ended otherwise: {outcome.reason}")
        return outcome is None

    def _arrive(self, frame: int, state: Any, chain: bytes) -> None:
        """Take `state` for that of `frame`, or the one that the match was mended with, and compare."""
        replay, difference = self._replay, self._findings.difference
        self._state, before, self._chain = state, self._chain, chain
        mended, snapshot = replay.mended.get(frame), replay.snapshots.get(frame)
        if mended is not None:
            self._mend(frame, mended, before)
        elif self._comparing and frame and not chain.startswith(replay.links[frame - 1]):
            self._comparing = False
            difference(frame, "the hash chain does not come out: other inputs or another state than recorded")
        if snapshot is not None and snapshot != encode(self._state):
            difference(frame, "the recorded snapshot is not the state")

    def _mend(self, frame: int, mended: Mended, before: bytes) -> None:
        if mended.state != encode(self._state):
            self._findings.difference(frame, "the match was mended with a state that the rules do not give")
            self._state = self._rules.state(frame, mended.state)
        value = state_hash(self._state)
        chain = link(before, self._replay.inputs[frame - 1], value) if frame else first_link(value)
        if self._comparing and chain != mended.chain:
            self._findings.difference(frame, "the hash chain does not come out where the match was mended")
        self._chain, self._comparing = mended.chain, True


def _signers(replay: Replay, findings: _Findings) -> tuple[int, ...]:
    """The players who vouch for the end; all of them should, or one if the match was ended by one side alone."""
    header, end = replay.header, replay.end
    if end is None:
        return ()
    signed = []
    for signature in replay.signatures:
        if vouches(header, end, signature):
            signed.append(signature.player)
        else:
            findings.problem(f"the signature for {_name(replay, signature.player)} is not genuine")
    missing = [player for player in range(len(header.players)) if player not in signed]
    if end.agreed:
        for player in missing:
            findings.problem(f"{_name(replay, player)} has not signed it")
    elif not signed:
        findings.problem("nobody has signed it")
    return tuple(sorted(signed))


def _name(replay: Replay, player: int) -> str:
    return safe_name(replay.header.names[player], f"player {player + 1}")
