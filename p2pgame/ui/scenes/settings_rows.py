"""The rows of the settings scene: what can be set, by section. Every change holds at once and is saved.

A row is a label, the widget that sets it, and perhaps a note; the scene places and draws them.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pygame

from p2pgame.i18n.catalogue import gettext, languages
from p2pgame.session import commands
from p2pgame.ui.avatars import COUNT
from p2pgame.ui.bindings import bindings_of, clashes, place_of, with_key
from p2pgame.ui.canvas import Canvas
from p2pgame.ui.gamepads import Gamepad, with_button
from p2pgame.ui.inputs import Control, KeySet, key_name
from p2pgame.ui.marks import shape
from p2pgame.ui.scene import Context
from p2pgame.ui.sentences import plugin_title
from p2pgame.ui.slider import Slider
from p2pgame.ui.swatches import Swatches
from p2pgame.ui.textfield import TextField
from p2pgame.ui.theme import PALETTES
from p2pgame.ui.widgets import Button, Choice, Switch, Widget

__all__ = ["KeyButton", "PadKeyButton", "Row", "SavedField", "Sections", "controls_of"]

_AUDIENCES = ("everyone", "known", "verified", "nobody")
_PORT_MAX = 65535
_DELAY_MAX = 8
_SEPARATORS = re.compile("[,;，；、]")


class Row(msgspec.Struct, frozen=True):
    """One line of the settings."""

    label: str
    widget: Widget | None = None
    note: str = ""
    warning: bool = False
    """The note says that something is wrong."""


class SavedField(TextField):
    """A text that is saved by Enter, and when the focus goes elsewhere."""

    def focus(self, *, has: bool) -> None:
        super().focus(has=has)
        if not has:
            self.on_submit()


class KeyButton(Button):
    """Shows a key; pressed, it waits for another one."""

    def __init__(
        self,
        keys: KeySet,
        control: Control,
        place: int,
        listen: Callable[["KeyButton | PadKeyButton"], None],
    ) -> None:
        super().__init__(key_name(place), lambda: listen(self))
        self.keys = keys
        self.control = control


class PadKeyButton(Button):
    """Shows which button of a gamepad does something; pressed, it waits for another one."""

    def __init__(
        self, kind: str, action: str, button: int, listen: Callable[["KeyButton | PadKeyButton"], None]
    ) -> None:
        super().__init__(gettext("Button {number}", number=button + 1), lambda: listen(self))
        self.kind_of_pad = kind
        self.action = action


def controls_of(view: type[Any]) -> tuple[Control, ...]:
    """The controls that a view reads while they are held."""
    found: tuple[Control, ...] = view.controls
    return found


class Sections:
    """Makes the rows of each section for the settings in force."""

    def __init__(
        self,
        context: Context,
        listen: Callable[["KeyButton | PadKeyButton"], None],
        again: Callable[[], None],
        open_test: Callable[[], None],
        open_pad_test: Callable[[], None],
        delete_history: Callable[[], None],
        export: Callable[[], None],
        renew: Callable[[], None],
    ) -> None:
        """`again`: the rows are other ones now. `listen`: the next key is for that button."""
        self.context = context
        self.game = ""
        """Whose keys are shown; empty: those of all games."""
        self.keys = KeySet.ARROWS
        self._listen = listen
        self._again = again
        self._open_test = open_test
        self._open_pad_test = open_pad_test
        self._delete_history = delete_history
        self._export = export
        self._renew = renew

    @property
    def names(self) -> dict[str, str]:
        """The sections by id, in order."""
        return {
            "sound": gettext("Sound"),
            "look": gettext("Look"),
            "play": gettext("Playing"),
            "keys": gettext("Keys"),
            "pads": gettext("Gamepads"),
            "network": gettext("Network"),
            "privacy": gettext("Privacy"),
            "data": gettext("You and your data"),
        }

    def rows(self, section: str) -> Sequence[Row]:
        make: dict[str, Callable[[], Sequence[Row]]] = {
            "sound": self._sound,
            "look": self._look,
            "play": self._play,
            "keys": self._keys,
            "pads": self._pads,
            "network": self._network,
            "privacy": self._privacy,
            "data": self._data,
        }
        return make[section]()

    def _slider(self, field: str, least: int, most: int, step: int) -> Slider:
        value = getattr(self.context.preferences.now, field)
        return Slider(
            "", lambda n: gettext("{n} %", n=n), most, step, value, lambda n: self._set(field, n), least
        )

    def _switch(self, field: str, *, inverted: bool = False) -> Switch:
        on = getattr(self.context.preferences.now, field) != inverted
        return Switch(field, lambda to: self._set(field, to != inverted), on=on)

    def _choice(self, field: str, values: Sequence[Any], labels: Sequence[str]) -> Choice:
        now = getattr(self.context.preferences.now, field)
        index = values.index(now) if now in values else 0
        return Choice(field, labels, lambda i: self._set(field, values[i]), index)

    def _set(self, field: str, value: Any) -> None:
        self.context.change(**{field: value})

    def _sound(self) -> Sequence[Row]:
        return [
            Row(
                gettext("Mute everything"),
                self._switch("sound", inverted=True),
                gettext("F6 does it anywhere"),
            ),
            Row(gettext("Sounds"), self._slider("sound_volume", 0, 100, 5)),
            Row(gettext("Music"), self._slider("music_volume", 0, 100, 5)),
            Row(
                gettext("Music in games by turns"),
                self._switch("music_by_turns"),
                gettext("While you think, it is quiet, unless you want it otherwise."),
            ),
        ]

    def _look(self) -> Sequence[Row]:
        palettes = list(PALETTES)
        names = [
            gettext("All colours"), gettext("Red and green alike"),
            gettext("Blue and yellow alike"), gettext("By lightness"),
        ]  # fmt: skip
        codes, named = ["", *(each.code for each in languages())], [each.name for each in languages()]

        def speak(index: int) -> None:
            self._set("language", codes[index])
            self._again()

        now = self.context.preferences.now.language
        at = codes.index(now) if now in codes else 0
        spoken = Choice("language", [gettext("As the system"), *named], speak, at)
        return [
            Row(gettext("Language"), spoken),
            Row(
                gettext("Theme"),
                self._choice("theme", ("dark", "light"), [gettext("Dark"), gettext("Light")]),
            ),
            Row(
                gettext("Colours of players"),
                self._choice("palette", palettes, names),
                gettext("For eyes that see some colours alike. Everybody has a shape as well."),
            ),
            Row(
                gettext("Size of everything"),
                self._slider("scale", 75, 200, 5),
                gettext("As far as the window has room for it"),
            ),
            Row(gettext("Full screen"), self._switch("full_screen"), gettext("F11 does it anywhere")),
            *self._displays(),
            Row(gettext("Reduce motion"), self._switch("still"), gettext("Nothing slides, fades or sweeps")),
            Row(gettext("Shake the board at a crash"), self._switch("shake")),
        ]

    def _displays(self) -> Sequence[Row]:
        """Which one full screen takes, where there are several."""
        sizes = pygame.display.get_desktop_sizes()
        if len(sizes) < 2:
            return ()
        names = [gettext("Where the window is"), *(f"{n}: {w} × {h}" for n, (w, h) in enumerate(sizes, 1))]
        return [Row(gettext("Display"), self._choice("display", range(len(names)), names))]

    def _play(self) -> Sequence[Row]:
        return [
            Row(
                gettext("Confirm moves"),
                self._switch("confirm_moves"),
                gettext("In games by turns: the same move twice, also in advance, so that no slip is played"),
            ),
            Row(
                gettext("Choose moves in advance"),
                self._switch("premove"),
                gettext("In games by turns: while others think; played at once if it is legal then"),
            ),
            Row(
                gettext("Show how to play again"),
                Button(gettext("Show again"), self._unlearn),
                gettext("The page of each game, before its next match"),
            ),
        ]

    def _unlearn(self) -> None:
        self.context.change(learned=())
        self.context.toast(gettext("How to play is shown before each game's next match"))

    def _keys(self) -> Sequence[Row]:
        saved = self.context.preferences.now.keys
        games = [p for p in self.context.client.registry if p.game.tick_rate]
        names = ["", *(p.game.name for p in games)]
        labels = [gettext("All games"), *(plugin_title(p) for p in games)]
        sets = list(KeySet)
        players = [
            gettext("Arrows"), gettext("Left hand"), gettext("Right hand"), gettext("Number pad"),
        ]  # fmt: skip
        game = Choice("game", labels, lambda i: self._show(names[i], self.keys), names.index(self.game))
        rows = [
            Row(gettext("For"), game),
            Row(
                gettext("Set of keys"),
                Choice("set", players, lambda i: self._show(self.game, sets[i]), sets.index(self.keys)),
                gettext("Alone you have all of them. Each further player at this keyboard has one set."),
            ),
        ]  # fmt: skip
        bound = bindings_of(saved, self.game)
        twice = clashes(bound)
        words = {
            Control.UP: gettext("Up"), Control.DOWN: gettext("Down"), Control.LEFT: gettext("Left"),
            Control.RIGHT: gettext("Right"), Control.FIRE: gettext("Action"),
        }  # fmt: skip
        plugin = self.context.client.registry.get(self.game) if self.game else None
        used = controls_of(plugin.guard.call(plugin.view_class)) if plugin is not None else tuple(Control)
        for control in used:
            place = place_of(bound, self.keys, control)
            button = KeyButton(self.keys, control, place, self._listen)
            clash = place in twice
            note = gettext("This key does something else as well") if clash else ""
            rows.append(Row(words[control], button, note, warning=clash))
        rows += [
            Row(gettext("The usual keys"), Button(gettext("Restore"), self._usual)),
            Row(
                gettext("Do all your keys work together?"),
                Button(gettext("Press all your keys"), self._open_test),
                gettext("Many keyboards lose some keys while others are down."),
            ),
        ]
        return rows

    def _show(self, game: str, keys: KeySet) -> None:
        self.game, self.keys = game, keys
        self._again()

    def bind(self, button: KeyButton, place: int | None) -> None:
        """Give this key to the control of `button`; None: the usual one."""
        saved = self.context.preferences.now.keys
        self.context.change(keys=with_key(saved, self.game, button.keys, button.control, place))
        self._again()

    def _usual(self) -> None:
        saved = self.context.preferences.now.keys
        kept = {game: dict(sets) for game, sets in saved.items()}
        kept.get(self.game, {}).pop(self.keys.name.lower(), None)
        self.context.change(keys=kept)
        self._again()

    def _pads(self) -> Sequence[Row]:
        pads = list(self.context.gamepads.connected.values())
        if not pads:
            note = gettext("Connect one: it is there at once, and its first press takes it.")
            return [Row(gettext("No gamepad is connected"), None, note)]
        rows = [
            Row(
                gettext("Press all your buttons"),
                Button(gettext("Try them"), self._open_pad_test),
                gettext("Shows the number of each button that is down"),
            )
        ]
        rows += map(self._player_of, pads)
        words = {
            "confirm": gettext("Choose, and action"), "back": gettext("Back, or the menu"), "chat": gettext("Chat"),
            "previous": gettext("To the last thing"), "next": gettext("To the next thing"),
        }  # fmt: skip
        for kind, name in {pad.kind: pad.name for pad in pads}.items():
            for action, label in words.items():
                button = PadKeyButton(kind, action, self.context.gamepads.button(kind, action), self._listen)
                rows.append(Row(label, button, name if len(pads) > 1 else ""))
        usual = Button(gettext("Restore"), self._usual_buttons)
        return [*rows, Row(gettext("The usual buttons"), usual)]

    def _player_of(self, pad: Gamepad) -> Row:
        """For whom it plays."""
        players = self.context.players
        names = [gettext("Player {number}", number=number + 1) for number in range(len(players))]

        def give(index: int) -> None:
            players.give(pad.number, index + 1)
            self._again()

        if len(names) == 1:
            note = gettext(
                "It plays for whoever sits here; in a room or in practice a second player joins by a press."
            )
            return Row(pad.name, None, note)
        return Row(pad.name, Choice("pad", names, give, players.number_of(pad.number) - 1))

    def bind_button(self, button: PadKeyButton, number: int) -> None:
        """Let that button of all pads of this kind do what `button` says."""
        saved = self.context.preferences.now.gamepads
        changed = with_button(saved, button.kind_of_pad, button.action, number)
        self.context.gamepads.bind(changed)
        self.context.change(gamepads=changed)
        self._again()

    def _usual_buttons(self) -> None:
        self.context.gamepads.bind({})
        self.context.change(gamepads={})
        self._again()

    def _network(self) -> Sequence[Row]:
        now, restart = self.context.preferences.now, gettext("Takes effect when p2pgame is started again")
        announced = self.context.announced
        used = ", ".join(announced.interfaces) if announced is not None else "…"
        ports = "…"
        if announced is not None:
            ports = gettext(
                "discovery on UDP {discovery}, play on UDP and TCP {own}",
                discovery=announced.discovery_port,
                own=announced.tcp_port,
            )
        delays = [gettext("As measured"), *(gettext("{n} frames", n=n) for n in range(_DELAY_MAX + 1))]
        return [
            Row(gettext("In use"), None, gettext("Interfaces: {used}; {ports}", used=used, ports=ports)),
            Row(gettext("Addresses"), None, ", ".join(self.context.client.addresses) or gettext("no network")),
            Row(
                gettext("Only these interfaces"),
                self._texts("interfaces", gettext("all that are up")),
                restart,
            ),
            Row(
                gettext("Port of discovery"),
                self._port(),
                restart,
            ),
            Row(
                gettext("Look for players at"),
                self._texts("seeds", gettext("address[:port], address…")),
                restart,
            ),
            Row(
                gettext("Input delay"),
                Choice("delay", delays, lambda i: self._set("input_delay", i - 1), now.input_delay + 1),
                gettext("More makes a bad line smoother, and your own keys later."),
            ),
        ]  # fmt: skip

    def _texts(self, field: str, placeholder: str) -> TextField:
        def save() -> None:
            parts = [part.strip() for part in _SEPARATORS.split(widget.text)]
            self._set(field, tuple(part for part in parts if part)[:64])

        widget = SavedField(
            ", ".join(getattr(self.context.preferences.now, field)),
            placeholder,
            on_submit=save,
            characters=200,
        )
        return widget

    def _port(self) -> TextField:
        def save() -> None:
            port = int(widget.text) if widget.text.isascii() and widget.text.isdigit() else 0
            self._set("discovery_port", port if port <= _PORT_MAX else 0)

        now = self.context.preferences.now.discovery_port
        widget = SavedField(str(now) if now else "", "41420", on_submit=save, characters=5)
        return widget

    def _privacy(self) -> Sequence[Row]:
        labels = [
            gettext("Everybody"), gettext("People I know"), gettext("Verified people"), gettext("Nobody"),
        ]  # fmt: skip
        return [
            Row(
                gettext("Who may invite you"),
                self._choice("may_invite", _AUDIENCES, labels),
                gettext("Others are declined without a word to you."),
            ),
            Row(
                gettext("Who may watch rooms that you lead"),
                self._choice("may_watch", _AUDIENCES, labels),
            ),
            Row(
                gettext("Whose chat you see"),
                self._choice("may_chat", _AUDIENCES, labels),
            ),
        ]

    def _avatar(self) -> Sequence[Row]:
        """What stands beside our name. The window wears the colours of nobody while the settings show no match."""
        look = self.context.avatar(self.context.client.peer_id)

        def draw_colour(
            surface: pygame.Surface, canvas: Canvas, at: tuple[int, int], size: int, i: int
        ) -> None:
            ours = self.context.avatar(self.context.client.peer_id)
            shape(surface, canvas, at, size, ours.shape, canvas.theme.base.ink(i))

        def draw_shape(
            surface: pygame.Surface, canvas: Canvas, at: tuple[int, int], size: int, i: int
        ) -> None:
            ours = self.context.avatar(self.context.client.peer_id)
            shape(surface, canvas, at, size, i, canvas.theme.base.ink(ours.colour))

        def save(**part: int) -> None:
            ours = self.context.avatar(self.context.client.peer_id)
            self._set("avatar", ours._replace(**part).number)

        colours = Swatches(COUNT, draw_colour, lambda i: save(colour=i), look.colour)
        shapes = Swatches(COUNT, draw_shape, lambda i: save(shape=i), look.shape)
        note = gettext("Of two who want the same in a match, one gets the next.")
        return [Row(gettext("Your colour"), colours, note), Row(gettext("Your shape"), shapes)]

    def _data(self) -> Sequence[Row]:
        client = self.context.client

        def save() -> None:
            name = widget.text.strip()
            if name and name != client.name:
                client.send(commands.SetName(name))

        widget = SavedField(client.name, gettext("Your name"), on_submit=save, characters=24, octets=63)
        export = Button(gettext("Export"), self._export)
        export.enabled = self.context.export is not None
        return [
            Row(gettext("Your name"), widget, gettext("Players on your network see this name.")),
            *self._avatar(),
            Row(
                gettext("What was said"),
                Button(gettext("Show"), self.context.open_notices),
                gettext("The notices of this window; F7 does it anywhere"),
            ),
            Row(
                gettext("Export your data"),
                export,
                gettext(
                    "Settings, history, recordings and the people you know in one file; not your identity"
                ),
            ),
            Row(
                gettext("Delete the history"),
                Button(gettext("Delete…"), self._delete_history, "danger"),
                gettext("All matches and their recordings on this computer"),
            ),
            Row(
                gettext("New identity"),
                Button(gettext("New identity…"), self._renew, "danger"),
                gettext("Others see a new player. Whoever verified you compares codes again."),
            ),
        ]
