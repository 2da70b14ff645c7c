"""The settings of the player (name, sound, language): one small JSON file in the data directory."""

import logging
from pathlib import Path

import msgspec
import platformdirs

from p2pgame.core.errors import P2PGameError
from p2pgame.storage.files import private_directory, system_reason, write_atomically

__all__ = ["Settings", "default_data_dir", "load_settings", "save_settings"]

_FILE = "settings.json"
_log = logging.getLogger(__name__)


class Settings(msgspec.Struct, frozen=True):
    """Every field has a default, so a file of another version can be read; unknown fields are ignored."""

    name: str = ""
    """As typed by the player; empty until the first run is over."""
    sound: bool = True
    language: str = ""
    """Like ``zh_CN``; empty: the system's."""


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
    """The settings, or the defaults if there are none yet or the file is damaged (logged)."""
    try:
        return msgspec.json.decode((data_dir / _FILE).read_bytes(), type=Settings)
    except (
        FileNotFoundError,
        NotADirectoryError,
    ):  # the latter is reported by `open_identity`
        return Settings()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        _log.warning("settings are not readable, defaults are used: %s", error)
        return Settings()


def save_settings(data_dir: Path, settings: Settings) -> None:
    """Write the settings. Raises `P2PGameError`."""
    try:
        private_directory(data_dir)
        write_atomically(data_dir / _FILE, msgspec.json.format(msgspec.json.encode(settings)))
    except OSError as error:
        raise P2PGameError("settings_not_saved", path=str(data_dir), detail=system_reason(error)) from error
