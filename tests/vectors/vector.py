"""One test vector, and how it stands in a page."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

__all__ = ["Output", "Vector", "block", "blocks", "filled", "parsed"]

Output: TypeAlias = str | list[str]
"""Hex in lower case or plain text; a list: one value a line."""

_WIDTH = 96
_BLOCK = re.compile(r"```vector ([a-z0-9-]+)\n(.*?)```", re.DOTALL)


class Vector(NamedTuple):
    """What goes in and what comes out."""

    inputs: Mapping[str, Any]
    """For JSON: bytes as hex."""
    output: Output


def block(name: str, output: Output) -> str:
    """The vector as it stands in a page; long hex on several lines."""
    if isinstance(output, list):
        lines = output
    elif _is_hex(output):
        lines = [output[at : at + _WIDTH] for at in range(0, len(output), _WIDTH)]
    else:
        lines = [output]
    return f"```vector {name}\n" + "".join(f"{line}\n" for line in lines) + "```"


def blocks(page: str) -> dict[str, str]:
    """Name to text of all vectors in a page. Raises `ValueError` for a name that stands twice."""
    found: dict[str, str] = {}
    for match in _BLOCK.finditer(page):
        if match[1] in found:
            raise ValueError(match[1])
        found[match[1]] = match[2]
    return found


def parsed(text: str, like: Output) -> Output:
    """The text of a block, in the form of `like`."""
    if isinstance(like, list):
        return text.splitlines()
    return re.sub(r"\s", "", text) if _is_hex(like) else text.removesuffix("\n")


def filled(page: str, outputs: Mapping[str, Output]) -> str:
    """The page with the outputs in its blocks; a block without a vector stays as it is."""
    return _BLOCK.sub(
        lambda match: block(match[1], outputs[match[1]]) if match[1] in outputs else match[0], page
    )


def _is_hex(text: str) -> bool:
    return re.fullmatch(r"(?:[0-9a-f]{2})+", text) is not None
