"""Events of keys as the system sends them: what a key types, and where it is on an American keyboard."""

import pygame

__all__ = ["key_event"]


def key_event(kind: int, key: int, mod: int = 0, place: int | None = None) -> pygame.event.Event:
    """`place`: a scancode; default: where that letter is; 0, as of a key on a screen, for all other keys."""
    if place is None:
        letter = pygame.K_a <= key <= pygame.K_z
        place = key - pygame.K_a + pygame.KSCAN_A if letter else 0
    return pygame.event.Event(kind, key=key, mod=mod, unicode="", scancode=place)
