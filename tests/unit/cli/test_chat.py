"""`p2pgame chat` ends with what it could not do, said in words."""

from typing import Any

import pytest

from p2pgame.cli import chat
from p2pgame.cli.main import main


class Alone:
    """A node that finds nobody."""

    peers = ()

    def __init__(self, *args: Any) -> None:
        pass

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--say", "hello", "--seconds", "0"), 1, "before anything was said"),
        (("--room", "Ann", "--seconds", "0"), 3, "no room of Ann"),
    ],
)
def test_what_could_not_be_done_in_time_is_said(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    monkeypatch.setattr(chat, "Node", Alone)
    assert main(["chat", "--data-dir", "unused", *options]) == code
    assert words in capsys.readouterr().out
