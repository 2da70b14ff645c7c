"""What the host decides beyond the inputs: who may ask, who may decide, and what is taken of what is said."""

from collections.abc import Callable

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import EndedBy, NoConfig, Outcome
from p2pgame.replay.records import Decided, Note
from p2pgame.session import events as e
from p2pgame.session.match import Match, Phase
from p2pgame.session.saved_match import saved_match_of
from p2pgame.session.status import Status, StatusCode
from p2pgame.testing.recorded import replay_of
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import (
    Claimed,
    Decision,
    DecisionBody,
    DrawAgreed,
    Ended,
    Paused,
    Resigned,
    encode_decision,
)
from tests.toy import ROBIN, Tally
from tests.unit.session.match.duel import (
    GUEST,
    HOST,
    MATCH,
    THIRD,
    Members,
    entries,
    hear,
    make_match,
    request,
    resigned,
    restore_match,
    said,
)

DRAW = Outcome.by(EndedBy.DRAW_AGREED)
KIND = m.RequestKind


class Pair(Members):
    """A host and a guest by turns, recorded."""

    def __init__(self, first: str = HOST) -> None:
        super().__init__(ROBIN, NoConfig(), (HOST, GUEST) if first == HOST else (GUEST, HOST), recorded=True)
        self.deliver()

    def move(self, *moves: int) -> None:
        for move in moves:
            (player,) = self.host.view().to_move
            self.act(self.all[player], lambda match, move=move: match.submit(move))
            self.deliver()

    def act(self, match: Match, what: Callable[[Match], None]) -> None:
        what(match)
        match.settle(self.now)

    def recorded(self, match: Match) -> list[bytes]:
        """Entries in its file."""
        self.collect()
        return [record.entry for record in self.written[match] if isinstance(record, Decided)]


@pytest.fixture(params=[HOST, GUEST], ids=["host first", "guest first"])
def pair(request: pytest.FixtureRequest) -> Pair:
    return Pair(request.param)


def refused(match: Match, message: m.Message, code: str = "bad_decision") -> None:
    log = list(match.core.log.entries)
    with pytest.raises(RemoteProtocolError) as caught:
        hear(match, message)
    assert caught.value.code == code
    assert match.core.log.entries == log
    assert match.outcome is None


def test_an_offer_of_a_draw_and_a_refusal_are_changes_of_the_view(pair: Pair) -> None:
    pair.move(1)
    for match in pair.all:
        match.view()
    pair.act(pair.host, Match.offer_draw)
    pair.deliver()
    assert pair.host.view().requests.offering_draw
    assert pair.guest.view().requests.draw_offered
    pair.act(pair.guest, Match.refuse_draw)
    pair.deliver()
    assert not pair.host.view().requests.offering_draw
    assert not pair.guest.view().requests.draw_offered
    assert pair.of(pair.host, e.DrawRefused)


# --- giving up


def test_the_host_that_gives_up_decides_at_once(pair: Pair) -> None:
    pair.move(1, 2)
    pair.act(pair.host, Match.resign)
    (why, end) = [message for message in said(pair.host) if isinstance(message, m.Decided)]
    log = pair.host.core.log
    assert [why.entry, end.entry] == log.entries
    assert [(d.epoch, d.index, d.frame) for d in log.decisions] == [(1, 1, 2), (1, 2, 2)]
    assert log.bodies == [Resigned(seat=pair.host.me), Ended(outcome=resigned(pair.guest.me))]
    assert pair.host.phase is Phase.ENDING


def test_a_guest_that_gives_up_asks_and_the_host_decides(pair: Pair) -> None:
    pair.move(1, 2)
    for _ in range(3):
        pair.act(pair.guest, Match.resign)
    assert pair.guest.phase is Phase.PLAYING
    pair.send()
    assert [message for *_, message in pair.wire] == [
        m.Request(match=MATCH, player=pair.guest.me, what=KIND.RESIGN)
    ]
    pair.deliver()
    assert pair.ends() == [(resigned(pair.host.me), 2)] * 2
    for match in pair.all:
        assert match.core.log.bodies == [
            Resigned(seat=pair.guest.me),
            Ended(outcome=resigned(pair.host.me)),
        ]
        assert pair.recorded(match) == match.core.log.entries


