"""The table of all link messages: handler, scope and legal phases of each type.

Users of links (invitations, session opening, match, verification) register their messages here. A message in a wrong
phase is rejected from the table, before any handler is called. Does not know the meaning of messages.
"""

from collections.abc import Callable, Collection, Mapping
from enum import Enum
from typing import Any, NamedTuple

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.messages import Message

__all__ = ["MessageTable", "Phase", "Rule", "Scope"]

Phase = Enum
"""The phase of a scope. Each scope has its own enumeration."""


class Scope(NamedTuple):
    """One group of messages with common phases, e.g. the match."""

    name: str
    phase: Callable[[int], Phase | None]
    """``phase(link)``; None if the scope does not exist on that link."""


class Rule(NamedTuple):
    """Handler and phases of one type of message."""

    handle: Callable[[int, Any, float], None]
    """``handle(link, message, now)``; raises `RemoteProtocolError`."""
    phases: Collection[Phase]
    """Phases in which the message is handled."""
    ignored: Collection[Phase] = ()
    """Phases in which the message is legal but ignored, because it crossed a phase change on the wire."""


class MessageTable:
    """``{type: (scope, rule)}``."""

    def __init__(self) -> None:
        self._rules: dict[type[Message], tuple[Scope, Rule]] = {}

    def register(self, scope: Scope, rules: Mapping[type[Message], Rule]) -> None:
        """Add messages. Raises `ValueError` for a type that is registered already."""
        for kind, rule in rules.items():
            if kind in self._rules:
                raise ValueError(f"{kind.__name__} is handled by {self._rules[kind][0].name} already")
            self._rules[kind] = (scope, rule)

    def dispatch(self, link: int, message: Message, now: float) -> None:
        """Call the handler of `message`.

        Raises `RemoteProtocolError("unexpected_message")` in a wrong phase, and whatever the handler raises.
        """
        entry = self._rules.get(type(message))
        if entry is None:
            raise _unexpected(message, "link", "open")
        scope, rule = entry
        phase = scope.phase(link)
        if phase in rule.phases:
            rule.handle(link, message, now)
        elif phase is None or phase not in rule.ignored:
            raise _unexpected(message, scope.name, phase.value if phase is not None else "absent")


def _unexpected(message: Message, scope: str, phase: Any) -> RemoteProtocolError:
    kind = str(message.__struct_config__.tag)
    return RemoteProtocolError("unexpected_message", message=kind, scope=scope, phase=str(phase))
