"""Matches of three to eight members: who drops out, comes back, watches, joins late, plays for two."""

import pytest

from p2pgame.session import events as e
from p2pgame.session.match import Match
from p2pgame.testing.network import SimPeer
from p2pgame.wire.decisions import Dropped, Seated
from p2pgame.wire.messages import Decided, Message
from tests.sim.party import Party


@pytest.mark.parametrize("seats", [(0, 1, 2), (0, 1, 2, 3), (0, 1, 1, None), (0, 0, 1, 2, 2, None, None, 3)])
@pytest.mark.parametrize("loss", [0.0, 0.1])
def test_all_play_to_the_same_end(seats: tuple[int | None, ...], loss: float) -> None:
    party = Party("tron", seats, delay=0.002, jitter=0.004, loss=loss, frames=600)
    party.play_out()
    party.check()
    assert party.ended(party.host).frames >= 400
    for peer in party.members:
        started = peer.told(e.MatchStarted)[0]
        assert started.seats == tuple(n for n, s in enumerate(seats) if s == party.members.index(peer))
        assert party.verdict(peer).signed_by == tuple(
            sorted(min(n for n, s in enumerate(seats) if s == member) for member in range(len(party.members)))
        )


def test_a_guest_of_eight_sends_no_more_than_a_player_of_two() -> None:
    party = Party("tron", tuple(range(8)), delay=0.002, frames=600)
    party.play_out()
    party.check()
    for peer in party.members[1:]:
        assert party.ended(peer).stats.sent_bytes / 10 <= 1600, peer.name


def test_one_that_begins_late_lets_the_others_wait() -> None:
    """A guest plays once it answered the host, which still waits for the other one and hears no datagram so far."""
    party = Party("tron", (0, 1, 2), delay=0.05, frames=300)
    party.world.cut_for(1.2, party.host, party.members[2])
    party.run(1.0)
    assert not party.host.told(e.MatchStarted)
    assert party.members[1].told(e.MatchStarted)
    party.play_out()
    party.check()
    assert party.ended(party.host).frames == 300
    for peer in party.members:
        assert not peer.told(e.ErrorEvent)


@pytest.mark.parametrize(("seconds", "delay"), [(0.1, 2), (0.15, 2), (0.3, 8)])
@pytest.mark.parametrize("loss", [0.0, 0.02])
def test_a_guest_far_away_has_the_longer_delay_and_nobody_waits_for_it(
    seconds: float, delay: int, loss: float
) -> None:
    party = Party("tron", (0, 1, 2, 3), delay=0.001, loss=loss, frames=900, far={1: seconds})
    party.run(12.0)
    engines = [party.match(peer).core.engine for peer in party.members]
    assert engines[1].delay == delay
    for engine in (engines[0], *engines[2:]):
        assert engine.delay <= 2
        assert engine.stalls <= 5
    assert not party.match(party.host).core.seating.bots
    party.play_out()
    party.check()


@pytest.mark.parametrize("seed", range(3))
def test_a_guest_whose_line_becomes_long_plays_on_with_a_longer_delay(seed: int) -> None:
    party = Party("tron", (0, 1, 2, 3), delay=0.001, frames=900, seed=seed)
    party.run(2.0)
    party.move_away(party.members[1], 0.3, loss=0.2)
    party.run(8.0)
    assert not party.match(party.host).core.seating.bots
    assert party.match(party.members[1]).core.engine.delay >= 7
    for peer in (party.host, *party.members[2:]):
        assert party.match(peer).core.engine.stalls <= 16, peer.name
    party.play_out()
    party.check()


def test_a_bot_takes_over_soon_from_a_guest_that_gets_out_of_reach() -> None:
    party = Party("tron", (0, 1, 2, 3), delay=0.001, frames=600)
    party.run(2.0)
    party.move_away(party.members[1], 0.6, loss=0.2)
    party.run(2.5)
    assert party.match(party.host).core.seating.bots == {1}
    party.play_out()
    party.check()


def test_all_are_told_for_whom_they_wait() -> None:
    party = Party("tron", (0, 1, 1, 2, None), delay=0.001)
    ann, ben, cid = party.members
    party.run(2.0)

    def waits(peer: SimPeer) -> list[str]:
        view = peer.lobby.view(peer.now)
        assert view is not None
        assert all(1.0 < peer.now - since < 4.0 for _, since in view.waiting_for)
        return [name for name, _ in view.waiting_for]

    assert waits(ann) == waits(cid) == []
    party.world.cut_for(9.0, ann, ben)
    party.run(2.0)
    assert waits(ann) == waits(cid) == ["Ben1", "Ben2"]
    assert waits(ben) == ["Ann0"]


