"""When beacons are due."""

import itertools
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from p2pgame.core.ids import PeerId
from p2pgame.discovery.limits import BucketMap, RateMap, TokenBucket
from p2pgame.discovery.schedule import (
    ANSWER_SPREAD,
    ANSWERS_ENOUGH,
    BURST,
    LOUD_PATIENCE,
    Due,
    Schedule,
    count_of_ttl,
    interval,
    ttl_ms,
)

ANN, BEN = PeerId("ann"), PeerId("ben")


def run(schedule: Schedule, start: float, seconds: float, peers: int = 2) -> list[tuple[float, Due]]:
    sent = []
    now = start
    while True:
        deadline = schedule.next_deadline(now)
        if deadline is None or deadline > start + seconds:
            return sent
        now = max(now, deadline)
        due = schedule.take(now, peers)
        if due is not None:
            sent.append((round(now - start, 3), due))


def at_rest(peers: int = 2, seed: int = 1) -> Schedule:
    schedule = Schedule(random.Random(seed))
    schedule.start(0.0)
    schedule.served()
    run(schedule, 0.0, 10.0, peers)
    return schedule


def test_who_hears_others_and_is_told_nothing_asks_on_by_one_way_at_a_time() -> None:
    schedule = Schedule(random.Random(1))
    schedule.start(0.0)
    schedule.take(0.0, 1)
    schedule.heard(0.01, asks=False, known=False)
    sent = [due for _, due in run(schedule, 0.01, 0.9, 10)]
    assert sent == [Due.ASK_AGAIN] * 5


def test_who_asks_in_vain_is_answered_by_more_and_they_let_nobody_silence_them() -> None:
    first = answered = 0
    for seed in range(400):
        schedule = at_rest(400, seed)
        schedule._burst.clear()
        schedule.solicited(20.0, ANN, 400)
        first += schedule._answer is not None
        schedule = at_rest(400, seed)
        schedule._burst.clear()
        for before in range(4):
            schedule.solicited(20.0, ANN, 400, before=before)
            for _ in range(50):  # a flood of beacons of peers that are listed
                schedule.heard(20.0, asks=False, known=True)
        answered += schedule._answer is not None
    assert first <= 25
    assert answered >= 300


def test_who_has_what_it_asked_for_needs_no_answer_any_more() -> None:
    schedule = at_rest(400)
    schedule._burst.clear()
    schedule.solicited(20.0, ANN, 400, before=4)
    schedule.solicited(20.0, BEN, 400, before=4)
    schedule.satisfied(ANN)
    assert schedule._answer is not None
    schedule.satisfied(PeerId("carl"))
    assert schedule._answer is not None
    schedule.satisfied(BEN)
    assert schedule._answer is None


def test_who_has_answered_one_that_asked_in_vain_leaves_the_next_one_to_others() -> None:
    schedule = at_rest(400)
    schedule._burst.clear()
    answers = 0
    for tenth in range(600):  # by eight, ten times a second, for a minute
        now = 20.0 + tenth / 10
        schedule.solicited(now, PeerId(f"p{tenth % 8}"), 400, before=4)
        answers += sum(due in (Due.ANSWER, Due.ANSWER_ALSO) for _, due in run(schedule, now, 0.1, 400))
    assert 2 <= answers <= 6  # at 400 / 40 s, and half as much again
    now = 200.0
    schedule.solicited(now, ANN, 400, before=4)
    schedule.satisfied(ANN)
    schedule.solicited(now, BEN, 400, before=4)
    assert schedule._answer is not None


def test_a_friend_is_always_answered() -> None:
    for seed in range(20):
        schedule = at_rest(400, seed)
        for _ in range(100):
            schedule.heard(20.0, asks=False, known=True)
        schedule.solicited(20.0, ANN, 400, friend=True)
        assert schedule._answer is not None
        assert schedule._answer <= 20.041


def test_a_newcomer_that_hears_nobody_asks_in_a_burst_and_then_rarely_speaks() -> None:
    schedule = Schedule(random.Random(1))
    schedule.start(10.0)
    sent = run(schedule, 10.0, 60.0)
    assert [at for at, due in sent if due.asks] == list(BURST)
    assert [due for _, due in sent[:3]] == [Due.ASK_FIRST, Due.ASK_OTHERWISE, Due.ASK]
    steady = [at for at, due in sent if not due.asks]
    gaps = [b - a for a, b in itertools.pairwise(steady)]
    assert all(0.99 <= gap <= 3.01 for gap in gaps)
    assert len(gaps) >= 20


