"""What is said of a match that is over; how a sitting goes is told in tests/sim/test_reconnect.py and beside it."""

import pytest

from p2pgame.session.match_session import REFUSALS, verdict


@pytest.mark.parametrize(
    ("reason", "won", "said"),
    [
        ("claimed", True, "claimed"),
        ("resigned", False, "resigned"),
        ("claimed", False, "over"),
        ("resigned", True, "over"),
        ("five in a row", True, "over"),
        ("connection lost", False, "over"),
        ("", False, "over"),
    ],
)
def test_who_comes_back_is_told_only_what_it_could_not_say_itself(reason: str, won: bool, said: str) -> None:
    """That we gave up it may believe, and that we claimed it must; that it gave up it knows."""
    assert verdict(reason, won=won) == said
    assert said in REFUSALS
