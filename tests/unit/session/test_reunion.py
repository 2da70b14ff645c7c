"""Who dials when, and which of two connections is taken, by hand."""

from itertools import pairwise

from p2pgame.core.ids import PeerId
from p2pgame.session.actions import Dial, Hang
from p2pgame.session.reunion import Reunion
from p2pgame.session.switchboard import Switchboard, Talk
from p2pgame.wire.bounds import RESUME_INTERVAL

THEM = PeerId("a" * 26)
ANSWER = 1.0


def begin(*, is_host: bool) -> tuple[Reunion, Switchboard]:
    board = Switchboard()
    for link in (1, 2):
        board.links[link] = Talk(peer=THEM, name="Ben", idle_since=0.0)
    return Reunion(THEM, board, 0.0, is_host=is_host), board


def dials(board: Switchboard) -> int:
    return sum(isinstance(action, Dial) for action in board.actions())


def hung(board: Switchboard) -> list[tuple[int, str]]:
    return [(action.link, action.code) for action in board.actions() if isinstance(action, Hang)]


def test_both_dial_every_interval_and_not_at_the_same_moment() -> None:
    times: dict[bool, list[float]] = {}
    for is_host in (False, True):
        reunion, board = begin(is_host=is_host)
        times[is_host] = []
        while (now := reunion.next_deadline()) < 3.0:
            reunion.handle_timeout(now)
            assert dials(board) == 1
            times[is_host].append(now)
    for mine in times.values():
        assert {round(later - earlier, 6) for earlier, later in pairwise(mine)} == {RESUME_INTERVAL}
    assert not set(times[False]) & set(times[True])
    assert times[False][0] == 0.0


def test_who_asked_dials_no_more_until_the_answer_is_overdue() -> None:
    reunion, board = begin(is_host=False)
    assert reunion.opened(1, 0.2)
    assert not reunion.opened(2, 0.3)
    assert hung(board) == [(2, "superseded")]
    reunion.dial(0.4)
    reunion.handle_timeout(0.9)
    assert board.actions() == []
    assert reunion.next_deadline() == 0.2 + ANSWER
    reunion.handle_timeout(reunion.next_deadline())
    assert reunion.asked is None
    actions = board.actions()
    assert [type(action) for action in actions] == [Hang, Dial]


def test_where_both_ask_at_once_the_guest_s_word_holds() -> None:
    guest, guest_board = begin(is_host=False)
    host, host_board = begin(is_host=True)
    guest.opened(1, 0.1)
    host.opened(2, 0.1)
    assert not guest.yields(2, 0.2)
    assert guest.asked == 1
    assert host.yields(1, 0.2)
    assert host.asked is None
    assert hung(host_board) == [(2, "superseded")]
    assert guest_board.actions() == []


def test_a_guest_does_not_insist_for_ever() -> None:
    guest, board = begin(is_host=False)
    guest.opened(1, 0.0)
    assert guest.yields(2, ANSWER)
    assert hung(board) == [(1, "superseded")]


def test_who_did_not_ask_yields_at_once() -> None:
    for is_host in (False, True):
        reunion, board = begin(is_host=is_host)
        assert reunion.yields(1, 0.0)
        assert board.actions() == []


def test_the_link_that_is_kept_is_not_hung_up() -> None:
    reunion, board = begin(is_host=False)
    reunion.opened(1, 0.0)
    reunion.forget(keep=1)
    assert board.actions() == []
    assert reunion.asked is None
