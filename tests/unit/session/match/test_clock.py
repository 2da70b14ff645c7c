"""The clock of a match: the host stamps, guests check, a flag is a decision."""

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import EndedBy, Outcome
from p2pgame.core.terms import Clock
from p2pgame.replay.verify import verify
from p2pgame.session.match import Match
from p2pgame.session.saved_match import saved_match_of
from p2pgame.session.status import Status, StatusCode
from p2pgame.testing.recorded import replay_of
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import Ended, Flagged, TimeAdded, Timed
from tests.toy import CLOCKED, ROBIN, Terms
from tests.unit.session.match.duel import (
    GUEST,
    HOST,
    Members,
    ended,
    entries,
    hear,
    restore_match,
)

PAUSED = Status(code=StatusCode.CONNECTION)


class Clocked(Members):
    """A match of two with a clock, host first."""

    def __init__(self, clock: Clock = "1 min + 1 s", rtt: float = 0.0, first: str = HOST) -> None:
        players = (HOST, GUEST) if first == HOST else (GUEST, HOST)
        super().__init__(CLOCKED, Terms(clock), players, recorded=True)
        for match in self.all:
            for remote in match.core.linked:
                match.set_rtt(remote.member, rtt)
        self.rtt = rtt
        self.deliver()
        for match in self.all:
            match.settle(0.0)

    def wait(self, seconds: float) -> None:
        """Time passes, and every deadline in it is met."""
        until = self.now + seconds
        while True:
            due = [(at, n) for n, match in enumerate(self.all) if (at := match.next_deadline()) is not None]
            at, n = min(due, default=(until, -1))
            if at >= until or n < 0:
                break
            self.now = max(self.now, at)
            self.all[n].handle_timeout(self.now)
            self.deliver()
        self.now = until

    def move(self, after: float, value: int = 1, way: float = 0.0) -> None:
        """Who is to move thinks for `after` seconds; the input takes `way` seconds."""
        (player,) = self.host.view().to_move
        self.wait(after)
        self.all[player].submit(value)
        self.all[player].settle(self.now)
        self.send()
        under_way, self.wire = self.wire, []
        self.wait(way)
        self.wire = under_way
        self.deliver()
        for match in self.all:
            match.settle(self.now)

    def left(self, match: Match) -> list[int]:
        return [face.shown(self.now)[0] for face in match.view().clocks]

    def stamps(self) -> list[tuple[int, int, int]]:
        return [
            (d.frame, d.what.seat, d.what.milliseconds)
            for d in self.host.core.log.decisions
            if isinstance(d.what, Timed)
        ]


def test_the_host_stamps_each_move_and_both_show_the_same() -> None:
    pair = Clocked()
    pair.move(5.0)
    pair.move(7.0)
    pair.move(2.5)
    assert pair.stamps() == [(1, 0, 5000), (2, 1, 7000), (3, 0, 2500)]
    assert pair.left(pair.host) == pair.left(pair.guest) == [54_500, 54_000]
    pair.wait(10.0)
    for match in pair.all:
        match.settle(pair.now)
        assert pair.left(match) == [54_500, 44_000]
        assert [face.running for face in match.view().clocks] == [False, True]
    assert pair.host.core.log.entries == pair.guest.core.log.entries


def test_the_view_runs_on_without_another_update() -> None:
    pair = Clocked()
    pair.move(5.0)
    clocks = pair.guest.view().clocks
    assert [face.shown(pair.now + 3.0)[0] for face in clocks] == [56_000, 57_000]


@pytest.mark.parametrize(("rtt", "charged"), [(0.0, 2300), (0.2, 2100), (0.3, 2000), (2.0, 1800)])
def test_the_way_is_forgiven_up_to_half_a_second(rtt: float, charged: int) -> None:
    pair = Clocked(rtt=rtt)
    pair.move(0.0)
    pair.move(2.0, way=0.3)
    assert pair.stamps()[-1] == (2, 1, charged)


def test_a_pause_stops_the_clock() -> None:
    pair = Clocked()
    pair.move(1.0)
    pair.wait(4.0)
    for match in pair.all:
        match.set_pause(PAUSED, pair.now)
        match.settle(pair.now)
    pair.wait(3600.0)
    for match in pair.all:
        match.set_pause(None, pair.now)
        match.settle(pair.now)
    pair.move(3.0)
    assert pair.stamps() == [(1, 0, 1000), (2, 1, 7000)]


def test_a_suspect_link_stops_the_clock() -> None:
    pair = Clocked()
    pair.move(1.0)
    for match in pair.all:
        match.set_link_suspect(True, pair.now)
        match.settle(pair.now)
    pair.wait(600.0)
    for match in pair.all:
        match.set_link_suspect(False, pair.now)
        match.settle(pair.now)
    pair.move(3.0)
    assert pair.stamps()[-1] == (2, 1, 3000)


