"""The errors of the platform: a code and parameters, never a sentence.

`p2pgame.i18n` turns them into words for the window and the command line. A bad peer ends in one of these and a
closed link, never in a crash.
"""

from typing import TypeAlias

__all__ = [
    "DesyncError",
    "DiscoveryError",
    "ForfeitError",
    "IllegalMoveError",
    "LocalProtocolError",
    "P2PGameError",
    "Param",
    "RemoteProtocolError",
]

Param: TypeAlias = str | int | float
"""Type of an error parameter: a fact for its sentence."""


class P2PGameError(Exception):
    """Base of all errors that this package raises.

    `code` identifies the error (``[a-z_]{1,32}``); `params` are facts for its sentence. ``str()`` is for logs.
    """

    def __init__(self, code: str, /, **params: Param) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, Param] = params

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code}: {facts}" if facts else self.code


class LocalProtocolError(P2PGameError):
    """The user or our own code requested something that is impossible in the current state."""


class RemoteProtocolError(P2PGameError):
    """The other side violated the protocol. `code` is one of the codes in docs/protocol.md."""

    member: int | None = None
    """In a match, the number of the member that did, where it is not the one whose message is handled."""

    def by(self, member: int) -> "RemoteProtocolError":
        """The same, of that member."""
        self.member = member
        return self


class IllegalMoveError(P2PGameError):
    """An input that the rules do not allow in this state. Raised by `Game.validate`.

    A game gives its own English sentence as `code`, with ``{name}`` for each parameter: the message id of the game's
    catalogue (docs/writing-a-game.md).
    """


class ForfeitError(P2PGameError):
    """A bot cannot play on, and its player loses; the rules are not at fault. Raised by `Bot.choose`.

    As with `IllegalMoveError`, `code` is the game's own English sentence.
    """


class DesyncError(P2PGameError):
    """Two peers hold different states of one confirmed frame. Hashes are lower-case hex."""

    def __init__(self, frame: int, ours: str, theirs: str) -> None:
        super().__init__("desync", frame=frame, ours=ours, theirs=theirs)
        self.frame = frame
        self.ours = ours
        self.theirs = theirs


class DiscoveryError(P2PGameError):
    """Discovery cannot work on this machine, for example because no interface is up."""