def test_that_our_player_gave_up_is_in_our_file_alone(pair: Pair) -> None:
    pair.act(pair.guest, Match.resign)
    pair.deliver()
    notes = [[x.what for x in pair.written[match] if isinstance(x, Note)] for match in pair.all]
    assert notes[pair.guest.me] == ["resign"]
    assert notes[pair.host.me] == []


def test_the_first_end_stands(pair: Pair) -> None:
    pair.act(pair.host, Match.resign)
    for kind in (KIND.RESIGN, KIND.DRAW):
        hear(pair.host, request(pair.host, kind))
    assert len(pair.host.core.log.entries) == 2


# --- draws


@pytest.mark.parametrize("host_first", [True, False])
def test_a_draw_is_agreed_when_both_offered_it(pair: Pair, host_first: bool) -> None:
    pair.move(1)
    order = [pair.host, pair.guest] if host_first else [pair.guest, pair.host]
    pair.act(order[0], Match.offer_draw)
    pair.deliver()
    assert pair.of(order[1], e.DrawOffered) == [e.DrawOffered(match=MATCH, player=order[0].me)]
    assert pair.of(order[0], e.DrawOffered) == []
    assert pair.ends() == []
    pair.act(order[1], Match.offer_draw)
    pair.deliver()
    assert pair.ends() == [(DRAW, 1)] * 2
    for match in pair.all:
        assert match.core.log.bodies == [DrawAgreed(), Ended(outcome=DRAW)]


def test_offers_that_cross_are_an_agreement(pair: Pair) -> None:
    for match in pair.all:
        pair.act(match, Match.offer_draw)
    pair.deliver()
    assert pair.ends() == [(DRAW, 0)] * 2


def test_who_offers_twice_agrees_with_nobody(pair: Pair) -> None:
    for _ in range(3):
        pair.act(pair.host, Match.offer_draw)
        pair.deliver()
    assert pair.ends() == []


@pytest.mark.parametrize("host_first", [True, False])
@pytest.mark.parametrize(("frames", "stands"), [(1, True), (2, False), (3, False)])
def test_by_turns_an_offer_stands_for_two_frames(
    pair: Pair, frames: int, stands: bool, host_first: bool
) -> None:
    order = [pair.host, pair.guest] if host_first else [pair.guest, pair.host]
    pair.act(order[0], Match.offer_draw)
    pair.deliver()
    pair.move(*[1] * frames)
    pair.act(order[1], Match.offer_draw)
    pair.deliver()
    assert pair.ends() == ([(DRAW, frames)] * 2 if stands else [])


def test_a_move_does_not_take_an_offer_back_and_the_game_goes_on(pair: Pair) -> None:
    pair.act(pair.host, Match.offer_draw)
    pair.deliver()
    pair.move(9, 9, 9, 9, 9, 9, 9)
    assert [outcome.reason for outcome, _ in pair.ends()] == ["thirty"] * 2


# --- who may ask


def test_the_host_asks_nobody(pair: Pair) -> None:
    refused(pair.guest, request(pair.guest, KIND.RESIGN), "not_your_request")


@pytest.mark.parametrize("kind", KIND)
def test_nobody_asks_for_somebody_else(pair: Pair, kind: m.RequestKind) -> None:
    for match in pair.all:
        for player in (match.me, 2, 7):
            refused(match, m.Request(match=MATCH, player=player, what=kind), "not_your_request")
    assert not pair.of(pair.host, e.DrawOffered)


# --- who may decide


