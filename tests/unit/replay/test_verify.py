"""A good match verifies; each lie in its file is found, and named where it is."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from p2pgame.core import Outcome, Rng
from p2pgame.core.game import AnyGame, EndedBy
from p2pgame.core.snapshot import encode, state_hash
from p2pgame.replay.chain import link
from p2pgame.replay.codec import encode_record
from p2pgame.replay.errors import Problem
from p2pgame.replay.reader import read
from p2pgame.replay.records import Decided, Desync, End, Inputs, Note, Record, Repaired, Signature, Snapshot
from p2pgame.replay.verify import Dispute, Verdict, verify
from p2pgame.wire.decisions import (
    Claimed,
    DecisionBody,
    DrawAgreed,
    Dropped,
    Ended,
    HostIs,
    Paused,
    Resigned,
    Seated,
)
from tests.unit.replay.made import DIGEST, IDS, KEYS, Tape, file_of, header_of, raw, sign
from tests.unit.testing.games import Dot, Dots, Heap, Nim, Take

NIM, DOTS = Nim(), Dots()


CLAIMED = Outcome.by(EndedBy.CLAIMED, (0,))
RESIGNED = Outcome.by(EndedBy.RESIGNED, (0,))
DRAWN = Outcome.by(EndedBy.DRAW_AGREED)


def nim() -> Tape:
    return Tape(NIM, header_of(NIM), every=4).play(batch=3).end()


def dots(frames: int = 100, **fields: Any) -> Tape:
    return Tape(DOTS, header_of(DOTS, frame_limit=frames, **fields), every=30).play().end()


def judge(records: Sequence[Record], game: AnyGame = NIM, digest: str = DIGEST) -> Verdict:
    replay = read(file_of(records))
    assert replay.damage is None
    return verify(replay, game, digest)


def codes(verdict: Verdict) -> list[str]:
    return [problem.code for problem in verdict.problems]


def change(made: Tape, kind: type, edit: Callable[[Any], Any], which: int = 0) -> list[Record]:
    """The records of `made` with record number `which` of that kind edited."""
    at = [index for index, record in enumerate(made.records) if isinstance(record, kind)][which]
    return [*made.records[:at], edit(made.records[at]), *made.records[at + 1 :]]


@pytest.mark.parametrize(("made", "game"), [(nim(), NIM), (dots(), DOTS), (dots(players=3), DOTS)])
def test_a_good_match(made: Tape, game: AnyGame) -> None:
    assert judge(made.records, game) == Verdict(
        whole=True,
        same_rules=True,
        deterministic=True,
        first_difference=None,
        signed_by=tuple(range(len(made.header.players))),
        decided=False,
        told=0,
        disputes=(),
        problems=(),
    )


def test_a_match_that_was_over_before_it_began() -> None:
    class Done(Nim):
        def outcome(self, state: Heap) -> Outcome | None:
            return Outcome((0,), "at once")

    made = Tape(Done(), header_of(Done())).play().end()
    assert made.frame == 0
    assert judge(made.records, Done()).ok


def test_a_decision_is_told_from_the_rules() -> None:
    verdict = judge(Tape(DOTS, header_of(DOTS)).play(20).resign(0).records, DOTS)
    assert verdict.ok
    assert verdict.decided


def test_cut_after_any_record_it_is_not_whole_and_still_deterministic() -> None:
    made = nim()
    for count in range(1, len(made.records)):
        verdict = judge(made.records[:count])
        assert not verdict.ok
        assert verdict.deterministic
        assert verdict.whole == any(isinstance(record, End) for record in made.records[:count])
        assert (codes(verdict)[0] == "no_end") == (not verdict.whole)


def test_damage_is_told() -> None:
    data = nim().data
    verdict = verify(read(data + b"x"), NIM, DIGEST)
    assert not verdict.whole
    assert verdict.problems == (Problem("damaged", {"byte": len(data), "cause": "record_cut"}),)


def test_damage_with_a_cause_of_its_own_is_told() -> None:
    data = nim().data
    twice = file_of([nim().header, Decided(entry=b"\xc1")])
    verdict = verify(read(twice), NIM, DIGEST)
    assert verdict.problems[0].params["cause"] == "decision_malformed"
    again = verify(read(data + encode_record(header_of(NIM))), NIM, DIGEST)
    assert again.problems == (Problem("damaged", {"byte": len(data), "cause": "second_header"}),)


def test_other_rules() -> None:
    verdict = judge(nim().records, digest="f" * 16)
    assert (verdict.ok, verdict.same_rules, verdict.deterministic) == (False, False, True)
    assert verdict.problems == (Problem("other_rules_played", {"recorded": DIGEST, "installed": "f" * 16}),)


def test_another_tick_rate() -> None:
    problems = judge(dots(tick_rate=30).records, DOTS).problems
    assert problems == (Problem("other_tick_rate", {"game": "dots", "rate": 30}),)


def test_another_game() -> None:
    verdict = judge(nim().records, DOTS)
    assert not verdict.deterministic
    assert Problem("other_game", {"game": "nim", "expected": "dots"}) in verdict.problems


def bend_link(inputs: Inputs) -> Inputs:
    return replace(inputs, hashes=inputs.hashes[:4] + b"oops" + inputs.hashes[8:])


def bend_input(inputs: Inputs) -> Inputs:
    (count, (first, other)), *rest = inputs.runs
    assert count == 1
    return replace(inputs, runs=((1, (encode(1 if first != encode(1) else 0), other)), *rest))


def dots_batches() -> Tape:
    source = iter(range(1000))
    choose = lambda _state, players: tuple((next(source) % 3) - 1 for _ in range(players))  # noqa: E731
    return Tape(DOTS, header_of(DOTS, frame_limit=100), choose, every=40).play(batch=10).end()


@pytest.mark.parametrize(
    ("records", "frame", "code"),
    [
        (change(dots_batches(), Inputs, bend_link, 3), 32, "chain_differs"),
        (change(dots_batches(), Inputs, bend_input, 3), 31, "chain_differs"),
        (change(dots_batches(), Inputs, bend_input), 1, "chain_differs"),
        (
            change(dots_batches(), Snapshot, lambda s: replace(s, state=s.state + b"\0")),
            40,
            "snapshot_differs",
        ),
        (change(dots_batches(), Snapshot, lambda s: replace(s, frame=39)), 39, "snapshot_differs"),
        (change(dots_batches(), End, lambda e: replace(e, hash=bytes(16))), 100, "last_state_differs"),
        (change(dots_batches(), End, lambda e: replace(e, chain=bytes(16))), 100, "end_chain_differs"),
        (
            change(dots_batches(), End, lambda e: replace(e, outcome=Outcome((0,), "won"))),
            100,
            "other_outcome",
        ),
    ],
)
def test_a_lie_is_named_at_its_frame(records: list[Record], frame: int, code: str) -> None:
    verdict = judge(records, DOTS)
    assert (verdict.deterministic, verdict.first_difference) == (False, frame)
    assert verdict.problems[0].code == code
    assert verdict.problems[0].params["frame"] == frame


def test_a_changed_input_makes_one_problem_and_not_one_a_frame() -> None:
    verdict = judge(change(dots_batches(), Inputs, bend_input), DOTS)
    assert codes(verdict).count("chain_differs") == 1


def test_problems_have_a_bound() -> None:
    made = Tape(DOTS, header_of(DOTS, frame_limit=60), every=1).play().end()
    records = [replace(r, state=b"\x80") if isinstance(r, Snapshot) else r for r in made.records]
    assert len(judge(records, DOTS).problems) == 20


def test_rules_that_changed_under_the_same_digest() -> None:
    class Slippery(Dots):
        def advance(self, state: Dot, inputs: Sequence[int | None]) -> Dot:
            after = super().advance(state, inputs)
            return replace(after, at=(after.at[0] + (after.frame == 50), *after.at[1:]))

    verdict = judge(dots().records, Slippery())
    assert verdict.first_difference == 50


@pytest.mark.parametrize(
    ("moves", "frame", "code", "player"),
    [
        ([(Take(3), None), (None, Take(3)), (Take(3), None), (None, Take(3))], 2, "input_illegal", 0),
        ([(None, Take(3))], 0, "input_not_given", 0),
        ([(None, None)], 0, "input_not_given", 0),
        ([(Take(1), Take(1))], 0, "input_not_asked", 1),
    ],
)
def test_an_illegal_input(moves: list[tuple[Any, ...]], frame: int, code: str, player: int) -> None:
    header = header_of(NIM, config={"sticks": 7})
    source = iter(moves)
    made = Tape(NIM, header, lambda _state, _players: next(source))
    made.play(len(moves)).end(Outcome((), "x"))
    verdict = judge(made.records)
    assert not verdict.deterministic
    (problem, *_) = verdict.problems
    reason = {"reason": "not so"} if code == "input_illegal" else {}
    assert problem == Problem(code, {"frame": frame, "player": player, **reason})


def test_a_match_that_goes_on_after_its_end() -> None:
    made = Tape(DOTS, header_of(DOTS)).play(20)
    header = replace(made.header, frame_limit=10)
    verdict = judge([header, *made.records[1:]], DOTS)
    assert Problem("played_after_end", {"frame": 10}) in verdict.problems


# --- decisions


def decided(outcome: Outcome, *bodies: DecisionBody, agreed: bool = True, players: int = 2) -> list[str]:
    """What is wrong with a match of 20 frames with these decisions and this end."""
    made = Tape(DOTS, header_of(DOTS, players=players)).play(20).decide(*bodies)
    return codes(judge(made.end(outcome, agreed=agreed).records, DOTS))


def test_ends_by_decision_that_follow_from_the_log() -> None:
    assert (
        decided(RESIGNED, Paused("connection", 3), Paused("connection", 900), Resigned(1), Ended(RESIGNED))
        == []
    )
    assert decided(DRAWN, DrawAgreed(), Ended(DRAWN)) == []
    assert decided(CLAIMED, Claimed(0), Ended(CLAIMED), agreed=False) == []
    three = Outcome.by(EndedBy.RESIGNED, (0, 2))
    assert decided(three, Resigned(1), Ended(three), players=3) == []


@pytest.mark.parametrize("ended_by", [EndedBy.ABANDONED, EndedBy.CONNECTION_LOST, EndedBy.FAULT])
def test_one_side_may_end_it_alone_without_a_decision_but_not_in_the_name_of_both(ended_by: EndedBy) -> None:
    assert decided(Outcome.by(ended_by, (0,)), agreed=False) == []
    assert decided(Outcome.by(ended_by, (0,)), agreed=True) == ["not_decided"]


@pytest.mark.parametrize(
    ("outcome", "bodies", "code"),
    [
        (RESIGNED, [], "not_decided"),
        (RESIGNED, [Resigned(1)], "not_decided"),
        (RESIGNED, [Resigned(1), Ended(DRAWN)], "not_decided"),
        (RESIGNED, [Resigned(1), Ended(replace(RESIGNED, winners=(1,)))], "not_decided"),
        (RESIGNED, [Ended(RESIGNED)], "not_justified"),
        (RESIGNED, [Ended(RESIGNED), Resigned(1)], "not_justified"),
        (RESIGNED, [Resigned(0), Ended(RESIGNED)], "not_justified"),
        (DRAWN, [Ended(DRAWN)], "not_justified"),
        (CLAIMED, [Ended(CLAIMED)], "not_justified"),
        (CLAIMED, [Claimed(1), Ended(CLAIMED)], "not_justified"),
        (CLAIMED, [Resigned(0), Claimed(0), Ended(CLAIMED)], "contradicted"),
        (CLAIMED, [Claimed(1), Claimed(0), Ended(CLAIMED)], "contradicted"),
        (RESIGNED, [Claimed(1), Resigned(1), Ended(RESIGNED)], "contradicted"),
        (DRAWN, [Resigned(1), DrawAgreed(), Ended(DRAWN)], "contradicted"),
        (Outcome((0,), "won"), [], "not_ended_by_rules"),
        (Outcome.by(EndedBy.FRAME_LIMIT), [], "not_ended_by_rules"),
    ],
)
@pytest.mark.parametrize("agreed", [True, False])
def test_an_end_that_does_not_follow_from_the_log(
    outcome: Outcome, bodies: list[DecisionBody], code: str, agreed: bool
) -> None:
    assert decided(outcome, *bodies, agreed=agreed) == [code]


def test_a_match_does_not_go_on_after_the_frame_at_which_it_was_ended() -> None:
    made = Tape(DOTS, header_of(DOTS, frame_limit=60)).play(20).decide(Resigned(1), Ended(RESIGNED))
    assert judge(made.play().end().records, DOTS).problems == (
        Problem("played_after_decision", {"frame": 20}),
    )
    made = Tape(DOTS, header_of(DOTS)).play(20).decide(Resigned(1), Ended(RESIGNED)).play(5).end(RESIGNED)
    assert codes(judge(made.records, DOTS)) == ["played_after_decision", "not_decided"]


def test_the_rules_may_end_it_before_the_frame_that_was_decided() -> None:
    made = Tape(DOTS, header_of(DOTS, frame_limit=20)).play(20)
    entries = [made.decisions.write(22, Resigned(1)), made.decisions.write(22, Ended(RESIGNED))]
    made.records += [Decided(entry=entry) for entry in entries]
    verdict = judge(made.end().records, DOTS)
    assert (verdict.ok, verdict.decided) == (True, False)


def test_the_newest_end_counts_where_a_repair_took_frames_back() -> None:
    made = Tape(DOTS, header_of(DOTS)).play(20)
    late = made.decisions.write(25, Resigned(1)), made.decisions.write(25, Ended(RESIGNED))
    made.records += [Decided(entry=entry) for entry in late]
    assert judge(made.decide(Ended(RESIGNED)).end(RESIGNED).records, DOTS).ok


def test_the_end_names_the_chain_of_the_decisions() -> None:
    made = Tape(DOTS, header_of(DOTS)).play(20).resign(1)
    assert codes(judge(change(made, End, lambda e: replace(e, decisions=bytes(16))), DOTS)) == [
        "decisions_chain_differs",
        "wrong_signature",
        "wrong_signature",
        "not_signed",
        "not_signed",
    ]


def test_a_decision_cannot_be_left_out_or_put_in() -> None:
    made = Tape(DOTS, header_of(DOTS, frame_limit=20)).play(20).decide(Paused("connection", 4)).end()
    assert judge(made.records, DOTS).ok
    without = [record for record in made.records if not isinstance(record, Decided)]
    assert codes(judge(without, DOTS)) == ["decisions_chain_differs"]
    more = Tape(DOTS, made.header).decide(Paused("connection", 4), Paused("connection", 5)).records[-1]
    at = next(n for n, record in enumerate(made.records) if isinstance(record, End))
    assert codes(judge([*made.records[:at], more, *made.records[at:]], DOTS)) == ["decisions_chain_differs"]


# --- signatures


def stranger(made: Tape) -> Signature:
    """Genuine, by a key that is not a player's."""
    (end,) = [record for record in made.records if isinstance(record, End)]
    genuine = sign(made.header, end, 5)[0]
    return replace(genuine, player=1)


