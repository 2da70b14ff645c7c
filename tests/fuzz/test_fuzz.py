"""A fixed number of hostile inputs to everything that reads bytes of others; `tests.fuzz.run` gives more."""

import random

import pytest

from tests.fuzz import run
from tests.fuzz.corpus import TARGETS, load, target


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_input_ends_in_documented_errors_only(name: str) -> None:
    run.fuzz(name, TARGETS[name])


def test_what_breaks_a_promise_is_told_in_hex(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes) -> None:
        raise KeyError(len(data))

    monkeypatch.setattr(target("names"), "fuzz_one", refuse)
    with pytest.raises(run.BrokenPromiseError, match=f"KeyError: .*\n{load('names')[0].hex()}"):
        run.fuzz("names", 1)


def test_most_of_what_is_made_of_a_message_is_not_refused_at_the_first_byte() -> None:
    message = target("message")
    chance = random.Random(1)
    made = [message.mutate(chance.choice(load("message")), chance) for _ in range(2000)]
    assert len(set(made)) > 1000
    assert sum(0x80 <= data[0] <= 0x8F for data in made if data) > 1500