ANY: list[DecisionBody] = [
    Resigned(seat=0),
    Resigned(seat=1),
    DrawAgreed(),
    Claimed(seat=0),
    Claimed(seat=1),
    Paused(reason="connection", milliseconds=1),
    Ended(outcome=resigned(0)),
    Ended(outcome=resigned(1)),
]


@pytest.mark.parametrize("what", ANY, ids=repr)
def test_a_guest_decides_nothing(pair: Pair, what: DecisionBody) -> None:
    pair.move(1)
    refused(pair.host, entries(pair.host, 1, what)[0])


def test_a_guest_brings_no_old_decision_back(pair: Pair) -> None:
    for number in range(2):
        pause(pair.host, 1.0, 10.0 + number)
    pair.deliver()
    log = list(pair.host.core.log.entries)
    hear(pair.host, m.Decided(match=MATCH, entry=log[0]))
    assert pair.host.core.log.entries == log


@pytest.mark.parametrize("seat", [2, 7])
def test_nobody_else_can_give_up(pair: Pair, seat: int) -> None:
    refused(pair.guest, entries(pair.guest, 0, Resigned(seat=seat))[0])


def test_the_host_does_not_give_up_for_the_guest(pair: Pair) -> None:
    refused(pair.guest, entries(pair.guest, 0, Resigned(seat=pair.guest.me))[0])


def test_the_host_does_not_agree_to_a_draw_for_the_guest(pair: Pair) -> None:
    why, end = entries(pair.guest, 0, DrawAgreed(), Ended(outcome=DRAW))
    refused(pair.guest, why)
    refused(pair.guest, end)
    pair.act(pair.guest, Match.offer_draw)
    hear(pair.guest, why)
    hear(pair.guest, end)
    assert pair.guest.outcome == DRAW


def test_the_host_does_not_agree_to_an_offer_that_lapsed(pair: Pair) -> None:
    pair.act(pair.guest, Match.offer_draw)
    pair.deliver()
    pair.move(1, 2)
    refused(pair.guest, entries(pair.guest, 2, DrawAgreed())[0])
    pair.act(pair.guest, Match.offer_draw)
    hear(pair.guest, entries(pair.guest, 2, DrawAgreed())[0])


def test_an_offer_counts_from_the_frame_it_was_made_in(pair: Pair) -> None:
    """However long it was under way: else the guest refused what the host decides."""
    pair.act(pair.host, Match.offer_draw)
    pair.deliver()
    pair.act(pair.guest, Match.offer_draw)
    pair.send()
    late, pair.wire = pair.wire, []
    pair.move(1, 2)
    pair.act(pair.host, Match.offer_draw)
    pair.wire += late
    pair.deliver()
    assert pair.ends() == []


def test_no_offer_is_made_in_the_future(pair: Pair) -> None:
    hear(pair.host, request(pair.host, KIND.DRAW, 2**32 - 1))
    pair.move(1, 2)
    pair.act(pair.host, Match.offer_draw)
    assert pair.host.outcome is None


@pytest.mark.parametrize("values", [(0,), (6, 0), (6, 0, 6)], ids=str)
def test_an_offer_is_shown_once_whatever_is_said_of_its_frame(pair: Pair, values: tuple[int, ...]) -> None:
    pair.move(1, 2, 3, 4, 5, 6)
    for number in range(60):
        hear(pair.host, request(pair.host, KIND.DRAW, values[number % len(values)]))
    assert len(pair.of(pair.host, e.DrawOffered)) == (1 if 6 in values else 0)


def test_an_offer_that_lapsed_is_not_taken_by_a_decision_that_says_it_is_old(pair: Pair) -> None:
    pair.act(pair.guest, Match.offer_draw)
    pair.deliver()
    pair.move(1, 2, 3, 4)
    refused(pair.guest, entries(pair.guest, 1, DrawAgreed())[0])