def of_another_match(made: Tape) -> Signature:
    (end,) = [record for record in made.records if isinstance(record, End)]
    return sign(replace(made.header, match="f" * 16), end, 1)[0]


def of_another_end(made: Tape) -> Signature:
    (end,) = [record for record in made.records if isinstance(record, End)]
    return sign(made.header, replace(end, outcome=Outcome((), "last stick")), 1)[0]


def of_other_decisions(made: Tape) -> Signature:
    (end,) = [record for record in made.records if isinstance(record, End)]
    return sign(made.header, replace(end, decisions=bytes(16)), 1)[0]


def of_another_way_to_end(made: Tape) -> Signature:
    (end,) = [record for record in made.records if isinstance(record, End)]
    return sign(made.header, replace(end, outcome=replace(end.outcome, ended_by=EndedBy.FAULT)), 1)[0]


def of_the_other_player(made: Tape) -> Signature:
    (end,) = [record for record in made.records if isinstance(record, End)]
    return replace(sign(made.header, end, 0)[0], player=1)


def of_other_bytes(made: Tape) -> Signature:
    key = KEYS[1]
    return Signature(player=1, public_key=key.public_key().public_bytes_raw(), signature=key.sign(b"hello"))


def of_zeros(made: Tape) -> Signature:
    return Signature(player=1, public_key=bytes(32), signature=bytes(64))


