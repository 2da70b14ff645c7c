"""Every scene as a picture: in both languages and both themes, from the smallest window to the largest screen.

The pictures are kept in ``tests/output/scenes``, those of the largest screen reduced. What can be told of them without
a person is: nothing is outside of the window, no two things that can be pressed and no two texts lie over each other,
a text that is cut says so, and words and edges stand out from what is really under them.
"""

import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pygame
import pytest

from p2pgame.games.gomoku.rules import Move
from p2pgame.i18n.catalogue import current, language, set_language
from p2pgame.session.room_view import ListedRoom, RoomSeat
from p2pgame.storage.settings import Settings
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.emotes import EmoteButton
from p2pgame.ui.preferences import Preferences
from p2pgame.ui.scenes.match import Board, MatchScene
from p2pgame.ui.scenes.settings import SettingsScene
from p2pgame.ui.scenes.viewer import ReplayLoader
from p2pgame.ui.theme import EDGE, TEXT, contrast
from p2pgame.ui.widgets import Button, Choice, Widget
from tests.ui.desk import LEARNED, Desk
from tests.ui.fake_client import member, peer_id, person, room_of
from tests.ui.recorded import record
from tests.ui.test_history import fill

SECTIONS = ("sound", "look", "play", "keys", "pads", "network", "privacy", "data")
SIZES = ((640, 480), (1280, 720), (3840, 2160))
KEPT = Path(__file__).parents[1] / "output" / "scenes"
ENGLISH = re.compile(r"(?<![A-Za-z0-9])[A-Z]?[a-z]{2,}(?![A-Za-z0-9])")
SAME_IN_ALL = re.compile(r"Anna|Ben|Dan|Finn|(Clara)+|pgame|English|Esc|Tab|Ctrl|Home|End")
"""What is no English: names, and what is written on keys. Names and lines in capitals are not looked at."""
LONG = "CLARA WITH A VERY LONG NAME"


def people(desk: Desk) -> None:
    desk.client.add_peer(1, "Ben", rtt_ms=2.0)
    desk.client.add_peer(2, LONG, rtt_ms=70.0)
    desk.client.add_peer(3, "Dan", status="busy", playing="tron")
    desk.client.know(peer_id(1), verified=True, met_at=1.7e9)
    desk.client.add_peer(4, "Ben")
    desk.client.impostors[peer_id(4)] = "Ben"
    desk.client.listed = [
        ListedRoom(room="00112233aabbccdd", leader=peer_id(2), name=LONG, game="tron", seats=6, taken=3)
    ]
    desk.go(1.2)


def keys(*pressed: int) -> Callable[[Desk], None]:
    return lambda desk: desk.key(*pressed)


def room(desk: Desk) -> None:
    members = [member("Anna", local=2, ready=True), member("Ben", 1, ready=True), member(LONG, 2)]
    seats = [
        person("Anna"), person("Anna (2)"), person("Ben", 1), person(LONG, 2), RoomSeat(kind="bot", level="easy"),
        RoomSeat(kind="closed"), RoomSeat(kind="open"), RoomSeat(kind="kept", name="Finn"),
    ]  # fmt: skip
    desk.client.room_view = room_of(members, seats)
    desk.go(0.2)


def match(game: str) -> Callable[[Desk], None]:
    def begin(desk: Desk) -> None:
        desk.start_match(name=LONG, game=game)
        for point in (112, 113, 127, 97) if game == "gomoku" else ():
            view = desk.top(MatchScene).match
            if view.me in view.to_move:
                desk.client.submit(Move(point))
            else:
                desk.client.peer_moves(point)
            desk.go()
        desk.go(3)

    return begin


def then(*steps: Callable[[Desk], None]) -> Callable[[Desk], None]:
    def lead(desk: Desk) -> None:
        for step in steps:
            step(desk)

    return lead


def win(desk: Desk) -> None:
    desk.win()
    desk.go(4)


def chat(desk: Desk) -> None:
    for text in ("HELLO", "WHO PLAYS A ROUND OF TRON WITH ME, OR TWO?", "大家好"):
        desk.client.hear(1, text)
    desk.key(pygame.K_t)


def settings(section: str) -> Callable[[Desk], None]:
    def turn(desk: Desk) -> None:
        desk.key(F10)
        desk.key(*[pygame.K_DOWN] * SECTIONS.index(section))
        assert desk.top(SettingsScene).list.selected == section

    return turn


def press(label: str) -> Callable[[Desk], None]:
    def pressed(desk: Desk) -> None:
        desk.press(label)
        desk.go(0.7)

    return pressed