def test_an_agreement_is_no_reason_to_end_the_match_when_the_host_likes(pair: Pair) -> None:
    pair.act(pair.guest, Match.offer_draw)
    hear(pair.guest, entries(pair.guest, 0, DrawAgreed())[0])
    pair.move(1, 2, 3, 4)
    refused(pair.guest, entries(pair.guest, 4, Ended(outcome=DRAW))[0])


def test_the_host_does_not_choose_the_words_of_an_end(pair: Pair) -> None:
    hear(pair.guest, entries(pair.guest, 0, Resigned(seat=pair.host.me))[0])
    for reason in ("\x1b[2J", "five in a row", "", "x" * 300):
        outcome = Outcome((pair.guest.me,), reason, EndedBy.RESIGNED)
        refused(pair.guest, entries(pair.guest, 0, Ended(outcome=outcome))[0])


@pytest.mark.parametrize("seat", [0, 1])
def test_nobody_claims_a_match_that_goes_on(pair: Pair, seat: int) -> None:
    for match in pair.all:
        refused(match, entries(match, 0, Claimed(seat=seat))[0])


@pytest.mark.parametrize(("epoch", "index"), [(1, 2), (2, 1), (2, 2), (7, 1)])
def test_the_host_stays_in_its_epoch_and_counts(pair: Pair, epoch: int, index: int) -> None:
    what = Paused(reason="connection", milliseconds=1)
    entry = encode_decision(Decision(epoch=epoch, index=index, frame=0, what=what))
    refused(pair.guest, m.Decided(match=MATCH, entry=entry))


@pytest.mark.parametrize("entry", [b"\xc1", b"\x90", b"x" * 512], ids=repr)
def test_what_is_no_entry(pair: Pair, entry: bytes) -> None:
    for match in pair.all:
        refused(match, m.Decided(match=MATCH, entry=entry))


@pytest.mark.parametrize("swapped", [False, True])
def test_an_end_must_follow_from_what_was_decided(pair: Pair, swapped: bool) -> None:
    why, _ = entries(pair.guest, 0, Resigned(seat=pair.host.me), Resigned(seat=pair.host.me))
    hear(pair.guest, why)
    wrong = [resigned(pair.host.me), resigned(), resigned(0, 1), DRAW, Outcome.by(EndedBy.CLAIMED, (0,))]
    for outcome in wrong:
        refused(pair.guest, entries(pair.guest, 0, Ended(outcome=outcome))[0])
    hear(pair.guest, entries(pair.guest, 0, Ended(outcome=resigned(pair.guest.me)))[0])
    assert pair.guest.outcome == resigned(pair.guest.me)


# --- said again


def test_known_entries_may_be_said_again(pair: Pair) -> None:
    pair.move(1)
    entry, *_ = entries(pair.guest, 1, Paused(reason="connection", milliseconds=1))
    for _ in range(3):
        hear(pair.guest, entry)
    assert pair.guest.core.log.entries == [entry.entry]
    assert pair.recorded(pair.guest) == [entry.entry]
    pair.guest.core.log.append(entries(pair.guest, 1, Paused(reason="restarted", milliseconds=2))[0].entry)
    hear(pair.guest, entry)
    assert len(pair.guest.core.log.entries) == 2


def test_an_end_that_is_said_again_after_the_end_changes_nothing(pair: Pair) -> None:
    pair.move(1)
    pair.act(pair.host, Match.resign)
    pair.deliver()
    entry = pair.host.core.log.entries[-1]
    for match in pair.all:
        assert match.over
        hear(match, m.Decided(match=MATCH, entry=entry), 9.0)
    assert pair.ends() == [(resigned(pair.guest.me), 1)] * 2
    assert pair.guest.core.log.entries == pair.host.core.log.entries


