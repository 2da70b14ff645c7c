"""Protocol trace entries as plain dictionaries: messages, decisions and state changes, without secrets.

For developers of another client, to read beside docs/protocol.md. Bytes are lower-case hex. Does not know where a trace
is written.
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
"""Replaces a secret, which would allow others to join the session or to read and forge its datagrams."""
BYTES_SHOWN: Final = 4096
"""Longer fields, e.g. parts of a snapshot, are truncated."""
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
    "room": "room",
    "member": "room",
    "seat": "room",
    "leader": "room",
    "round": "room",
    "vote": "room",
}
"""Scope by the first word of an event's name; all other events belong to the match."""


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
    """The decoded decision log entry in a message."""
    entry: dict[str, Any] = {"trace": "decision", "match": message.match}
    try:
        decision = decode_decision(message.entry)
    except RemoteProtocolError as error:
        return {**entry, "error": error.code, **error.params}
    return {**entry, **_fields(decision)}


def link_entry(link: int, peer: str, state: str, params: Mapping[str, Param]) -> dict[str, Any]:
    """A link is ``open`` or ``closed``. `params`: of the close code."""
    return {"trace": "state", "scope": "link", "state": state, "link": link, "peer": peer, **params}


def event_entry(event: e.Event) -> dict[str, Any]:
    """A state change of an invitation, session opening, comparison of codes or match, as reported to the user."""
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
