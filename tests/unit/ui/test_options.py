"""What a configuration offers to choose."""

from typing import Literal

import msgspec

from p2pgame.core import NoConfig
from p2pgame.ui.options import config_of, options_of


class Config(msgspec.Struct, frozen=True):
    board_size: Literal[9, 13, 19] = 13
    rule: Literal["free_style", "strict"] = "strict"
    seconds: int = 60


def test_literal_fields_are_choices_with_their_defaults() -> None:
    size, rule = options_of(Config)
    assert (size.field, size.label(""), size.values, size.default) == (
        "board_size",
        "Board size",
        (9, 13, 19),
        1,
    )
    assert (rule.field, rule.values[rule.default]) == ("rule", "strict")
    assert options_of(NoConfig) == ()


def test_chosen_values_and_defaults() -> None:
    assert config_of(Config, {"rule": "free_style"}) == Config(rule="free_style")