@pytest.mark.parametrize("lost", ["request", "decision", "nothing"])
def test_a_session_that_is_lost_in_between_loses_no_decision(pair: Pair, lost: str) -> None:
    pair.move(1, 2)
    pair.act(pair.guest, Match.resign)
    pair.send()
    if lost != "request":
        for sender, player, message in pair.wire:
            pair.all[player].receive(sender, message, 0.0)
    pair.wire.clear()
    if lost == "nothing":
        pair.send()
        pair.deliver()
    else:
        pair.rejoin(pair.host, pair.guest)
        pair.deliver()
    assert pair.ends() == [(resigned(pair.host.me), 2)] * 2
    assert pair.host.core.log.entries == pair.guest.core.log.entries
    assert pair.host.settled


def test_an_offer_of_a_guest_that_was_lost_is_said_again(pair: Pair) -> None:
    pair.act(pair.guest, Match.offer_draw)
    pair.rejoin(pair.host, pair.guest)
    pair.deliver()
    assert pair.of(pair.host, e.DrawOffered) == [e.DrawOffered(match=MATCH, player=pair.guest.me)]


def test_an_offer_of_the_host_that_was_lost_is_said_again(pair: Pair) -> None:
    pair.act(pair.host, Match.offer_draw)
    pair.rejoin(pair.host, pair.guest)
    pair.deliver()
    assert pair.of(pair.guest, e.DrawOffered) == [e.DrawOffered(match=MATCH, player=pair.host.me)]


def test_an_offer_that_lapsed_is_not_said_again(pair: Pair) -> None:
    for match in pair.all:
        pair.act(match, Match.offer_draw)
        match.messages_to_send(match.core.others[0])
        pair.wire.clear()
    pair.move(1, 2)
    pair.rejoin(pair.host, pair.guest)
    pair.deliver()
    assert not pair.of(pair.host, e.DrawOffered)
    assert not pair.of(pair.guest, e.DrawOffered)
    assert pair.ends() == []


def test_an_offer_that_stands_is_shown_once(pair: Pair) -> None:
    pair.act(pair.host, Match.offer_draw)
    pair.deliver()
    pair.rejoin(pair.host, pair.guest)
    pair.deliver()
    pair.act(pair.host, Match.offer_draw)
    pair.deliver()
    assert len(pair.of(pair.guest, e.DrawOffered)) == 1
    pair.move(1, 2, 3)
    pair.act(pair.host, Match.offer_draw)
    pair.deliver()
    assert len(pair.of(pair.guest, e.DrawOffered)) == 2


# --- pauses


def pause(match: Match, seconds: float, at: float) -> None:
    match.set_pause(Status(code=StatusCode.CONNECTION, since=at), at)
    match.set_pause(None, at + seconds)


def test_the_host_records_for_how_long_the_match_stood_still(pair: Pair) -> None:
    pair.move(1)
    for match in pair.all:
        pause(match, 2.5, 10.0)
    pair.deliver()
    for match in pair.all:
        assert match.core.log.bodies == [Paused(reason="connection", milliseconds=2500)]
        assert match.core.log.decisions[0].frame == 1


def test_pauses_fill_no_log(pair: Pair) -> None:
    for number in range(400):
        pause(pair.host, 0.1, 10.0 + number)
    pair.deliver()
    assert len(pair.guest.core.log.entries) == 256
    pair.act(pair.host, Match.resign)
    pair.deliver()
    assert pair.ends() == [(resigned(pair.guest.me), 0)] * 2
    assert len(pair.guest.core.log.entries) == 258


# --- while the match stands still


def differing(pair: Pair) -> None:
    """The host has a state of its own, and both know it."""
    pair.host.core.timeline.tamper = lambda frame, state: Tally(state.turn, (7, 0)) if frame == 1 else state
    mover = pair.all[0]
    pair.act(mover, lambda match: match.submit(1))
    while not (pair.host.repair.active and pair.guest.repair.active):
        pair.send()
        sender, player, message = pair.wire.pop(0)
        pair.all[player].receive(sender, message, 0.0)