@pytest.mark.parametrize(
    ("peers", "others_ask", "expected"),
    [
        (100, False, [0.1, 0.18, 0.27, 0.5]),
        (10, True, [0.1, 0.18, 0.27, 0.5]),
        (11, True, [0.1, 0.3, 0.6, 0.9]),
    ],
)
def test_who_was_told_of_the_others_asks_no_more_and_says_a_few_times_that_it_is_here(
    peers: int, others_ask: bool, expected: list[float]
) -> None:
    schedule = Schedule(random.Random(1))
    schedule.start(0.0)
    assert schedule.take(0.0, 1) is Due.ASK_FIRST
    schedule.heard(0.01, asks=others_ask, known=False)
    schedule.served()
    sent = run(schedule, 0.01, 1.1, peers)
    assert [due for _, due in sent] == [Due.ANNOUNCE if others_ask else Due.INTRODUCE] * 4
    assert [at + 0.01 for at, _ in sent] == pytest.approx(expected, abs=0.001)


def test_many_askers_get_one_answer_within_the_spread() -> None:
    schedule = at_rest()
    for offset in range(10):
        schedule.solicited(10.0 + offset / 10_000, ANN, 2)
    sent = [at for at, due in run(schedule, 10.0, 0.041) if due is Due.ANSWER]
    assert len(sent) == 1
    assert 0.0 <= sent[0] <= 0.021


def test_of_many_six_mean_to_answer_and_none_who_heard_enough() -> None:
    for peers, low, high in ((5, 5, 5), (100, 2, 14), (1000, 2, 14)):
        answers = cancelled = 0
        for seed in range(peers):
            schedule = Schedule(random.Random(seed))
            schedule.start(0.0)
            schedule.heard(0.0, asks=False, known=False)
            schedule._burst.clear()
            schedule.take(2.0, peers)
            schedule.solicited(3.0, ANN, peers)
            if schedule._answer is None:
                continue
            answers += 1
            for _ in range(ANSWERS_ENOUGH):
                schedule.heard(3.0, asks=False, known=True)
            cancelled += schedule._answer is None
        assert low <= answers <= high
        assert cancelled == answers


def test_who_begins_again_among_many_says_so_only_twice_more() -> None:
    schedule = at_rest(20)
    schedule.restart(100.0, 20)
    schedule.heard(100.0, asks=False, known=True)
    schedule.served()
    sent = run(schedule, 100.0, 3.0, 20)
    assert len(sent) == 3
    assert {due for _, due in sent} == {Due.ANNOUNCE}, "those that know it still hear one of them"


def test_who_lists_nobody_any_more_answers_as_one_of_the_many_that_there_were() -> None:
    answers = 0
    for seed in range(200):
        schedule = at_rest(100, seed)
        schedule.solicited(20.0, ANN, 2)
        answers += schedule._answer is not None
    assert answers < 40, "six of a hundred, not all"


def test_who_was_not_known_before_keeps_nobody_from_answering() -> None:
    schedule = at_rest()
    schedule.solicited(20.0, ANN, 2)
    for _ in range(20):
        schedule.heard(20.0, asks=False, known=False)
        schedule.heard(20.0, asks=True, known=True)
    assert Due.ANSWER_ALSO in [due for _, due in run(schedule, 20.0, 0.041)]


def test_where_many_begin_those_answer_first_who_have_been_here_for_longer() -> None:
    old, new = [], []
    for seed in range(100):
        elder, newcomer = at_rest(20, seed), Schedule(random.Random(seed))
        newcomer.start(20.0)
        newcomer.take(20.0, 20)
        for schedule, answers in ((elder, old), (newcomer, new)):
            schedule._burst.clear()
            for _ in range(4):
                schedule.heard(20.0, asks=True, known=False)
            for other in range(4):
                schedule.solicited(20.0, PeerId(f"p{other}"), 2)
            if schedule._answer is not None:
                answers.append(schedule._answer - 20.0)
    assert old
    assert new
    assert max(old) <= ANSWER_SPREAD[0] <= min(new)


def test_a_hall_is_as_loud_for_who_has_just_begun_to_listen() -> None:
    listener, newcomer = at_rest(200), Schedule(random.Random(1))
    listener._level, listener._level_at = 16.0, 20.0  # as many as a hall at rest says in a second
    newcomer.start(20.0)
    newcomer.take(20.0, 200)
    for schedule in (listener, newcomer):
        for tenth in range(1, 4):
            for _ in range(2):  # of a hall at rest
                schedule.heard(20.0 + tenth / 10, asks=False, known=True)
        assert not schedule.loud(20.3)
        for _ in range(5):
            schedule.heard(20.3, asks=True, known=False)
        assert schedule.loud(20.3)


