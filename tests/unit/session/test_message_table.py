"""The table of messages: each has one handler, and what comes in the wrong phase never reaches it."""

from enum import Enum

import pytest

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.session.message_table import MessageTable, Rule, Scope
from p2pgame.wire import messages as m

BEAT, ACK, MATCH = m.Heartbeat(nonce=1), m.HeartbeatAck(nonce=2), m.DialMe(match="0" * 16)


class Step(Enum):
    WAITING = "waiting"
    TALKING = "talking"
    DONE = "done"


class Conversation:
    def __init__(self) -> None:
        self.heard: list[tuple[str, int, m.Message, float]] = []
        self.phases: dict[int, Step] = {7: Step.TALKING}
        self.table = MessageTable()
        self.table.register(
            Scope("talk", self.phases.get),
            {
                m.Heartbeat: Rule(self.beat, (Step.TALKING,), (Step.DONE,)),
                m.HeartbeatAck: Rule(self.ack, (Step.WAITING, Step.TALKING)),
            },
        )

    def beat(self, link: int, message: m.Message, now: float) -> None:
        self.heard.append(("beat", link, message, now))

    def ack(self, link: int, message: m.Message, now: float) -> None:
        self.heard.append(("ack", link, message, now))

    def refused(self, link: int, message: m.Message) -> dict[str, object]:
        before = list(self.heard)
        with pytest.raises(RemoteProtocolError) as caught:
            self.table.dispatch(link, message, 1.0)
        assert caught.value.code == "unexpected_message"
        assert self.heard == before
        return dict(caught.value.params)


def test_a_message_in_its_phase_reaches_its_handler() -> None:
    talk = Conversation()
    talk.table.dispatch(7, BEAT, 1.5)
    talk.table.dispatch(7, ACK, 2.5)
    assert talk.heard == [("beat", 7, BEAT, 1.5), ("ack", 7, ACK, 2.5)]


def test_a_message_in_the_wrong_phase_is_refused_and_named() -> None:
    talk = Conversation()
    talk.phases[7] = Step.WAITING
    assert talk.refused(7, BEAT) == {"message": "heartbeat", "scope": "talk", "phase": "waiting"}
    talk.phases[7] = Step.DONE
    assert talk.refused(7, ACK) == {"message": "heartbeat_ack", "scope": "talk", "phase": "done"}


def test_what_crossed_a_change_is_ignored() -> None:
    talk = Conversation()
    talk.phases[7] = Step.DONE
    talk.table.dispatch(7, BEAT, 1.0)
    assert talk.heard == []


def test_on_a_link_without_that_conversation_it_is_refused() -> None:
    talk = Conversation()
    assert talk.refused(8, BEAT) == {"message": "heartbeat", "scope": "talk", "phase": "absent"}


def test_a_message_that_nobody_handles_is_refused() -> None:
    talk = Conversation()
    assert talk.refused(7, MATCH) == {"message": "dial_me", "scope": "link", "phase": "open"}


def test_a_phase_of_another_conversation_does_not_count() -> None:
    class Other(Enum):
        TALKING = "talking"

    table = MessageTable()
    heard: list[m.Message] = []
    rule = Rule(lambda link, message, now: heard.append(message), (Step.TALKING,), (Step.DONE,))
    table.register(Scope("talk", lambda link: Other.TALKING), {m.Heartbeat: rule})
    with pytest.raises(RemoteProtocolError):
        table.dispatch(7, BEAT, 1.0)
    assert heard == []


def test_a_message_has_one_handler() -> None:
    talk = Conversation()
    with pytest.raises(ValueError, match="Heartbeat is handled by talk"):
        talk.table.register(Scope("chat", talk.phases.get), {m.Heartbeat: Rule(talk.beat, (Step.TALKING,))})


def test_what_a_handler_raises_is_passed_on() -> None:
    def fail(link: int, message: m.Message, now: float) -> None:
        raise RemoteProtocolError("too_fast")

    table = MessageTable()
    table.register(Scope("talk", lambda link: Step.DONE), {m.Heartbeat: Rule(fail, (Step.DONE,))})
    with pytest.raises(RemoteProtocolError) as caught:
        table.dispatch(1, BEAT, 1.0)
    assert caught.value.code == "too_fast"
