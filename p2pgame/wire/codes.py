"""The codes for the end of a link. Code that handles an end asks for a property of the code, not for the code itself.

The text of a code travels in `Close`. A code that this version does not know is `UNKNOWN`, which has no property.
"""

from enum import Enum, Flag, auto

__all__ = ["CloseCode", "Trait"]


class Trait(Flag):
    """Properties of the end of a link."""

    NONE = 0
    INTERRUPTION = auto()
    """The match continues: both sides reconnect."""
    REFUSAL = auto()
    """The other side refuses to resume: the match is over there."""
    PERMANENT = auto()
    """A retry cannot succeed."""
    QUIET = auto()
    """A normal end: the link is removed at once, and no error is shown."""
    DEFERRED = auto()
    """One use of the link ended: it stays open while another user needs it."""
    GOODBYE = auto()
    """The program of the sender ends, and may be started again."""
    REFERRAL = auto()
    """It says who carries the match."""
    DISPUTE = auto()
    """Both sides have the reason to end: a match that ends with this code has no winner."""


class CloseCode(Enum):
    """The codes of docs/protocol.md, "Ends of a link"."""

    CONNECTION_LOST = ("connection_lost", Trait.INTERRUPTION)
    SILENT = ("silent", Trait.INTERRUPTION)
    TOO_SLOW = ("too_slow", Trait.INTERRUPTION)
    RESUME_TIMEOUT = ("resume_timeout", Trait.INTERRUPTION)
    SUPERSEDED = ("superseded", Trait.INTERRUPTION | Trait.QUIET)
    NOT_HOST = ("not_host", Trait.INTERRUPTION | Trait.REFERRAL | Trait.QUIET)
    OLD_EPOCH = ("old_epoch", Trait.INTERRUPTION | Trait.REFERRAL)
    DROPPED = ("dropped", Trait.INTERRUPTION | Trait.QUIET)
    BYE = ("bye", Trait.INTERRUPTION | Trait.GOODBYE)
    ADJOURNED = ("adjourned", Trait.INTERRUPTION | Trait.QUIET)

    CLAIMED = ("claimed", Trait.REFUSAL)
    RESIGNED = ("resigned", Trait.REFUSAL)
    ABANDONED = ("abandoned", Trait.REFUSAL)
    OVER = ("over", Trait.REFUSAL)
    NO_SEAT = ("no_seat", Trait.REFUSAL)

    BLOCKED = ("blocked", Trait.PERMANENT)
    DESYNC = ("desync", Trait.PERMANENT | Trait.DISPUTE)
    DISPUTED = ("disputed", Trait.PERMANENT | Trait.DISPUTE)
    RULES_FAILED = ("rules_failed", Trait.PERMANENT)
    WRONG_VERSION = ("wrong_version", Trait.PERMANENT)

    DONE = ("done", Trait.QUIET | Trait.DEFERRED)
    IDLE = ("idle", Trait.QUIET)
    MOVED = ("moved", Trait.QUIET | Trait.DEFERRED)
    LEFT = ("left", Trait.QUIET | Trait.DEFERRED)

    UNKNOWN = ("unknown", Trait.NONE)

    def __init__(self, text: str, traits: Trait) -> None:
        self.text = text
        self.traits = traits

    @classmethod
    def of(cls, text: str) -> "CloseCode":
        """The code of that text; every other text, such as that of a broken rule, is `UNKNOWN`."""
        return _BY_TEXT.get(text, cls.UNKNOWN)

    @property
    def interruption(self) -> bool:
        return Trait.INTERRUPTION in self.traits

    @property
    def refusal(self) -> bool:
        return Trait.REFUSAL in self.traits

    @property
    def permanent(self) -> bool:
        return Trait.PERMANENT in self.traits

    @property
    def quiet(self) -> bool:
        return Trait.QUIET in self.traits

    @property
    def deferred(self) -> bool:
        return Trait.DEFERRED in self.traits

    @property
    def goodbye(self) -> bool:
        return Trait.GOODBYE in self.traits

    @property
    def referral(self) -> bool:
        return Trait.REFERRAL in self.traits

    @property
    def concedes(self) -> bool:
        """Whether who says so gave the match up."""
        return self in (CloseCode.RESIGNED, CloseCode.ABANDONED)

    @property
    def dispute(self) -> bool:
        return Trait.DISPUTE in self.traits


_BY_TEXT = {code.text: code for code in CloseCode}
