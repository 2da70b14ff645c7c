"""Takebacks: who may ask, who answers, and what a program takes of others."""

from collections.abc import Callable

import pytest

from p2pgame.core.errors import IllegalMoveError, RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.terms import Takebacks
from p2pgame.replay.verify import verify
from p2pgame.session import events as e
from p2pgame.session.match import Match
from p2pgame.session.saved_match import saved_match_of
from p2pgame.testing.recorded import replay_of
from p2pgame.wire import messages as m
from p2pgame.wire.takeback import Takeback, encode_takeback, takeback_in
from tests.toy import CLOCKED, Terms
from tests.unit.session.match.duel import (
    GUEST,
    HOST,
    MATCH,
    THIRD,
    Members,
    hear,
    make_match,
    move,
    request,
    restore_match,
)

KIND = m.RequestKind


class Group(Members):
    """Players by turns, recorded."""

    def __init__(
        self, players: tuple[str, ...] = (HOST, GUEST), takebacks: Takebacks = "3 takebacks"
    ) -> None:
        super().__init__(CLOCKED, Terms("no clock", takebacks), players, recorded=True)  # type: ignore[arg-type]
        self.deliver()

    def move(self, *moves: int) -> None:
        for one in moves:
            (player,) = self.host.view().to_move
            self.act(self.all[player], lambda match, one=one: match.submit(one))

    def finish(self) -> None:
        while self.host.running and self.host.outcome is None:
            self.move(9)

    def act(self, match: Match, what: Callable[[Match], None]) -> None:
        what(match)
        match.settle(self.now)
        self.deliver()

    def states(self) -> set[tuple[int, tuple[int, ...]]]:
        return {(match.frame, match.core.timeline.state.totals) for match in self.all}

    def verified(self) -> list[tuple[str, ...]]:
        """The problems of each file."""
        self.collect()
        found = []
        for match in self.all:
            replay = replay_of(self.written[match])
            found.append(tuple(str(problem) for problem in verify(replay, CLOCKED, "0" * 16).problems))
        return found


@pytest.fixture(params=[(HOST, GUEST), (GUEST, HOST)], ids=["host first", "guest first"])
def pair(request: pytest.FixtureRequest) -> Group:
    return Group(request.param)


def allow(match: Match) -> None:
    match.answer_takeback(allow=True)


def refuse(match: Match) -> None:
    match.answer_takeback(allow=False)


@pytest.mark.parametrize("moves", [1, 2, 3, 4])
@pytest.mark.parametrize("asker", [0, 1])
def test_the_newest_move_of_who_asks_is_taken_back_with_all_after_it(
    pair: Group, moves: int, asker: int
) -> None:
    totals = [(0, 0), (1, 0), (1, 2), (4, 2), (4, 6)]
    pair.move(*range(1, moves + 1))
    if asker >= moves:
        with pytest.raises(IllegalMoveError):
            pair.all[asker].ask_takeback()
        return
    pair.act(pair.all[asker], Match.ask_takeback)
    assert pair.of(pair.all[1 - asker], e.TakebackAsked) == [e.TakebackAsked(match=MATCH, player=asker)]
    views = [match.view().requests for match in pair.all]
    assert [view.takeback_by for view in views] == [asker, asker]
    assert [view.answers_takeback for view in views] == [asker == 1, asker == 0]
    pair.act(pair.all[1 - asker], allow)
    last = moves - 1 if (moves - 1) % 2 == asker else moves - 2
    assert pair.states() == {(moves + 1, totals[last])}
    for match in pair.all:
        told = [(event.frame, event.player, event.to) for event in pair.of(match, e.TakenBack)]
        assert told == [(moves + 1, asker, last)]
        assert match.view().requests.takeback_by is None
        assert match.core.agreed == moves + 1
    pair.finish()
    assert [match.settled for match in pair.all] == [True, True]
    assert pair.verified() == [(), ()]


