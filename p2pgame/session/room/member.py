"""A member's side of a room, as pure functions: is a state sound, what changed, who leads if the leader is gone."""

from collections.abc import Collection, Mapping, Sequence

from p2pgame.core.errors import LocalProtocolError, RemoteProtocolError
from p2pgame.core.game import AnyGame
from p2pgame.core.ids import PeerId, tag_of
from p2pgame.core.setup_check import check_players, check_teams
from p2pgame.session import events as e
from p2pgame.session.room.seating import kind_of, person_name
from p2pgame.wire import messages as m
from p2pgame.wire.names import safe_name
from p2pgame.wire.rooms import Member

__all__ = ["changes", "check", "check_round", "member_name", "outranks", "successor"]


def check(state: m.RoomState, me: PeerId) -> None:
    """Raise `RemoteProtocolError("bad_room")` for a state in which something cannot be."""
    peers = [member.peer for member in state.members]
    local = {member.peer: member.local for member in state.members}
    people = [(seat.peer, seat.index) for seat in state.seats if seat.peer]
    players = [player.seat for player in state.lineup]
    sound = (
        len(set(peers)) == len(peers)
        and state.leader in peers
        and me in peers
        and len(set(people)) == len(people)
        and all(index < local.get(peer, 0) for peer, index in people)
        and not any(seat.peer and seat.base == "closed" for seat in state.seats)
        and len(state.wins) <= len(state.seats)
        and players == sorted(set(players))
        and all((not player.peer) == bool(player.level) for player in state.lineup)
        and (state.phase not in ("gathering", "playing") or any(player.peer for player in state.lineup))
        and (state.phase != "playing" or bool(state.match and state.host))
        and (state.phase != "gathering" or 1 <= state.epoch <= len(state.lineup))
    )
    if not sound:
        raise RemoteProtocolError("bad_room")


def check_round(state: m.RoomState, game: AnyGame) -> None:
    """Raise `RemoteProtocolError("bad_room")` if a round is gathered that `game`, which it plays, is not for."""
    if state.phase != "gathering":  # later the room may be for another game already
        return
    teams = tuple(player.team for player in state.lineup)
    try:
        check_players(game, len(state.lineup))
        check_teams(game, len(state.lineup), teams if any(teams) else ())
    except LocalProtocolError as error:
        raise RemoteProtocolError("bad_room") from error


def successor(members: Sequence[PeerId], leader: PeerId, unreached: Collection[PeerId], me: PeerId) -> PeerId:
    """Who leads the room for us: the leader, or the first in order of joining that we can reach."""
    order = (leader, *(peer for peer in members if peer != leader))
    return next(peer for peer in order if peer == me or peer not in unreached)


def outranks(ours: m.RoomState, followers: int, theirs: m.RoomState) -> bool:
    """Whether another leader of our room is to lead it, where the two meet again after they could not hear each other.

    Who has most of the members stays; else who has more of them; else who came first. Both sides come to the same
    conclusion, as far as both say the truth about their followers: with most of the members here a lie changes nothing.
    """
    order = [member.peer for member in ours.members]
    here = 1 + followers
    if theirs.leader not in order or 2 * here > len(order):
        return False
    there = sum(member.connected for member in theirs.members)
    if there != here:
        return there > here
    return order.index(theirs.leader) < order.index(ours.leader)


def member_name(member_peer: str, name: str) -> str:
    """The name of a member, safe to show."""
    return safe_name(name, f"Player-{tag_of(member_peer)}")


def changes(old: m.RoomState, new: m.RoomState, me: PeerId) -> list[e.Event]:
    """What is to be reported of the step from `old` to `new`."""
    room, out = new.room, list[e.Event]()
    before = {member.peer: member for member in old.members}
    after = {member.peer: member for member in new.members}
    kicked = {one.peer for one in new.kicked}
    for peer, member in after.items():
        if peer not in before and peer != me:
            out.append(e.MemberJoined(room=room, peer=peer, name=member_name(peer, member.name)))
    for peer, member in before.items():
        if peer not in after and peer != me:
            reason = "kicked" if peer in kicked else "left" if member.connected else "lost"
            out.append(e.MemberLeft(room=room, peer=peer, name=member_name(peer, member.name), reason=reason))
    if new.leader != old.leader:
        out.append(e.LeaderChanged(room=room, peer=new.leader, name=_name(after, new.leader)))
    was = [_seat(old, number) for number in range(len(old.seats))]
    for number in range(len(new.seats)):
        seat = _seat(new, number)
        if number >= len(was) or was[number] != seat:
            out.append(seat)
    if (new.phase == "countdown") != (old.phase == "countdown"):
        if new.phase == "countdown":
            out.append(e.RoundStarting(room=room, seconds=new.left / 1000))
        elif new.phase == "open":
            out.append(e.RoundStarting(room=room, seconds=0.0))
    out += _of_votes(old, new, after)
    return out


def _of_votes(old: m.RoomState, new: m.RoomState, members: Mapping[str, Member]) -> list[e.Event]:
    room, out = new.room, list[e.Event]()
    key = (new.vote.peer, new.vote.kind, new.vote.argument) if new.vote is not None else None
    was = (old.vote.peer, old.vote.kind, old.vote.argument) if old.vote is not None else None
    if old.vote is not None and was != key:
        out.append(e.VoteEnded(room=room, kind=old.vote.kind, argument=old.vote.argument, passed=new.passed))
    if new.vote is not None and was != key:
        vote = new.vote
        out.append(
            e.VoteStarted(
                room=room,
                peer=vote.peer,
                name=_name(members, vote.peer),
                kind=vote.kind,
                argument=vote.argument,
                seconds=vote.left / 1000,
            )
        )
    return out


def _seat(state: m.RoomState, number: int) -> e.SeatChanged:
    seat = state.seats[number]
    members = {member.peer: member for member in state.members}
    name = person_name(_name(members, seat.peer), seat.index) if seat.peer else ""
    return e.SeatChanged(
        room=state.room, seat=number, kind=kind_of(state, seat), peer=seat.peer, name=name, team=seat.team
    )


def _name(members: Mapping[str, Member], peer: str) -> str:
    return member_name(peer, members[peer].name if peer in members else "")
