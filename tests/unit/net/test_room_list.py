"""Which rooms are listed, by what the beacons of their leaders say."""

from msgspec.structs import replace

from p2pgame.core.ids import peer_id_of
from p2pgame.discovery import events as d
from p2pgame.discovery.peer import Peer
from p2pgame.net.room_list import RoomList
from p2pgame.session import events as e
from p2pgame.wire.beacon import RoomLine

LINE = RoomLine(b"r" * 8, "tron", 4, 1, running=False, locked=False)
OTHER = replace(LINE, id=b"s" * 8)
ROOM, ROOM_2 = LINE.id.hex(), OTHER.id.hex()


def peer(number: int, room: RoomLine | None = None) -> Peer:
    return Peer(
        peer=peer_id_of(bytes([number]) * 32),
        instance="0" * 16,
        name=f"P{number}",
        addresses=("10.0.0.1",),
        tcp_port=1,
        udp_port=1,
        via=("broadcast",),
        status="idle",
        playing="",
        games={},
        version="0",
        compatible=True,
        reason="",
        room=room,
    )


def test_a_room_of_a_leader_that_others_told_of_is_listed_once_the_leader_is_heard() -> None:
    rooms, told = RoomList(), replace(peer(1, LINE), via=("bundle",))
    assert rooms.note(d.Found(told)) == []
    (found,) = rooms.note(d.Updated(replace(told, via=("broadcast", "bundle"))))
    assert isinstance(found, e.RoomFound)


def test_a_room_is_found_changes_and_is_lost_with_its_leader() -> None:
    rooms = RoomList()
    assert rooms.note(d.Found(peer(1))) == []
    (found,) = rooms.note(d.Updated(peer(1, LINE)))
    assert isinstance(found, e.RoomFound)
    assert (found.room, found.name, found.game, found.seats, found.taken) == (ROOM, "P1", "tron", 4, 1)
    assert rooms.note(d.Updated(peer(1, LINE))) == []
    (updated,) = rooms.note(d.Updated(peer(1, replace(LINE, taken=2, running=True))))
    assert isinstance(updated, e.RoomUpdated)
    assert (updated.taken, updated.running) == (2, True)
    assert [room.room for room in rooms.rooms] == [ROOM]
    assert rooms.note(d.Lost(peer(1), "expired")) == [e.RoomLost(room=ROOM, name="P1")]
    assert rooms.rooms == ()
    assert rooms.get(ROOM) is None


def test_a_leader_that_opens_another_room_gave_the_first_one_up() -> None:
    rooms = RoomList()
    rooms.note(d.Found(peer(1, LINE)))
    lost, found = rooms.note(d.Updated(peer(1, OTHER)))
    assert lost == e.RoomLost(room=ROOM, name="P1")
    assert isinstance(found, e.RoomFound)
    assert found.room == ROOM_2


def test_a_room_that_is_handed_over_is_the_same_room_in_whatever_order_the_beacons_come() -> None:
    for first in (1, 2):
        rooms = RoomList()
        rooms.note(d.Found(peer(1, LINE)))
        events = []
        for number in (first, 3 - first):
            events += rooms.note(d.Updated(peer(number, LINE if number == 2 else None)))
        listed = rooms.get(ROOM)
        assert listed is not None
        assert listed.leader == peer(2).peer
        assert isinstance(events[-1], e.RoomUpdated if first == 2 else e.RoomFound)


def test_whoever_announces_the_room_of_another_does_not_take_its_place() -> None:
    rooms = RoomList()
    rooms.note(d.Found(peer(1, LINE)))
    assert rooms.note(d.Found(peer(2, replace(LINE, taken=4, locked=True)))) == []
    listed = rooms.get(ROOM)
    assert listed is not None
    assert (listed.leader, listed.locked) == (peer(1).peer, False)
