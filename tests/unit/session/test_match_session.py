"""What is said of a match that is over. How sessions follow each other is tested in tests/sim."""

import pytest

from p2pgame.core.game import EndedBy
from p2pgame.session.match_session import end_code_of
from p2pgame.wire.codes import CloseCode


@pytest.mark.parametrize("won", [False, True])
@pytest.mark.parametrize("ended_by", EndedBy)
def test_who_comes_back_is_told_only_what_it_could_not_say_itself(ended_by: EndedBy, won: bool) -> None:
    """It may believe that we resigned, and must believe that we claimed; that it resigned itself it knows."""
    said = {
        (EndedBy.CLAIMED, True): CloseCode.CLAIMED,
        (EndedBy.RESIGNED, False): CloseCode.RESIGNED,
    }.get((ended_by, won), CloseCode.OVER)
    assert end_code_of(ended_by, won=won) is said
    assert said.refusal