def test_entries_that_come_during_a_repair_count_afterwards(pair: Pair) -> None:
    differing(pair)
    pause(pair.host, 1.0, 5.0)
    pair.send()
    decided = [(s, p, x) for s, p, x in pair.wire if isinstance(x, m.Decided)]
    pair.wire = [item for item in pair.wire if item not in decided]
    for sender, player, message in decided:
        pair.all[player].receive(sender, message, 0.0)
    assert pair.guest.repair.active
    assert pair.guest.core.log.entries == []
    pair.deliver()
    assert not pair.guest.repair.active
    assert pair.guest.core.log.entries == pair.host.core.log.entries != []


def test_entries_that_come_during_a_repair_are_bounded(pair: Pair) -> None:
    differing(pair)
    entry, *_ = entries(pair.guest, 1, Paused(reason="connection", milliseconds=1))
    for _ in range(1000):
        hear(pair.guest, entry)
    assert len(pair.guest._waiting_decisions) <= 64


# --- programs that were started anew


def restarted(pair: Pair, match: Match, keep: int) -> Match:
    """Its program was killed; the newest entries of its log after the first `keep` did not reach its file."""
    pair.collect()
    kept: list[object] = []
    seen = 0
    for record in pair.written[match]:
        if isinstance(record, Decided):
            seen += 1
            if seen > keep:
                continue
        if type(record).__name__ in ("End", "Signature"):
            continue
        kept.append(record)
    saved = saved_match_of(replay_of(kept), ROBIN)  # type: ignore[arg-type]
    peer = match.core.election.players[match.me]
    new = restore_match(peer, ROBIN, saved)
    pair.replace(match, new)
    return new


@pytest.mark.parametrize("keep", range(4))
@pytest.mark.parametrize("who", ["host", "guest"])
def test_who_was_started_anew_gets_its_lost_entries_from_the_other(pair: Pair, who: str, keep: int) -> None:
    pair.move(1, 2)
    for number in range(3):
        pause(pair.host, 1.0, 10.0 + number)
    pair.deliver()
    old = pair.host if who == "host" else pair.guest
    log = list(old.core.log.entries)
    assert len(log) == 3
    new = restarted(pair, old, keep)
    assert new.core.log.entries == log[:keep]
    pair.rejoin(pair.host, next(match for match in pair.all if match is not pair.host))
    pair.deliver()
    assert [match.core.log.entries for match in pair.all] == [log, log]
    assert pair.recorded(new)[-len(log) :] == log or keep
    pair.move(3)
    assert [match.frame for match in pair.all] == [3, 3]


def test_a_fresh_host_learns_that_the_guest_gave_up(pair: Pair) -> None:
    """Its file lacks its own decision; the guest has it, and the match is over for both."""
    pair.move(1, 2)
    pair.act(pair.guest, Match.resign)
    pair.send()
    while pair.guest.outcome is None:
        sender, player, message = pair.wire.pop(0)
        pair.all[player].receive(sender, message, 0.0)
        pair.send()
    pair.wire.clear()
    guest = pair.guest
    new = restarted(pair, pair.host, 0)
    assert new.outcome is None
    pair.rejoin(new, guest)
    pair.deliver()
    assert [match.outcome for match in pair.all] == [resigned(new.me)] * 2
    assert new.core.log.entries == guest.core.log.entries
    assert new.settled
    assert guest.settled


@pytest.mark.parametrize("who", ["host", "guest"])
def test_who_was_started_anew_knows_that_it_offered_a_draw(pair: Pair, who: str) -> None:
    """It was agreed, and who offered it was killed before it wrote that down."""
    pair.move(1)
    for match in pair.all:
        pair.act(match, Match.offer_draw)
    pair.send()
    old = pair.host if who == "host" else pair.guest
    while DrawAgreed() not in pair.host.core.log.bodies or DrawAgreed() not in pair.guest.core.log.bodies:
        sender, player, message = pair.wire.pop(0)
        pair.all[player].receive(sender, message, 0.0)
        pair.send()
    pair.wire.clear()
    restarted(pair, old, 0)
    pair.rejoin(pair.host, next(match for match in pair.all if match is not pair.host))
    pair.deliver()
    assert [match.outcome for match in pair.all] == [DRAW, DRAW]
    assert pair.all[0].core.log.entries == pair.all[1].core.log.entries