@pytest.mark.parametrize(
    "forge",
    [
        stranger,
        of_another_match,
        of_another_end,
        of_other_decisions,
        of_another_way_to_end,
        of_the_other_player,
        of_other_bytes,
        of_zeros,
    ],
)
def test_a_signature_that_is_not_genuine(forge: Callable[[Tape], Signature]) -> None:
    made = nim()
    verdict = judge([*made.records[:-1], forge(made)])
    assert verdict.signed_by == (0,)
    assert verdict.deterministic
    assert verdict.problems == (
        Problem("wrong_signature", {"player": 1}),
        Problem("not_signed", {"player": 1}),
    )


def test_a_signature_does_not_outlive_a_change_of_the_match() -> None:
    made, other = nim(), Tape(NIM, header_of(NIM, seed=2)).play().end()
    stolen = [*other.records[:-2], *made.records[-2:]]
    assert judge(stolen).signed_by == ()
    assert judge(other.records).ok


@pytest.mark.parametrize("signers", [(), (0,), (1,)])
def test_both_players_sign(signers: tuple[int, ...]) -> None:
    verdict = judge(Tape(NIM, header_of(NIM)).play().end(signers=signers).records)
    assert verdict.signed_by == signers
    assert verdict.problems == tuple(
        Problem("not_signed", {"player": player}) for player in (0, 1) if player not in signers
    )


