"""Links as numbers: what is asked of the floor above, and when."""

import pytest

from p2pgame.core.ids import peer_id_of
from p2pgame.session import connections as module
from p2pgame.session.connections import DIAL_BACK_TIMEOUT, Connection, Connections
from p2pgame.session.effects import CloseLink, Dial, RequestDial, Send
from p2pgame.wire import messages as m
from p2pgame.wire.codes import CloseCode

ANN, BEN = (peer_id_of(bytes([n]) * 32) for n in range(2))


def linked() -> Connections:
    connections = Connections()
    connections.links = {1: Connection(ANN, "Ann", 0.0), 2: Connection(BEN, "Ben", 0.0)}
    return connections


def test_a_message_is_encoded_once_and_its_bytes_travel_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[m.Message] = []

    def encode(message: m.Message) -> bytes:
        encoded.append(message)
        return b"twelve bytes"

    monkeypatch.setattr(module, "encode_message", encode)
    connections, beat = linked(), m.Heartbeat(nonce=1)
    assert connections.send(1, beat) == 12
    assert connections.effects() == [Send(1, beat, b"twelve bytes")]
    assert encoded == [beat]
    assert connections.effects() == []


@pytest.mark.parametrize("code", CloseCode)
def test_a_quiet_end_forgets_the_link_at_once_and_any_other_is_still_to_be_reported(code: CloseCode) -> None:
    connections = linked()
    connections.close(1, code.text, {"seconds": 5})
    assert connections.effects() == [CloseLink(1, code.text, {"seconds": 5})]
    assert (1 not in connections.links) == code.quiet


@pytest.mark.parametrize("code", CloseCode)
def test_the_end_of_one_use_waits_for_another(code: CloseCode) -> None:
    connections = linked()
    connections.used = lambda link: link == 1
    connections.close(1, code.text)
    connections.close(2, code.text)
    closed = [effect.link for effect in connections.effects() if isinstance(effect, CloseLink)]
    assert closed == ([2] if code.deferred else [1, 2])


def test_a_code_that_nobody_knows_is_neither_quiet_nor_deferred() -> None:
    connections = linked()
    connections.used = lambda _: True
    connections.close(1, "bad_reveal")
    assert connections.effects() == [CloseLink(1, "bad_reveal", {})]
    assert 1 in connections.links


def test_a_dial_brings_its_purpose_back_once() -> None:
    connections, purpose = Connections(), object()
    connections.dial(ANN, purpose)
    (dial,) = connections.effects()
    assert isinstance(dial, Dial)
    assert connections.dialling(purpose)
    assert connections.take_purpose(dial.ticket) is purpose
    assert not connections.dialling(purpose)
    assert connections.take_purpose(dial.ticket) is None
    assert connections.take_purpose(None) is None


def test_links_are_found_by_their_peer() -> None:
    connections = linked()
    assert connections.link_to(BEN) == 2
    assert connections.link_to(peer_id_of(b"c" * 32)) is None
    assert connections.request_dial(BEN) == DIAL_BACK_TIMEOUT
    assert connections.effects() == [RequestDial(BEN)]


@pytest.mark.parametrize(("rtt", "more"), [(0.5, 3.0), (60.0, 6.0)])
def test_who_is_asked_to_dial_us_has_time_for_the_round_trips(rtt: float, more: float) -> None:
    connections = Connections()
    connections.round_trip = {BEN: rtt}.__getitem__
    assert connections.request_dial(BEN) == DIAL_BACK_TIMEOUT + more