def test_a_guest_that_falters_while_it_loads_keeps_its_seat() -> None:
    party = Party("tron", (0, 1, 2, 3), delay=0.001, frames=600)
    for _ in range(8):
        party.world.cut_for(0.25, party.host, party.members[1])
        party.run(0.32)
    party.run(2.0)
    assert party.match(party.host).core.seating.bots == set()


def test_a_host_that_is_silent_for_a_moment_again_and_again_makes_no_guest_slow() -> None:
    party = Party("tron", (0, 1, 2, 3), delay=0.001, frames=900)
    for _ in range(7):
        party.run(1.0)
        for guest in party.members[1:]:
            party.world.cut_for(0.3, party.host, guest)
    party.run(1.0)
    assert party.match(party.host).core.seating.bots == set()


def test_a_guest_that_is_silent_for_a_moment_keeps_its_seat() -> None:
    party = Party("tron", (0, 1, 2, 3), delay=0.001, frames=900)
    for _ in range(3):
        party.run(2.0)
        party.world.cut_for(0.3, party.host, party.members[1])
    party.run(2.0)
    assert party.match(party.host).core.seating.bots == set()
    party.play_out()
    party.check()


@pytest.mark.parametrize("at", [0.3, 1.0, 2.0, 5.0])
def test_a_guest_that_is_killed_hurts_nobody_and_gets_its_seat_back(at: float) -> None:
    frames = round((at + 8.0) * 60)
    party = Party("tron", (0, 1, 2, 3), delay=0.002, jitter=0.002, loss=0.02, frames=frames)
    ben = party.members[1]
    party.run(at)
    party.world.kill(ben)
    party.run(3.0)
    assert party.match(party.host).core.seating.bots == {1}
    for peer in (party.host, *party.members[2:]):
        assert party.match(peer).core.engine.stalls <= 3, peer.name
    ben.restart()
    party.let_in(ben)
    ben.do("resume", party.agreement.election.match, ben.now)
    party.run(2.0)
    assert party.match(ben).core.seats == (1,)
    assert not party.match(party.host).core.seating.bots
    party.play_out()
    party.check()
    kinds = [type(what) for what in party.match(party.host).core.log.bodies]
    assert kinds == [Dropped, Seated]


@pytest.mark.parametrize("power", [True, False], ids=["killed", "unplugged"])
def test_a_guest_that_is_gone_before_the_match_begins_keeps_nobody_waiting(power: bool) -> None:
    party = Party("tron", (0, 1, 2, 3), delay=0.05, frames=1200)
    ann, ben, *others = party.members
    assert not ann.told(e.MatchStarted)
    party.world.kill(ben, power=power)
    party.run(2.0 if power else 8.0)
    for peer in (ann, *others):
        assert peer.told(e.MatchStarted), party.where()
        assert party.match(peer).core.seating.bots == {1}, party.where()
        assert party.match(peer).frame > 60, party.where()
    party.play_out()
    party.check([ann, *others])


@pytest.mark.parametrize("members", [3, 4, 8])
@pytest.mark.parametrize("at", [0.3, 1.0, 3.0])
def test_a_host_that_is_killed_is_replaced_and_comes_back_as_a_guest(members: int, at: float) -> None:
    frames = round((at + 6.0) * 60)
    party = Party("tron", tuple(range(members)), delay=0.002, jitter=0.002, loss=0.02, frames=frames)
    party.run(at)
    ann, ben = party.members[:2]
    party.world.kill(ann)
    party.run(1.5)
    for peer in party.members[1:]:
        core = party.match(peer).core
        assert core.seating.host == ben.id, party.where()
        assert core.engine.frame >= (at + 0.7) * 60, party.where()
        assert peer.told(e.HostChanged)[0].epoch == 2
    ann.restart()
    party.let_in(ann)
    ann.do("resume", party.agreement.election.match, ann.now)
    party.run(3.0)
    assert party.match(ann).core.seats == (0,), party.where()
    party.play_out()
    party.check()