@pytest.mark.parametrize(("signers", "good"), [((), False), ((0,), True), ((1,), True), ((0, 1), True)])
def test_an_end_by_one_side_alone_needs_one_signature(signers: tuple[int, ...], good: bool) -> None:
    made = Tape(DOTS, header_of(DOTS)).play(20).decide(Claimed(0), Ended(CLAIMED), alone=True)
    verdict = judge(made.end(CLAIMED, agreed=False, signers=signers).records, DOTS)
    assert (verdict.ok, verdict.signed_by, verdict.decided) == (good, signers, True)
    assert codes(verdict) == ([] if good else ["nobody_signed"])


def test_who_recorded_it_signs_first_in_the_file() -> None:
    assert judge(Tape(NIM, header_of(NIM)).play().end(signers=(1, 0)).records).signed_by == (0, 1)


def test_a_fresh_key_signs_nothing_of_ours() -> None:
    made = nim()
    key = Ed25519PrivateKey.from_private_bytes(b"\7" * 32)
    forged = Signature(player=0, public_key=key.public_key().public_bytes_raw(), signature=key.sign(b""))
    assert 0 not in judge([*made.records[:-2], forged]).signed_by


# --- repaired


def repaired(*, bent: bool, chain: bytes | None = None) -> list[Record]:
    """Frames 40 to 50 were simulated wrongly; at 40 the right state, or a `bent` one, was put in place."""
    made = Tape(DOTS, header_of(DOTS, frame_limit=100)).play(39, batch=13)
    kept = (made.state, made.chain, made.frame)
    made.state = Dot(Rng(9), (7, 7), 39)
    made.play(11)
    wrong = made.records.pop()
    assert isinstance(wrong, Inputs)
    count, inputs = wrong.runs[0]
    assert count >= 1
    made.state, made.chain, made.frame = kept
    made.state = made.game.advance(
        made.state, [made.game.decode_input(move) for move in inputs if move is not None]
    )
    if bent:
        made.state = Dot(Rng(1), (40, 40), 40)
    made.frame = 40
    made.chain = link(made.chain, inputs, state_hash(made.state)) if chain is None else chain
    made.records += [wrong, Repaired(frame=40, state=encode(made.state), chain=made.chain, reason="desync")]
    return made.play().end().records


