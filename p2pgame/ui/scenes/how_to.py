"""The page behind "?" and F1: how to play a game, in pictures of its own view, and all keys of the scene under it."""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.core.registry import Plugin
from p2pgame.i18n.catalogue import game_text, gettext
from p2pgame.ui.inputs import Input, KeySet, MenuAction, Press, key_letters
from p2pgame.ui.scene import Context, Pop, Scene, Transition
from p2pgame.ui.sentences import game_words, plugin_title
from p2pgame.ui.still import lessons_of, picture
from p2pgame.ui.view import load_view
from p2pgame.ui.widgets import Button, Form

__all__ = ["HowToScene", "KeyWords", "common_keys", "game_keys"]

KeyWords = Sequence[tuple[str, str]]
"""Keys as printed on them, and what they do."""
_CAP = 26
_LINE = 32


def common_keys() -> KeyWords:
    """What is the same in every scene."""
    return [
        (gettext("arrows, Tab"), gettext("to the next thing")),
        (gettext("Enter"), gettext("choose it")),
        (gettext("Esc"), gettext("back, or the menu")),
        ("T", gettext("chat")),
        ("F1", gettext("this page")),
        ("F6", gettext("sound on or off")),
        ("F7", gettext("what was said")),
        ("F10", gettext("settings")),
        ("F11", gettext("full screen")),
        ("F12", gettext("save a picture")),
    ]


def game_keys(plugin: Plugin) -> KeyWords:
    """What is so in a match of that game."""
    keys = [("F3", gettext("figures of the connection"))]
    if plugin.game.tick_rate:
        letters = key_letters(KeySet.WASD)
        used = plugin.guard.call(plugin.view_class).controls
        names = [control.name.lower() for control in used]
        own = " ".join(letters[name] for name in names if name in letters)
        arrows = {"up": "↑", "down": "↓", "left": "←", "right": "→"}
        signs = " ".join(arrows[name] for name in names if name in arrows)
        keys = [
            (f"{signs} / {own}", gettext("steer")),
            (gettext("gamepad"), gettext("stick or cross")),
            *keys,
        ]
    else:
        keys = [
            (gettext("mouse"), gettext("click where you want to move")),
            (gettext("Ctrl+C"), gettext("copy the position as text")),
            *keys,
        ]
    return keys


class HowToScene(Scene):
    """Pictures with a sentence each, and keys."""

    def __init__(
        self,
        context: Context,
        plugin: Plugin | None,
        keys: KeyWords = (),
        done: Callable[[], Transition] = Pop,
        label: str = "",
    ) -> None:
        """`plugin` None: keys only. `done` gives what comes after it, and `label` says so on the button."""
        super().__init__(context)
        self.plugin = plugin
        self.keys = [*keys, *common_keys()]
        self._done = done
        self._lessons = lessons_of(plugin) if plugin is not None else ()
        self._hint = ""
        if plugin is not None and not self._lessons:
            view = load_view(plugin, 0, ("", ""))
            self._hint = game_words(view.package, view.hint, key_letters(KeySet.WASD))
        self.button = Button(label or gettext("Back"), self._leave, "primary")
        self.form = Form([self.button])
        self._pictures: list[pygame.Rect] = []
        self._keys_at = pygame.Rect(0, 0, 0, 0)
        if plugin is not None and plugin.game.name not in context.preferences.now.learned:
            context.change(learned=(*context.preferences.now.learned, plugin.game.name)[-64:])

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        pad = u(22)
        self.button.rect = pygame.Rect(size[0] - pad - u(150), pad - u(4), u(150), u(42))
        width = size[0] - 2 * pad
        columns = max(1, min(3, width // u(240)))
        lines = -(-len(self.keys) // columns)
        keys_height = lines * u(_LINE)
        if not self._lessons:
            top = u(76) + (u(60) if self._hint else 0)
            self._keys_at = pygame.Rect(pad, top, width, size[1] - top - pad)
            self._pictures = []
            return
        self._keys_at = pygame.Rect(pad, size[1] - pad - keys_height, width, keys_height)
        top = u(76)
        room = self._keys_at.top - u(16) - top
        gap, count = u(16), len(self._lessons)
        each = (width - (count - 1) * gap) // count
        self._pictures = [pygame.Rect(pad + i * (each + gap), top, each, room) for i in range(count)]

    def handle(self, event: Input) -> None:
        if event in (Press(MenuAction.BACK), Press(MenuAction.HELP)):
            self._leave()
        else:
            super().handle(event)

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        surface.fill(theme.background)
        title = gettext("Keys")
        if self.plugin is not None:
            title = gettext("How to play {game}", game=plugin_title(self.plugin))
        at = (u(22), self.button.rect.centery)
        room = self.button.rect.left - at[0] - u(12)
        canvas.text(surface, title, at, "heading", anchor="midleft", width=room, bold=True)
        if self._hint:
            canvas.paragraph(
                surface, self._hint, pygame.Rect(u(22), u(72), self.size[0] - u(44), u(60)), "body"
            )
        for i, rect in enumerate(self._pictures):
            self._draw_lesson(surface, i, rect)
        self._draw_keys(surface)
        self.form.draw(surface, canvas)

    def _draw_lesson(self, surface: pygame.Surface, i: int, rect: pygame.Rect) -> None:
        canvas, u, theme = self.canvas, self.canvas.u, self.canvas.theme
        if self.plugin is None:
            return
        lesson = self._lessons[i]
        canvas.panel(surface, rect)
        inner = rect.inflate(-u(20), -u(20))
        words = game_text(self.plugin.package, lesson.text)
        indent = canvas.fonts.width(gettext("{n}.", n=9), canvas.px("body"), bold=True) + u(6)
        texts = [game_text(self.plugin.package, each.text) for each in self._lessons]
        height = max(canvas.paragraph_height(text, inner.width - indent, "body") for text in texts)
        space = (inner.width, max(u(60), inner.height - height - u(12)))
        shown = picture(self.plugin, lesson, space, canvas)
        y = inner.top
        if shown is not None:
            at = shown.get_rect(midtop=(inner.centerx, inner.top))
            surface.blit(shown, at)
            y = at.bottom + u(12)
        number = gettext("{n}.", n=i + 1)
        canvas.text(surface, number, (inner.left, y), "body", theme.accent, bold=True)
        place = pygame.Rect(inner.left + indent, y, inner.width - indent, rect.bottom - y)
        canvas.paragraph(surface, words, place, "body")

    def _draw_keys(self, surface: pygame.Surface) -> None:
        canvas, u, theme, area = self.canvas, self.canvas.u, self.canvas.theme, self._keys_at
        columns = max(1, min(3, area.width // u(240)))
        lines = -(-len(self.keys) // columns)
        each = area.width // columns
        for i, (key, words) in enumerate(self.keys):
            column, line = divmod(i, lines)
            x, y = area.left + column * each, area.top + line * u(_LINE)
            px = canvas.px("small")
            cap = pygame.Rect(x, y, max(u(34), canvas.fonts.width(key, px, bold=True) + u(16)), u(_CAP))
            canvas.shapes.box(surface, cap, theme.raised, u(6))
            canvas.shapes.box(surface, cap, theme.edge, u(6), 1)
            canvas.text(surface, key, cap.center, "small", anchor="center", bold=True)
            at = (cap.right + u(10), cap.centery)
            canvas.text(
                surface, words, at, "small", theme.muted, anchor="midleft", width=x + each - at[0] - u(8)
            )

    def _leave(self) -> None:
        self.next = self._done()
