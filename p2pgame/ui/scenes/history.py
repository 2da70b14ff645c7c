"""The matches played here, newest first: watch one, delete one, or go on with one that was interrupted."""

from collections.abc import Callable, Sequence

import pygame

from p2pgame.core.errors import P2PGameError
from p2pgame.core.ids import tag_of
from p2pgame.core.registry import Registry
from p2pgame.i18n.catalogue import composed, gettext
from p2pgame.replay.entry import HistoryEntry, Score
from p2pgame.session.events import Event, MatchAdjourned, MatchEnded
from p2pgame.ui.background import Future, taken
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.inputs import Input, MenuAction, Press
from p2pgame.ui.people import nicknames
from p2pgame.ui.results import result_sign, score_words
from p2pgame.ui.rowlist import RowList
from p2pgame.ui.scene import Context, Pop, Push, Scene, Transition
from p2pgame.ui.scenes.dialogs import Confirm
from p2pgame.ui.scenes.resume import ResumeDialog
from p2pgame.ui.scenes.viewer import ReplayLoader
from p2pgame.ui.sentences import date, duration, end_text, error_text, game_title, listed, played_length
from p2pgame.ui.widgets import Button, Form, focus_ring

__all__ = ["HistoryScene"]

_SIGN_ROOM = 130


class MatchList(RowList):
    """A row for each match."""

    def __init__(
        self, registry: Registry, on_select: Callable[[], None], on_open: Callable[[], None]
    ) -> None:
        super().__init__(on_select, on_open)
        self.entries: Sequence[HistoryEntry] = ()
        self.names: dict[str, str] = {}
        """Our own names for peers, where they differ from the names that the peers show."""
        self._registry = registry
        self._keys: list[str] = []

    def show(self, entries: Sequence[HistoryEntry], names: dict[str, str]) -> None:
        """Show these. The selection stays; if its entry is gone, the row in its place is selected."""
        at = self._keys.index(self.selected) if self.selected in self._keys else 0
        self.entries, self.names = entries, names
        self._keys = [entry.match for entry in entries]
        if self.selected not in self._keys:
            self.selected = self._keys[min(at, len(self._keys) - 1)] if self._keys else None
        self._scroll_by(0)

    def keys(self) -> Sequence[str]:
        return self._keys

    @property
    def entry(self) -> HistoryEntry | None:
        """The selected one."""
        return next((entry for entry in self.entries if entry.match == self.selected), None)

    def name(self, entry: HistoryEntry) -> str:
        return self.names.get(entry.peer, entry.name)

    def draw_row(
        self, surface: pygame.Surface, canvas: Canvas, rect: pygame.Rect, i: int, *, focused: bool
    ) -> None:
        theme, u, entry = canvas.theme, canvas.u, self.entries[i]
        chosen = entry.match == self.selected
        canvas.panel(surface, rect, theme.hover if chosen else theme.raised)
        if chosen:
            canvas.frame(surface, rect, theme.accent, 1.5)
            if focused:
                focus_ring(surface, canvas, rect)
        left, right = rect.left + u(16), rect.right - u(16)
        result_sign(surface, canvas, entry.result, (right, rect.top + u(20)))
        tag = tag_of(entry.peer)
        room = right - left - u(_SIGN_ROOM) - canvas.fonts.width(tag, canvas.px("small")) - u(10)
        at = (left, rect.top + u(9))
        name = canvas.text(surface, self.name(entry), at, "body", width=max(u(30), room), bold=True)
        at = (name.right + u(10), name.centery)
        canvas.text(surface, tag, at, "small", theme.faint, anchor="midleft")
        words = listed(*self._facts(entry))
        at = (left, rect.bottom - u(19))
        canvas.text(surface, words, at, "small", theme.muted, anchor="midleft", width=right - left)

    def _facts(self, entry: HistoryEntry) -> Sequence[str]:
        plugin = self._registry.get(entry.game)
        played = played_length(entry.frames, moves=plugin is not None and not plugin.game.tick_rate)
        return (
            game_title(self._registry, entry.game),
            date(entry.started),
            duration(entry.duration) if entry.duration else "",
            played,
            end_text(entry.reason, plugin.package if plugin else ""),
        )


