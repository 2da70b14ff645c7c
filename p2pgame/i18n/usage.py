"""The words of Python's command-line parser (`argparse`), which brings none but English ones.

`translate_argparse` has the parser look its words up here. What another version of Python says otherwise stays English.
"""

import argparse
from typing import Final

from p2pgame.i18n.catalogue import gettext

__all__ = ["USAGE_SENTENCES", "translate_argparse"]

USAGE_SENTENCES: Final[tuple[str, ...]] = (
    "%(prog)s: error: %(message)s\n",
    "ambiguous option: %(option)s could match %(matches)s",
    "argument %(argument_name)s: %(message)s",
    "expected at least one argument",
    "expected at most one argument",
    "expected one argument",
    "ignored explicit argument %r",
    "invalid %(type)s value: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "not allowed with argument %s",
    "one of the arguments %s is required",
    "options",
    "positional arguments",
    "show this help message and exit",
    "the following arguments are required: %s",
    "unknown parser %(parser_name)r (choices: %(choices)s)",
    "unrecognized arguments: %s",
    "usage: ",
)
_KNOWN: Final = frozenset(USAGE_SENTENCES)


def translate_argparse() -> None:
    """Give the parser our words. It has no other place for them than the name under which it calls gettext."""
    setattr(argparse, "_", _said)  # noqa: B010


def _said(text: str) -> str:
    return gettext(text) if text in _KNOWN else text
