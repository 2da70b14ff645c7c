"""Which language the system speaks, where no environment variable says so."""

import subprocess
import sys

__all__ = ["system_language"]

_PATIENCE = 1.0
"""Seconds that the system's own program may take to answer."""


def system_language() -> str:
    """The name of a locale, like ``zh_CN`` or ``zh-Hans-CN``; empty where the system does not say.

    Elsewhere than on Windows and macOS environment variables are all there is.
    """
    if sys.platform == "win32":
        return _of_windows()
    if sys.platform == "darwin":
        return first_of(_of_macos())
    return ""


def first_of(answer: str) -> str:
    """The first name in what ``defaults read -g AppleLanguages`` prints."""
    lines = (line.strip(' \t",();') for line in answer.splitlines())
    return next((line for line in lines if line), "")


def _of_windows() -> str:
    import ctypes
    import locale

    if sys.platform == "win32":
        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return locale.windows_locale.get(number, "")
    return ""


def _of_macos() -> str:
    try:
        asked = subprocess.run(
            ["/usr/bin/defaults", "read", "-g", "AppleLanguages"],
            capture_output=True, text=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return asked.stdout