@pytest.mark.parametrize("first", [HOST, GUEST])
@pytest.mark.parametrize(
    ("clock", "seconds"), [("1 min + 1 s", 60.0), ("15 s a move", 15.0), ("10 min + 3 x 30 s", 690.0)]
)
def test_the_flag_falls(first: str, clock: Clock, seconds: float) -> None:
    pair = Clocked(clock, first=first)
    pair.wait(seconds - 0.01)
    assert not any(match.over for match in pair.all)
    pair.wait(0.02)
    assert [outcome for outcome, _ in pair.ends()] == [Outcome.by(EndedBy.TIME, (1,))] * 2
    assert pair.host.core.log.bodies == [
        Flagged(seat=0, milliseconds=round(seconds * 1000)),
        Ended(outcome=Outcome.by(EndedBy.TIME, (1,))),
    ]
    for match in pair.all:
        assert not verify(replay_of(pair.written[match]), CLOCKED, "0" * 16).problems


def test_a_flag_waits_for_what_may_be_under_way() -> None:
    pair = Clocked("15 s a move", rtt=0.4)
    pair.move(0.0)
    pair.move(14.9, way=0.3)
    assert not any(match.over for match in pair.all)
    assert pair.stamps()[-1] == (2, 1, 14_800)


def test_periods_begin_anew() -> None:
    pair = Clocked("30 s a move")
    for _ in range(4):
        pair.move(29.0)
    assert pair.left(pair.guest) == [30_000, 30_000]


def test_time_is_given_to_the_other() -> None:
    pair = Clocked("15 s a move")
    for giver in (pair.host, pair.guest):
        giver.give_time()
        giver.settle(pair.now)
        pair.deliver()
    assert pair.host.core.log.bodies == [TimeAdded(seat=seat, milliseconds=15_000) for seat in (1, 0)]
    pair.wait(29.9)
    assert not pair.host.over
    pair.wait(0.2)
    assert pair.host.over


def test_time_can_be_given_however_long_the_match_is() -> None:
    pair = Clocked()
    for frame in range(300):
        pair.host.decisions.time(frame % 2, frame, 0)
    for _ in range(300):
        pair.host.give_time()
    given = [what for what in pair.host.core.log.bodies if isinstance(what, TimeAdded)]
    assert len(given) == 256, "and no further, lest there is no room for the end"


def test_the_time_of_a_turn_that_ends_with_a_takeback_is_given_back() -> None:
    pair = Clocked()
    pair.move(5.0)
    pair.move(7.0)
    pair.wait(4.0)
    pair.host.ask_takeback()
    pair.deliver()
    pair.guest.answer_takeback(allow=True)
    pair.deliver()
    for match in pair.all:
        match.settle(pair.now)
        assert pair.left(match) == [56_000, 54_000]
    pair.move(1.0)
    assert pair.stamps() == [(1, 0, 5000), (2, 1, 7000), (4, 0, 1000)]


def test_a_stamp_is_a_change_of_the_view() -> None:
    pair = Clocked()
    pair.wait(5.0)
    pair.host.submit(1)
    pair.host.settle(pair.now)
    shown = pair.host.view()
    pair.deliver()
    assert [face.main for face in pair.guest.view().clocks] == [56_000, 60_000]
    assert [face.main for face in shown.clocks] == [56_000, 60_000]


def test_a_game_without_a_clock_gives_none() -> None:
    pair = Members(ROBIN)
    pair.deliver()
    for match in pair.all:
        match.give_time()
        match.settle(5.0)
        assert match.view().clocks == ()
        assert match.next_deadline() is None
    pair.deliver()
    assert pair.host.core.log.entries == []


def test_the_last_move_and_what_follows_the_end_are_not_timed() -> None:
    pair = Clocked()
    for value in (9, 1, 9, 1, 9, 1, 9):
        pair.move(1.0, value)
    assert pair.host.outcome == Outcome(winners=(0,), reason="thirty")
    assert len(pair.stamps()) == 6
    assert [match.settled for match in pair.all] == [True, True]


def test_a_restarted_program_knows_what_is_left() -> None:
    pair = Clocked()
    pair.move(20.0)
    pair.move(30.0)
    pair.collect()
    for old in list(pair.all):
        saved = saved_match_of(replay_of(pair.written[old]), CLOCKED)
        pair.replace(old, restore_match(old.core.peer, CLOCKED, saved))  # type: ignore[arg-type]
    pair.rejoin(*pair.all)
    pair.deliver()
    for match in pair.all:
        match.settle(pair.now)
        assert pair.left(match) == [41_000, 31_000]
    pair.move(5.0)
    assert pair.stamps()[-1] == (3, 0, 5000)


# --- a host that counts otherwise


def refuses(match: Match, message: m.Message, now: float) -> None:
    with pytest.raises(RemoteProtocolError):
        hear(match, message, now)


