"""When a peer is listed as not reached: on a loop that stands still, without a network."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from p2pgame.core.ids import PeerId
from p2pgame.discovery.failure import Failure, FailureCode
from p2pgame.discovery.peer import Peer
from p2pgame.net import reachability as module
from p2pgame.net.reachability import DIAL_BACK, Reachability

ANN = PeerId("a" * 26)
DROPPED = Failure(FailureCode.NO_ANSWER, "10.0.0.9", 41421)


class Loop:
    """Keeps what is to be called later."""

    def __init__(self) -> None:
        self.later: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []

    def call_later(self, delay: float, call: Callable[..., None], *args: object) -> None:
        self.later.append((delay, call, args))

    def pass_time(self) -> None:
        later, self.later = self.later, []
        for _, call, args in later:
            call(*args)


class Listed:
    """One listed peer, as discovery keeps it."""

    def __init__(self) -> None:
        fields: dict[str, Any] = {
            "peer": ANN, "instance": "01", "name": "Ann", "tcp_port": 41421, "udp_port": 41421, "via": ("mdns",),
            "status": "idle", "playing": "", "games": {}, "version": "1", "compatible": True, "reason": "",
        }  # fmt: skip
        self.peer = Peer(**fields, addresses=("10.0.0.9",), rtt_ms=1.0)

    def find(self, peer: PeerId) -> Peer | None:
        return self.peer if peer == ANN else None

    def show(self, peer: PeerId, failure: Failure | None) -> None:
        assert peer == ANN
        self.change(unreachable=failure)

    def change(self, **changes: Any) -> Peer:
        self.peer = msgspec.structs.replace(self.peer, **changes)
        return self.peer


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    made = Loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: made)
    return made


@pytest.fixture
def listed() -> Listed:
    return Listed()


@pytest.fixture
def reachability(listed: Listed, loop: Loop) -> Reachability:
    return Reachability(listed.find, listed.show)


def code(listed: Listed) -> str:
    return "" if listed.peer.unreachable is None else listed.peer.unreachable.code


def test_a_failed_dial_counts_once_the_peer_did_not_dial_us_either(
    reachability: Reachability, listed: Listed, loop: Loop
) -> None:
    reachability.dial_failed(ANN, [DROPPED])
    assert code(listed) == ""
    assert reachability.cause(ANN) == Failure(FailureCode.TCP_DROPPED, "10.0.0.9", 41421)
    assert [delay for delay, *_ in loop.later] == [DIAL_BACK + 6 * 0.001]
    loop.pass_time()
    assert code(listed) == "tcp_dropped"
    assert reachability.cause(ANN) == listed.peer.unreachable


def test_one_open_direction_is_enough(reachability: Reachability, listed: Listed, loop: Loop) -> None:
    reachability.dial_failed(ANN, [DROPPED])
    reachability.opened(ANN)
    loop.pass_time()
    assert code(listed) == ""
    assert reachability.cause(ANN) is None


def test_a_link_later_takes_the_reason_away(reachability: Reachability, listed: Listed, loop: Loop) -> None:
    reachability.dial_failed(ANN, [DROPPED])
    loop.pass_time()
    reachability.opened(ANN)
    assert code(listed) == ""


@pytest.mark.parametrize("seen", [FailureCode.FORBIDDEN, FailureCode.NO_ROUTE, FailureCode.NOBODY])
def test_a_silent_peer_is_listed_with_what_this_machine_can_tell_until_it_answers(
    reachability: Reachability, listed: Listed, monkeypatch: pytest.MonkeyPatch, seen: FailureCode
) -> None:
    monkeypatch.setattr(module, "silence_code", lambda *_: seen)
    reachability.seen(listed.change(silent=True))
    assert code(listed) == seen
    reachability.seen(listed.change(silent=False))
    assert code(listed) == ""


def test_that_it_answers_datagrams_does_not_open_tcp(
    reachability: Reachability, listed: Listed, loop: Loop
) -> None:
    reachability.dial_failed(ANN, [DROPPED])
    loop.pass_time()
    reachability.seen(listed.peer)
    assert code(listed) == "tcp_dropped"


def test_that_the_peer_answers_datagrams_may_be_known_only_after_the_dial(
    reachability: Reachability, listed: Listed, loop: Loop
) -> None:
    listed.change(rtt_ms=None)
    reachability.dial_failed(ANN, [Failure(FailureCode.NOBODY, "10.0.0.9", 41421)])
    reachability.seen(listed.change(rtt_ms=1.0))
    loop.pass_time()
    reachability.seen(listed.peer)
    assert code(listed) == "tcp_rejected"


def test_what_was_known_of_a_peer_that_is_lost_is_forgotten(
    reachability: Reachability, listed: Listed, loop: Loop
) -> None:
    reachability.dial_failed(ANN, [DROPPED])
    reachability.lost(ANN)
    loop.pass_time()
    assert code(listed) == ""


def test_nobody_is_listed_who_is_not_there(reachability: Reachability, loop: Loop) -> None:
    reachability.dial_failed(PeerId("b" * 26), [DROPPED])
    assert loop.later == []
    assert reachability.cause(PeerId("b" * 26)) is None
