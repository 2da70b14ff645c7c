"""`docs/cli.md` names every command, option, exit code and event, with all fields: it is what scripts rely on."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pgame.cli.exits import Exit
from p2pgame.cli.main import COMMANDS, build_parser
from p2pgame.session import events as e

PAGE = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
ROW = re.compile(r"^\| (`[a-z_`, ]+`) \| (.*?) \| (.*?)\|$", re.MULTILINE)


def kinds(base: type[e.Event]) -> Iterator[type[e.Event]]:
    for kind in base.__subclasses__():
        if not kind.__name__.startswith("_"):
            yield kind
        yield from kinds(kind)


def code_of(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def fields() -> dict[str, set[str]]:
    """What the page says: the fields of each event."""
    return {event: code_of(row[2]) for row in ROW.finditer(PAGE) for event in code_of(row[1])}


@pytest.mark.parametrize("kind", dict.fromkeys(kinds(e.Event)), ids=lambda kind: kind.__name__)
def test_every_event_has_its_line_with_all_fields(kind: type[e.Event]) -> None:
    tag = kind.__struct_config__.tag
    assert set(kind.__struct_fields__) - fields()[str(tag)] == set()


def test_every_command_and_every_option_is_there() -> None:
    parser = build_parser()
    (commands,) = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    missing = [name for name in COMMANDS if f"p2pgame {name}" not in PAGE and f"[{name}]" not in PAGE]
    for child in commands.choices.values():
        for action in child._actions:
            if action.help is not argparse.SUPPRESS and action.dest != "help":
                missing += [option for option in action.option_strings[:1] if f"`{option}" not in PAGE]
    assert missing == []


@pytest.mark.parametrize("code", Exit)
def test_every_exit_code_is_there(code: Exit) -> None:
    assert f"\n| {int(code)} | " in PAGE


@pytest.mark.parametrize("field", e.Stats.__struct_fields__)
def test_every_figure_is_there(field: str) -> None:
    assert f"`{field}`" in PAGE