class HistoryScene(Scene):
    """The list, and buttons for the selected match. What blocks is done in the background."""

    def __init__(self, context: Context, resume: Callable[[str], None]) -> None:
        """`resume` goes on with the interrupted match of that id."""
        super().__init__(context)
        self._resume = resume
        self.list = MatchList(self.client.registry, self._selected, self._watch)
        self.watch_button = Button(gettext("Watch"), self._watch, "primary")
        self.resume_button = Button(gettext("Resume…"), self._ask_resume)
        self.delete_button = Button(gettext("Delete…"), self._ask_delete, "danger")
        self.back_button = Button(gettext("Back"), self._back)
        self._loader = ReplayLoader(context)
        self._reading: Future[Sequence[HistoryEntry]] | None = None
        self._counting: Future[Score] | None = None
        """The score of the selected entry, while it is being counted."""
        self._score = ""
        self._trouble = ""
        self.form = Form([self.list, self.watch_button, self.delete_button, self.back_button], self.list)
        self._read()
        self._selected()

    def layout(self, size: tuple[int, int]) -> None:
        u = self.canvas.u
        pad = u(24)
        width = min(u(860), size[0] - 2 * pad)
        left = (size[0] - width) // 2
        foot = size[1] - pad - u(46)
        self._panel = pygame.Rect(left, pad + u(52), width, foot - u(16) - pad - u(52))
        self.list.canvas = self.canvas
        self.list.rect = self._panel.inflate(-u(28), -u(28))
        buttons = self.form.widgets[1:]
        each = (width - (len(buttons) - 1) * u(12)) // len(buttons)
        for i, button in enumerate(buttons):
            button.rect = pygame.Rect(left + i * (each + u(12)), foot, each, u(46))

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [(gettext("Del"), gettext("delete the match"))]

    def handle(self, event: Input) -> None:
        if event in (Press(MenuAction.BACK), Press(MenuAction.HISTORY)):
            self._back()
        elif event == Press(MenuAction.DELETE) and self.delete_button.enabled:
            self._ask_delete()
        else:
            super().handle(event)

    def notice(self, event: Event) -> None:
        if isinstance(event, MatchEnded | MatchAdjourned):
            self._read()

    def update(self, dt: float) -> Transition | None:
        self.list.update(dt)
        if (read := taken(self._reading)) is not None:
            self._reading = None
            self._show(read)
        if (counted := taken(self._counting)) is not None:
            self._counting = None
            self._show_score(counted.result())
        if not self.covered and (viewer := self._loader.poll()) is not None:
            self.next = Push(viewer)
        return super().update(dt)

    @property
    def loading(self) -> bool:
        """True until the history was read for the first time."""
        return self._reading is not None and not self.list.entries

    @property
    def notice_text(self) -> str:
        """What is shown in place of an empty list."""
        if self.loading:
            return gettext("Loading…")
        return self._trouble or gettext(
            "No match yet. Each one that you play is recorded here, and you can watch it again."
        )

    def _read(self) -> None:
        """Start to read the history; `update` shows it."""
        if self._reading is not None:
            self._reading.cancel()
        self._reading = self.context.background.submit(self.client.history)

    def _show(self, read: "Future[Sequence[HistoryEntry]]") -> None:
        entries: Sequence[HistoryEntry] = ()
        try:
            entries, self._trouble = read.result(), ""
        except P2PGameError as error:
            self._trouble = error_text(error)
        self.list.show(entries, nicknames(self.client))
        self._selected()

    def _selected(self) -> None:
        entry = self.list.entry
        resumable = entry is not None and entry.match in self.context.resumable
        self.watch_button.enabled = entry is not None
        self.resume_button.enabled = resumable
        self.delete_button.enabled = entry is not None and entry.result != "open" and not resumable
        some = any(known.match in self.context.resumable for known in self.list.entries)
        extra = [self.resume_button] if some else []
        self.form.replace([self.list, self.watch_button, *extra, self.delete_button, self.back_button])
        self.size = (0, 0)  # the buttons share the foot
        self._score = ""
        if self._counting is not None:
            self._counting.cancel()
            self._counting = None
        if entry is not None:
            self._counting = self.context.background.submit(self.client.score, entry.peer)
        self.dirty = True

    def _show_score(self, score: Score) -> None:
        entry = self.list.entry
        if entry is not None:
            name = self.list.name(entry)
            self._score = composed(
                lambda: gettext(
                    "Against {name}: {score}", name=name, score=score_words(score) or gettext("no result yet")
                )
            )
        self.dirty = True

    def draw(self, surface: pygame.Surface) -> None:
        canvas, u, theme, panel = self.canvas, self.canvas.u, self.canvas.theme, self._panel
        surface.fill(theme.background)
        middle = u(24) + u(20)
        title = canvas.text(
            surface, gettext("History"), (panel.left, middle), "heading", anchor="midleft", bold=True
        )
        room = panel.right - title.right - u(24)
        at = (panel.right, middle)
        canvas.text(surface, self._score, at, "body", theme.muted, anchor="midright", width=room)
        canvas.panel(surface, panel)
        if not self.list.entries:
            words = self.notice_text
            width = min(panel.width - u(60), u(440))
            area = pygame.Rect(0, 0, width, canvas.paragraph_height(words, width))
            area.center = panel.center
            canvas.paragraph(surface, words, area, "body", theme.muted, centred=True)
        self.form.draw(surface, canvas)

    def _watch(self) -> None:
        entry = self.list.entry
        if entry is not None:
            self._loader.start(entry.match)

    def _ask_resume(self) -> None:
        entry = self.list.entry
        if entry is not None and entry.match in self.context.resumable:
            self.next = Push(ResumeDialog(self.context, self.context.resumable[entry.match], self._resume))

    def _ask_delete(self) -> None:
        entry = self.list.entry
        if entry is None:
            return
        text = gettext(
            "The match with {name} is taken out of the history and the score, its recording too.",
            name=self.list.name(entry),
        )

        def delete() -> None:
            self.context.background.submit(self.client.delete_replay, entry.match)
            self._read()

        ask = Confirm(
            self.context,
            gettext("Delete this match?"),
            text,
            gettext("Delete"),
            Pop(),
            delete,
            gettext("Keep"),
        )
        self.next = Push(ask)

    def _back(self) -> None:
        self.next = Pop()
