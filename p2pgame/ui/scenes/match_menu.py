"""The menu of a match, behind Escape. The match goes on under it, unless it is practice."""

from collections.abc import Callable

from p2pgame.i18n.catalogue import gettext
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.scene import Context, Pop, Replace, Scene
from p2pgame.ui.scenes.dialogs import Dialog
from p2pgame.ui.widgets import Button

__all__ = ["MatchMenu"]


class MatchMenu(Dialog):
    """Play on, how to play, settings, the figures behind F3, end it, or invite others."""

    columns = 1
    width = 340

    def __init__(
        self, context: Context, help_page: Callable[[], Scene], settings: Callable[[], Scene], end: str,
        ask_end: Callable[[], Scene], figures: Callable[[], None], invite: Callable[[], Scene] | None = None,
    ) -> None:  # fmt: skip
        """`end`: what the button that ends it says; `ask_end` makes the question before it. `figures` shows or hides
        those of the connection. `invite`: where others can be asked into what follows."""
        self._figures = figures
        buttons = [
            Button(gettext("Play on"), self.dismiss, "primary"),
            Button(gettext("How to play"), lambda: self._go(help_page())),
            Button(gettext("Settings"), lambda: self._go(settings())),
            Button(gettext("Figures of the connection"), self._show_figures),
            Button(end, lambda: self._go(ask_end()), "danger"),
        ]
        if invite is not None:
            buttons.append(Button(gettext("Invite others"), lambda: self._go(invite())))
        super().__init__(context, gettext("Menu"), [], buttons)

    def handle(self, event: Input) -> None:
        if event == Press(MenuAction.HELP):
            self.buttons[1].on_press()
        else:
            super().handle(event)

    def _show_figures(self) -> None:
        self._figures()
        self.dismiss()

    def dismiss(self) -> None:
        self.next = Pop()

    def _go(self, scene: Scene) -> None:
        self.next = Replace(scene)
