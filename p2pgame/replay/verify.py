"""Verifies a replay: complete, consistent with the rules and the decisions, and signed by the players.

Everything is played again from the header: each input must be legal, and each link of the hash chain, each snapshot
and the end must be equal to the recorded ones. docs/replays.md says what that proves and what it does not.
"""

from collections import deque
from typing import Any, Final

import msgspec

from p2pgame.core.errors import Param
from p2pgame.core.game import AnyGame, EndedBy, Outcome
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.core.terms import ClockTerms, clock_of
from p2pgame.netcode.decisions import DecisionLog, justified
from p2pgame.netcode.seating import Seating
from p2pgame.netcode.takebacks import TAKEBACK_REACH, StandingMoves
from p2pgame.replay.chain import first_link, link
from p2pgame.replay.errors import Problem, ReplayError
from p2pgame.replay.reader import Replay
from p2pgame.replay.records import End, Header, Repaired
from p2pgame.replay.rules import Rules
from p2pgame.replay.signing import verify_signature
from p2pgame.replay.votes import elected
from p2pgame.wire.bounds import TEXT_MAX
from p2pgame.wire.commitment import opens
from p2pgame.wire.decisions import Claimed, Ended, Resigned
from p2pgame.wire.names import safe_text
from p2pgame.wire.runs import FrameInputs

__all__ = ["Dispute", "Verdict", "verify"]

_PROBLEMS_MAX: Final = 20
_BY_RULES: Final = (EndedBy.RULES, EndedBy.FRAME_LIMIT)
_ONE_SIDED_ENDS: Final = (EndedBy.ABANDONED, EndedBy.CONNECTION_LOST, EndedBy.FAULT, EndedBy.DISPUTED)
"""Ends that one side may record alone, without a decision."""


class Dispute(msgspec.Struct, frozen=True):
    """Two states of one frame in the file of a match that went on from neither."""

    frame: int
    follows: str
    """Whose state the rules give: ``ours``, that of who recorded the file, ``theirs`` or ``neither``."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The result. The replay is valid if there is no problem."""

    whole: bool
    """It has its end, or the players agreed to adjourn it, and nothing of the file is damaged."""
    same_rules: bool
    """The installed rules are the ones of the match."""
    deterministic: bool
    """Playing it again reproduced every link, snapshot, repaired state and the end."""
    first_difference: int | None
    """The first frame that was not reproduced."""
    signed_by: tuple[int, ...]
    """Players with a valid signature."""
    decided: bool
    """It ended by decision (resigned, claimed) and not by the rules, which cannot confirm such an end."""
    adjourned: bool = False
    """It has no end yet: the players agreed to put it aside. Nobody has signed anything."""
    told: int
    """Frames in which the other side told who recorded this what its own player did."""
    disputes: tuple[Dispute, ...]
    """Whose state was right where the sides could not agree."""
    false_openings: tuple[int, ...] = ()
    """Players who ended the match by opening another input than they had committed to; the recorder says so."""
    problems: tuple[Problem, ...]
    """At most twenty."""

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(replay: Replay, game: AnyGame, digest: str) -> Verdict:
    """Play `replay` again by the rules of `game`, whose digest is `digest`. Costs one `advance` a frame."""
    findings = _Findings()
    if replay.damage is not None:
        damage = replay.damage
        facts = {name: value for name, value in damage.params.items() if name != "cause"}
        findings.problem("damaged", byte=replay.whole, cause=damage.params.get("cause", damage.code), **facts)
    adjourned = replay.end is None and replay.adjourned
    if replay.end is None and not adjourned:
        findings.problem("no_end")
    if adjourned and _newest_end(replay.decisions) is not None:
        findings.problem("contradicted")
    header = replay.header
    if header.digest != digest:
        findings.problem("other_rules_played", recorded=header.digest, installed=digest)
    if header.tick_rate != game.tick_rate:
        findings.problem("other_tick_rate", game=game.name, rate=header.tick_rate)
    decided = played = False
    try:
        simulation = _Simulation(replay, Rules(game, header), findings)
        simulation.play()
        if replay.end is not None:
            outcome = simulation.check_end(replay.end)
            decided = outcome is None
            _check_decisions(replay, replay.end, outcome, clock_of(simulation.config), findings)
        _check_seating(replay, findings)
        played = True
    except ReplayError as error:
        findings.problem(error.code, **error.params)
    return Verdict(
        whole=(replay.end is not None or adjourned) and replay.damage is None,
        adjourned=adjourned,
        same_rules=header.digest == digest,
        deterministic=played and findings.first_difference is None,
        first_difference=findings.first_difference,
        signed_by=_signers(replay, findings),
        decided=decided,
        told=replay.told,
        disputes=tuple(findings.disputes),
        false_openings=tuple(
            player
            for (frame, player), made in replay.sealed.items()
            if frame == replay.frames
            and made.opening
            and not opens(made.commitment, header.match, frame, player, made.opening)
        ),
        problems=tuple(findings.problems),
    )


