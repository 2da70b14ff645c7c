"""The errors of the platform. A bad peer ends in one of these and a closed link, never in a crash."""

__all__ = [
    "DesyncError",
    "DiscoveryError",
    "IllegalMoveError",
    "LocalProtocolError",
    "P2PGameError",
    "RemoteProtocolError",
]


class P2PGameError(Exception):
    """Anything this package raises on purpose. Its text is one line that a player can read."""


class LocalProtocolError(P2PGameError):
    """We tried something that the protocol does not allow in this state: a fault of our own code."""


class RemoteProtocolError(P2PGameError):
    """The other side broke the protocol. `code` is one of the codes in docs/protocol.md."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class IllegalMoveError(P2PGameError):
    """An input that the rules do not allow in this state. Raised by `Game.validate`."""


class DesyncError(P2PGameError):
    """Two peers hold different states of one confirmed frame. Hashes are lower-case hex."""

    def __init__(self, frame: int, ours: str, theirs: str) -> None:
        super().__init__(f"the two games differ at frame {frame}: here {ours}, there {theirs}")
        self.frame = frame
        self.ours = ours
        self.theirs = theirs


class DiscoveryError(P2PGameError):
    """Discovery cannot work on this machine, for example because no interface is up."""