def test_a_flag_of_ours_that_cannot_have_fallen() -> None:
    pair = Clocked("5 min")
    pair.move(1.0)
    pair.wait(100.0)
    pair.guest.settle(pair.now)
    (flag,) = entries(pair.guest, 1, Flagged(seat=1, milliseconds=300_000))
    refuses(pair.guest, flag, pair.now)
    assert pair.guest.outcome is None


def test_an_end_without_a_flag() -> None:
    pair = Clocked("5 min")
    pair.move(1.0)
    refuses(pair.guest, ended(pair.guest, 1, Outcome.by(EndedBy.TIME, (0,))), pair.now)


def test_more_than_we_used() -> None:
    pair = Clocked("5 min")
    pair.move(1.0)
    pair.move(5.0)
    pair.move(1.0)
    guest = pair.guest
    refuses(guest, entries(guest, 2, Timed(seat=1, milliseconds=20_000))[0], pair.now)


def test_a_host_that_forgets_its_own_time() -> None:
    pair = Clocked("5 min")
    guest = pair.guest
    pair.wait(60.0)
    hear(guest, m.Input(match=guest.id, player=0, frame=0, data=b"\x01"), pair.now)
    hear(guest, m.StateHash(match=guest.id, frame=1, hash=guest.core.timeline.hash), pair.now)
    refuses(guest, entries(guest, 1, Timed(seat=0, milliseconds=1000))[0], pair.now)


def test_a_host_that_lets_its_flag_hang() -> None:
    pair = Clocked("15 s a move")
    guest = pair.guest
    for _ in range(24):
        pair.now = guest.next_deadline() or 0.0
        guest.handle_timeout(pair.now)
    assert pair.now == pytest.approx(24.0)
    guest.handle_timeout(24.9)
    with pytest.raises(RemoteProtocolError) as caught:
        guest.handle_timeout(25.1)
    assert caught.value.code == "bad_clock"


def test_a_machine_that_slept_blames_nobody() -> None:
    pair = Clocked("15 s a move")
    pair.wait(3.0)
    pair.guest.handle_timeout(pair.now + 3600.0)
    pair.guest.settle(pair.now + 3600.0)
    assert not pair.guest.over
    assert [face.used for face in pair.guest.view().clocks] == [4000, 0]


def test_stamps_in_a_game_without_a_clock() -> None:
    pair = Members(ROBIN)
    pair.deliver()
    for what in (Timed(seat=0, milliseconds=1), TimeAdded(seat=0, milliseconds=1)):
        refuses(pair.guest, entries(pair.guest, 0, what)[0], 0.0)


def test_a_guest_decides_no_time() -> None:
    pair = Clocked()
    refuses(pair.host, entries(pair.host, 0, TimeAdded(seat=1, milliseconds=9))[0], 0.0)


# --- patience


def test_patience_times_no_move_and_shows_only_its_last_minute() -> None:
    pair = Clocked("10 min of patience")
    pair.move(500.0)
    pair.move(500.0)
    assert pair.host.core.log.entries == []
    assert [match.view().clocks for match in pair.all] == [(), ()]
    pair.wait(545.0)
    for match in pair.all:
        assert 50_000 <= min(face.shown(pair.now)[0] for face in match.view().clocks) <= 56_000
    pair.move(5.0)
    assert [match.view().clocks for match in pair.all] == [(), ()]


@pytest.mark.parametrize("mover", [HOST, GUEST])
def test_who_is_there_and_does_not_move_loses_in_the_end(mover: str) -> None:
    pair = Clocked("10 min of patience", first=mover)
    pair.wait(599.0)
    assert all(match.running for match in pair.all)
    pair.wait(3.0)
    assert [end for end, _ in pair.ends()] == [Outcome.by(EndedBy.TIME, (1,))] * 2
    for match in pair.all:
        replay = replay_of(pair.written[match])
        assert verify(replay, CLOCKED, replay.header.digest).problems == ()


@pytest.mark.parametrize("what", [Timed(seat=1, milliseconds=1), TimeAdded(seat=0, milliseconds=1)])
def test_with_patience_there_is_no_time_to_decide_about(what: Timed | TimeAdded) -> None:
    pair = Clocked("10 min of patience")
    pair.host.give_time()
    pair.deliver()
    assert pair.host.core.log.entries == []
    with pytest.raises(RemoteProtocolError, match="bad_decision"):
        hear(pair.guest, entries(pair.guest, 0, what)[0])


def test_a_flag_before_the_patience_is_over_is_none() -> None:
    pair = Clocked("10 min of patience", first=GUEST)
    pair.wait(300.0)
    early = Flagged(seat=0, milliseconds=600_000)
    with pytest.raises(RemoteProtocolError, match="bad_decision"):
        hear(pair.guest, entries(pair.guest, 0, early)[0], pair.now)
