"""A protocol trace as plain dictionaries: messages, decisions and changes of state, without secrets.

Made to be read beside docs/protocol.md by whoever writes another client. Bytes are lower-case hex. Does not know
where a trace is written.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from p2pgame.core.errors import Param, RemoteProtocolError
from p2pgame.session import events as e
from p2pgame.wire import messages as m
from p2pgame.wire.decisions import decode_decision

__all__ = ["BYTES_SHOWN", "MASKED", "decision_entry", "event_entry", "link_entry", "message_entry"]

MASKED: Final = "masked"
"""Stands for a secret: what lets others join the session, or read and forge its datagrams."""
BYTES_SHOWN: Final = 4096
"""A longer field, such as a part of a snapshot, is cut."""
_SECRETS: Mapping[type, frozenset[str]] = {
    m.Join: frozenset({"token"}),
    m.Start: frozenset({"salt"}),
    m.Resume: frozenset({"salt"}),
    e.VerifyCode: frozenset({"code", "pictures"}),
}
_SCOPES: Mapping[str, str] = {
    "invite": "invitation",
    "host": "opening",
    "verify": "verification",
    "error": "error",
}
"""By the first word of an event's name; every other event of the lobby is about the match."""


def message_entry(link: int, peer: str, message: m.Message, *, sent: bool) -> dict[str, Any]:
    """One message. `peer`: the other side's short tag."""
    return {
        "trace": "message",
        "way": "sent" if sent else "received",
        "link": link,
        "peer": peer,
        **_fields(message),
    }


def decision_entry(message: m.Decided) -> dict[str, Any]:
    """The entry of the log of decisions in a message, in full."""
    entry: dict[str, Any] = {"trace": "decision", "match": message.match}
    try:
        decision = decode_decision(message.entry)
    except RemoteProtocolError as error:
        return {**entry, "error": error.code, **error.params}
    return {**entry, **_fields(decision)}


def link_entry(link: int, peer: str, state: str, params: Mapping[str, Param]) -> dict[str, Any]:
    """A link is ``open`` or ``closed``; `params`: why."""
    return {"trace": "state", "scope": "link", "state": state, "link": link, "peer": peer, **params}


def event_entry(event: e.Event) -> dict[str, Any]:
    """A change of an invitation, an opening, a comparison of codes or a match, as the user is told of it."""
    fields = _fields(event)
    state = fields.pop("event")
    return {
        "trace": "state",
        "scope": _SCOPES.get(state.partition("_")[0], "match"),
        "state": state,
        **fields,
    }


def _fields(struct: msgspec.Struct) -> dict[str, Any]:
    secrets = _SECRETS.get(type(struct), frozenset())
    config = struct.__struct_config__
    shown: dict[str, Any] = {config.tag_field: config.tag} if config.tag_field else {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        shown[name] = MASKED if name in secrets and value is not None else _shown(value)
    return shown


def _shown(value: Any) -> Any:
    """`value` for JSON."""
    if isinstance(value, bytes):
        cut = value[:BYTES_SHOWN].hex()
        return cut if len(value) <= BYTES_SHOWN else f"{cut}... ({len(value)} bytes)"
    if isinstance(value, tuple | list):
        return [_shown(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _shown(item) for name, item in value.items()}
    if isinstance(value, msgspec.Struct):
        return _fields(value)
    return msgspec.to_builtins(value)
