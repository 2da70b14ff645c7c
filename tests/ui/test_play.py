"""The options of the command line that the window starts with."""

from pathlib import Path

import pytest

from p2pgame.cli import play
from p2pgame.cli.common import node_config
from p2pgame.cli.main import build_parser


@pytest.mark.parametrize("command", [[], ["play"]])
def test_the_sliders_start_where_the_simulator_stands(command: list[str], tmp_path: Path) -> None:
    options = ["--sim-latency-ms", "60", "--sim-jitter-ms", "8", "--sim-loss", "0.05"]
    args = build_parser().parse_args([*command, "--data-dir", str(tmp_path), *options])
    assert play.sliders(node_config(args).impairment) == (60, 8, 5)


def test_without_options_nothing_is_spoiled(tmp_path: Path) -> None:
    args = build_parser().parse_args(["--data-dir", str(tmp_path)])
    assert play.sliders(node_config(args).impairment) == (0, 0, 0)