def test_a_refusal_ends_the_request_and_holds_for_this_turn(pair: Group) -> None:
    pair.move(1)
    pair.act(pair.all[0], Match.ask_takeback)
    pair.act(pair.all[1], refuse)
    assert pair.of(pair.all[0], e.TakebackRefused) == [e.TakebackRefused(match=MATCH, player=0)]
    with pytest.raises(IllegalMoveError):
        pair.all[0].ask_takeback()
    assert [match.view().requests.may_take_back for match in pair.all] == [False, False]
    pair.move(2)
    assert pair.all[0].view().requests.may_take_back
    pair.act(pair.all[0], Match.ask_takeback)
    pair.act(pair.all[1], allow)
    assert pair.states() == {(3, (0, 0))}


def test_a_move_makes_the_request_void(pair: Group) -> None:
    pair.move(1)
    pair.act(pair.all[0], Match.ask_takeback)
    pair.move(2)
    pair.act(pair.all[1], allow)
    assert pair.states() == {(2, (1, 2))}
    assert pair.all[1].view().requests.takeback_by is None


def test_a_move_that_crosses_the_request_stands(pair: Group) -> None:
    pair.move(1)
    pair.all[0].ask_takeback()
    pair.all[1].submit(5)
    for match in pair.all:
        match.settle(0.0)
    pair.deliver()
    assert pair.states() == {(2, (1, 5))}
    assert {match.takebacks.standing for match in pair.all} == {None}


def test_an_answer_that_crosses_a_move_is_void(pair: Group) -> None:
    pair.move(1, 2)
    pair.act(pair.all[0], Match.ask_takeback)
    pair.all[1].answer_takeback(allow=True)
    pair.all[0].submit(3)
    for match in pair.all:
        match.settle(0.0)
    pair.deliver()
    assert pair.states() == {(3, (4, 2))}


def test_all_others_have_to_agree() -> None:
    group = Group((HOST, GUEST, THIRD))
    group.move(1, 2, 3, 4)
    group.act(group.all[1], Match.ask_takeback)
    group.act(group.all[0], allow)
    assert group.states() == {(4, (5, 2, 3))}
    group.act(group.all[2], allow)
    assert group.states() == {(5, (1, 0, 0))}
    group.finish()
    assert group.verified() == [(), (), ()]


def test_one_refusal_is_enough() -> None:
    group = Group((HOST, GUEST, THIRD))
    group.move(1, 2)
    group.act(group.all[1], Match.ask_takeback)
    group.act(group.all[2], allow)
    group.act(group.all[0], refuse)
    assert group.states() == {(2, (1, 2, 0))}
    assert group.of(group.all[1], e.TakebackRefused)


@pytest.mark.parametrize(("takebacks", "times"), [("no takebacks", 0), ("1 takeback", 1), ("3 takebacks", 3)])
def test_the_choice_of_the_players_is_a_limit(takebacks: Takebacks, times: int) -> None:
    pair = Group(takebacks=takebacks)
    for _ in range(times):
        pair.move(1)
        pair.act(pair.all[0], Match.ask_takeback)
        pair.act(pair.all[1], allow)
    pair.move(1)
    assert not pair.all[0].view().requests.may_take_back
    with pytest.raises(IllegalMoveError):
        pair.all[0].ask_takeback()
    assert pair.verified()[0] == ("no_end",) or pair.states() == {(2 * times + 1, (1, 0))}


# --- what others say


def test_a_takeback_that_nobody_allowed_breaks_the_rules(pair: Group) -> None:
    pair.move(1, 2)
    victim, frame = pair.all[1], 2
    with pytest.raises(RemoteProtocolError) as caught:
        hear(victim, move(victim, frame, encode_takeback(Takeback(0, 0))))
    assert caught.value.code == "illegal_input"
    assert victim.frame == 2


def test_another_takeback_than_the_one_that_was_asked_for(pair: Group) -> None:
    pair.move(1, 2, 3, 4)
    victim = pair.all[1]
    hear(victim, request(victim, KIND.TAKEBACK, 4))
    victim.answer_takeback(allow=True)
    with pytest.raises(RemoteProtocolError):
        hear(victim, move(victim, 4, encode_takeback(Takeback(0, 0))))
    assert victim.frame == 4


