"""In each phase of a match: which messages are handled, which are ignored, which are refused; and its status."""

from typing import Any

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import AnyGame, NoConfig
from p2pgame.core.snapshot import encode
from p2pgame.session.match import Match, Phase
from p2pgame.session.match.match import MessageRule
from p2pgame.session.status import Status, StatusCode
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import REPAIR_TIMEOUT
from p2pgame.wire.decisions import Paused
from tests.toy import ROBIN, TOY, Tally
from tests.unit.session.match.duel import (
    GUEST,
    HOST,
    MATCH,
    Members,
    entries,
    hear,
    make_match,
    move,
    request,
    said,
)
from tests.unit.wire.samples import SAMPLES

STARTING, PLAYING, ENDING, ENDED = Phase.STARTING, Phase.PLAYING, Phase.ENDING, Phase.ENDED
REPAIRING, CATCHING_UP, ADJOURNED = Phase.REPAIRING, Phase.CATCHING_UP, Phase.ADJOURNED

EXPECTED: dict[type[m.Message], tuple[set[Phase], set[Phase]]] = {
    m.Start: ({STARTING}, set()),
    m.Input: ({PLAYING, CATCHING_UP}, {ENDING, REPAIRING, ENDED, ADJOURNED}),
    m.Sealed: ({PLAYING, CATCHING_UP}, {ENDING, REPAIRING, ENDED, ADJOURNED}),
    m.StreamPacket: ({PLAYING, ENDING, REPAIRING, CATCHING_UP}, {ENDED, STARTING}),
    m.Countdown: ({STARTING, PLAYING, REPAIRING, CATCHING_UP}, {ENDING, ENDED, ADJOURNED}),
    m.StateHash: ({PLAYING, ENDING, CATCHING_UP}, {REPAIRING, ENDED, ADJOURNED}),
    m.Request: ({STARTING, PLAYING, CATCHING_UP}, {ENDING, REPAIRING, ENDED, ADJOURNED}),
    m.Decided: ({PLAYING, ENDING, REPAIRING, CATCHING_UP}, {ENDED, ADJOURNED}),
    m.EndSignature: ({PLAYING, ENDING, CATCHING_UP}, {REPAIRING, ENDED, ADJOURNED}),
    m.Differ: ({STARTING, PLAYING, ENDING, REPAIRING}, {ENDED, ADJOURNED}),
    m.DisputeAnswer: ({REPAIRING}, {PLAYING, ENDING, ENDED, ADJOURNED}),
    m.State: ({STARTING, PLAYING, ENDING, REPAIRING, CATCHING_UP}, {ENDED, ADJOURNED}),
    m.Log: ({PLAYING, ENDING, REPAIRING, CATCHING_UP}, {ENDED, ADJOURNED}),
}
"""Handled, ignored; refused in all other phases."""
OTHERS = [sample for sample in SAMPLES if type(sample) not in EXPECTED]


def in_phase(phase: Phase, *, host: bool) -> Match:
    """A match of two by turns, seen by the host or by the guest."""
    pair = Members(ROBIN, NoConfig(), recorded=True)
    match = pair.host if host else pair.guest
    if phase is STARTING:
        return match
    pair.deliver()
    if phase is REPAIRING:
        pair.host.core.timeline.tamper = lambda frame, state: Tally(state.turn, (5, 0))
    pair.host.submit(1)
    pair.host.settle(0.0)
    if phase is REPAIRING:
        while not match.repair.active:
            pair.send()
            sender, player, message = pair.wire.pop(0)
            pair.all[player].receive(sender, message, 0.0)
        return match
    pair.deliver()
    if phase is ADJOURNED:
        for each in pair.all:
            each.ask_to_adjourn(0.0)
            pair.deliver()
    if phase is CATCHING_UP:
        ours = match.resume_message(match.core.others[0], 2)
        theirs = m.Resume(match=MATCH, session=2, frame=3, hash=b"h" * 16, fresh=False)
        match.rejoin(match.core.others[0], ours, theirs, 0.0)
    elif phase in (ENDING, ENDED):
        for number in (1, 9, 1, 9, 1, 9, 1):
            pair.all[pair.host.view().to_move[0]].submit(number)
            pair.deliver()
        for each in pair.all:
            assert each.phase is PLAYING
        if phase is ENDED:
            pair.all[0].submit(9)
            pair.deliver()
        else:
            pair.host.core.engine.offer(0, encode(9))
            pair.guest.core.engine.offer(0, encode(9))
            match.settle(0.0)
    return match