@pytest.mark.parametrize("case", ["host resigned", "claimed", "draw"])
def test_a_fresh_host_believes_no_entry_against_itself(pair: Pair, case: str) -> None:
    pair.move(1, 2)
    guest = pair.guest
    new = restarted(pair, pair.host, 0)
    pair.rejoin(new, guest)
    pair.deliver()
    what: DecisionBody = {
        "host resigned": Resigned(seat=new.me),
        "claimed": Claimed(seat=guest.me),
        "draw": DrawAgreed(),
    }[case]
    refused(new, entries(new, 2, what)[0])
    refused(new, entries(new, 2, Ended(outcome=resigned(guest.me)))[0])


def test_a_fresh_host_that_had_given_up_gives_up_again(pair: Pair) -> None:
    pair.move(1, 2)
    pair.act(pair.host, Match.resign)
    pair.host.messages_to_send(pair.guest.me)
    guest = pair.guest
    new = restarted(pair, pair.host, 0)
    assert new.decisions.resigning
    pair.rejoin(new, guest)
    pair.deliver()
    assert [match.outcome for match in pair.all] == [resigned(guest.me)] * 2
    assert new.core.log.entries == guest.core.log.entries


@pytest.mark.parametrize("keep", range(3))
@pytest.mark.parametrize("resigns", [False, True], ids=["plays", "resigns"])
def test_a_fresh_host_decides_nothing_in_the_place_of_entries_that_it_lost(
    pair: Pair, keep: int, resigns: bool
) -> None:
    """The match goes on with a pause to be noted, before the guest has said the lost entries again."""
    pair.move(1, 2)
    for number in range(3):
        pause(pair.host, 1.0, 10.0 + number)
    pair.deliver()
    guest, log = pair.guest, list(pair.guest.core.log.entries)
    new = restarted(pair, pair.host, keep)
    new.set_pause(Status(code=StatusCode.RESTARTED, since=20.0), 20.0)
    pair.rejoin(new, guest)
    new.set_pause(None, 21.0)
    if resigns:
        pair.act(new, Match.resign)
    pair.deliver()
    assert new.core.log.entries == guest.core.log.entries
    assert new.core.log.entries[:3] == log
    assert pair.ends() == ([(resigned(guest.me), 2)] * 2 if resigns else [])
    pause(new, 1.0, 30.0)
    pair.deliver()
    assert len(guest.core.log.entries) == (5 if resigns else 4)


def test_a_session_that_is_lost_again_does_not_make_the_host_forget_what_it_lacks(pair: Pair) -> None:
    pause(pair.host, 1.0, 10.0)
    pair.deliver()
    guest, log = pair.guest, list(pair.guest.core.log.entries)
    new = restarted(pair, pair.host, 0)
    pair.rejoin(new, guest)
    hear(new, m.StateHash(match=MATCH, frame=0, hash=guest.core.timeline.hash))  # and nothing more arrives
    assert not new.recovery.fresh
    pair.rejoin(new, guest, 3)
    pair.deliver()
    assert new.core.log.entries == guest.core.log.entries == log


def test_a_guest_adds_nothing_to_a_log_that_is_whole(pair: Pair) -> None:
    pause(pair.host, 1.0, 10.0)
    pair.deliver()
    guest = pair.guest
    new = restarted(pair, pair.host, 0)
    pair.rejoin(new, guest)
    pair.deliver()
    refused(new, entries(new, 0, Paused(reason="connection", milliseconds=1))[0])