@pytest.mark.parametrize(("reason", "seats"), [("slow", (3,)), ("left", ())])
def test_who_was_dropped_by_a_host_that_then_died_gets_its_seat_from_the_next_one(
    reason: str, seats: tuple[int, ...]
) -> None:
    party = Party("tron", (0, 1, 2, 3), delay=0.002)
    party.run(1.0)
    ann, ben, _, dan = party.members
    session = ann.lobby.matches._session
    assert session is not None
    session._guests.drop(session.members[dan.id], reason, ann.now)
    party.world.pump(ann)
    party.run(0.5)
    assert party.match(dan).core.seats == (), party.where()
    party.world.kill(ann)
    party.run(4.0)
    assert party.match(dan).core.seating.host == ben.id, party.where()
    assert party.match(dan).core.seats == seats, party.where()


@pytest.mark.parametrize("late", [False, True])
def test_who_came_back_follows_the_same_successor_as_all_others(late: bool) -> None:
    """The order of the succession is that of the election, which the seats do not show."""
    party = Party("tron", (4, 3, 2, 1, 0, None), watchers=int(late), delay=0.002, frames=1800)
    ann, ben, cid, dan, eve = party.members
    party.run(1.0)
    for peer in (dan, eve):
        party.world.kill(peer)
        party.run(2.0)
        peer.restart()
        party.let_in(peer)
        peer.do("resume", party.agreement.election.match, peer.now)
        party.run(2.0)
        assert party.match(peer).core.seats, party.where()
    if late:
        party.watch(party.peers[5], seats=1)
        party.run(2.0)
        assert party.match(party.peers[5]).core.seats == (5,), party.where()
    party.world.kill(ann)
    party.run(1.5)
    for peer in (ben, cid, dan, eve):
        assert party.match(peer).core.seating.host == ben.id, party.where()
    party.play_out()
    party.check()


def test_a_host_that_says_goodbye_is_replaced_at_once() -> None:
    party = Party("tron", (0, 1, 2, 3), delay=0.002, frames=900)
    party.run(1.0)
    ann = party.host
    for link in party.match(ann) and list(ann.ends):
        ann.ends[link].link.close("bye")
        party.world._flush(ann.ends[link])
    party.world.kill(ann)
    before = party.match(party.members[1]).frame
    party.run(0.3)
    assert party.match(party.members[1]).core.seating.host == party.members[1].id
    party.run(0.2)
    assert party.match(party.members[2]).frame > before
    party.play_out()
    party.check()


@pytest.mark.parametrize("frozen", [1.0, 3.0, 8.0, 30.0])
def test_there_are_never_two_hosts(frozen: float) -> None:
    """The host is cut from all others, and comes back."""
    frames = min(1800, round((frozen + 11.0) * 60))  # the longest cut outlasts the match
    party = Party("tron", (0, 1, 2, 3), delay=0.002, loss=0.01, frames=frames)
    party.run(1.0)
    ann = party.host
    for peer in party.members[1:]:
        party.world.cut_for(frozen, ann, peer)
    party.run(frozen + 8.0)
    hosts = {party.match(peer).core.seating.host for peer in party.members}
    assert len(hosts) == 1, party.where()
    assert (hosts == {ann.id}) == (frozen < 4.0), party.where()
    party.play_out()
    party.check()


@pytest.mark.parametrize("seconds", [6.0, 15.0])
@pytest.mark.parametrize("side", [(0, 1), (0,), (0, 1, 2)])
def test_a_split_goes_on_where_most_are(side: tuple[int, ...], seconds: float) -> None:
    party = Party("tron", (0, 1, 2, 3, 4), delay=0.002, frames=round((seconds + 13.0) * 60))
    party.run(1.0)
    here = [party.members[n] for n in side]
    there = [peer for peer in party.members if peer not in here]
    for one in here:
        for other in there:
            party.world.cut_for(seconds, one, other)
    party.run(seconds + 10.0)
    assert len({party.match(peer).core.seating.host for peer in party.members}) == 1, party.where()
    party.play_out()
    party.check()


def test_two_join_a_running_match_to_watch_and_to_play() -> None:
    party = Party("tron", (0, 1, None, None), watchers=2, delay=0.002, loss=0.02, frames=1200)
    dan, eve = party.peers[2:]
    party.run(3.0)
    party.watch(dan)
    party.watch(eve, seats=1)
    party.run(1.0)
    assert party.match(dan).core.seats == ()
    assert party.match(eve).core.seats == (2,)
    for peer in (dan, eve):
        assert party.match(peer).frame >= party.match(party.host).frame - 18
    assert dan.told(e.Spectating)
    party.play_out()
    party.check()


