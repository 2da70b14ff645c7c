"""Two clocks that count frames, and a way between them that is longer one way than the other."""

import pytest

from p2pgame.netcode.timesync import PhaseLock, TimeSync


class Walker:
    def __init__(self, begins: float) -> None:
        self.sync = TimeSync()
        self.next = begins
        self.frames = 0
        self.heard = 0
        self.told = 0

    @property
    def advantage(self) -> int:
        return self.frames - self.heard


def walk(
    lead: float, there: float, back: float, frames: int = 1200, drift: float = 1.0
) -> tuple[float, list[float]]:
    """Time in frames. Returns how far the first is ahead in the end, and all the stretches."""
    one, other = Walker(max(0.0, -lead)), Walker(max(0.0, lead))
    post: list[tuple[float, Walker, int, int]] = []
    stretches: list[float] = []
    while min(one.frames, other.frames) < frames:
        who, to, way, pace = (one, other, there, 1.0) if one.next <= other.next else (other, one, back, drift)
        now = who.next
        for packet in [p for p in post if p[0] <= now and p[1] is who]:
            post.remove(packet)
            who.heard, who.told = max(who.heard, packet[2]), packet[3]
        who.sync.sample(who.advantage, who.told)
        who.frames += 1
        post.append((now + way, to, who.frames, who.advantage))
        stretches.append(who.sync.stretch)
        who.next += who.sync.stretch * pace
    return (one.frames - other.frames) + (other.next - one.next), stretches


@pytest.mark.parametrize("lead", range(-10, 11))
@pytest.mark.parametrize(("there", "back"), [(0.2, 0.2), (3.0, 3.0), (1.0, 3.0), (4.0, 1.0)])
def test_whoever_is_ahead_waits_for_the_other(lead: int, there: float, back: float) -> None:
    ahead, stretches = walk(lead, there, back)
    # What is longer one way than back cannot be told from a lead: half the difference stays.
    assert abs(ahead) <= abs(there - back) / 2 + 1.5
    assert all(1.0 <= stretch <= 1.1 for stretch in stretches)


def test_nobody_waits_for_who_is_not_behind() -> None:
    _, stretches = walk(0, 2.0, 2.0)
    assert max(stretches) < 1.02


@pytest.mark.parametrize("drift", [0.99, 1.01])
def test_clocks_that_run_apart_are_held_together(drift: float) -> None:
    ahead, _ = walk(0, 1.0, 1.0, frames=3000, drift=drift)
    assert abs(ahead) <= 2.0 + 1e-6


def test_before_anything_is_known() -> None:
    assert (TimeSync().lead, TimeSync().stretch) == (0.0, 1.0)


def test_whoever_is_behind_does_not_hurry() -> None:
    sync = TimeSync()
    for _ in range(100):
        sync.sample(-5, 127)
    assert sync.lead < -60
    assert sync.stretch == 1.0


def test_what_the_other_claims_slows_us_by_a_tenth_at_most() -> None:
    sync = TimeSync()
    for _ in range(10_000):
        sync.sample(0, -128)
    assert sync.stretch == 1.1
    assert len(sync._differences) <= 30


# --- exact figures


def after(*samples: tuple[int, int], times: int = 30) -> TimeSync:
    sync = TimeSync()
    for ours, theirs in samples:
        for _ in range(times):
            sync.sample(ours, theirs)
    return sync


@pytest.mark.parametrize(
    ("ours", "theirs", "lead"),
    [(6, 6, 0.0), (4, 0, 2.0), (0, 4, -2.0), (6, -2, 4.0), (-2, 6, -4.0), (5, 2, 1.5)],
)
def test_the_lead_is_half_the_difference(ours: int, theirs: int, lead: float) -> None:
    """A delay of n frames adds n to both numbers; a lead of n adds n to one and takes it from the other."""
    assert after((ours, theirs)).lead == lead
    assert after((ours, theirs), times=1).lead == lead


def test_the_lead_is_an_average_of_half_a_second() -> None:
    sync = after((8, 0))
    leads = []
    for _ in range(30):
        sync.sample(0, 0)
        leads.append(sync.lead)
    assert leads == pytest.approx([4.0 * (29 - number) / 30 for number in range(30)])


@pytest.mark.parametrize(
    ("lead", "stretch"),
    [(0.0, 1.0), (0.3, 1.0), (0.6, 1.0), (1.1, 1.01), (1.6, 1.02), (3.1, 1.05), (5.6, 1.1), (9.0, 1.1)],
)
def test_frames_are_stretched_by_the_lead_beyond_the_dead_band(lead: float, stretch: float) -> None:
    """2 % for each frame beyond 0.6, and at most 10 %."""
    doubled = round(2 * lead * 30)  # of all samples together
    sync = TimeSync()
    for number in range(30):
        sync.sample(doubled // 30 + (number < doubled % 30), 0)
    assert sync.lead == pytest.approx(lead)
    assert sync.stretch == pytest.approx(stretch)


# --- within a frame


@pytest.mark.parametrize("begins", [number / 16 for number in range(16)])
@pytest.mark.parametrize("drift", [0.9999, 1.0, 1.0001])
def test_a_guest_ticks_where_its_packets_wait_briefly(begins: float, drift: float) -> None:
    """Time in frames of the host, which ticks at whole numbers; `drift`: length of the guest's frames."""
    lock, now, way, wanted = PhaseLock(), begins, 0.3, 0.2
    for _ in range(300):
        now += lock.stretch * drift
        lock.sample(-(now + way) % 1.0, wanted)
    assert -(now + way) % 1.0 == pytest.approx(wanted, abs=0.01)
    assert abs(now - begins - 300 * drift) <= 0.51  # the nearest way


def test_the_phase_changes_a_frame_by_two_percent_at_most() -> None:
    lock = PhaseLock()
    assert lock.stretch == 1.0
    for _ in range(1000):
        lock.sample(0.6, 0.2)
    assert lock.stretch == pytest.approx(1.02)
    for _ in range(1000):
        lock.sample(200.0, 0.4)
    assert lock.stretch == pytest.approx(0.98)
    lock.release()
    assert lock.stretch == 1.0
