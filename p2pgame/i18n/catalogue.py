"""Message catalogues in the way of GNU gettext: the English text is the message id.

`gettext` and `ngettext` look a text up in the catalogue in use and fill in its ``{name}`` parameters.
"""

from p2pgame.core.errors import Param

__all__ = ["gettext", "ngettext"]


def gettext(text: str, /, **params: Param) -> str:
    """`text` in the language in use, with its parameters."""
    return text.format(**params) if params else text


def ngettext(one: str, many: str, n: int, /, **params: Param) -> str:
    """`one` or `many`, as `n` asks for in the language in use; ``{n}`` is a parameter of both."""
    return gettext(one if n == 1 else many, n=n, **params)
