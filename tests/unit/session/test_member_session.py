"""The sessions to one member: which numbers may follow each other, and how often."""

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.effects import CloseLink
from p2pgame.session.match_session.member_session import MemberSession
from p2pgame.session.status import StatusCode
from p2pgame.wire import messages as m

BEN = PeerId("b" * 26)


def begin(link: int | None = 1) -> tuple[MemberSession, Connections]:
    connections = Connections()
    for number in (1, 2, 3):
        connections.links[number] = Connection(peer=BEN, name="Ben", idle_since=0.0)
    return MemberSession(1, BEN, "Ben", connections, link), connections


def word(session: int, *, fresh: bool = False, salt: bytes = b"s" * 32) -> m.Resume:
    return m.Resume(match="0" * 16, session=session, frame=5, hash=b"h" * 16, fresh=fresh, salt=salt)


def refused(member: MemberSession, message: m.Resume, now: float = 0.0) -> str:
    with pytest.raises(RemoteProtocolError) as caught:
        member.check_request(message, now)
    return caught.value.code


def test_a_search_begins_once_and_ends_with_a_link() -> None:
    member, connections = begin()
    assert not member.searched
    assert member.interrupt(StatusCode.CONNECTION, 3.0, is_host=True)
    assert member.searched
    assert not member.interrupt(StatusCode.CLOSED, 4.0, is_host=True)
    assert member.reason is StatusCode.CONNECTION
    member.bind(2, word(2), word(2))
    assert (member.link, member.number) == (2, 2)
    assert CloseLink(1, "superseded", {}) in connections.effects()
    assert member.reconnected()
    assert not member.searched
    assert not member.reconnected()


def test_the_numbers_of_our_own_questions_grow() -> None:
    member, _ = begin()
    member.interrupt(StatusCode.CONNECTION, 0.0, is_host=True)
    assert member.request(2, 0.1) == 2
    assert member.uses(2)
    assert member.reconnector is not None
    member.reconnector.requested_link = None
    assert member.request(3, 0.2) == 3


def test_a_dial_that_nobody_waits_for_is_closed() -> None:
    member, connections = begin()
    assert member.request(2, 0.0) is None
    assert connections.effects() == [CloseLink(2, "superseded", {})]


@pytest.mark.parametrize("session", [1, 4])
def test_a_session_that_was_there_before_is_refused(session: int) -> None:
    member, _ = begin()
    member.bind(2, word(4), word(4))
    assert refused(member, word(session)) == "old_session"
    member.check_request(word(5), 0.0)


def test_of_a_program_started_anew_only_its_own_numbers_count() -> None:
    member, _ = begin()
    member.bind(2, word(7), word(7))
    member.check_request(word(1, fresh=True, salt=b"t" * 32), 0.0)
    member.bind(3, word(8), word(8, fresh=True, salt=b"t" * 32))
    assert refused(member, word(8, fresh=True, salt=b"t" * 32)) == "old_session"
    member.check_request(word(9, fresh=True, salt=b"t" * 32), 0.0)


def test_sessions_change_ten_times_in_a_row_and_then_once_a_second() -> None:
    member, _ = begin()
    for number in range(2, 12):
        member.check_request(word(number), 5.0)
    assert refused(member, word(12), 5.0) == "too_fast"
    assert refused(member, word(12), 5.9) == "too_fast"
    member.check_request(word(12), 7.0)


def test_who_stops_searching_gives_its_question_up() -> None:
    member, connections = begin(None)
    member.interrupt(StatusCode.CONNECTION, 0.0, is_host=False)
    assert member.request(2, 0.1) == 2
    member.stop()
    assert not member.searched
    assert member.requested is None
    assert CloseLink(2, "superseded", {}) in connections.effects()
