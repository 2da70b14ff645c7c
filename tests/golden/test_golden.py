"""Replays that were made once verify on every Python and machine, and would be made the same today."""

from pathlib import Path

import pytest

from p2pgame.core.registry import installed
from p2pgame.replay.codec import decode_header
from p2pgame.replay.reader import read
from p2pgame.replay.verify import verify
from tests.golden.make import CASES, DIRECTORY, RESIGNED, make, plugin_of

REMEDY = "run `python -m tests.golden.make`, look at what comes out, and commit it"


def kept(name: str) -> bytes:
    data = (DIRECTORY / f"{name}.p2preplay").read_bytes()
    digest, was = plugin_of(CASES[name][0]).digest, decode_header(data)[0].digest
    if digest != was:
        pytest.fail(f"the rules of {CASES[name][0]} changed ({was} -> {digest}): {REMEDY}", pytrace=False)
    return data


@pytest.mark.parametrize("name", CASES)
def test_it_verifies(name: str) -> None:
    data = kept(name)
    plugin = plugin_of(CASES[name][0])
    verdict = verify(read(data), plugin.game, plugin.digest)
    assert verdict.problems == ()
    assert (verdict.whole, verdict.deterministic, verdict.signed_by) == (True, True, (0, 1))
    assert verdict.decided == (name in RESIGNED)


@pytest.mark.parametrize("name", CASES)
def test_it_would_be_made_the_same_today(name: str) -> None:
    data = kept(name)
    if make(name) != data:
        pytest.fail(f"the bots of {CASES[name][0]}, or the file, changed: {REMEDY}", pytrace=False)


def test_every_built_in_game_has_one() -> None:
    built_in = {plugin.game.name for plugin in installed() if plugin.package.startswith("p2pgame.games.")}
    assert built_in == {game for game, _, _ in CASES.values()}


def test_none_is_left_over() -> None:
    assert {Path(path).stem for path in DIRECTORY.glob("*.p2preplay")} == set(CASES)