def pads(desk: Desk) -> None:
    desk.app.context.gamepads.add(1, "ANNA'S PAD OF SOME MAKE", "aa")
    desk.app.context.gamepads.add(2, "PAD 2", "bb")
    desk.app.context.players.fit(2)


def invited(desk: Desk) -> None:
    desk.client.peer_invites(desk.client.add_peer(2, LONG).peer)
    desk.go(0.7)


def asked_for_codes(desk: Desk) -> None:
    people(desk)
    desk.client.peer_wants_codes(peer_id(1))
    desk.go(0.7)


def codes(desk: Desk) -> None:
    asked_for_codes(desk)
    desk.press("Compare")
    desk.client.code_is_there(peer_id(1))
    desk.go(0.7)


def paused(desk: Desk) -> None:
    match("gomoku")(desk)
    desk.client.pause()
    desk.go(2)


def lost(desk: Desk) -> None:
    match("gomoku")(desk)
    desk.press("Resign")
    desk.press("Resign")
    desk.go(3)


def history(desk: Desk) -> None:
    fill(desk.client)
    desk.press("History")
    desk.go(0.5)


def viewer(desk: Desk) -> None:
    plugin = desk.client.registry.get("gomoku")
    assert plugin is not None
    desk.client.replays["m"] = record(plugin, lambda state, player, frame: Move(3 * frame), 30, winners=(1,))
    loader = ReplayLoader(desk.app.context)
    loader.start("m")
    scene = loader.poll()
    assert scene is not None
    desk.app.router.push(scene)
    desk.go(1)


F1, F2, F3, F4, F5, F7, F10, ESC = (
    pygame.K_F1, pygame.K_F2, pygame.K_F3, pygame.K_F4, pygame.K_F5, pygame.K_F7, pygame.K_F10, pygame.K_ESCAPE,
)  # fmt: skip
SCENES: dict[str, Callable[[Desk], None]] = {
    "lobby-alone": lambda desk: desk.go(9),
    "lobby": people,
    "chat": then(people, chat),
    "keys": keys(F1),
    "people": then(people, keys(F4)),
    "history": history,
    "name": keys(F2),
    "notices": keys(F7),
    "person": then(people, press("Details")),
    **{f"settings-{section}": settings(section) for section in SECTIONS},
    "settings-pads-two": then(pads, settings("pads")),
    "pads-test": then(pads, settings("pads"), press("Try them")),
    "practice": press("Practice"),
    "invited": invited,
    "inviting": then(people, press("Invite")),
    "codes-asked": asked_for_codes,
    "codes": codes,
    "room": room,
    "room-game": then(room, press("Game")),
    "room-vote": then(room, press("Vote")),
    "room-leave": then(room, press("Leave the room")),
    "gomoku": match("gomoku"),
    "pong": match("pong"),
    "tron": match("tron"),
    "how-to-gomoku": then(match("gomoku"), keys(F1)),
    "how-to-pong": then(match("pong"), keys(F1)),
    "how-to-tron": then(match("tron"), keys(F1)),
    "menu": then(match("gomoku"), keys(ESC)),
    "figures": then(match("pong"), keys(F3)),
    "resign": then(match("gomoku"), press("Resign")),
    "paused": paused,
    "won": then(match("gomoku"), win),
    "lost": lost,
    "viewer": viewer,
}


