"""A trace shows every message, decision and change of state, and no secret."""

import inspect
from typing import Any

import msgspec
import pytest

from p2pgame.session import events as e
from p2pgame.session.trace import BYTES_SHOWN, MASKED, decision_entry, event_entry, link_entry, message_entry
from p2pgame.wire import messages as m
from tests.unit.wire.samples import MATCH, SAMPLES

SECRET = b"\x5e" * 32
SECRET_FIELDS = {"token", "salt"}
"""Fields of messages that let others into the session, or make the keys of its datagrams."""


def text_of(entry: dict[str, Any]) -> str:
    return msgspec.json.encode(entry).decode()


def test_every_type_of_message_is_in_the_samples() -> None:
    kinds = {
        kind
        for _, kind in inspect.getmembers(m, inspect.isclass)
        if issubclass(kind, m.Message) and kind is not m.Message
    }
    assert {type(sample) for sample in SAMPLES} == kinds


@pytest.mark.parametrize("message", SAMPLES, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("sent", [True, False])
def test_each_type_of_message_is_traced_with_all_its_fields(message: m.Message, sent: bool) -> None:
    entry = message_entry(3, "7F3K", message, sent=sent)
    assert entry["trace"] == "message"
    assert (entry["way"], entry["link"], entry["peer"]) == ("sent" if sent else "received", 3, "7F3K")
    assert entry["type"] == message.__struct_config__.tag
    assert set(message.__struct_fields__) <= set(entry)
    assert msgspec.json.decode(text_of(entry)) == entry


@pytest.mark.parametrize("message", SAMPLES, ids=lambda s: type(s).__name__)
def test_no_secret_is_ever_in_it(message: m.Message) -> None:
    secrets = SECRET_FIELDS & set(message.__struct_fields__)
    for name in secrets:
        size = 16 if name == "token" else 32
        message = msgspec.structs.replace(message, **{name: SECRET[:size]})
    entry = message_entry(3, "7F3K", message, sent=True)
    assert SECRET[:16].hex() not in text_of(entry)
    assert all(entry[name] == MASKED for name in secrets)


def test_where_there_is_no_secret_nothing_is_masked() -> None:
    entry = message_entry(3, "7F3K", m.Start(match=MATCH, hash=b"h" * 16), sent=True)
    assert entry["salt"] is None


def test_long_bytes_are_cut_and_say_how_long_they_were() -> None:
    whole = m.StreamPacket(match=MATCH, data=b"x" * BYTES_SHOWN)
    assert message_entry(1, "7F3K", whole, sent=True)["data"] == "78" * BYTES_SHOWN
    part = m.State(
        match=MATCH, frame=1, size=9000, offset=0, data=b"x" * 9000, chain=b"c" * 16, reproduced=False
    )
    assert message_entry(1, "7F3K", part, sent=True)["data"] == "78" * BYTES_SHOWN + "... (9000 bytes)"


def test_a_decision_is_shown_in_full() -> None:
    decided = next(sample for sample in SAMPLES if isinstance(sample, m.Decided))
    entry = decision_entry(decided)
    assert (entry["trace"], entry["match"]) == ("decision", MATCH)
    assert (entry["epoch"], entry["index"], entry["frame"], entry["what"]["kind"]) == (1, 2, 4, "ended")
    assert entry["what"]["outcome"] == {"winners": [1], "reason": "resigned", "ended_by": "resigned"}


def test_bytes_that_are_no_decision_are_named_so() -> None:
    entry = decision_entry(m.Decided(match=MATCH, entry=b"\xc1"))
    assert (entry["error"], entry["reason"]) == ("bad_decision", "malformed")


@pytest.mark.parametrize(
    ("event", "scope", "state"),
    [
        (e.InviteExpired(invite="00", peer="p", name="Ann", game="pong"), "invitation", "invite_expired"),
        (e.HostElected(match=MATCH, host="p", players=("p", "q"), epoch=1), "opening", "host_elected"),
        (e.VerifyRequested(peer="p", name="Ann"), "verification", "verify_requested"),
        (e.MatchPaused(match=MATCH, reason="connection"), "match", "match_paused"),
        (e.ErrorEvent(code="no_seat"), "error", "error"),
    ],
)
def test_changes_of_state_say_of_what(event: e.Event, scope: str, state: str) -> None:
    entry = event_entry(event)
    assert (entry["trace"], entry["scope"], entry["state"]) == ("state", scope, state)
    assert set(event.__struct_fields__) <= set(entry)


def test_the_code_that_two_players_compare_is_not_in_it() -> None:
    entry = event_entry(e.VerifyCode(peer="p", name="Ann", code="042137", pictures=(3, 20, 34, 61)))
    assert "042137" not in text_of(entry)
    assert entry["pictures"] == MASKED


def test_links_open_and_close() -> None:
    assert link_entry(4, "7F3K", "closed", {"code": "silent"}) == {
        "trace": "state",
        "scope": "link",
        "state": "closed",
        "link": 4,
        "peer": "7F3K",
        "code": "silent",
    }
