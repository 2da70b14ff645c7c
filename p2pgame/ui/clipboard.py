"""The clipboard of the system, as far as pygame and its forks reach it."""

from contextlib import suppress

import pygame

__all__ = ["clipboard", "copy"]

_CLIPBOARD_TYPES = ("text/plain;charset=utf-8", "text/plain")
"""What pygame may call text, the better one first. `pygame.SCRAP_TEXT` is the second, which X11 does not offer."""
_PASTE_MAX = 4096
"""Characters that are looked at; a clipboard may hold megabytes."""


def copy(text: str) -> None:
    """Put `text` into the clipboard, if there is one."""
    if not text:
        return
    with suppress(pygame.error, NotImplementedError, AttributeError):
        if hasattr(pygame.scrap, "put_text"):  # pygame-ce
            pygame.scrap.put_text(text)
            return
        if not pygame.scrap.get_init():
            pygame.scrap.init()
        for kind in _CLIPBOARD_TYPES:
            pygame.scrap.put(kind, text.encode())


def clipboard() -> str:
    """The first line of the clipboard's text, at most `_PASTE_MAX` characters; empty where there is none to be had."""
    try:
        text = _clipboard_bytes().decode("utf-8", "replace")
    except (pygame.error, NotImplementedError, AttributeError):
        return ""
    return text.replace("\0", "").strip()[:_PASTE_MAX].split("\n")[0]


def _clipboard_bytes() -> bytes:
    """The clipboard's text as its owner gives it, which may be in any encoding. Raises what pygame raises."""
    if hasattr(pygame.scrap, "get_text"):  # pygame-ce
        try:
            return str(pygame.scrap.get_text()).encode()
        except UnicodeDecodeError as error:
            return bytes(error.object)
    if not pygame.scrap.get_init():
        pygame.scrap.init()
    texts = (pygame.scrap.get(kind) for kind in _CLIPBOARD_TYPES)
    return next(filter(None, texts), b"")