class Spy:
    """What the topmost scene wrote last, and where."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: list[tuple[str, pygame.Rect, bool]] = []
        """Text, place, and whether it may be cut off by the part of the window that is drawn on."""
        inner = Canvas.text

        def text(
            canvas: Canvas, surface: pygame.Surface, text: str, *args: Any, **options: Any
        ) -> pygame.Rect:
            rect = inner(canvas, surface, text, *args, **options)
            window = pygame.display.get_surface()
            if surface is window and text.strip():
                self.texts.append((current(text), rect, surface.get_clip() != surface.get_rect()))
            return rect

        monkeypatch.setattr(Canvas, "text", text)

    def look(self, desk: Desk) -> None:
        """Have the topmost scene draw once more, over itself."""
        self.texts.clear()
        surface = pygame.display.get_surface()
        assert surface is not None
        desk.scene.draw(surface)


def faults(desk: Desk, spy: Spy) -> Iterator[str]:
    """What is wrong with the picture."""
    surface = pygame.display.get_surface()
    assert surface is not None
    window = surface.get_rect()
    widgets = [w for w in desk.scene.form.widgets if not isinstance(w, Board) and not scrolled_away(desk, w)]
    for widget in widgets:
        if not window.contains(widget.rect):
            yield f"{named(widget)} is outside of the window: {widget.rect}"
    for one, other in combinations(widgets, 2):
        if one.rect.colliderect(other.rect):
            yield f"{named(one)} {one.rect} lies over {named(other)} {other.rect}"
    for text, rect, clipped in spy.texts:
        if not clipped and not window.contains(rect):
            yield f"{text!r} is cut off: {rect}"
    free = [(text, ink(rect)) for text, rect, clipped in spy.texts if not clipped and not covered(desk, rect)]
    for (one_text, one_ink), (other_text, other_ink) in combinations(free, 2):
        if one_ink.colliderect(other_ink):
            yield f"{one_text!r} {one_ink} is written over {other_text!r} {other_ink}"
    if language() != "en":
        for text, _, _ in spy.texts:
            if ENGLISH.search(SAME_IN_ALL.sub("", text)):
                yield f"{text!r} is still English"
    if window.size != SIZES[-1]:  # colours are the same at any size
        yield from unseen(desk, surface)


def scrolled_away(desk: Desk, widget: Widget) -> bool:
    """It has no place, or is not in the part of a list that is in sight."""
    scene = desk.scene
    away = isinstance(scene, SettingsScene) and any(
        map(scene._hidden, (widget.rect.topleft, widget.rect.bottomleft))
    )
    return away or widget.rect.size == (0, 0)


def ink(rect: pygame.Rect) -> pygame.Rect:
    """Where the letters of a line are, without the room above and below them."""
    return rect.inflate(-4, -rect.height * 45 // 100)


def covered(desk: Desk, rect: pygame.Rect) -> bool:
    """Games write over their boards what they like, and the figures of F3 lie over the panel."""
    scene = desk.scene
    over = [scene.board, *filter(None, [scene.network])] if isinstance(scene, MatchScene) else []
    return any(each.rect.colliderect(rect) for each in over)


def named(widget: Widget) -> str:
    return f"{type(widget).__name__} {getattr(widget, 'label', '')!r}"


def unseen(desk: Desk, surface: pygame.Surface) -> Iterator[str]:
    """What can be pressed whose words or edge do not stand out in the pixels."""
    area = surface.get_rect().inflate(-12, -12)
    for widget in desk.scene.form.widgets:
        if not isinstance(widget, Button | Choice) or not widget.enabled or not area.contains(widget.rect):
            continue
        rect, step = widget.rect, max(1, round(desk.app.canvas.scale))
        face = tuple(surface.get_at((rect.left + 6 * step, rect.centery)))[:3]
        inside = {
            tuple(surface.get_at((x, y)))[:3]
            for x in range(rect.left + 8 * step, rect.right - 8 * step, step)
            for y in range(rect.centery - 8 * step, rect.centery + 8 * step, 2 * step)
        }
        words = max(contrast(colour, face) for colour in inside)  # type: ignore[arg-type]
        least = EDGE if isinstance(widget, EmoteButton) else TEXT  # a picture, or words
        if words < least:
            yield f"the words of {named(widget)} have a contrast of {words:.1f}"
        outside = tuple(surface.get_at((rect.left - 5, rect.centery)))[:3]
        border = {
            tuple(surface.get_at((x, rect.centery)))[:3] for x in range(rect.left - 1, rect.left + 4 * step)
        }
        edge = max(contrast(colour, outside) for colour in border)  # type: ignore[arg-type]
        if edge < EDGE:
            yield f"the edge of {named(widget)} has a contrast of {edge:.1f}"


def keep(name: str) -> None:
    surface = pygame.display.get_surface()
    assert surface is not None
    if surface.get_width() > SIZES[1][0]:
        surface = pygame.transform.smoothscale(surface, SIZES[1])
    KEPT.mkdir(parents=True, exist_ok=True)
    pygame.image.save(surface, KEPT / f"{name}.jpg")  # a tenth of what a PNG takes


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_fits_and_is_legible(scene: str, monkeypatch: pytest.MonkeyPatch) -> None:
    preferences = Preferences(Settings(learned=LEARNED))
    desk = Desk(preferences=preferences)
    desk.client.announce()
    desk.go()
    SCENES[scene](desk)
    spy = Spy(monkeypatch)
    found = []
    try:
        for spoken in ("en", "zh_CN"):
            set_language(spoken)
            for size in SIZES:
                desk.resize(size)
                for theme in ("dark", "light"):
                    desk.app.context.change(theme=theme)
                    desk.go(0.05)
                    picture = f"{scene}-{size[0]}x{size[1]}-{theme}-{language()}"
                    keep(picture)
                    spy.look(desk)
                    found += [f"{picture}: {fault}" for fault in faults(desk, spy)]
    finally:
        set_language("en")
        if hasattr(desk.scene, "practice"):
            desk.scene.practice.close()
    assert not found, "\n".join(found)