def test_a_match_that_was_repaired_rightly_is_good() -> None:
    verdict = judge(repaired(bent=False), DOTS)
    assert verdict.problems == ()
    assert verdict.deterministic


def test_a_state_that_the_rules_do_not_give_is_named_and_what_follows_is_still_checked() -> None:
    records = repaired(bent=True)
    verdict = judge(records, DOTS)
    assert (verdict.deterministic, verdict.first_difference) == (False, 40)
    assert set(codes(verdict)) == {"repaired_state_differs"}
    (end,) = [record for record in records if isinstance(record, End)]
    records[records.index(end)] = replace(end, hash=bytes(16))
    assert "last_state_differs" in codes(judge(records, DOTS))


def test_a_chain_that_does_not_come_out_where_it_was_repaired() -> None:
    verdict = judge(repaired(bent=False, chain=bytes(16)), DOTS)
    assert verdict.first_difference == 40
    assert codes(verdict) == ["repaired_chain_differs"]


def test_a_repaired_state_that_is_none() -> None:
    made = Tape(NIM, header_of(NIM)).play(1)
    made.records.append(Repaired(frame=1, state=b"\xc1", chain=bytes(16), reason="desync"))
    verdict = judge(made.records)
    assert "not_a_state" in codes(verdict)


def test_frames_that_were_not_simulated_here_are_checked_where_the_chain_comes_again() -> None:
    made = Tape(DOTS, header_of(DOTS, frame_limit=60)).play(30)
    made.play(10)
    blind = made.records.pop()
    assert isinstance(blind, Inputs)
    caught_up = Repaired(frame=40, state=encode(made.state), chain=made.chain, reason="caught_up")
    made.records += [replace(blind, hashes=b""), caught_up]
    records = made.play().end().records
    assert judge(records, DOTS).ok
    lie = [replace(r, state=encode(Dot(Rng(1), (0, 0), 40))) if r is caught_up else r for r in records]
    assert judge(lie, DOTS).first_difference == 40


