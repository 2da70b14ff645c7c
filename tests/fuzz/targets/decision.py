"""One entry of the log of decisions, and a log of several."""

from contextlib import suppress

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.netcode.decisions import DecisionLog
from p2pgame.wire.decisions import DECISION_MAX, Decision, decode_decision, encode_decision
from tests.fuzz.mutate import in_msgpack
from tests.unit.wire.test_decisions import BODIES

mutate = in_msgpack()


def samples() -> list[bytes]:
    return [
        encode_decision(Decision(epoch=1 + number % 2, index=1, frame=number * 1000, what=what))
        for number, what in enumerate(BODIES)
    ]


def fuzz_one(data: bytes) -> None:
    log = DecisionLog("0" * 16)
    with suppress(RemoteProtocolError):
        decision = decode_decision(data)
        assert len(data) <= DECISION_MAX
        again = encode_decision(decision)
        assert decode_decision(again) == decision
        log.append(data)
        assert log.entries == [data]
        assert log.epoch == decision.epoch
    assert len(log.entries) == len(log.decisions)
