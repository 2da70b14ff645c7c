"""The words of chat: quick phrases and emotes, which travel as codes, so that everybody reads its own language."""

from typing import Final

from p2pgame.i18n.catalogue import gettext

__all__ = ["EMOTE_SENTENCES", "PHRASE_SENTENCES", "chat_text", "emote_text"]

PHRASE_SENTENCES: Final[dict[str, str]] = {
    "hello": "Hello!",
    "good_luck": "Good luck!",
    "well_played": "Well played!",
    "good_game": "Good game!",
    "thanks": "Thanks!",
    "sorry": "Sorry!",
    "oops": "Oops!",
    "one_moment": "One moment!",
    "again": "Another round?",
}
"""By code, in the order of the number keys."""
EMOTE_SENTENCES: Final[dict[str, str]] = {
    "smile": "smiles",
    "laugh": "laughs",
    "wow": "is amazed",
    "cry": "cries",
    "angry": "is angry",
    "think": "is thinking",
    "clap": "applauds",
    "heart": "sends a heart",
}
"""By code; what the emote says of who sends it."""


def chat_text(kind: str, text: str) -> str:
    """The words of an event `Chat`. A code of a later version stands as it is."""
    if kind == "phrase":
        return gettext(PHRASE_SENTENCES[text]) if text in PHRASE_SENTENCES else text
    return f"* {emote_text(text)}" if kind == "emote" else text


def emote_text(code: str) -> str:
    """What an emote says of who sends it."""
    return gettext(EMOTE_SENTENCES[code]) if code in EMOTE_SENTENCES else code
