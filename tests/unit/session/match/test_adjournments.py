"""Adjournments within one match: who may ask, what the entry needs, and what is put aside."""

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import NoConfig
from p2pgame.session import events as e
from p2pgame.session.match import Match
from p2pgame.session.match.decisions import ADJOURNMENTS_MAX
from p2pgame.testing.recorded import replay_of
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import Adjourned
from tests.toy import ROBIN
from tests.unit.session.match.duel import Members, entries, hear, request


def pair(*, recorded: bool = True) -> Members:
    two = Members(ROBIN, NoConfig(), recorded=recorded)
    two.deliver()
    return two


def ask(two: Members, match: Match) -> None:
    match.ask_to_adjourn(two.now)
    two.deliver()


def test_one_asks_the_other_agrees_and_both_put_it_aside() -> None:
    two = pair()
    ask(two, two.guest)
    assert two.of(two.host, e.AdjournAsked) == [e.AdjournAsked(match=two.host.id, player=two.guest.me)]
    assert (two.host.view().requests.adjourn_asked, two.guest.view().requests.asking_adjourn) == (True, True)
    assert not two.host.adjourned
    ask(two, two.host)
    for match in two.all:
        assert match.adjourned
        assert [type(what) for what in match.core.log.bodies] == [Adjourned]
        saved = match.saved()
        assert saved is not None
        assert (saved.adjourned, saved.log, saved.state) == (
            True,
            tuple(match.core.timeline.log),
            match.core.timeline.state,
        )
        assert replay_of(two.written[match]).adjourned


def test_a_move_makes_a_request_old() -> None:
    two = pair()
    ask(two, two.host)
    for number in (1, 2):
        two.all[two.host.view().to_move[0]].submit(number)
        two.deliver()
    assert not two.guest.view().requests.adjourn_asked
    ask(two, two.guest)
    assert not two.host.adjourned


@pytest.mark.parametrize("where", ["in a room", "unrecorded"])
def test_where_it_is_not_offered_requests_and_entries_count_for_nothing(where: str) -> None:
    two = pair(recorded=where != "unrecorded")
    if where == "in a room":
        for match in two.all:
            match.core.room = "ab" * 8
    assert not two.host.view().requests.may_adjourn
    for match in two.all:
        ask(two, match)
        hear(match, request(match, m.RequestKind.ADJOURN, match.frame))
    two.deliver()
    assert [two.of(match, e.AdjournAsked) for match in two.all] == [[], []]
    assert not any(match.adjourned for match in two.all)
    with pytest.raises(RemoteProtocolError, match="bad_decision"):
        hear(two.guest, entries(two.guest, 0, Adjourned(thought=()))[0])


@pytest.mark.parametrize(("frame", "good"), [(0, True), (1, True), (2, False), (9, False)])
def test_the_entry_is_taken_while_our_own_request_stands(frame: int, good: bool) -> None:
    two = pair()
    two.guest.ask_to_adjourn(two.now)
    entry = entries(two.guest, frame, Adjourned(thought=()))[0]
    if good:
        hear(two.guest, entry)
        assert two.guest.adjourned
    else:
        with pytest.raises(RemoteProtocolError, match="bad_decision"):
            hear(two.guest, entry)


def test_who_only_answered_no_has_not_asked() -> None:
    two = pair()
    ask(two, two.host)
    two.guest.refuse_to_adjourn()
    two.deliver()
    assert two.of(two.host, e.AdjournRefused)
    with pytest.raises(RemoteProtocolError, match="bad_decision"):
        hear(two.guest, entries(two.guest, 0, Adjourned(thought=()))[0])


def test_a_match_is_not_put_aside_for_ever() -> None:
    two = pair()
    for _ in range(ADJOURNMENTS_MAX):
        for match in two.all:
            ask(two, match)
        assert all(match.adjourned for match in two.all)
        for match in two.all:
            match.core.adjourned = False
    assert not two.host.view().requests.may_adjourn
    for match in two.all:
        ask(two, match)
    assert not any(match.adjourned for match in two.all)
