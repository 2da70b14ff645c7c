"""Rooms whose rounds are real matches of Tron: watched, joined late, left, and gone on with when somebody is gone."""

import gc
import weakref
from typing import Any

import pytest

from p2pgame.core.registry import Plugin
from p2pgame.replay.verify import verify
from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.testing.network import LinkEnd, SimPeer, World
from p2pgame.testing.recorded import replay_of, saved_from
from p2pgame.wire.bounds import ABSENT_AFTER, COUNTDOWN, TABLE_TIME

TRON = Plugin("p2pgame.games.tron")
FRAMES = 400
ROUND = FRAMES / 60 + 1.0


class Club(World):
    """So many peers in one room, all of them ready."""

    def __init__(self, count: int, seed: int = 5, **room: Any) -> None:
        super().__init__(TRON, seed, delay=0.002, frames=FRAMES)
        self.all = [self.add(f"P{number}") for number in range(count)]
        self.order(self.all[0], c.OpenRoom(game="tron", **room))
        self.room = self.all[0].first(e.RoomJoined).room
        for peer in self.all[1:]:
            self.enter(peer)
        self.run(0.5)
        for peer in self.all:
            self.order(peer, c.SetReady(True))
        self.run(COUNTDOWN + 1.0)

    def enter(self, peer: SimPeer, local: int = 1) -> None:
        self.order(peer, c.JoinRoom(room=self.room, local=local))
        self.run(0.3)

    def order(self, peer: SimPeer, command: c.Command) -> None:
        peer.do("execute", command, peer.now)

    def phase(self, peer: SimPeer) -> str:
        view = peer.lobby.room_view(peer.now)
        return view.phase if view is not None else "outside"

    def check_round(self, peers: list[SimPeer], number: int = 0) -> None:
        """All ended the same round alike, and their files verify."""
        ends = [peer.told(e.MatchEnded)[number] for peer in peers]
        assert len({(end.match, end.frames, end.hash, end.outcome) for end in ends}) == 1, ends
        for peer in peers:
            assert not peer.told(e.MatchDesync)
            records = peer.files.get(ends[0].match)
            if records:
                assert verify(replay_of(records), TRON.game, TRON.digest).ok


def test_three_people_and_two_bots_play_three_rounds() -> None:
    club = Club(3, seats=6, bots=3)
    club.run(3 * ROUND + 2 * TABLE_TIME)
    for number in range(3):
        club.check_round(club.all, number)
    for peer in club.all:
        started = peer.told(e.MatchStarted)
        assert len({event.match for event in started}) >= 3
        assert all(len(event.players) == 6 for event in started)
        assert not peer.told(e.ErrorEvent)


def test_a_leader_that_tells_of_another_match_than_ours_keeps_nobody_busy() -> None:
    """A program that is to watch that one asks for it now and then, and plays on."""
    club = Club(3)
    ann, ben, cid = club.all
    leader = ann.lobby._rooms._here.leader  # type: ignore[union-attr]
    assert leader is not None
    leader._set(match="f" * 16, host=cid.id)
    ann.do("handle_timeout", ann.now)
    club.run(1.0)
    assert [club.phase(peer) for peer in club.all] == ["playing"] * 3
    club.run(ROUND)
    club.check_round([ann, ben, cid])


def test_who_comes_late_watches_and_plays_in_the_next_round() -> None:
    club = Club(2, seats=4)
    late = club.add("Late")
    club.enter(late)
    club.run(1.0)
    assert late.told(e.Spectating)
    match = late.lobby.match
    assert match is not None
    assert abs(match.frame - match_of(club.all[0]).frame) < 20
    club.run(ROUND + TABLE_TIME + ROUND)
    club.check_round(club.all)
    club.check_round([*club.all], 1)
    assert late.told(e.MatchStarted)[-1].seats == (2,)


def test_who_takes_the_seat_of_a_bot_is_called_by_its_name_on_all_screens() -> None:
    club = Club(2, seats=3, bots=1)
    late = club.add("Late")
    club.enter(late)
    club.run(1.5)
    assert match_of(late).core.seats == (2,)
    for peer in [*club.all, late]:
        view = match_of(peer).view()
        assert (view.names[2], view.players[2], view.bots) == ("Late", late.id, ())
    host = club.all[0] if match_of(club.all[0]).is_host else club.all[1]
    other = club.all[1] if host is club.all[0] else club.all[0]
    club.kill(host)
    club.run(4.0)
    hosts = [peer for peer in (other, late) if match_of(peer).is_host]
    assert len(hosts) == 1
    assert all(member.name for member in hosts[0].lobby.matches._session.members.values())
    club.run(1.0)
    assert match_of(other).view().names[2] == "Late"


