"""The settings of the player: one small JSON file in the data directory.

Every value is read on its own. One that is missing, of another type or out of range counts as its default, and what
this version does not know is kept as it is, so a file of a newer or a damaged form never stops the program, and a
newer program finds its own values again.
"""

import codecs
import logging
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import platformdirs

from p2pgame.core.errors import P2PGameError
from p2pgame.session.commands import Audience
from p2pgame.storage.files import private_directory, system_reason, write_atomically

__all__ = ["Settings", "default_data_dir", "load_settings", "save_settings"]

_FILE = "settings.json"
_BYTES_MAX = 256 * 1024
_log = logging.getLogger(__name__)

Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Texts = Annotated[tuple[Text, ...], msgspec.Meta(max_length=64)]
Keys = Annotated[dict[Text, Annotated[int, msgspec.Meta(ge=0, le=511)]], msgspec.Meta(max_length=8)]
"""Name of a control: place of a key on the keyboard (SDL scancode)."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every field has a default. Options of the command line go before all of these."""

    name: Text = ""
    """As typed by the player; empty until the first run is over."""
    avatar: Annotated[int, msgspec.Meta(ge=-1, le=63)] = -1
    """Colour and shape; -1: they follow from the key."""
    sound: bool = True
    """False: everything is muted."""
    sound_volume: Percent = 80
    music_volume: Percent = 35
    music_by_turns: bool = False
    language: Text = ""
    """Like ``zh_CN``; empty: the system's."""
    theme: Literal["dark", "light"] = "dark"
    palette: Text = "default"
    scale: Annotated[int, msgspec.Meta(ge=75, le=200)] = 100
    """Size of everything in the window, in percent."""
    full_screen: bool = False
    still: bool = False
    """Reduce motion."""
    shake: bool = True
    """The board shakes when something crashes."""
    confirm_moves: bool = False
    """By turns, a move has to be given twice."""
    premove: bool = False
    """By turns, a move may be chosen while others think."""
    practice_evaluation: bool = False
    """In practice: what the position is worth is shown ..."""
    replay_analysis: bool = False
    """... and so it is of recorded matches."""
    keys: Annotated[dict[Text, dict[Text, Keys]], msgspec.Meta(max_length=32)] = {}
    """By game (empty: all games), then by the set of keys of a player."""
    gamepads: Annotated[
        dict[
            Text, Annotated[dict[Text, Annotated[int, msgspec.Meta(ge=0, le=63)]], msgspec.Meta(max_length=8)]
        ],
        msgspec.Meta(max_length=32),
    ] = {}
    """By kind of gamepad: name of an action, number of its button."""
    display: Annotated[int, msgspec.Meta(ge=0, le=16)] = 0
    """The one that full screen takes; 0: where the window is."""
    interfaces: Texts = ()
    """Empty: all that are up."""
    discovery_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """0: the usual one."""
    seeds: Texts = ()
    input_delay: Annotated[int, msgspec.Meta(ge=-1, le=8)] = -1
    """Frames; -1: as measured."""
    may_invite: Audience = "everyone"
    may_watch: Audience = "everyone"
    may_chat: Audience = "everyone"
    game: Text = ""
    """Chosen last in the lobby ..."""
    options: Annotated[dict[Text, dict[Text, Any]], msgspec.Meta(max_length=64)] = {}
    """... and of each game, what was chosen of its options."""
    learned: Texts = ()
    """Games whose page "How to play" was shown."""
    solved: Annotated[
        dict[Text, Annotated[tuple[Text, ...], msgspec.Meta(max_length=200)]], msgspec.Meta(max_length=64)
    ] = {}
    """By game: the names of its puzzles that were solved."""
    window: Annotated[tuple[int, ...], msgspec.Meta(max_length=4)] = ()
    """Place and size: left, top, width, height."""


def default_data_dir() -> Path:
    """Where this system keeps a program's data, e.g. ``~/.local/share/p2pgame``. Raises `P2PGameError`."""
    try:
        path = Path(platformdirs.user_data_dir("p2pgame", appauthor=False))
    except RuntimeError as error:
        raise P2PGameError("no_home") from error
    if not path.is_absolute():  # older platformdirs: a home that nobody knows stays the letter "~"
        raise P2PGameError("no_home")
    return path


def load_settings(data_dir: Path) -> Settings:
    """The settings; defaults for what is not there or cannot be used (logged)."""
    values: dict[str, Any] = {}
    read = _read(data_dir / _FILE) or {}
    for field in msgspec.structs.fields(Settings):
        if field.name in read:
            try:
                values[field.name] = msgspec.convert(read[field.name], field.type)
            except msgspec.ValidationError as error:
                _log.warning("the setting %s is not usable, its default is used: %s", field.name, error)
    return Settings(**values)


def save_settings(data_dir: Path, settings: Settings) -> None:
    """Write the settings, and what another version wrote beside them. A file that cannot be read is kept under another
    name. Raises `P2PGameError`.
    """
    path = data_dir / _FILE
    try:
        private_directory(data_dir)
        read = _read(path)
        if read is None:
            path.replace(path.with_name(f"{_FILE}.kept"))
        values = (read or {}) | msgspec.to_builtins(settings)
        write_atomically(path, msgspec.json.format(msgspec.json.encode(values)))
    except OSError as error:
        raise P2PGameError("settings_not_saved", path=str(data_dir), detail=system_reason(error)) from error


def _read(path: Path) -> dict[str, Any] | None:
    """What is in the file, nothing if there is none; None if it cannot be read or is no JSON object."""
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_MAX + 1)
    except (FileNotFoundError, NotADirectoryError):  # the latter is reported by `open_identity`
        return {}
    except OSError as error:
        _log.warning("settings are not readable, defaults are used: %s", error)
        return None
    try:
        if len(content) > _BYTES_MAX:
            raise msgspec.DecodeError("larger than any settings of ours")
        return msgspec.json.decode(content.removeprefix(codecs.BOM_UTF8), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _log.warning("settings are not readable, defaults are used: %s", error)
        return None
