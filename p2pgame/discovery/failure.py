"""Why a peer that is heard is not reached: a code for each thing that a machine can see. Pure values."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from p2pgame.core.errors import Param

__all__ = ["Failure", "FailureCode", "explain"]


class FailureCode(StrEnum):
    """Why an address of a peer is not reached. `p2pgame.i18n.reach_errors` has the sentences."""

    # something is there and says so
    REFUSED = "tcp_refused"
    REJECTED = "tcp_rejected"
    ANOTHER_PROGRAM = "another_program"
    HUNG_UP = "hung_up"
    STALLED = "stalled"
    CLOCK = "clock_off"
    # nothing is sent from here
    NO_ROUTE = "no_route"
    FORBIDDEN = "sending_forbidden"
    # nothing comes back
    NO_ANSWER = "no_answer_at"
    NOBODY = "nobody_there"
    TCP_DROPPED = "tcp_dropped"
    NOTHING_ANSWERS = "nothing_answers"


_SAID_BY_SOMEBODY: Final = tuple(FailureCode)[:6]


class Failure(msgspec.Struct, frozen=True):
    """How one address failed."""

    code: FailureCode
    address: str = ""
    port: int = 0

    @property
    def params(self) -> dict[str, Param]:
        """Facts for the sentence."""
        return {"address": self.address, "port": self.port}


def explain(failures: Sequence[Failure], *, answers: bool) -> Failure:
    """The one cause to tell a person, of the failures of a peer's addresses, best address first.

    `answers`: the peer answers our datagrams. What something at an address said itself tells more than silence does.
    """
    said = [failure for failure in failures if failure.code in _SAID_BY_SOMEBODY]
    failure = (said or [*failures, Failure(FailureCode.NO_ANSWER)])[0]
    match failure.code:
        case FailureCode.NO_ANSWER:
            refined = FailureCode.TCP_DROPPED if answers else FailureCode.NOTHING_ANSWERS
        case FailureCode.NOBODY if answers:
            refined = FailureCode.REJECTED
        case _:
            return failure
    return msgspec.structs.replace(failure, code=refined)