def test_nobody_waits_for_the_signature_of_one_that_came_later() -> None:
    party = Party("tron", (0, 1, None), watchers=1, delay=0.002, frames=400)
    eve = party.peers[2]
    party.run(2.0)
    party.watch(eve, seats=1)
    party.run(2.0)
    assert party.match(eve).core.seats == (2,)
    party.run(400 / 60 - 3.0)
    for peer in party.alive:
        assert party.match(peer).settled, party.where()
    party.check()


def test_who_leaves_the_round_watches_a_bot_in_its_place() -> None:
    party = Party("tron", (0, 1, 2), delay=0.002, frames=900)
    party.run(1.0)
    ben = party.members[1]
    ben.lobby.matches._with_match(Match.leave, ben.now)
    party.world.pump(ben)
    party.run(1.5)
    assert party.match(party.host).core.seating.bots == {1}
    assert party.match(ben).core.seats == ()
    assert party.match(ben).frame >= party.match(party.host).frame - 18
    party.play_out()
    party.check()


@pytest.mark.parametrize("seed", range(4))
def test_a_seat_comes_back_to_who_is_far_ahead_of_it(seed: int) -> None:
    """Its own first input may be what everybody waits for, itself too."""
    party = Party("tron", (0, 1, 2, None), delay=0.06, jitter=0.05, loss=0.1, frames=900, seed=seed)
    party.run(1.0)
    ben = party.members[1]
    party.world.cut_for(11.0, party.host, ben)
    party.run(16.0)
    bodies = party.match(party.host).core.log.bodies
    assert Seated(seat=1, peer=ben.id) in bodies, party.where()
    party.play_out()
    party.check()


@pytest.mark.parametrize("power", [True, False])
def test_a_watcher_finds_the_host_that_was_chosen(power: bool) -> None:
    party = Party("tron", (0, 1, 2), watchers=1, delay=0.002, frames=1500)
    watcher = party.peers[3]
    party.run(1.0)
    party.watch(watcher)
    party.run(1.0)
    party.world.kill(party.host, power=power)
    party.run(14.0)
    ben = party.match(party.members[1])
    assert party.match(watcher).core.seating.host == ben.core.peer, party.where()
    assert party.match(watcher).frame >= ben.frame - 18
    party.play_out()
    party.check()


def test_one_alone_among_bots_plays_to_the_end() -> None:
    party = Party("tron", (0, None, None), delay=0.002, frames=600)
    party.play_out()
    party.check()
    assert party.verdict(party.host).signed_by == (0,)


@pytest.mark.parametrize("seed", [0, 23, 25, 28, 31, 38])
def test_a_watcher_sees_the_end_though_the_host_goes_at_once(seed: int) -> None:
    party = Party("tron", (0, 1), watchers=1, delay=0.001, jitter=0.01, loss=0.5, frames=400, seed=seed)
    ann, watcher = party.host, party.peers[2]
    party.run(1.0)
    party.watch(watcher)
    while not party.match(ann).over:
        party.run(1 / 60)
    for link in list(ann.ends):
        ann.ends[link].link.close("bye")
    party.world.pump(ann)
    party.play_out()
    party.check()


def test_what_who_left_had_played_on_is_taken_back() -> None:
    """Its own inputs after the frame from which on a bot plays never were: all files are the same."""
    for seed in range(6):
        party = Party("tron", (0, 1, 2), delay=0.01, jitter=0.01, loss=0.1, frames=400, seed=seed)
        party.run(1.0 + seed / 40)
        cid = party.members[2]
        cid.lobby.matches._with_match(Match.leave, cid.now)
        party.world.pump(cid)
        party.play_out()
        party.check()


def test_a_watcher_that_was_away_for_long_comes_back_and_is_near_the_players_again() -> None:
    party = Party("tron", (0, 1, 2), watchers=1, delay=0.01, loss=0.02, frames=1500)
    watcher = party.peers[3]
    party.run(1.0)
    party.watch(watcher)
    party.run(1.0)
    party.world.cut_for(6.0, party.host, watcher)
    party.run(8.0)
    assert party.match(watcher).frame >= party.match(party.host).frame - 18, party.where()
    party.play_out()
    party.check()


