"""The log of one place: each line once, each author's in order, whatever comes when; and nothing grows without end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from p2pgame.chat.log import ALL_HELD_MAX, HELD_MAX, STREAMS_MAX, Log
from p2pgame.wire.chat import LOBBY, Kind, Line, SignedLine, author_tag

KEY, INSTANCE = b"k" * 32, b"instance"


def line(
    counter: int, text: str = "", *, key: bytes = KEY, instance: bytes = INSTANCE, time: int = 0
) -> SignedLine:
    """Not signed: the log does not look at that."""
    body = Line(
        public_key=key,
        instance=instance,
        where=LOBBY,
        counter=counter,
        kind=Kind.TEXT,
        text=text or f"line {counter}",
        time=time or counter * 60_000,
        name="Ann",
    )
    return SignedLine(body, f"{key[:1]!r} {counter}".encode())


def key(number: int) -> bytes:
    return number.to_bytes(32, "big")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 12)), max_size=80))
@settings(max_examples=80, deadline=None)
def test_any_order_of_arrival_shows_each_line_once_and_in_its_authors_order(
    arrivals: list[tuple[int, int]],
) -> None:
    log = Log(1000)
    shown: dict[str, list[int]] = {}
    for author, counter in arrivals:
        for said in log.add(line(counter, key=key(author)), 0.0, 0.0):
            shown.setdefault(said.peer, []).append(said.counter)
    for counters in shown.values():
        assert counters == list(range(1, len(counters) + 1))
    for author in range(4):
        got = {counter for who, counter in arrivals if who == author}
        reached = 0
        while reached + 1 in got:
            reached += 1
        stream = log.stream(author_tag(key(author), INSTANCE))
        assert (0 if stream is None else stream.reached) == reached


def test_a_gap_that_is_given_up_lets_the_rest_through_and_what_comes_then_is_dropped() -> None:
    log = Log(10)
    assert log.add(line(2), 0.0, 0.0) == []
    assert log.add(line(3), 0.0, 0.0) == []
    stream = log.stream(author_tag(KEY, INSTANCE))
    assert stream is not None
    assert [said.counter for said in log.skip_gap(stream, 0.0)] == [2, 3]
    assert log.has(line(1).line)
    assert log.add(line(1), 0.0, 0.0) == []


def test_of_too_many_lines_who_said_most_loses_its_oldest() -> None:
    log = Log(20)
    log.add(line(1, key=key(1)), 0.0, 0.0)
    for counter in range(1, 100):
        log.add(line(counter, key=key(2)), 0.0, 0.0)
    assert len(log) == 20
    lines, floors = log.after({author_tag(key(n), INSTANCE): 0 for n in (1, 2)}, 0.0, 100)
    assert len(lines) == 20
    assert dict(floors) == {author_tag(key(1), INSTANCE): 1, author_tag(key(2), INSTANCE): 81}


def test_lines_grow_old_and_say_how_old_they_are() -> None:
    log = Log(20, seconds=100.0)
    log.add(line(1), 0.0, 0.0)
    log.add(line(2), 60.0, 60.0)
    tag = author_tag(KEY, INSTANCE)
    assert [passed.age for passed in log.after({tag: 0}, 70.0, 10)[0]] == [70, 10]
    log.prune(120.0)
    assert log.after({tag: 0}, 120.0, 10)[1] == [(tag, 2)]
    assert log.marks() == [(tag, 2)]
    assert log.has(line(1).line), "it is not shown again"


def test_the_newest_author_is_named_first() -> None:
    log = Log(20)
    for author in (1, 2, 1, 3):
        tag = author_tag(key(author), INSTANCE)
        stream = log.stream(tag)
        log.add(line(1 if stream is None else stream.reached + 1, key=key(author)), 0.0, 0.0)
    assert log.marks() == [(author_tag(key(n), INSTANCE), count) for n, count in ((3, 1), (1, 2), (2, 1))]


def test_the_same_line_within_ten_seconds_by_its_authors_clock_is_kept_and_not_shown() -> None:
    log = Log(20)
    assert len(log.add(line(1, "again", time=1_000), 0.0, 0.0)) == 1
    assert log.add(line(2, "again", time=9_000), 0.0, 0.0) == []
    assert len(log.add(line(3, "again", time=30_000), 0.0, 0.0)) == 1
    assert len(log) == 3, "so that nobody asks for it"


def test_nothing_grows_without_end() -> None:
    log = Log(20)
    for author in range(500):
        for counter in range(2, 2 + HELD_MAX + 5):
            log.add(line(counter, key=key(author)), 0.0, 0.0)
    assert len(log._streams) <= STREAMS_MAX
    held = [len(stream.held) for stream in log._streams.values()]
    assert max(held) <= HELD_MAX
    assert sum(held) == log._held <= ALL_HELD_MAX


def test_a_line_of_a_kind_that_we_do_not_know_is_passed_on_and_not_shown() -> None:
    log = Log(20)
    later = line(1)
    odd = SignedLine(
        Line(**{**{f: getattr(later.line, f) for f in Line.__struct_fields__}, "kind": 77}), b"odd"
    )
    assert log.add(odd, 0.0, 0.0) == []
    assert len(log) == 1
