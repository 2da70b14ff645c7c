"""Rounds of Tron in a room of eight programs on real kernels, while hosts and guests are killed at random."""

from pathlib import Path

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import Lan
from tests.lab.room_storm import Storm, Weather

pytestmark = pytest.mark.lab


def test_rounds_go_on_while_hosts_and_guests_are_killed(hall: Lan, start: Start, tmp_path: Path) -> None:
    """A short one; `python -m tests.lab.room_storm` is as long as one likes."""
    storm = Storm(start, tmp_path, seed=5, frames=300, weather=Weather(calm=(1.0, 3.0), away=(0.0, 4.0)))
    storm.rage(2)
    storm.assert_all_are_back()
    assert storm.kills >= 5
    assert len(storm.assert_sound()) >= 3