def test_notes_and_reports_change_nothing() -> None:
    made = nim()
    desync = Desync(
        frame=2, ours=b"\x80", theirs=b"\x90", versions=("", ""), platforms=("", ""), reproduced=(True, True)
    )
    at = len(made.records) - 3
    records = [*made.records[:at], Note(frame=99, what="connection"), desync, *made.records[at:]]
    verdict = judge(records)
    assert verdict.ok
    assert verdict.disputes == (Dispute(2, "neither"),)


def test_the_chain_covers_who_was_not_asked() -> None:
    before = bytes(16)
    seen = {
        link(before, moves, before)
        for moves in [(b"", None), (None, b""), (b"", b""), (None, None), (b"a", b"b")]
    }
    seen.add(link(before, (b"ab", b""), before))
    assert len(seen) == 6
    assert raw((1, None)) == (b"\x01", None)


# --- members who drop out, come back, take over


def several(*bodies: DecisionBody, signers: Sequence[int], **fields: Any) -> Tape:
    """A match of three in which these decisions are made, in one epoch; `signers`: the keys, of players 0 to 7."""
    made = Tape(DOTS, header_of(DOTS, players=3, frame_limit=60, **fields)).play(20).decide(*bodies)
    made.play().end(signers=())
    end = made.records[-1]
    assert isinstance(end, End)
    made.records += sign(made.header, end, *signers)
    return made


def for_seat(made: Tape, key: int, seat: int) -> Tape:
    """A signature by that key in the name of that seat."""
    end = next(record for record in made.records if isinstance(record, End))
    made.records.append(replace(sign(made.header, end, key)[0], player=seat))
    return made


def test_who_dropped_out_need_not_sign() -> None:
    verdict = judge(several(Dropped(1, "lost"), signers=(0, 2)).records, DOTS)
    assert verdict.ok
    assert verdict.signed_by == (0, 2)


def test_who_dropped_out_cannot_sign_for_the_bot_in_its_seat() -> None:
    verdict = judge(several(Dropped(1, "lost"), signers=(0, 1, 2)).records, DOTS)
    assert verdict.problems == (Problem("wrong_signature", {"player": 1}),)


def test_who_came_back_signs_again() -> None:
    back = (Dropped(1, "lost"), Seated(1, IDS[1]))
    assert judge(several(*back, signers=(0, 1, 2)).records, DOTS).ok
    missing = judge(several(*back, signers=(0, 2)).records, DOTS)
    assert missing.problems == (Problem("not_signed", {"player": 1}),)


