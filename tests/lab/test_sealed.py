"""A real program is killed after it committed to a move and before it opened it: the move is on its disk and stands."""

import os
from pathlib import Path

import pytest

from p2pgame.replay.reader import Replay, read
from p2pgame.wire.commitment import is_sealed
from tests.lab.conftest import Start
from tests.lab.lan import Lan
from tests.lab.peer import Peer
from tests.lab.reconnect import assert_went_on, replay_of

pytestmark = pytest.mark.lab

HOST_THINKS, GUEST_THINKS = "20", "800"
"""Milliseconds: one has committed to each move long before the other."""


@pytest.fixture
def hands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tests.hands` is installed as any game of somebody else."""
    site = tmp_path / "site"
    info = site / "hands-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hands\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[p2pgame.games]\nhands = tests.hands\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(Path(__file__).parents[2])]))


def file_of(peer: Peer) -> Replay:
    return read(replay_of(peer).read_bytes())


@pytest.mark.usefixtures("hands")
def test_a_program_killed_between_commitment_and_opening_opens_the_same_move(lan: Lan, start: Start) -> None:
    bot = ("bot", "--game", "hands", "--frames", "3", "--seed", "3")
    quick = start(0, "Alice", *bot, "--think-ms", HOST_THINKS, "--accept")
    slow = start(1, "Bob", *bot, "--think-ms", GUEST_THINKS, "--invite", "Alice")
    slow.wait_for("hash", frame=1)
    me = quick.wait_for("match_started")["me"]
    quick.wait_until("commitment", lambda: (1, me) in file_of(quick).sealed, 5.0)
    quick.kill()
    before = file_of(quick)
    assert before.frames == 1, "the other has not committed yet, so nobody has opened"
    kept = before.sealed[1, me].opening
    assert is_sealed(kept)
    reborn = start(0, "Alice", *quick.args, data_dir=quick.data_dir)
    end = assert_went_on([quick, reborn], [slow])
    assert end["frames"] == 3
    assert file_of(reborn).inputs[1][me] == kept
    assert file_of(slow).inputs[1][me] == kept