def sample(kind: type[m.Message]) -> m.Message:
    return next(message for message in SAMPLES if type(message) is kind)


def test_the_table_is_what_is_written_here() -> None:
    assert {kind: (set(r.phases), set(r.ignored)) for kind, r in Match.RULES.items()} == EXPECTED


@pytest.mark.parametrize("host", [True, False], ids=["host", "guest"])
@pytest.mark.parametrize("phase", Phase, ids=lambda phase: phase.value)
@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.__name__)
def test_a_message_is_handled_ignored_or_refused(kind: type[m.Message], phase: Phase, host: bool) -> None:
    match = in_phase(phase, host=host)
    assert match.phase is phase
    handled, ignored = EXPECTED[kind]
    heard: list[Any] = []
    rule = Match.RULES[kind]
    spied = MessageRule(lambda match, remote, message, now: heard.append(message), rule.phases, rule.ignored)
    vars(match)["RULES"] = {**Match.RULES, kind: spied}
    message = sample(kind)
    said(match)
    match.events()
    before = picture(match)
    if phase in handled or phase in ignored:
        hear(match, message)
    else:
        with pytest.raises(RemoteProtocolError) as caught:
            hear(match, message)
        assert caught.value.code == "unexpected_message"
        assert caught.value.params["phase"] == phase.value
        assert caught.value.params["scope"] == "match"
    assert heard == ([message] if phase in handled else [])
    if phase not in handled:
        assert picture(match) == before
        assert said(match) == []
        assert match.events() == []


def picture(match: Match) -> tuple[Any, ...]:
    core = match.core
    return (
        match.phase,
        list(core.timeline.log),
        core.timeline.hash,
        core.agreed,
        list(core.log.entries),
        match.outcome,
        match.status,
        match.next_deadline(),
        dict(match.ending._signatures),
        core.engine.waiting(0),
        core.engine.waiting(1),
    )


@pytest.mark.parametrize("message", OTHERS, ids=lambda message: type(message).__name__)
def test_what_is_no_message_of_a_match_is_refused_in_every_phase(message: m.Message) -> None:
    match = in_phase(PLAYING, host=True)
    with pytest.raises(RemoteProtocolError) as caught:
        hear(match, message)
    assert caught.value.code == "unexpected_message"


# --- status: what is worse comes first

PAUSE = Status(code=StatusCode.CONNECTION, since=3.0, claim_at=33.0)


@pytest.mark.parametrize(
    ("phase", "code"),
    [
        (STARTING, StatusCode.STARTING),
        (PLAYING, StatusCode.RUNNING),
        (REPAIRING, StatusCode.DESYNC),
        (CATCHING_UP, StatusCode.CATCHING_UP),
        (ENDING, StatusCode.ENDING),
        (ENDED, StatusCode.ENDED),
    ],
    ids=lambda value: value.value,
)
@pytest.mark.parametrize("host", [True, False], ids=["host", "guest"])
def test_the_status_of_each_phase(phase: Phase, code: StatusCode, host: bool) -> None:
    match = in_phase(phase, host=host)
    assert match.status.code is code
    assert match.view().status == match.status
    assert (match.view().pause is not None) == (code is StatusCode.DESYNC)


@pytest.mark.parametrize("phase", Phase, ids=lambda phase: phase.value)
def test_a_missing_session_is_told_first_unless_it_is_over_or_put_aside(phase: Phase) -> None:
    match = in_phase(phase, host=True)
    match.set_pause(PAUSE, 3.0)
    match.claim_at = 33.0
    others = {
        ENDED: Status(code=StatusCode.ENDED),
        ADJOURNED: Status(code=StatusCode.ADJOURNED, since=PAUSE.since),
    }
    assert match.status == others.get(phase, PAUSE)
    match.set_pause(None, 4.0)
    assert match.status.code is not StatusCode.CONNECTION


def test_a_difference_is_told_before_what_is_missing() -> None:
    match = in_phase(REPAIRING, host=True)
    theirs = m.Resume(match=MATCH, session=2, frame=9, hash=b"h" * 16, fresh=False)
    match.rejoin(match.core.others[0], match.resume_message(match.core.others[0], 2), theirs, 0.0)
    assert match.recovery.catching_up
    assert match.status.code is StatusCode.DESYNC
    assert match.phase is REPAIRING