def test_pauses_fill_no_log_by_starting_programs_anew(pair: Pair) -> None:
    for number in range(300):
        pause(pair.host, 0.1, 10.0 + number)
    pair.deliver()
    new = restarted(pair, pair.host, 256)
    pair.rejoin(new, pair.guest)
    pause(new, 0.1, 10.0)
    pair.deliver()
    assert len(pair.guest.core.log.entries) == len(new.core.log.entries) == 256


# --- several seats of one member, and none


def test_a_host_resigns_for_no_person_of_a_member_that_has_several() -> None:
    match = make_match(GUEST, ROBIN, NoConfig(), (HOST, GUEST, GUEST))
    match.receive(0, m.Start(match=MATCH, hash=match.core.timeline.hash), 0.0)
    for seat in (1, 2):
        with pytest.raises(RemoteProtocolError) as caught:
            match.receive(0, entries(match, 0, Resigned(seat=seat))[0], 0.0)
        assert caught.value.code == "bad_decision"
    match.resign()
    for entry in entries(match, 0, Resigned(seat=1), Resigned(seat=2)):
        match.receive(0, entry, 0.0)
    assert match.core.log.bodies == [Resigned(seat=1), Resigned(seat=2)]


def test_who_only_watches_takes_a_draw_that_it_never_offered() -> None:
    match = make_match(THIRD, ROBIN, NoConfig(), (HOST, GUEST))
    theirs = m.Resume(
        match=MATCH, session=2, frame=0, hash=match.core.timeline.hash, fresh=False, epochs=((1, 2),), cut=0
    )
    match.rejoin(0, match.resume_message(0, 2), theirs, 0.0)
    assert match.core.seats == ()
    for entry in entries(match, 0, DrawAgreed(), Ended(outcome=DRAW)):
        match.receive(0, entry, 0.0)
    assert match.outcome == DRAW


# --- what a host of a later epoch never had


def watching(*bodies: DecisionBody) -> Match:
    """A member without a seat, that has these entries of the first host."""
    match = make_match(THIRD, ROBIN, NoConfig(), (HOST, GUEST))
    theirs = m.Resume(
        match=MATCH, session=2, frame=0, hash=match.core.timeline.hash, fresh=False, epochs=((1, 2),), cut=0
    )
    match.rejoin(0, match.resume_message(0, 2), theirs, 0.0)
    for entry in entries(match, 0, *bodies):
        match.receive(0, entry, 0.0)
    return match


def next_host(match: Match, *epochs: tuple[int, int]) -> m.Resume:
    state = match.core.timeline.hash
    return m.Resume(match=MATCH, session=3, frame=0, hash=state, fresh=False, epochs=epochs, cut=0, epoch=2)


PAUSES = [Paused(reason="connection", milliseconds=n) for n in (1, 2, 3)]


def test_entries_that_a_later_host_does_not_have_never_were() -> None:
    match = watching(*PAUSES)
    match.rejoin(0, match.resume_message(0, 3), next_host(match, (1, 1), (2, 1)), 0.0)
    assert match.core.log.bodies == PAUSES[:1]


def test_entries_that_the_same_host_says_it_does_not_have_stay() -> None:
    """It may have lost them with its program, and gets them back."""
    match = watching(*PAUSES)
    match.rejoin(0, match.resume_message(0, 3), next_host(match, (1, 1)), 0.0)
    assert match.core.log.bodies == PAUSES


@pytest.mark.parametrize("end", [[Resigned(seat=1)], [Resigned(seat=1), Ended(outcome=resigned(0))]])
def test_a_later_host_takes_back_no_resignation(end: list[DecisionBody]) -> None:
    match = watching(PAUSES[0], *end)
    with pytest.raises(RemoteProtocolError) as caught:
        match.rejoin(0, match.resume_message(0, 3), next_host(match, (1, 1), (2, 1)), 0.0)
    assert (caught.value.code, caught.value.params) == ("disputed", {"reason": "end_taken_back"})
    assert match.core.log.bodies == [PAUSES[0], *end]
