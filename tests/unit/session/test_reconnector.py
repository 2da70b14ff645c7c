"""Who dials when, and which of two connections is taken, by hand."""

from itertools import pairwise

from p2pgame.core.ids import PeerId
from p2pgame.session.connections import Connection, Connections
from p2pgame.session.effects import CloseLink, Dial
from p2pgame.session.match_session.reconnector import Reconnector
from p2pgame.wire.bounds import RESUME_INTERVAL

THEM = PeerId("a" * 26)
ANSWER = 1.0


def begin(*, is_host: bool) -> tuple[Reconnector, Connections]:
    connections = Connections()
    for link in (1, 2):
        connections.links[link] = Connection(peer=THEM, name="Ben", idle_since=0.0)
    return Reconnector(THEM, connections, 0.0, is_host=is_host), connections


def dials(connections: Connections) -> int:
    return sum(isinstance(action, Dial) for action in connections.effects())


def hung(connections: Connections) -> list[tuple[int, str]]:
    return [(action.link, action.code) for action in connections.effects() if isinstance(action, CloseLink)]


def test_both_dial_every_interval_and_not_at_the_same_moment() -> None:
    times: dict[bool, list[float]] = {}
    for is_host in (False, True):
        reconnector, connections = begin(is_host=is_host)
        times[is_host] = []
        while (now := reconnector.next_deadline()) < 3.0:
            reconnector.handle_timeout(now)
            assert dials(connections) == 1
            times[is_host].append(now)
    for mine in times.values():
        assert {round(later - earlier, 6) for earlier, later in pairwise(mine)} == {RESUME_INTERVAL}
    assert not set(times[False]) & set(times[True])
    assert times[False][0] == 0.0


def test_who_asked_dials_no_more_until_the_answer_is_overdue() -> None:
    reconnector, connections = begin(is_host=False)
    assert reconnector.opened(1, 0.2)
    assert not reconnector.opened(2, 0.3)
    assert hung(connections) == [(2, "superseded")]
    reconnector.dial(0.4)
    reconnector.handle_timeout(0.9)
    assert connections.effects() == []
    assert reconnector.next_deadline() == 0.2 + ANSWER
    reconnector.handle_timeout(reconnector.next_deadline())
    assert reconnector.requested_link is None
    actions = connections.effects()
    assert [type(action) for action in actions] == [CloseLink, Dial]


def test_where_both_ask_at_once_the_guest_s_word_holds() -> None:
    guest, guest_board = begin(is_host=False)
    host, host_board = begin(is_host=True)
    guest.opened(1, 0.1)
    host.opened(2, 0.1)
    assert not guest.accepts(2, 0.2)
    assert guest.requested_link == 1
    assert host.accepts(1, 0.2)
    assert host.requested_link is None
    assert hung(host_board) == [(2, "superseded")]
    assert guest_board.effects() == []


def test_a_guest_does_not_insist_for_ever() -> None:
    guest, connections = begin(is_host=False)
    guest.opened(1, 0.0)
    assert guest.accepts(2, ANSWER)
    assert hung(connections) == [(1, "superseded")]


def test_who_did_not_ask_yields_at_once() -> None:
    for is_host in (False, True):
        reconnector, connections = begin(is_host=is_host)
        assert reconnector.accepts(1, 0.0)
        assert connections.effects() == []


def test_the_link_that_is_kept_is_not_hung_up() -> None:
    reconnector, connections = begin(is_host=False)
    reconnector.opened(1, 0.0)
    reconnector.cancel_request(keep=1)
    assert connections.effects() == []
    assert reconnector.requested_link is None