@pytest.mark.parametrize("away", [0.4, 1.5])
def test_a_watcher_sees_what_it_missed_faster_than_it_was_played(away: float) -> None:
    """Its session stands: nothing is told again but by packets."""
    party = Party("tron", (0, 1, 2), watchers=1, delay=0.002, frames=900)
    watcher = party.peers[3]
    party.run(1.0)
    party.watch(watcher)
    party.run(1.0)
    party.world.cut_for(away, party.host, watcher)
    party.run(away + 1.0)
    assert party.match(watcher).frame >= party.match(party.host).frame - 18, party.where()
    party.play_out()
    party.check()


def test_what_only_a_watcher_had_seen_when_all_others_were_started_anew_never_was() -> None:
    party = Party("tron", (0, 1, 2), watchers=1, delay=0.002, frames=1200)
    watcher = party.peers[3]
    party.run(1.0)
    party.watch(watcher)
    party.run(1.2)
    for peer in party.members:
        party.world.kill(peer)
    for peer in party.members:
        peer.restart(lost=3)
        party.let_in(peer)
        peer.do("resume", party.agreement.election.match, peer.now)
    party.run(6.0)
    assert not watcher.told(e.MatchDesync)
    party.play_out()
    party.check()


def test_a_host_that_was_replaced_may_be_host_again() -> None:
    party = Party("tron", (0, 1, 2), delay=0.002, frames=2400)
    for host, after in ((0, 1), (1, 0), (0, 1)):
        party.run(1.0)
        party.world.kill(party.members[host])
        party.run(1.0)
        assert party.match(party.members[after]).is_host, party.where()
        party.members[host].restart()
        party.let_in(party.members[host])
        party.members[host].do("resume", party.agreement.election.match, party.members[host].now)
        party.run(2.0)
        assert party.match(party.members[host]).core.seats == (host,), party.where()
    party.play_out()
    party.check()


@pytest.mark.parametrize("members", [4, 5, 8])
@pytest.mark.parametrize("after", [0.0, 0.0004, 0.002, 0.01])
@pytest.mark.parametrize("seed", range(3))
def test_who_was_chosen_is_killed_before_all_know_it(members: int, after: float, seed: int) -> None:
    """Some know the host of epoch 2 and some do not, so that they begin to search at different times and epochs."""
    party = Party("steps", tuple(range(members)), delay=0.0002, jitter=0.002, seed=seed, seconds=7)
    party.run(1.0)
    party.world.kill(party.host)
    while not (told := [event for peer in party.alive for event in peer.told(e.HostChanged)]):
        party.run(0.0002)
    (second,) = [peer for peer in party.peers if peer.id == told[0].host]
    party.run(after)
    party.world.kill(second)
    party.run(3.0)
    hosts = {peer.told(e.HostChanged)[-1].host for peer in party.alive}
    assert len(hosts) == 1, party.where()
    assert not hosts & {party.host.id, second.id}
    party.play_out()
    party.check()


def test_who_was_chosen_is_killed_once_it_answered_the_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others know how many entries it has more, and never get them."""
    party = Party("steps", (0, 1, 2, 3, 4), delay=0.002, seconds=15)
    chosen, receive = party.members[1], Match.receive

    def receive_no_entry(match: Match, member: int, message: Message, now: float) -> None:
        if not isinstance(message, Decided) or not party.host.dead or chosen.dead:
            receive(match, member, message, now)

    monkeypatch.setattr(Match, "receive", receive_no_entry)
    party.run(1.0)
    party.world.kill(party.host)
    while not all(party.match(peer).recovery.entries_owed for peer in party.members[2:]):
        party.run(0.001)
    party.world.kill(chosen)
    party.run(4.0)
    assert not any(party.match(peer).recovery.entries_owed for peer in party.alive)
    party.play_out()
    party.check()


@pytest.mark.parametrize("away", [3.0, 8.0])
def test_who_was_away_while_the_host_died_finds_the_one_that_was_chosen(away: float) -> None:
    """It comes to later terms than the one in which the others chose, all by itself."""
    party = Party("steps", (0, 1, 2, 3, 4), delay=0.002, seconds=25)
    victim = party.members[4]
    party.run(1.0)
    for other in party.members[:4]:
        party.world.cut_for(away, victim, other)
    party.run(0.1)
    party.world.kill(party.host)
    party.run(away + 3.0)
    assert len({peer.told(e.HostChanged)[-1].host for peer in party.alive}) == 1, party.where()
    party.play_out()
    party.check()