def test_who_was_told_nothing_asks_on_in_a_loud_hall() -> None:
    schedule = Schedule(random.Random(1))
    schedule.start(0.0)
    schedule.take(0.0, 20)
    for _ in range(200):
        schedule.heard(0.01, asks=False, known=True)
    assert [due for _, due in run(schedule, 0.01, 0.6, 20)] == [Due.ASK_AGAIN] * 4


def test_a_flood_of_askers_cannot_make_us_loud() -> None:
    schedule = at_rest()
    sent = 0
    for tick in range(10_000):
        now = 10.0 + tick / 1000
        schedule.solicited(now, ANN, 2)
        sent += schedule.take(now, 2) is not None
    assert sent <= 4 * 10 + 7


def test_in_a_loud_hall_what_can_wait_does_and_not_for_ever() -> None:
    schedule = at_rest()
    quiet = len(run(at_rest(), 10.0, 20.0))
    sent = []
    for tick in range(4000):
        now = 10.0 + tick / 200
        schedule.heard(now, asks=False, known=True)
        if schedule.take(now, 2) is not None:
            sent.append(now)
    assert 2 <= len(sent) < quiet
    assert max(b - a for a, b in itertools.pairwise(sent)) < 1.5 * 2 + LOUD_PATIENCE * 1.5 + 0.1
    schedule.changed(31.0)
    assert schedule.take(31.0, 2) is Due.CHANGE, "what a person does waits for nothing"


def test_those_that_begin_again_together_do_not_speak_together() -> None:
    first = []
    for seed in range(300):
        schedule = at_rest(300, seed)
        schedule.restart(20.0, 300)
        first.append(run(schedule, 20.0, 60.0, 300)[0][0])
    for second in range(12):
        assert sum(second <= at < second + 1 for at in first) <= 45


def test_the_interval_grows_with_the_peers_and_the_ttl_with_it() -> None:
    assert interval(2) == interval(32) == 2.0
    assert interval(1600) == 100.0
    assert ttl_ms(2) == 7000
    assert ttl_ms(1600) == 350_000
    assert ttl_ms(10**9) == 600_000


def test_the_ttl_of_a_beacon_tells_how_many_its_sender_counts() -> None:
    for peers in (40, 100, 1000, 2700):
        assert abs(count_of_ttl(ttl_ms(peers)) - peers) <= 1
    assert count_of_ttl(ttl_ms(5)) == 0


def test_nothing_is_due_after_the_stop() -> None:
    schedule = Schedule(random.Random(1))
    schedule.start(0.0)
    schedule.stop()
    schedule.solicited(0.0, ANN, 2)
    schedule.changed(0.0)
    assert schedule.next_deadline(0.0) is None
    assert schedule.take(100.0, 2) is None


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(2.0, 3.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert 0.5 <= bucket.ready_at(0.0) <= 0.501
    assert bucket.take(bucket.ready_at(0.0))
    assert sum(bucket.take(1 + i / 100) for i in range(1000)) <= 3 + 20


@pytest.mark.parametrize("kind", [BucketMap, RateMap])
def test_buckets_forget_old_keys(kind: type[BucketMap[int]] | type[RateMap[int]]) -> None:
    buckets = kind(1.0, 1.0, 8)
    for key in range(1000):
        buckets.take(key, 0.0)
    assert len(buckets) == 8
    assert not buckets.take(999, 0.0)


def test_who_is_refused_is_forgotten_before_who_took_later() -> None:
    rates = RateMap[int](1.0, 1.0, 2)
    assert [rates.take(1, 0.0), rates.take(2, 0.5), rates.take(1, 0.5), rates.take(3, 0.5)] == [
        True,
        True,
        False,
        True,
    ]
    assert len(rates) == 2
    assert not rates.take(2, 0.6)


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


@given(st.lists(st.floats(0, 2), max_size=60), st.floats(0.5, 20), st.floats(1, 20))
def test_a_rate_in_one_number_is_that_of_a_bucket(waits: list[float], rate: float, burst: float) -> None:
    bucket, rates, now, tokens = TokenBucket(rate, burst), RateMap[int](rate, burst, 4), 0.0, burst
    for wait in waits:
        now += wait
        tokens = min(burst, tokens + wait * rate)
        assume(abs(tokens - 1.0) > 1e-6)
        took = bucket.take(now)
        assert rates.take(1, now) == took
        tokens -= took
