"""Which message is handled by whom, and when it may come: one table for everything that is said on a link.

Users of a link (invitations, opening, match, verification, later chat) register their messages here. A message that
comes in the wrong phase is refused from the table, before any handler sees it. Does not know what messages mean.
"""

from collections.abc import Callable, Collection, Mapping
from enum import Enum
from typing import Any, NamedTuple

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.wire.messages import Message

__all__ = ["MessageTable", "Phase", "Rule", "Scope"]

Phase = Enum
"""A state of the conversation that a message belongs to; each scope has an enumeration of its own."""


class Scope(NamedTuple):
    """One kind of conversation."""

    name: str
    phase: Callable[[int], Phase | None]
    """The state of this conversation on a link; None: there is none on that link."""


class Rule(NamedTuple):
    """How one type of message is treated."""

    handle: Callable[[int, Any, float], None]
    """``handle(link, message, now)``; raises `RemoteProtocolError`."""
    phases: Collection[Phase]
    """In which it is handled."""
    ignored: Collection[Phase] = ()
    """In which it may still arrive, because it crossed a change on the wire, and changes nothing."""


class MessageTable:
    """``{type: (handler, scope, phases)}`` of one peer."""

    def __init__(self) -> None:
        self._rules: dict[type[Message], tuple[Scope, Rule]] = {}

    def register(self, scope: Scope, rules: Mapping[type[Message], Rule]) -> None:
        """Raises `ValueError` for a type that has a handler already."""
        for kind, rule in rules.items():
            if kind in self._rules:
                raise ValueError(f"{kind.__name__} is handled by {self._rules[kind][0].name} already")
            self._rules[kind] = (scope, rule)

    def dispatch(self, link: int, message: Message, now: float) -> None:
        """Call the handler of `message`.

        Raises `RemoteProtocolError("unexpected_message")` if it may not come now, and what the handler raises.
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