def test_a_stall_is_told_after_a_second_and_any_other_reason_before_it() -> None:
    host = make_match(HOST, TOY)
    host.begin(10.0)
    hear(host, m.Start(match=MATCH, hash=host.core.timeline.hash, salt=b"s" * 32), 10.0)
    for number in range(60):
        host.handle_timeout(10.0 + number / 60)
    assert host.status.code is StatusCode.RUNNING
    host.handle_timeout(11.5)
    assert host.status.code is StatusCode.STALLED
    assert 10.0 < host.status.since < 10.5
    assert host.status.code.accepts_moves
    host.set_pause(PAUSE, 12.0)
    host.claim_at = 33.0
    assert host.status == PAUSE
    assert not host.status.code.accepts_moves


@pytest.mark.parametrize("code", StatusCode, ids=lambda code: code.value)
def test_the_properties_of_a_status(code: StatusCode) -> None:
    assert code.paused == (
        code.value in ("connection", "closed", "restarted", "adjourned", "desync", "disputed")
    )
    assert code.accepts_moves == (code.value in ("running", "stalled"))


def test_real_messages_that_are_ignored_change_nothing() -> None:
    match = in_phase(ENDED, host=False)
    before = picture(match)
    for message in (
        move(match, match.frame, encode(3)),
        request(match, m.RequestKind.DRAW),
        m.StateHash(match=MATCH, frame=match.frame, hash=bytes(16)),
        *entries(match, match.frame, Paused(reason="connection", milliseconds=1)),
        *(sample(kind) for kind in EXPECTED if kind is not m.Start),
    ):
        hear(match, message, 50.0)
    assert picture(match) == before
    assert said(match) == []
    assert GUEST in match.core.election.players


@pytest.mark.parametrize("host", [True, False], ids=["host", "guest"])
def test_while_frames_are_missing_no_states_are_compared(host: bool) -> None:
    """The session broke while the states were being repaired, and the other side has moved on."""
    match = in_phase(REPAIRING, host=host)
    ours = match.resume_message(match.core.others[0], 2)
    theirs = m.Resume(match=MATCH, session=2, frame=ours.frame + 1, hash=b"h" * 16, fresh=False)
    match.recovery.interrupted()
    match.rejoin(match.core.others[0], ours, theirs, 0.0)
    assert match.repair.active
    assert match.recovery.catching_up
    with pytest.raises(RemoteProtocolError) as caught:
        hear(match, m.Differ(match=MATCH, first=0, hashes=b"h" * 32, version="", platform=""))
    assert caught.value.code == "unexpected_message"
    assert match.repair.active


def test_first_states_that_differ_have_no_deadline_while_the_session_is_in_doubt() -> None:
    """A deadline that is over and has no effect keeps the program busy."""
    match = in_phase(STARTING, host=True)
    hear(match, m.Start(match=MATCH, hash=b"h" * 16))
    assert match.repair.active
    assert match.next_deadline() is not None
    match.set_link_suspect(True, 1.0)
    assert match.next_deadline() is None
    match.set_link_suspect(False, 2.0)
    assert match.next_deadline() == 2.0 + REPAIR_TIMEOUT


@pytest.mark.parametrize("game", [ROBIN, TOY], ids=["by turns", "real time"])
def test_a_datagram_of_anybody_does_not_make_us_forget_that_we_were_started_anew(game: AnyGame) -> None:
    """Else we refused the log of our own inputs, which the other side still has and we lost."""
    pair = Members(game, recorded=True)
    pair.deliver()
    match = pair.guest
    match.recovery.fresh = True
    ours = match.resume_message(match.core.others[0], 2)
    theirs = m.Resume(match=MATCH, session=2, frame=3, hash=b"h" * 16, salt=b"s" * 32, fresh=False)
    match.rejoin(match.core.others[0], ours, theirs, 0.0)
    match.recovery.interrupted()  # before what we lack has come
    match.receive_datagrams([(b"\x01" * 40, ("10.0.0.9", 1), 0.1)], 0.1)
    assert match.resume_message(match.core.others[0], 3).fresh