def match_of(peer: SimPeer) -> Any:
    assert peer.lobby.match is not None
    return peer.lobby.match


def test_who_only_watches_never_has_a_seat() -> None:
    club = Club(2)
    watcher = club.add("Watcher")
    club.enter(watcher, local=0)
    club.run(ROUND + TABLE_TIME + 2.0)
    assert len(watcher.told(e.Spectating)) == 2
    assert all(event.seats == () for event in watcher.told(e.MatchStarted))
    assert match_of(watcher).id == match_of(club.all[0]).id


@pytest.mark.parametrize("command", [c.LeaveRound(), c.LeaveRoom()], ids=["round", "room"])
def test_who_leaves_hurts_nobody(command: c.Command) -> None:
    club = Club(3)
    host = club.all[0].first(e.MatchStarted).host
    leaver = next(peer for peer in club.all if peer.id != host)
    others = [peer for peer in club.all if peer is not leaver]
    club.order(leaver, command)
    club.run(1.0)
    for peer in others:
        assert match_of(peer).running
    club.run(ROUND + TABLE_TIME + 1.0)
    club.check_round(others)
    for peer in others:
        assert match_of(peer).running
        assert leaver.id not in peer.told(e.MatchStarted)[-1].players
    assert club.phase(leaver) == ("playing" if isinstance(command, c.LeaveRound) else "outside")


@pytest.mark.parametrize("power", [True, False])
def test_a_guest_that_is_killed_is_replaced_by_a_bot_and_left_out_of_the_next_round(power: bool) -> None:
    club = Club(3)
    host = club.all[0].first(e.MatchStarted).host
    victim = next(peer for peer in club.all if peer.id != host)
    others = [peer for peer in club.all if peer is not victim]
    club.kill(victim, power=power)
    club.run(ROUND + TABLE_TIME + (3.0 if power else ABSENT_AFTER + 3.0))
    club.check_round(others)
    for peer in others:
        assert match_of(peer).running
        assert victim.id not in peer.told(e.MatchStarted)[-1].players


def test_who_is_kicked_plays_no_longer() -> None:
    club = Club(3)
    leader, *others = club.all
    host = leader.first(e.MatchStarted).host
    victim = next(peer for peer in others if peer.id != host)
    rest = [peer for peer in club.all if peer is not victim]
    club.order(leader, c.Kick(victim.id))
    club.run(1.0)
    assert club.phase(victim) == "outside"
    for peer in rest:
        assert match_of(peer).running
        assert len(match_of(peer).core.seating.bots) == 1
    club.run(ROUND)
    club.check_round(rest)


def test_the_leader_may_vanish_while_a_guest_of_it_plays_on() -> None:
    club = Club(3, seed=6)
    leader = club.all[0]
    if leader.first(e.MatchStarted).host == leader.id:
        pytest.skip("it hosts, too")
    others = club.all[1:]
    club.kill(leader)
    club.run(ROUND + TABLE_TIME + 4.0)
    club.check_round(others)
    for peer in others:
        assert club.phase(peer) == "playing"
        assert match_of(peer).running


def host_of(club: Club) -> SimPeer:
    host = club.all[0].first(e.MatchStarted).host
    return next(peer for peer in club.all if peer.id == host)


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_when_the_host_is_killed_the_room_knows_the_next_one_and_who_comes_late_watches_there(
    seed: int,
) -> None:
    club = Club(3, seed=seed)
    host = host_of(club)
    others = [peer for peer in club.all if peer is not host]
    club.kill(host)
    club.run(2.0)
    late = club.add("Late")
    club.enter(late, local=0)
    club.run(2.0)
    view = late.lobby.room_view(late.now)
    assert view is not None
    assert view.host in {peer.id for peer in others}
    assert late.told(e.Spectating)
    club.run(ROUND + TABLE_TIME)
    club.check_round(others)


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_a_host_that_leaves_the_room_hurts_nobody(seed: int) -> None:
    club = Club(3, seed=seed)
    host = host_of(club)
    others = [peer for peer in club.all if peer is not host]
    club.order(host, c.LeaveRoom())
    club.run(2.0)
    for peer in others:
        assert match_of(peer).running
    club.run(ROUND + TABLE_TIME)
    club.check_round(others)
    assert club.phase(host) == "outside"
    for peer in others:
        assert host.id not in peer.told(e.MatchStarted)[-1].players


