"""When beacons are due."""

import itertools
import random

from hypothesis import assume, given
from hypothesis import strategies as st

from p2pgame.discovery.limits import BucketMap, TokenBucket
from p2pgame.discovery.schedule import BURST, Schedule, interval, ttl_ms


def run(schedule: Schedule, start: float, seconds: float, peers: int = 2) -> list[tuple[float, bool]]:
    sent = []
    now = start
    while True:
        deadline = schedule.next_deadline(now)
        if deadline is None or deadline > start + seconds:
            return sent
        now = max(now, deadline)
        due = schedule.take(now, peers)
        if due is not None:
            sent.append((round(now - start, 3), due[0]))


def test_a_newcomer_asks_in_a_burst_and_then_rarely_speaks() -> None:
    schedule = Schedule(random.Random(1))
    schedule.start(10.0)
    sent = run(schedule, 10.0, 60.0)
    assert [at for at, asks in sent if asks] == list(BURST)
    steady = [at for at, asks in sent if not asks]
    gaps = [b - a for a, b in itertools.pairwise(steady)]
    assert all(0.99 <= gap <= 3.01 for gap in gaps)
    assert len(gaps) >= 20


def test_many_askers_get_one_answer_within_the_spread() -> None:
    schedule = Schedule(random.Random(1))
    schedule.start(0.0)
    run(schedule, 0.0, 10.0)
    for offset in range(10):
        schedule.solicited(10.0 + offset / 10_000, 2)
    sent = run(schedule, 10.0, 0.041)
    assert len(sent) == 1
    assert 0.0 <= sent[0][0] <= 0.04


def test_a_flood_of_askers_cannot_make_us_loud() -> None:
    schedule = Schedule(random.Random(1))
    schedule.start(0.0)
    run(schedule, 0.0, 10.0)
    sent = 0
    for tick in range(10_000):
        now = 10.0 + tick / 1000
        schedule.solicited(now, 2)
        sent += schedule.take(now, 2) is not None
    assert sent <= 4 * 10 + 6


def test_the_interval_grows_with_the_peers_and_the_ttl_with_it() -> None:
    assert interval(2) == 2.0
    assert interval(40) == 2.0
    assert interval(1000) == 50.0
    assert ttl_ms(2) == 7000
    assert ttl_ms(1000) == 175_000
    assert ttl_ms(10**9) == 600_000


def test_answers_spread_wider_on_a_full_lan() -> None:
    times = []
    for seed in range(50):
        schedule = Schedule(random.Random(seed))
        schedule.start(0.0)
        run(schedule, 0.0, 10.0, 1000)
        schedule.solicited(20.0, 1000)
        deadline = schedule.next_deadline(20.0)
        assert deadline is not None
        times.append(deadline - 20.0)
    assert max(times) > 1.0


def test_nothing_is_due_after_the_stop() -> None:
    schedule = Schedule(random.Random(1))
    schedule.start(0.0)
    schedule.stop()
    schedule.solicited(0.0, 2)
    schedule.changed(0.0)
    assert schedule.next_deadline(0.0) is None
    assert schedule.take(100.0, 2) is None


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(2.0, 3.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert 0.5 <= bucket.ready_at(0.0) <= 0.501
    assert bucket.take(bucket.ready_at(0.0))
    assert sum(bucket.take(1 + i / 100) for i in range(1000)) <= 3 + 20


def test_buckets_forget_old_keys() -> None:
    buckets: BucketMap[int] = BucketMap(1.0, 1.0, 8)
    for key in range(1000):
        buckets.take(key, 0.0)
    assert len(buckets) == 8
    assert not buckets.take(999, 0.0)


@given(
    st.lists(st.tuples(st.floats(0, 2), st.floats(0.5, 30)), max_size=60),
    st.floats(0.5, 20),
    st.floats(1, 20),
)
def test_a_bucket_gives_as_if_it_counted_at_each_look(
    steps: list[tuple[float, float]], rate: float, burst: float
) -> None:
    bucket, tokens, now, given_out = TokenBucket(rate, burst), burst, 0.0, 0.0
    for wait, amount in steps:
        now += wait
        tokens = min(burst, tokens + wait * rate)
        assume(abs(tokens - 1.0) > 1e-6)
        assert bucket.take(now, amount) == (tokens >= 1.0)
        if tokens >= 1.0:
            tokens -= amount
            given_out += amount
    assert given_out < burst + now * rate + 30