def test_for_a_seat_that_somebody_took_late_nobody_else_signs() -> None:
    joined = (Seated(2, IDS[3]),)
    assert judge(several(*joined, signers=(0, 1), bots=(2,)).records, DOTS).ok
    verdict = judge(for_seat(several(*joined, signers=(0, 1), bots=(2,)), 2, 2).records, DOTS)
    assert codes(verdict) == ["wrong_signature"]


def test_a_host_with_no_person_signs_for_the_first_of_its_bots() -> None:
    left = (Dropped(0, "left"),)
    assert judge(several(*left, signers=(0, 1, 2)).records, DOTS).ok
    assert codes(judge(several(*left, signers=(1, 2)).records, DOTS)) == ["not_signed"]


def chosen(host: int, *voters: int, players: int = 3, **fields: Any) -> Tape:
    """A match of several in which these players choose another host, for which the old one is dropped."""
    header = header_of(DOTS, players=players, frame_limit=60, **fields)
    return Tape(DOTS, header).play(20).elect(host, *voters).decide(Dropped(0, "lost"))


def signed(made: Tape, *signers: int) -> Tape:
    made.play().end(signers=())
    end = made.records[-1]
    assert isinstance(end, End)
    made.records += sign(made.header, end, *signers)
    return made


def test_another_host_signs_for_itself_and_the_old_one_for_nothing() -> None:
    assert judge(signed(chosen(1, 2), 1, 2).records, DOTS).ok
    assert codes(judge(signed(chosen(1, 2), 0, 1, 2).records, DOTS)) == ["wrong_signature"]


@pytest.mark.parametrize("voters", [(), (1,), (1, 1), (3, 4)], ids=["none", "own", "twice", "strangers"])
def test_who_makes_itself_host_without_the_votes_of_most_is_named(voters: tuple[int, ...]) -> None:
    assert codes(judge(signed(chosen(1, *voters), 1, 2).records, DOTS)) == ["not_elected"]


def test_votes_of_another_match_elect_nobody() -> None:
    other = chosen(1, 2, match="00000000000000aa")
    stolen = next(record for record in other.records if isinstance(record, Decided))
    made = chosen(1, 2)
    at = next(n for n, record in enumerate(made.records) if isinstance(record, Decided))
    made.records[at] = stolen
    assert "not_elected" in codes(judge(signed(made, 1, 2).records, DOTS))


def test_the_new_host_signs_for_the_bots_of_the_old_one() -> None:
    header = replace(
        header_of(DOTS, players=3, frame_limit=60),
        names=("", "Ben", "Cleo"),
        bots=(0,),
    )
    moved = [Dropped(1, "left"), Dropped(2, "left")]
    made = Tape(DOTS, header).play(20).elect(1, 2).decide(*moved).play().end(signers=())
    assert judge(for_seat(made, 1, 0).records, DOTS).ok


def test_a_signature_is_void_if_one_of_these_decisions_was_left_out() -> None:
    made = several(Dropped(1, "lost"), Seated(1, IDS[1]), signers=(0, 1, 2))
    records = [record for record in made.records if not isinstance(record, Decided)]
    assert "decisions_chain_differs" in codes(judge(records, DOTS))


@pytest.mark.parametrize(
    ("moved", "signers"),
    [
        ((Dropped(1, "lost"), Dropped(1, "lost")), (0, 2)),
        ((Seated(1, IDS[2]),), (0, 2)),
        ((Dropped(1, "lost"), Seated(1, IDS[1]), Seated(1, IDS[2])), (0, 2)),
        ((Dropped(1, "lost"), HostIs(IDS[2], ())), (0, 2)),
    ],
    ids=["dropped twice", "on a person's seat", "seated twice", "host in mid-epoch"],
)
def test_nobody_is_moved_who_cannot_be(moved: tuple[DecisionBody, ...], signers: tuple[int, ...]) -> None:
    verdict = judge(several(*moved, signers=signers).records, DOTS)
    assert "impossible_decision" in codes(verdict)
