"""A room as the window draws it, and as beacons announce it."""

from collections.abc import Callable

from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Registry
from p2pgame.session.connections import Connections
from p2pgame.session.room.leader import champions
from p2pgame.session.room.member import member_name
from p2pgame.session.room.membership import Membership
from p2pgame.session.room.seating import kind_of, person_name
from p2pgame.session.room_view import ListedRoom, RoomMember, RoomSeat, RoomView, RoomVote
from p2pgame.wire import messages as m

__all__ = ["line_of", "view_of"]


def view_of(
    here: Membership,
    me: PeerId,
    registry: Registry,
    connections: Connections,
    impostor: Callable[[PeerId, str], bool],
) -> RoomView:
    """What is drawn of our room. `impostor(peer, name)`: `peer` is not who that name says."""
    state = here.state
    if state is None:
        return _on_the_way(here, me)
    plugin = registry.get(state.game)
    names = {member.peer: member_name(member.peer, member.name) for member in state.members}
    vote = state.vote
    return RoomView(
        room=state.room,
        leader=state.leader,
        me=me,
        game=state.game,
        config=plugin.game.decode_config(state.config) if plugin is not None else None,
        members=tuple(
            RoomMember(
                peer=member.peer,
                name=names[member.peer],
                local=member.local,
                ready=member.ready,
                connected=member.connected,
                rtt_ms=_rtt_ms(connections, PeerId(member.peer)),
                impostor=member.peer != me and impostor(PeerId(member.peer), names[member.peer]),
            )
            for member in state.members
        ),
        seats=tuple(
            RoomSeat(
                kind=kind_of(state, seat),
                peer=seat.peer,
                name=person_name(names[seat.peer], seat.index) if seat.peer else "",
                level=seat.level if seat.base == "bot" and not seat.peer else "",
                team=seat.team,
            )
            for seat in state.seats
        ),
        locked=state.locked,
        phase=state.phase,
        starts_at=here.until,
        held=state.held,
        round=state.round,
        wins=state.wins,
        first_to=state.first_to,
        champions=champions(state),
        last=state.last,
        match=state.match if state.phase == "playing" else "",
        host=state.host if state.phase == "playing" else "",
        vote=None
        if vote is None
        else RoomVote(
            peer=vote.peer,
            kind=vote.kind,
            argument=vote.argument,
            yes=len(vote.yes),
            no=len(vote.no),
            needed=vote.needed,
            until=here.vote_until,
            ours=True if me in vote.yes else False if me in vote.no else None,
        ),
    )


def line_of(state: m.RoomState) -> ListedRoom:
    """What is announced of a room that we lead."""
    leader = next(member for member in state.members if member.peer == state.leader)
    return ListedRoom(
        room=state.room,
        leader=state.leader,
        name=member_name(leader.peer, leader.name),
        game=state.game,
        seats=len(state.seats),
        taken=sum(bool(seat.peer) for seat in state.seats),
        running=state.phase in ("gathering", "playing"),
        locked=state.locked,
    )


def _on_the_way(here: Membership, me: PeerId) -> RoomView:
    listed = here.listed or ListedRoom(room=here.id, leader=here.target, name="", game="")
    return RoomView(
        room=here.id,
        leader=listed.leader,
        me=me,
        game=listed.game,
        config=None,
        members=(RoomMember(peer=listed.leader, name=listed.name),),
        seats=tuple(RoomSeat(kind="open") for _ in range(listed.seats)),
        locked=listed.locked,
        joining=True,
    )


def _rtt_ms(connections: Connections, peer: PeerId) -> float | None:
    link = connections.link_to(peer)
    rtt = connections.links[link].rtt if link is not None else None
    return None if rtt is None else 1000 * rtt
