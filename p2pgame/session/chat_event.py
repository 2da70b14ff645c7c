"""From a line of chat to the event that a node reports, and the names of the kinds of lines in both directions."""

from typing import Final

from p2pgame.chat.log import Said
from p2pgame.core.errors import LocalProtocolError
from p2pgame.session import events as e
from p2pgame.wire.chat import LOBBY, Kind

__all__ = ["chat_event", "kind_of"]

_NAMES: Final = {Kind.TEXT: "text", Kind.PHRASE: "phrase", Kind.EMOTE: "emote"}
_KINDS: Final = {name: kind for kind, name in _NAMES.items()}


def kind_of(name: str) -> Kind:
    """The kind in a command. Raises `LocalProtocolError` ``chat_empty`` for one that does not exist."""
    kind = _KINDS.get(name)
    if kind is None:
        raise LocalProtocolError("chat_empty")
    return kind


def chat_event(said: Said) -> e.Chat:
    """What a node reports of `said`."""
    where = e.LOBBY if said.where == LOBBY else said.where.hex()
    return e.Chat(peer=said.peer, name=said.name, text=said.text, where=where, kind=_NAMES[said.kind])