class _Findings:
    """Collects problems in the order of detection."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.disputes: list[Dispute] = []
        self.first_difference: int | None = None

    def problem(self, code: str, /, **params: Param) -> None:
        if len(self.problems) < _PROBLEMS_MAX:
            self.problems.append(Problem(code, params))

    def difference(self, frame: int, code: str, /, **params: Param) -> None:
        if self.first_difference is None:
            self.first_difference = frame
        self.problem(code, frame=frame, **params)


class _Simulation:
    """A match while it is played again. Methods raise `ReplayError` where the rules refuse to go on."""

    def __init__(self, replay: Replay, rules: Rules, findings: _Findings) -> None:
        self._replay = replay
        self._rules = rules
        self._findings = findings
        self._state: Any = None
        self._chain = b""
        self._disputed = {desync.frame: desync for desync in replay.desyncs}
        self._comparing = True
        """False after a link that differs: those after it differ as well, until the match was repaired."""

    @property
    def config(self) -> Any:
        return self._rules.setup.config

    def play(self) -> None:
        rules = self._rules
        state = rules.initial()
        self._compare(0, state, first_link(state_hash(state)))
        raw: FrameInputs | None = None
        inputs: tuple[Any, ...] = ()
        moves, recent = StandingMoves(), deque[Any](maxlen=TAKEBACK_REACH + 1)
        for frame, now in enumerate(self._replay.inputs):
            if now is not raw:  # frames of one run share their inputs
                raw, inputs = now, rules.inputs(frame, now)
            if rules.outcome(frame, self._state) is not None:
                raise ReplayError("played_after_end", frame=frame)
            recent.append(self._state)
            takeback = rules.takeback(now)
            if takeback is not None:
                rules.check_takeback(frame, self._state, inputs, moves)
                state = recent[takeback.frame - frame - 1]
            else:
                rules.check(frame, self._state, inputs)
                rules.check_seals(frame, self._state, now, self._replay.sealed)
                state = rules.advance(frame, self._state, inputs)
            if not rules.game.tick_rate:
                moves.passed(now)
            self._compare(frame + 1, state, link(self._chain, now, state_hash(state)))

    def check_end(self, end: End) -> Outcome | None:
        """How the match ended by the rules; None if they do not end it here."""
        frame = self._replay.frames
        if end.hash != state_hash(self._state):
            self._findings.difference(frame, "last_state_differs")
        if self._comparing and end.chain != self._chain:
            self._findings.difference(frame, "end_chain_differs")
        outcome = self._rules.outcome(frame, self._state)
        if outcome is not None and outcome != end.outcome:
            reason = safe_text(outcome.reason, TEXT_MAX)
            self._findings.difference(frame, "other_outcome", reason=reason)
        return outcome

    def _compare(self, frame: int, state: Any, chain: bytes) -> None:
        """Compare `state` with the recorded values of `frame`; continue with a repaired state if there is one."""
        replay, difference = self._replay, self._findings.difference
        self._state, before, self._chain = state, self._chain, chain
        disputed = self._disputed.get(frame)
        if disputed is not None:
            data = encode(state)
            follows = "ours" if data == disputed.ours else "theirs" if data == disputed.theirs else "neither"
            self._findings.disputes.append(Dispute(frame, follows))
        repaired, snapshot = replay.repaired.get(frame), replay.snapshots.get(frame)
        if repaired is not None:
            self._repair(frame, repaired, before)
        elif self._comparing and frame and not chain.startswith(replay.links[frame - 1]):
            self._comparing = False
            difference(frame, "chain_differs")
        if snapshot is not None and snapshot != encode(self._state):
            difference(frame, "snapshot_differs")

    def _repair(self, frame: int, repaired: Repaired, before: bytes) -> None:
        if repaired.state != encode(self._state):
            self._findings.difference(frame, "repaired_state_differs")
            self._state = self._rules.state(frame, repaired.state)
        value = state_hash(self._state)
        chain = link(before, self._replay.inputs[frame - 1], value) if frame else first_link(value)
        if self._comparing and chain != repaired.chain:
            self._findings.difference(frame, "repaired_chain_differs")
        self._chain, self._comparing = repaired.chain, True


def _check_decisions(
    replay: Replay, end: End, by_rules: Outcome | None, clock: ClockTerms | None, findings: _Findings
) -> None:
    """Whether the decisions of the file lead to its end. `by_rules`: how the match ended by the rules."""
    log, outcome = replay.decisions, end.outcome
    if end.decisions != log.chain:
        findings.problem("decisions_chain_differs")
    at = _newest_end(log)
    decided = log.decisions[at] if at is not None else None
    if decided is not None and decided.frame < end.frame:
        findings.problem("played_after_decision", frame=decided.frame)
    if outcome.ended_by in _BY_RULES:
        if by_rules is None:
            findings.problem("not_ended_by_rules")
        return
    if outcome.ended_by in _ONE_SIDED_ENDS and not end.agreed:
        return
    bodies = log.bodies[:at] if at is not None else []
    if decided is None or decided.frame != end.frame or decided.what != Ended(outcome):
        findings.problem("not_decided")
    elif not justified(outcome, len(replay.header.players), bodies, clock):
        findings.problem("not_justified")
    elif _contradicts(outcome, log):
        findings.problem("contradicted")


def _check_seating(replay: Replay, findings: _Findings) -> None:
    """Whether those who dropped out, took a seat or became host could do so."""
    header = replay.header
    seating = Seating(header.players, header.host, header.bots)
    for decision in replay.decisions.decisions:
        if not seating.allows(decision):
            findings.problem("impossible_decision", epoch=decision.epoch, index=decision.index)
        elif not elected(header.match, decision, seating):
            findings.problem("not_elected", epoch=decision.epoch)
        seating.apply(decision)


def _newest_end(log: DecisionLog) -> int | None:
    """Where the newest entry that ends the match is. An earlier one is void: its frame was taken back."""
    ends = [at for at, what in enumerate(log.bodies) if isinstance(what, Ended)]
    return ends[-1] if ends else None


def _contradicts(outcome: Outcome, log: DecisionLog) -> bool:
    """Whether an entry contradicts the outcome."""
    resigned = {what.seat for what in log.bodies if isinstance(what, Resigned)}
    claimed = {what.seat for what in log.bodies if isinstance(what, Claimed)}
    if outcome.ended_by is EndedBy.CLAIMED:
        return claimed != set(outcome.winners) or bool(resigned & claimed)
    return bool(claimed) or (outcome.ended_by is EndedBy.DRAW_AGREED and bool(resigned))


def seating_of(header: Header, decisions: DecisionLog) -> Seating:
    """Who plays on each seat after these decisions."""
    seating = Seating(header.players, header.host, header.bots)
    for decision in decisions.decisions:
        seating.apply(decision)
    return seating


def _signers(replay: Replay, findings: _Findings) -> tuple[int, ...]:
    """The players who signed the end: all who still played should, or one if the match was ended by one side alone."""
    header, end = replay.header, replay.end
    if end is None:
        return ()
    seating = seating_of(header, replay.decisions)
    signed = []
    for signature in replay.signatures:
        if verify_signature(header, end, signature, seating.owners):
            signed.append(signature.player)
        else:
            findings.problem("wrong_signature", player=signature.player)
    missing = [player for player in sorted(seating.signers.values()) if player not in signed]
    if end.agreed:
        for player in missing:
            findings.problem("not_signed", player=player)
    elif not signed:
        findings.problem("nobody_signed")
    return tuple(sorted(signed))
