"""The table of messages: one handler each, and what is out of phase never reaches it."""

from enum import Enum

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.session.message_table import MessageTable, Rule, Scope
from p2pgame.wire import messages as m

BEAT = m.Heartbeat(nonce=7)


class Phase(Enum):
    ASKED = "asked"
    DONE = "done"
    NEVER = "never"


class Talk:
    """A user of a link with one message."""

    def __init__(self, phase: Phase | None = Phase.ASKED) -> None:
        self.phase = phase
        self.heard: list[tuple[int, m.Message, float]] = []
        self.table = MessageTable()
        self.rule = Rule(
            lambda *about: self.heard.append(about), phases=(Phase.ASKED,), ignored=(Phase.DONE,)
        )
        self.table.register(
            Scope("talk", lambda link: self.phase if link == 1 else None), {m.Heartbeat: self.rule}
        )


def refusal(talk: Talk, link: int, message: m.Message) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as error:
        talk.table.dispatch(link, message, 2.5)
    assert error.value.code == "unexpected_message"
    assert not talk.heard
    return error.value


def test_in_its_phase_a_message_reaches_its_handler() -> None:
    talk = Talk()
    talk.table.dispatch(1, BEAT, 2.5)
    assert talk.heard == [(1, BEAT, 2.5)]


def test_what_crossed_a_change_on_the_wire_is_ignored() -> None:
    talk = Talk(Phase.DONE)
    talk.table.dispatch(1, BEAT, 2.5)
    assert talk.heard == []


def test_in_any_other_phase_it_is_refused_by_name() -> None:
    error = refusal(Talk(Phase.NEVER), 1, BEAT)
    assert error.params == {"message": "heartbeat", "scope": "talk", "phase": "never"}


def test_where_there_is_no_such_conversation_it_is_refused() -> None:
    assert refusal(Talk(None), 1, BEAT).params["phase"] == "absent"
    assert refusal(Talk(), 2, BEAT).params["phase"] == "absent"


def test_what_nobody_registered_is_refused() -> None:
    assert refusal(Talk(), 1, m.HeartbeatAck(nonce=1)).params["message"] == "heartbeat_ack"


def test_two_handlers_of_one_message_are_a_mistake_of_the_program() -> None:
    talk = Talk()
    with pytest.raises(ValueError, match="Heartbeat is handled by talk already"):
        talk.table.register(Scope("other", lambda _: None), {m.Heartbeat: talk.rule})


def test_what_a_handler_raises_passes_through() -> None:
    def cheated(*_: object) -> None:
        raise RemoteProtocolError("bad_reveal")

    table = MessageTable()
    table.register(Scope("x", lambda _: Phase.ASKED), {m.Heartbeat: Rule(cheated, (Phase.ASKED,))})
    with pytest.raises(RemoteProtocolError) as error:
        table.dispatch(1, BEAT, 0.0)
    assert error.value.code == "bad_reveal"


def test_a_phase_of_another_conversation_does_not_count() -> None:
    class Other(Enum):
        ASKED = "asked"

    talk = Talk()
    table = MessageTable()
    table.register(Scope("talk", lambda _: Other.ASKED), {m.Heartbeat: talk.rule})
    with pytest.raises(RemoteProtocolError):
        table.dispatch(1, BEAT, 1.0)
    assert not talk.heard