@pytest.mark.parametrize("value", [0, 1, 3, 2**32 - 1])
@pytest.mark.parametrize("what", [KIND.TAKEBACK, KIND.ALLOW_TAKEBACK, KIND.REFUSE_TAKEBACK])
def test_words_of_another_frame_are_void(pair: Group, what: m.RequestKind, value: int) -> None:
    pair.move(1, 2)
    for match in pair.all:
        hear(match, request(match, what, value))
        assert match.takebacks.standing is None
        assert not pair.of(match, e.TakebackAsked)


def test_answers_to_nothing_mean_nothing(pair: Group) -> None:
    pair.move(1, 2)
    for match in pair.all:
        hear(match, request(match, KIND.ALLOW_TAKEBACK, 2))
        hear(match, request(match, KIND.REFUSE_TAKEBACK, 2))
        match.answer_takeback(allow=True)
    pair.deliver()
    assert pair.states() == {(2, (1, 2))}


def test_nobody_asks_for_others(pair: Group) -> None:
    pair.move(1, 2)
    for match in pair.all:
        with pytest.raises(RemoteProtocolError) as caught:
            hear(match, m.Request(match=MATCH, player=match.me, what=KIND.TAKEBACK, value=2))
        assert caught.value.code == "not_your_request"


def test_real_time_has_no_takebacks() -> None:
    from tests.toy import TOY

    match = make_match(HOST, TOY)
    match.ask_takeback()
    assert not match.takebacks.possible(0)
    with pytest.raises(IllegalMoveError):
        match.exchange.give(0, encode_takeback(Takeback(0, 0)))


# --- interruptions


def test_a_request_is_said_again_on_another_session(pair: Group) -> None:
    pair.move(1, 2)
    pair.all[0].ask_takeback()
    pair.rejoin(*pair.all)
    pair.deliver()
    assert pair.all[1].takebacks.waits_for_us
    pair.all[1].answer_takeback(allow=True)
    pair.rejoin(*pair.all, session=3)
    pair.deliver()
    assert pair.states() == {(3, (0, 0))}


def test_a_takeback_is_in_the_file_and_in_what_is_told_to_a_program_that_was_restarted(pair: Group) -> None:
    pair.move(1, 2)
    pair.act(pair.all[0], Match.ask_takeback)
    pair.act(pair.all[1], allow)
    old = pair.all[1]
    pair.collect()
    saved = saved_match_of(replay_of(pair.written[old]), CLOCKED)
    assert saved.takebacks_allowed == {2}
    # The program is gone before it has recorded the takeback itself: it is told, and knows that it agreed.
    behind = saved_match_of(replay_of([r for r in pair.written[old] if not _is_takeback(r)]), CLOCKED)
    assert len(behind.log) == 2
    new = restore_match(old.core.peer, CLOCKED, behind)  # type: ignore[arg-type]
    pair.replace(old, new)
    pair.rejoin(*pair.all)
    pair.deliver()
    assert pair.states() == {(3, (0, 0))}
    pair.finish()
    assert {match.outcome.ended_by for match in pair.all if match.outcome} == {EndedBy.RULES}


def _is_takeback(record: object) -> bool:
    return any(takeback_in(inputs) is not None for _, inputs in getattr(record, "runs", ()))


def test_a_takeback_that_our_disk_does_not_show_is_not_believed() -> None:
    pair = Group()
    pair.move(1, 2)
    pair.act(pair.all[0], Match.ask_takeback)
    pair.act(pair.all[1], allow)
    old = pair.all[1]
    pair.collect()
    kept = [r for r in pair.written[old] if not _is_takeback(r) and getattr(r, "what", "") != "takeback"]
    new = restore_match(GUEST, CLOCKED, saved_match_of(replay_of(kept), CLOCKED))
    pair.replace(old, new)
    pair.rejoin(*pair.all)
    with pytest.raises(RemoteProtocolError):
        pair.deliver()


def test_an_end_by_rules_after_a_takeback_is_signed_by_all(pair: Group) -> None:
    pair.move(9, 1, 9)
    pair.act(pair.all[0], Match.ask_takeback)
    pair.act(pair.all[1], allow)
    pair.move(9, 1, 9, 1, 9)
    assert [end for end, _ in pair.ends()] == [Outcome(winners=(0,), reason="thirty")] * 2
    assert pair.verified() == [(), ()]