@pytest.mark.parametrize("on_disk", [True, False])
def test_who_is_started_again_plays_on_in_its_seat(on_disk: bool) -> None:
    club = Club(4)
    host = host_of(club)
    victim = next(peer for peer in club.all[1:] if peer is not host)
    club.run(2.0)
    seats = match_of(victim).core.seats
    club.kill(victim)
    club.run(2.0)
    if not on_disk:
        victim.files.clear()
    victim.restart()
    club.enter(victim)
    club.run(1.0)
    assert match_of(victim).core.seats == seats
    club.run(ROUND)
    club.check_round(club.all)
    for peer in club.all:
        assert match_of(peer).settled
        assert not peer.told(e.ErrorEvent)


def test_a_match_that_was_left_with_its_room_is_not_offered_again() -> None:
    club = Club(3)
    host = club.all[0].first(e.MatchStarted).host
    leaver = next(peer for peer in club.all if peer.id != host)
    match = leaver.first(e.MatchStarted).match
    club.order(leaver, c.LeaveRoom())
    club.run(1.0)
    assert saved_from(leaver.files[match], TRON) is None
    assert replay_of(leaver.files[match]).end is not None
    assert not leaver.told(e.ErrorEvent)
    club.kill(leaver)
    leaver.restart()
    assert not leaver.told(e.MatchResumable)


def test_who_watches_and_leaves_ends_nothing_for_the_others() -> None:
    club = Club(2)
    watcher = club.add("Watcher")
    club.enter(watcher, local=0)
    club.run(0.5)
    assert watcher.told(e.Spectating)
    club.order(watcher, c.LeaveRoom())
    club.run(1.0)
    assert watcher.lobby.match is None
    for peer in club.all:
        assert match_of(peer).running
        assert not peer.told(e.ErrorEvent)


def test_a_round_that_is_over_is_gone_without_a_search_for_garbage() -> None:
    """It has some hundred states; in a room that plays all evening they would add up until the collector looks."""
    gc.collect()
    gc.disable()
    try:
        club = Club(3)
        rounds = [weakref.ref(peer.lobby.match) for peer in club.all if peer.lobby.match is not None]
        assert len(rounds) == 3
        club.run(ROUND + TABLE_TIME + COUNTDOWN)
        for peer in club.all:
            assert len(peer.told(e.MatchStarted)) == 2
        assert [one() for one in rounds] == [None] * 3
    finally:
        gc.enable()


def test_who_comes_late_learns_who_sat_where_at_first() -> None:
    """Colours go by that: else somebody would be orange on one screen and green on another."""
    club = Club(3, seats=4, bots=1)
    first = match_of(club.all[0]).view().first_players
    assert sorted(first) == sorted(["", *(peer.id for peer in club.all)])
    club.order(club.all[2], c.LeaveRound())
    late = club.add("Late")
    club.enter(late)
    club.run(1.5)
    assert match_of(late).view().first_players == match_of(club.all[0]).view().first_players == first


def test_who_cannot_reach_the_host_of_a_round_is_told_once_and_by_name() -> None:
    club = Club(3)
    host, late = host_of(club), club.add("Late")
    assert host is not club.all[0], "else nobody could come into the room"
    club.cut.add(frozenset((host.id, late.id)))
    club.enter(late, local=0)
    club.run(5.5)
    errors = [(error.code, error.params) for error in late.told(e.ErrorEvent)]
    assert errors == [("connect_failed", {"name": host.name})]


def test_a_host_that_answers_after_more_than_a_second_can_be_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.FRAMES", 900)
    club = Club(3)
    host, late = host_of(club), club.add("Late")
    deliver = club._deliver

    def slowly(end: LinkEnd, data: bytes) -> None:
        if end.owner is late and end.other is not None and end.other.owner is host:
            club.at(club.now + 1.3, lambda: deliver(end, data))
        else:
            deliver(end, data)

    monkeypatch.setattr(club, "_deliver", slowly)
    club.enter(late, local=0)
    club.run(8.0)
    assert late.told(e.Spectating)
    assert not late.told(e.ErrorEvent)
