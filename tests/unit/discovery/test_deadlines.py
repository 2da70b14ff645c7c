"""The earliest deadline of many, however they move."""

from dataclasses import dataclass
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from p2pgame.discovery.deadlines import Deadlines


@dataclass(eq=False)
class Item:
    due: float = inf
    queued: float = inf

    def __lt__(self, other: object) -> bool:
        return id(self) < id(other)


moves = st.lists(
    st.tuples(st.integers(0, 7), st.one_of(st.just(inf), st.floats(0, 100)), st.booleans()), max_size=200
)


@given(moves)
def test_it_gives_what_a_look_at_all_would_give(steps: list[tuple[int, float, bool]]) -> None:
    items = [Item() for _ in range(8)]
    deadlines: Deadlines[Item] = Deadlines()
    wanted = dict.fromkeys(range(8), inf)
    for number, at, take in steps:
        if take and at < inf:
            due = deadlines.take(at)
            assert {items.index(item) for item in due} == {n for n, when in wanted.items() if when <= at}
            wanted |= {n: inf for n, when in wanted.items() if when <= at}
        else:
            deadlines.put(items[number], at)
            wanted[number] = at
        assert (deadlines.next() or inf) == (min(wanted.values()) or inf)


def test_items_that_are_gone_are_not_kept() -> None:
    deadlines: Deadlines[Item] = Deadlines()
    for number in range(10_000):
        item = Item()
        deadlines.put(item, 600.0 + number)
        deadlines.put(item, inf)
    assert len(deadlines._heap) <= 100
