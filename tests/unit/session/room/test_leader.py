"""What a leader makes of what members ask: whatever they ask, in whatever order, the room stays a room."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId, peer_id_of
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.session.room.gather import Party, Plan
from p2pgame.session.room.leader import Leader, champions, new_room
from p2pgame.session.room.member import check
from p2pgame.session.room.seating import kind_of, seated, watchers
from p2pgame.wire import messages as m
from p2pgame.wire.bounds import (
    COUNTDOWN,
    KEPT_TIME,
    KICK_TIME,
    REVEAL_TIMEOUT,
    SESSION_TIMEOUT,
    TABLE_TIME,
    VOTE_GAP,
    VOTE_TIME,
    WATCHERS_MAX,
)
from p2pgame.wire.rooms import Commitment, parties_of
from tests.toy import TOY

PEERS = [peer_id_of(bytes([number]) * 32) for number in range(20)]
ANN, BEN, CID, DAN = PEERS[:4]


def plugin(name: str = "toy", least: int = 2, most: int = 8, *, has_bot: bool = True) -> Plugin:
    game = SimpleNamespace(
        name=name, title=name, min_players=least, max_players=most, config_type=TOY.config_type,
        teams=name != "duel", tick_rate=0 if name == "duel" else 60,
    )  # fmt: skip
    return cast("Plugin", SimpleNamespace(game=game, digest="0123456789abcdef", has_bot=has_bot))


GAMES = {"toy": plugin(), "duel": plugin("duel", 2, 2, has_bot=False), "crowd": plugin("crowd", 4, 8)}


class Room:
    """A leader, its clock, and its members."""

    def __init__(self, members: int = 1, **options: Any) -> None:
        facts: dict[str, Any] = {"seats": 0, "bots": 0, "local": 1, "frames": 0, "rounds": 0} | options
        state = new_room("00112233445566ff", ANN, "P0", GAMES["toy"], encode(TOY.config_type()), **facts)
        self.now = 0.0
        self.leader = Leader(state, ANN, GAMES.get, self.now)
        for number in range(1, members):
            assert self.join(PEERS[number]) == ""

    @property
    def state(self) -> m.RoomState:
        return self.leader.state

    def join(self, peer: PeerId, local: int = 1) -> str:
        return self.leader.join(peer, f"P{PEERS.index(peer)}", local, self.now)

    def ask(self, peer: PeerId, what: Any, value: int = 0, argument: str = "") -> str:
        ask = m.RoomAsk(room=self.state.room, what=what, value=value, argument=argument)
        return self.leader.ask(peer, ask, self.now)

    def ready(self, *peers: PeerId) -> None:
        for peer in peers:
            assert self.ask(peer, "ready", 1) == ""

    def run(self, seconds: float) -> None:
        """Time passes; the leader is asked when it wanted to be."""
        end = self.now + seconds
        while (at := self.leader.next_deadline()) is not None and at <= end:
            self.now = max(self.now, at)
            self.leader.handle_timeout(self.now)
        self.now = end

    def seats(self) -> list[str]:
        """Who sits where: a name, or the kind."""
        names = {member.peer: member.name for member in self.state.members}
        return [
            f"{names[seat.peer]}/{seat.index}" if seat.peer else kind_of(self.state, seat)
            for seat in self.state.seats
        ]

    def parties(self) -> dict[PeerId, Party]:
        plan = Plan.of(self.state)
        return {peer: Party(peer, plan, peer[:2].encode() * 16) for peer in plan.parties}

    def gathered(self) -> dict[PeerId, Party]:
        """All commit and reveal."""
        parties = self.parties()
        every = None
        for peer, party in parties.items():
            every = self.leader.commit(peer, party.commit(measured), self.now) or every
        assert every is not None
        nonces = None
        for peer, party in parties.items():
            nonces = self.leader.reveal(peer, party.committed(every.commitments), self.now) or nonces
        assert nonces is not None
        for party in parties.values():
            party.revealed(nonces.nonces)
        return parties

    def news(
        self, peer: PeerId, news: Any, party: Party, epoch: int = 1, winners: tuple[int, ...] = ()
    ) -> None:
        election = party.elect(epoch)
        self.leader.news(
            peer,
            m.RoomRound(
                room=self.state.room,
                plan=party.plan.digest,
                news=news,
                epoch=epoch,
                match=election.match,
                host=election.host,
                winners=winners,
            ),
            self.now,
        )

    def begun(self) -> dict[PeerId, Party]:
        """A round is played by all who are ready."""
        parties = self.gathered()
        party = next(iter(parties.values()))
        self.news(party.elect(1).host, "begun", party)
        assert self.state.phase == "playing"
        return parties


def measured(commitment: bytes, parties: tuple[PeerId, ...]) -> Commitment:
    return Commitment(commitment, reachable=True, wired=False, round_trips=(1,) * len(parties))


def playing(members: int = 3, **options: Any) -> tuple[Room, dict[PeerId, Party]]:
    room = Room(members, **options)
    room.ready(*PEERS[:members])
    room.run(COUNTDOWN)
    return room, room.begun()


# --- seats


def test_bots_give_way_to_people_and_come_back() -> None:
    room = Room(bots=2, seats=4)
    assert room.seats() == ["P0/0", "open", "bot", "bot"]
    for peer in (BEN, CID, DAN):
        room.join(peer)
    assert room.seats() == ["P0/0", "P1/0", "P2/0", "P3/0"]
    room.leader.leave(CID, 0.0)
    room.leader.leave(BEN, 0.0)
    assert room.seats() == ["P0/0", "open", "bot", "P3/0"]


def test_people_on_one_machine_sit_together_and_one_may_stand_up() -> None:
    room = Room(2, seats=4)
    room.ask(BEN, "local", 3)
    assert room.seats() == ["P0/0", "P1/0", "P1/1", "P1/2"]
    room.ask(BEN, "local", 1)
    assert room.seats() == ["P0/0", "P1/0", "open", "open"]
    room.ask(BEN, "local", 0)
    assert watchers(room.state.members, room.state.seats) == (BEN,)


def test_a_person_gives_way_to_what_the_leader_wants_there() -> None:
    room = Room(2, seats=3)
    assert room.leader.set_seat(1, "closed", None, None, 0.0) == ""
    assert room.seats() == ["P0/0", "closed", "P1/0"]
    assert room.leader.set_seat(2, "bot", "hard", 2, 0.0) == ""
    assert room.seats() == ["P0/0", "closed", "bot"]
    assert (room.state.seats[2].level, room.state.seats[2].team) == ("hard", 2)
    assert watchers(room.state.members, room.state.seats) == (BEN,)
    assert room.leader.set_seat(1, "open", None, None, 0.0) == ""
    assert room.seats() == ["P0/0", "open", "bot"], "who watches asks for a seat"
    room.ask(BEN, "local", 1)
    assert room.seats() == ["P0/0", "P1/0", "bot"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((9, "open", None, None), "no_such_seat"),
        ((-1, "open", None, None), "no_such_seat"),
        ((0, "throne", None, None), "no_such_seat"),
        ((0, None, "godlike", None), "no_such_level"),
        ((0, None, None, 99), "no_such_team"),
    ],
)
def test_a_seat_that_cannot_be_is_refused(change: tuple[Any, ...], code: str) -> None:
    room = Room()
    before = room.state
    assert room.leader.set_seat(*change, 0.0) == code
    assert room.state == before


def test_a_game_without_a_bot_has_no_seats_of_bots() -> None:
    room = Room()
    room.leader.set_game(GAMES["duel"], b"\x80", 0.0)
    assert room.leader.set_seat(1, "bot", None, None, 0.0) == "game_without_bot"


def test_another_game_has_its_number_of_seats_and_nobody_is_ready() -> None:
    room = Room(3, seats=3)
    room.ready(ANN, BEN)
    room.leader.set_game(GAMES["duel"], b"\x80", 0.0)
    assert room.seats() == ["P0/0", "P1/0"]
    assert not any(member.ready for member in room.state.members)
    room.leader.set_game(GAMES["crowd"], b"\x80", 0.0)
    assert room.seats() == ["P0/0", "P1/0", "P2/0", "open"]


def test_another_game_at_the_table_asks_everybody_at_once_though_the_next_round_was_held() -> None:
    room, parties = playing(2, seats=2)
    won(room, parties, 1)
    assert room.ask(BEN, "hold", 1) == ""
    room.leader.set_game(GAMES["duel"], b"\x80", room.now)
    assert (room.state.phase, room.state.held) == ("open", False)
    room.ready(ANN, BEN)
    assert room.state.phase == "countdown"


def test_a_game_that_knows_no_teams_has_seats_without_teams() -> None:
    room = Room(2, seats=4)
    assert room.leader.set_teams(2, room.now) == ""
    room.leader.set_game(GAMES["duel"], b"\x80", room.now)
    assert [seat.team for seat in room.state.seats] == [0, 0]


def test_by_turns_another_one_begins_each_round_and_wins_stay_with_the_seats() -> None:
    room = Room(2, seats=2)
    room.leader.set_game(GAMES["duel"], b"\x80", room.now)
    room.ready(ANN, BEN)
    room.run(COUNTDOWN)
    for first in (ANN, BEN, ANN):
        parties = room.begun()
        assert [player.peer for player in room.state.lineup] == ([ANN, BEN] if first == ANN else [BEN, ANN])
        won(room, parties, room.state.lineup.index(next(p for p in room.state.lineup if p.peer == ANN)))
        room.run(TABLE_TIME)
    assert room.state.wins == (3, 0)


def test_who_is_not_reached_keeps_its_seat_for_a_minute() -> None:
    room = Room(2, seats=2)
    room.leader.lost(BEN, 0.0)
    assert kind_of(room.state, room.state.seats[1]) == "kept"
    assert room.join(CID) == ""
    assert watchers(room.state.members, room.state.seats) == (CID,)
    room.run(KEPT_TIME - 1.0)
    assert room.join(BEN) == ""
    assert kind_of(room.state, room.state.seats[1]) == "person"
    room.leader.lost(BEN, room.now)
    room.run(KEPT_TIME)
    assert room.seats() == ["P0/0", "P2/0"]


# --- who may come in


def test_sixteen_members_and_eight_watchers_are_the_most() -> None:
    room = Room(8)
    for peer in PEERS[8:16]:
        assert room.join(peer) == ""
    assert room.join(PEERS[16]) == "full"
    room.leader.leave(BEN, 0.0)
    assert room.join(PEERS[16], local=0) == ""
    assert len(watchers(room.state.members, room.state.seats)) == 8
    room.leader.leave(CID, 0.0)
    assert room.join(PEERS[17], local=1) == "", "a watcher has taken the seat, and seven watch"
    assert room.join(PEERS[18], local=1) == "full"


def test_a_kicked_key_comes_back_after_a_minute() -> None:
    room = Room(3)
    assert room.leader.kick(CID, 0.0) == ""
    assert room.join(CID) == "kicked"
    assert CID in {one.peer for one in room.leader.published(0.0).kicked}
    room.run(KICK_TIME)
    assert room.join(CID) == ""
    assert room.leader.kick(ANN, room.now) == "no_member"
    assert room.leader.kick(DAN, room.now) == "no_member"


def test_a_locked_room_lets_in_only_who_is_in() -> None:
    room = Room(2)
    room.leader.set_locked(True)
    room.leader.lost(BEN, 0.0)
    assert room.join(BEN) == ""
    assert room.join(CID) == "locked"


# --- ready, countdown


def test_all_ready_start_the_countdown_and_one_who_is_not_stops_it() -> None:
    room = Room(3)
    room.ready(ANN, BEN)
    assert room.state.phase == "open"
    room.ready(CID)
    assert room.state.phase == "countdown"
    room.run(COUNTDOWN - 0.1)
    room.ask(BEN, "ready", 0)
    assert room.state.phase == "open"
    room.run(5.0)
    assert room.state.phase == "open"


def test_too_few_cannot_start_even_if_the_leader_says_so() -> None:
    room = Room(1)
    room.ready(ANN)
    assert room.state.phase == "open"
    assert room.leader.start(0.0) == "not_so_many"
    room.leader.set_seat(1, "bot", None, None, 0.0)
    assert room.state.phase == "countdown"


def test_who_watches_is_not_waited_for() -> None:
    room = Room(3)
    room.ask(CID, "local", 0)
    room.ready(ANN, BEN)
    assert room.state.phase == "countdown"


# --- gathering


def test_who_says_nothing_is_left_out_and_the_others_gather_again() -> None:
    room = Room(3)
    room.ready(ANN, BEN, CID)
    room.run(COUNTDOWN)
    assert room.state.phase == "gathering"
    for peer, party in room.parties().items():
        if peer != CID:
            room.leader.commit(peer, party.commit(measured), room.now)
    room.run(REVEAL_TIMEOUT)
    assert parties_of(room.state.lineup) == (ANN, BEN)
    assert [member.ready for member in room.state.members] == [True, True, False]
    room.begun()


def test_a_party_that_is_gone_is_left_out_at_once() -> None:
    room = Room(3)
    room.ready(ANN, BEN, CID)
    room.run(COUNTDOWN)
    before = room.leader.collection
    room.leader.lost(BEN, room.now)
    assert parties_of(room.state.lineup) == (ANN, CID)
    assert room.leader.collection is not before


def test_hosts_are_passed_over_until_none_is_left_and_then_people_are_asked() -> None:
    room = Room(3)
    room.ready(ANN, BEN, CID)
    room.run(COUNTDOWN)
    parties = room.gathered()
    room.news(BEN, "unreachable", parties[BEN], epoch=1)
    assert room.state.epoch == 2
    room.news(CID, "unreachable", parties[CID], epoch=1)
    assert room.state.epoch == 2, "that host has been passed over already"
    room.run(SESSION_TIMEOUT + 1.5)
    assert room.state.epoch == 3
    room.news(BEN, "unreachable", parties[BEN], epoch=3)
    assert room.state.phase == "open"
    assert not any(member.ready for member in room.state.members)


def test_only_the_host_of_an_epoch_says_that_its_match_runs() -> None:
    room = Room(3)
    room.ready(ANN, BEN, CID)
    room.run(COUNTDOWN)
    parties = room.gathered()
    host = parties[ANN].elect(1).host
    liar = next(peer for peer in parties if peer != host)
    room.news(liar, "begun", parties[liar])
    assert room.state.phase == "gathering"
    with pytest.raises(RemoteProtocolError) as refused:
        room.news(DAN, "begun", parties[ANN])
    assert refused.value.code == "not_your_seat"
    room.news(host, "begun", parties[host])
    assert (room.state.phase, room.state.host, room.state.round) == ("playing", host, 1)


def test_there_are_so_many_watchers_however_they_come_to_watch() -> None:
    room = Room(3)
    for number in range(3, 3 + WATCHERS_MAX):
        assert room.join(PEERS[number], local=0) == ""
    assert room.join(PEERS[19], local=0) == "full"
    assert room.ask(BEN, "local", 0) == "full"
    assert BEN in seated(room.state.seats)


def test_nobody_wins_for_a_player_that_there_is_not() -> None:
    room = Room(2)
    room.ready(ANN, BEN)
    room.run(COUNTDOWN)
    parties = room.gathered()
    host = parties[ANN].elect(1).host
    room.news(host, "begun", parties[host])
    with pytest.raises(RemoteProtocolError) as refused:
        room.news(BEN, "ended", parties[BEN], winners=(2,))
    assert refused.value.code == "not_your_seat"
    for peer in (ANN, BEN):
        room.news(peer, "ended", parties[peer], winners=(1,))
    assert (room.state.phase, room.state.last) == ("table", (1,))


def test_a_round_that_began_while_it_was_gathered_again_counts() -> None:
    """The word of its host was late: another gathering had begun because somebody was lost."""
    room = Room(3)
    room.ready(ANN, BEN, CID)
    room.run(COUNTDOWN)
    parties = room.gathered()
    host = parties[ANN].elect(1).host
    room.leader.lost(next(peer for peer in (BEN, CID) if peer != host), room.now)
    assert len(parties_of(room.state.lineup)) == 2
    room.news(host, "begun", parties[host])
    assert room.state.phase == "playing"
    assert len(parties_of(room.state.lineup)) == 3


# --- the table


def test_what_most_say_of_the_end_counts_and_the_next_round_begins_by_itself() -> None:
    room, parties = playing(4)
    for peer, winners in ((ANN, (1,)), (BEN, (1,)), (CID, (1,)), (DAN, (3,))):
        room.news(peer, "ended", parties[peer], winners=winners)
    assert room.state.phase == "table"
    assert (room.state.last, room.state.wins[:4]) == ((1,), (0, 1, 0, 0))
    room.run(TABLE_TIME)
    assert room.state.phase == "gathering"


def test_whoever_does_not_say_how_it_ended_is_not_waited_for_long() -> None:
    room, parties = playing(3)
    for peer in (BEN, CID):
        room.news(peer, "ended", parties[peer], winners=(2,))
    room.run(2.9)
    assert room.state.phase == "playing"
    room.run(0.2)
    assert (room.state.phase, room.state.last) == ("table", (2,))


def test_a_round_that_is_over_for_one_is_played_on_by_the_others() -> None:
    """Its program may have found a fault that only concerns itself."""
    room, parties = playing(4)
    room.news(BEN, "ended", parties[BEN], winners=(0, 2, 3))
    room.run(20.0)
    assert room.state.phase == "playing"
    for peer in (ANN, CID, DAN):
        room.news(peer, "ended", parties[peer], winners=(2,))
    assert (room.state.phase, room.state.last) == ("table", (2,))


def test_who_is_lost_after_the_end_of_a_round_is_not_waited_for() -> None:
    room, parties = playing(4)
    for peer in (ANN, CID):
        room.news(peer, "ended", parties[peer], winners=(2,))
    room.leader.lost(BEN, room.now)
    assert room.state.phase == "playing"
    room.leader.lost(DAN, room.now)
    assert (room.state.phase, room.state.last) == ("table", (2,))


def test_a_round_whose_players_are_all_gone_for_good_is_over() -> None:
    room = Room(3)
    room.ask(ANN, "local", 0)
    room.ready(BEN, CID)
    room.run(COUNTDOWN)
    room.begun()
    room.leader.lost(BEN, room.now)
    room.leader.lost(CID, room.now)
    assert room.state.phase == "playing"
    room.run(KEPT_TIME)
    assert room.state.phase in ("table", "open")
    assert room.state.last == ()


def test_after_the_last_round_of_a_series_everybody_is_asked_again() -> None:
    room, parties = playing(2, rounds=1)
    for peer in (ANN, BEN):
        room.news(peer, "ended", parties[peer], winners=(0,))
    assert room.state.phase == "open"
    assert not any(member.ready for member in room.state.members)


def won(room: Room, parties: dict[PeerId, Party], *winners: int) -> None:
    """The round ends so, and the next one begins."""
    for peer in parties:
        room.news(peer, "ended", parties[peer], winners=winners)


def test_who_has_won_enough_rounds_wins_the_series_and_the_next_one_begins_anew() -> None:
    room, parties = playing(2, seats=2, first_to=2)
    won(room, parties, 1)
    assert champions(room.state) == ()
    room.run(TABLE_TIME)
    won(room, room.begun(), 0)
    room.run(TABLE_TIME)
    assert room.state.wins == (1, 1)
    won(room, room.begun(), 1)
    assert room.state.phase == "table"
    assert (champions(room.state), room.state.wins, room.state.last) == ((1,), (1, 2), (1,))
    room.run(TABLE_TIME)
    assert room.state.wins == (0, 0)
    assert champions(room.state) == ()
    won(room, room.begun(), 0)
    assert room.state.wins == (1, 0)


def test_another_series_begins_as_soon_as_the_leader_chooses_it() -> None:
    room, parties = playing(2, seats=2)
    won(room, parties, 1)
    assert room.leader.set_series(1) == ""
    assert (room.state.first_to, room.state.wins, champions(room.state)) == (1, (0, 0), ())
    assert room.leader.set_series(10) == room.leader.set_series(-1) == "no_such_series"


@pytest.mark.parametrize(
    ("members", "bots", "count", "teams"),
    [
        (4, 0, 2, (0, 1, 0, 1)),
        (2, 2, 2, (0, 1, 0, 1)),
        (3, 3, 3, (0, 1, 2, 0, 1, 2)),
        (3, 3, 2, (0, 1, 0, 1, 0, 1)),
        (3, 0, 2, (0, 0, 0)),
    ],
)
def test_people_and_bots_are_put_into_even_teams_at_once(
    members: int, bots: int, count: int, teams: tuple[int, ...]
) -> None:
    room = Room(members, bots=bots)
    assert room.leader.set_teams(count, room.now) == ""
    room.ready(*PEERS[:members])
    room.run(COUNTDOWN)
    assert tuple(player.team for player in room.state.lineup) == teams
    assert room.leader.set_teams(0, room.now) == ""
    assert not any(seat.team for seat in room.state.seats)


def test_teams_that_cannot_be_are_refused_or_played_alone() -> None:
    room = Room(4, seats=4)
    assert room.leader.set_teams(1, room.now) == room.leader.set_teams(3, room.now) == "no_such_team"
    assert room.leader.set_teams(2, room.now) == ""
    room.leader.leave(DAN, room.now)
    room.ready(ANN, BEN, CID)
    room.run(COUNTDOWN)
    assert [player.team for player in room.state.lineup] == [0, 0, 0]
    duel = Room(2)
    duel.leader.set_game(GAMES["duel"], encode(TOY.config_type()), 0.0)
    assert duel.leader.set_teams(2, duel.now) == "game_without_teams"


def test_teams_with_other_numbers_are_numbered_from_nought() -> None:
    """A seat of each team may be empty, and so a whole team."""
    room = Room(4, seats=6)
    for seat, team in enumerate((3, 1, 3, 1)):
        assert room.leader.set_seat(seat, None, None, team, room.now) == ""
    room.ready(*PEERS[:4])
    room.run(COUNTDOWN)
    assert [player.team for player in room.state.lineup] == [0, 1, 0, 1]


def test_who_gets_the_seat_of_one_that_is_gone_plays_the_next_round_without_a_word() -> None:
    room, parties = playing(2, seats=2)
    assert room.join(CID) == ""
    room.leader.lost(BEN, room.now)
    room.run(KEPT_TIME)
    assert room.seats() == ["P0/0", "P2/0"]
    room.news(ANN, "ended", parties[ANN], winners=(0,))
    assert room.state.phase == "table"
    room.run(TABLE_TIME)
    assert (room.state.phase, [player.peer for player in room.state.lineup]) == ("gathering", [ANN, CID])


def test_who_holds_the_table_stops_the_clock_and_a_newcomer_does_not() -> None:
    room, parties = playing(2)
    assert room.ask(BEN, "hold", 1) == "", "the table after this round"
    for peer in (ANN, BEN):
        room.news(peer, "ended", parties[peer], winners=(0,))
    room.join(CID)
    room.run(TABLE_TIME + 1.0)
    assert (room.state.phase, room.state.held) == ("table", True)
    room.ask(ANN, "hold", 0)
    room.run(COUNTDOWN)
    assert room.state.phase == "gathering"
    assert parties_of(room.state.lineup) == (ANN, BEN, CID)


def test_another_person_on_a_seat_begins_without_wins() -> None:
    room, parties = playing(2, seats=2)
    for peer in (ANN, BEN):
        room.news(peer, "ended", parties[peer], winners=(1,))
    room.leader.leave(BEN, room.now)
    assert room.state.wins == (0, 1)
    room.join(CID)
    assert room.state.wins == (0, 0)


# --- votes


def vote(room: Room, proposer: PeerId, kind: Any, argument: str, *yes: PeerId) -> None:
    assert room.ask(proposer, kind, argument=argument) == ""
    for peer in yes:
        assert room.ask(peer, "ballot", 1) == ""


def test_most_of_the_seated_change_the_game_and_fewer_do_not() -> None:
    room = Room(4)
    vote(room, BEN, "game", "duel", CID)
    assert room.state.game == "toy"
    room.run(VOTE_TIME)
    assert (room.state.vote, room.state.passed, room.state.game) == (None, False, "toy")
    vote(room, CID, "game", "duel", BEN, DAN)
    assert (room.state.vote, room.state.passed, room.state.game) == (None, True, "duel")


def test_a_vote_that_cannot_pass_any_more_is_over() -> None:
    room = Room(3)
    vote(room, BEN, "pause", "")
    room.ask(ANN, "ballot", 0)
    assert room.state.vote is not None
    room.ask(CID, "ballot", 0)
    assert room.state.vote is None


def test_who_may_propose_what_and_when() -> None:
    room = Room(3)
    room.ask(CID, "local", 0)
    assert room.ask(CID, "restart") == "not_seated"
    assert room.ask(DAN, "restart") == "no_member"
    assert room.ask(BEN, "game", argument="chess") == "vote_game_missing"
    assert room.ask(BEN, "kick", argument=BEN) == "no_member"
    assert room.ask(BEN, "kick", argument=DAN) == "no_member"
    assert room.ask(BEN, "ballot", 1) == "no_vote"
    assert room.ask(BEN, "kick", argument=CID) == ""
    assert room.ask(ANN, "restart") == "vote_on"
    assert room.ask(CID, "ballot", 1) == "not_seated"
    assert room.ask(ANN, "ballot", 1) == ""
    assert [member.peer for member in room.state.members] == [ANN, BEN]
    assert room.ask(BEN, "restart") == "vote_too_soon"
    room.run(VOTE_GAP)
    assert room.ask(BEN, "restart") == ""


def test_a_second_word_on_a_vote_takes_the_place_of_the_first() -> None:
    room = Room(4)
    vote(room, BEN, "pause", "", CID)
    room.ask(CID, "ballot", 0)
    assert room.state.vote is not None
    assert (room.state.vote.yes, room.state.vote.no) == ((BEN,), (CID,))


# --- another leader


def test_who_takes_over_waits_for_the_others_and_goes_on() -> None:
    room, _ = playing(3)
    taken = Leader.take_over(room.state, BEN, GAMES.get, room.now)
    assert (taken.state.leader, taken.state.term, taken.state.phase) == (BEN, room.state.term + 1, "playing")
    assert [member.connected for member in taken.state.members] == [False, True, False]
    taken.join(CID, "P2", 1, room.now)
    assert [member.connected for member in taken.state.members] == [False, True, True]
    taken.handle_timeout(room.now + KEPT_TIME)
    assert taken.peers == (BEN, CID)


def test_what_was_gathered_is_gathered_again_by_who_takes_over() -> None:
    room = Room(3)
    room.ready(ANN, BEN, CID)
    room.run(COUNTDOWN)
    taken = Leader.take_over(room.state, BEN, GAMES.get, room.now)
    taken.join(CID, "P2", 1, room.now)
    assert taken.state.phase == "countdown"
    taken.handle_timeout(room.now + COUNTDOWN)
    assert taken.state.phase == "gathering"
    assert parties_of(taken.state.lineup) == (BEN, CID)


# --- any sequence

peers = st.sampled_from(PEERS)
seats = st.integers(-1, 9)
Step = Callable[[Room], Any]


def step(make: Callable[..., Step], *values: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.tuples(*values).map(lambda given: make(*given))


STEPS = st.one_of(
    step(lambda p, n: lambda room: room.join(p, n), peers, st.integers(0, 4)),
    step(lambda p: lambda room: room.leader.leave(p, room.now) if p != ANN else None, peers),
    step(lambda p: lambda room: room.leader.lost(p, room.now), peers),
    step(lambda p: lambda room: room.leader.kick(p, room.now), peers),
    step(
        lambda p, w, v, a: lambda room: room.ask(p, w, v, a),
        peers,
        st.sampled_from(["ready", "ready", "local", "hold", "ballot", "restart", "pause"]),
        st.integers(0, 4),
        st.just(""),
    ),
    step(
        lambda p, g: lambda room: room.ask(p, "game", 0, g),
        peers,
        st.sampled_from(["toy", "duel", "crowd", "chess"]),
    ),
    step(lambda p, q: lambda room: room.ask(p, "kick", 0, q), peers, peers),
    step(
        lambda n, k, t: lambda room: room.leader.set_seat(n, k, "easy", t, room.now),
        seats,
        st.sampled_from([None, "open", "closed", "bot"]),
        st.integers(0, 8),
    ),
    step(lambda g: lambda room: room.leader.set_game(GAMES[g], b"\x80", room.now), st.sampled_from([*GAMES])),
    step(lambda on: lambda room: room.leader.set_locked(on), st.booleans()),
    step(lambda: lambda room: room.leader.start(room.now)),
    step(lambda s: lambda room: room.run(s), st.sampled_from([0.1, 1.0, 3.0, 8.0, 61.0])),
    step(lambda: lambda room: room.begun() if room.state.phase == "gathering" else None),
    step(lambda w: lambda room: end(room, w), st.integers(0, 7)),
    step(lambda: take_over),
)


def end(room: Room, winner: int) -> None:
    """Those who play say how it ended."""
    state = room.state
    if state.phase == "playing":
        for known, collection in [*room.leader._plans.values()]:
            if collection.election is not None and collection.election.match == state.match:
                for peer in collection.plan.parties:
                    news = m.RoomRound(
                        room=state.room,
                        plan=collection.plan.digest,
                        news="ended",
                        match=state.match,
                        winners=(winner % len(known.lineup),),
                    )
                    room.leader.news(peer, news, room.now)


def take_over(room: Room) -> None:
    """The room goes on as if its leader had lost all others."""
    room.leader = Leader.take_over(room.leader.published(room.now), ANN, GAMES.get, room.now)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_whatever_is_asked_the_room_stays_a_room(steps: list[Step]) -> None:
    room = Room(3, bots=2)
    number = 0
    for one in steps:
        one(room)
        state = room.leader.published(room.now)
        assert state.number > number
        number = state.number
        check(state, ANN)
        assert m.decode_message(m.encode_message(state)) == state, "it is within its bounds"
        assert len(m.encode_message(state)) < 16 * 1024
        game = GAMES[state.game].game
        assert len(state.seats) <= game.max_players
        assert len(state.members) <= 16
        assert set(seated(state.seats)) <= {member.peer for member in state.members}
        assert len(state.wins) == len(state.seats)
        local = {member.peer: member.local for member in state.members}
        for peer in seated(state.seats):
            assert sum(seat.peer == peer for seat in state.seats) <= local[peer]
        free = [seat for seat in state.seats if seat.base == "open" and not seat.peer]
        wanting = [
            member
            for member in state.members
            if member.local > sum(seat.peer == member.peer for seat in state.seats)
        ]
        assert not (free and wanting), "nobody who wants a seat stands beside a free one"
        if state.phase in ("countdown", "gathering"):
            assert room.leader.next_deadline() is not None
