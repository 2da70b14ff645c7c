"""When to send a beacon. Knows the number of peers, not their addresses or any bytes.

A newcomer asks who is there, again and again until it hears somebody, and then says a few times more that it is here.
Few answer: each with a chance that makes six of all, sooner or later, and none any more once enough were heard. Then
the interval grows with the number of peers, as that of RTCP does (RFC 3550 §6.2). In a loud hall what can wait does.
"""

import math
from enum import Enum
from typing import Final

from p2pgame.core.ids import PeerId
from p2pgame.discovery.chance import RandomSource
from p2pgame.discovery.limits import TokenBucket

__all__ = ["ANSWER_SPREAD", "BURST", "Due", "Schedule", "count_of_ttl", "interval", "ttl_ms"]

BURST: Final = (0.0, 0.025, 0.1, 0.18, 0.27, 0.5, 0.8, 2.0)
"""Seconds after the start at which a newcomer speaks: it solicits as long as it has heard nobody."""
ANNOUNCEMENTS: Final = 0.5
"""Who was heard by then has been told; later ones of the burst are for who has heard nobody."""
PAIR: Final = 2
"""Peers, ourselves too, of whom each answers by all methods: one that is lost is waited for."""
FEW: Final = 10
"""Of more peers each answers by one method (`announcer`), and a newcomer that hears another one ask ..."""
CROWD_ANNOUNCEMENTS: Final = (0.1, 0.3, 0.6, 0.9)
"""... says so many seconds after its start that it is here: by then it knows whether a class is being switched on."""
AGAIN_ANNOUNCEMENTS: Final = (0.3, 0.9)
"""The same for who begins again after sleep or a change of the network: most know it still."""
ANSWER_SPREAD: Final = (0.020, 0.040)
"""Seconds within which an answer follows: of two, and of `ANSWER_CROWD` peers or more."""
ANSWER_CROWD: Final = 10
ANSWER_CHANCES: Final = 6.0
"""So many of all peers mean to answer ..."""
ANSWERS_ENOUGH: Final = 4
"""... and do not once they heard so many others."""
ASKED_AGAIN: Final = 4.0
"""Times as many at each further question of one newcomer: who answered did not help it ..."""
ASKED_OFTEN: Final = 2
"""... and after so many questions whoever means to answer does, whatever it hears, ..."""
OFTEN_PER_SECOND: Final = 40.0
"""... at this rate of all together, until the newcomer says something that is no question."""
INTERVAL_MIN: Final = 2.0
PEERS_PER_SECOND: Final = 16.0
"""Beacons a second that all peers together send in the long run, once there are enough of them: at most 20, should the
count be a fifth too low."""
RESTARTS_PER_SECOND: Final = 20.0
"""Programs that announce themselves again after sleep or a change of the network, of all together."""
SPREAD: Final = (0.5, 1.5)
TTL_INTERVALS: Final = 3.5
TTL_MAX_MS: Final = 600_000
RATE: Final = 4.0
"""Beacons a second of one peer, however often it is solicited."""
RATE_BURST: Final = 7.0
LOUD: Final = 6.0
"""Beacons of others heard in about a second, beyond those of a hall at rest: what can wait does then ..."""
LOUD_WAIT: Final = (0.3, 0.8)
"""... for so many seconds ..."""
LOUD_PATIENCE: Final = 4
"""... at most so often in the burst of a newcomer, and once later, so that nobody keeps us silent."""
LOUD_FEWER: Final = 5.0
"""So many fewer answer then, and the fewer the louder it is before."""


def interval(peers: int) -> float:
    """Mean seconds between two beacons of one peer among `peers`, itself counted."""
    return max(INTERVAL_MIN, peers / PEERS_PER_SECOND)


def ttl_ms(peers: int) -> int:
    """How long a beacon holds."""
    return min(TTL_MAX_MS, round(TTL_INTERVALS * interval(peers) * 1000))


def count_of_ttl(ttl: int) -> int:
    """How many peers there are for who sends beacons of this `ttl`, in ms; 0 if so few that it does not tell."""
    seconds = ttl / 1000 / TTL_INTERVALS
    return 0 if seconds <= INTERVAL_MIN else round(seconds * PEERS_PER_SECOND)


class Due(Enum):
    """Why a beacon is due."""

    ASK_FIRST = 1
    """The first question of a start."""
    ASK_OTHERWISE = 2
    """The second, by the way that the first did not take."""
    ASK = 3
    """Any other, as long as nobody is heard ..."""
    ASK_AGAIN = 4
    """... or somebody is, and tells nothing."""
    INTRODUCE = 5
    """We are here since a moment, and alone in that."""
    ANNOUNCE = 6
    """We are still here, or here again, or one of several that are new."""
    ANSWER = 7
    ANSWER_ALSO = 8
    """Where there is much to be heard already, or we speak again soon."""
    CHANGE = 9

    @property
    def asks(self) -> bool:
        return self in (Due.ASK_FIRST, Due.ASK_OTHERWISE, Due.ASK, Due.ASK_AGAIN)


_FIRST_STEPS = {BURST[0]: Due.ASK_FIRST, BURST[1]: Due.ASK_OTHERWISE}


class Schedule:
    """Deadlines of our own beacons."""

    def __init__(self, random_source: RandomSource) -> None:
        self._random_source = random_source
        self._bucket = TokenBucket(RATE, RATE_BURST)
        self._burst: list[tuple[float, float]] = []
        """When, and how long after the start."""
        self._heard = False
        """Somebody was heard since the start ..."""
        self._served = False
        """... and told us of the others."""
        self._began = 0.0
        self._others_ask = False
        """Somebody else began after us."""
        self._again = False
        """We did not begin for the first time."""
        self._replanned = False
        """Our burst was planned anew for one of these."""
        self._peers = 1
        """As many as there are, ourselves too."""
        self._listens = 0.0
        """Since when we do."""
        self._answer: float | None = None
        self._often_from = -math.inf
        """We do not answer who asked in vain before that time: others do, and nobody makes all of us shout."""
        self._askers: set[PeerId] = set()
        """Whom it answers."""
        self._answers_enough: float = 0.0
        """So many more that are heard make ours needless."""
        self._change: float | None = None
        self._steady: float | None = None
        self._level, self._level_at = 0.0, 0.0
        self._waited = 0

    def start(self, now: float) -> None:
        """Begin."""
        self._listens = now
        self._begin(now)

    def restart(self, now: float, peers: int) -> None:
        """Begin again after sleep or a change of the network: at some time, since all of a room may do so together."""
        self._level, self._listens, self._again, self._peers = 0.0, now, True, peers
        self._begin(now + self._random_source.random() * peers / RESTARTS_PER_SECOND)

    def _begin(self, at: float) -> None:
        self._burst = [(at + offset, offset) for offset in BURST]
        self._heard = self._served = False
        self._began, self._others_ask, self._replanned = at, False, False
        self._steady = at + BURST[-1]
        self._waited = 0

    def stop(self) -> None:
        self._burst, self._answer, self._change, self._steady = [], None, None, None

    @property
    def running(self) -> bool:
        return self._steady is not None

    def heard(self, now: float, *, asks: bool, known: bool) -> None:
        """A genuine new beacon of a peer that solicits or not, and was known before or not."""
        self._level, self._level_at = self._decayed(now) + (2.0 if asks else 1.0), now
        self._heard = True
        self._others_ask = self._others_ask or asks
        if known and not asks and self._answer is not None:
            self._answers_enough -= 1
            if self._answers_enough <= 0:
                self._answer = None

    def served(self) -> None:
        """Somebody has told us of the others: there is nothing more to ask."""
        if not self._served:
            self._served = True
            self._burst = [due for due in self._burst if due[1] != BURST[1] and due[1] <= ANNOUNCEMENTS]

    def solicited(
        self, now: float, asker: PeerId, crowd: int, *, before: int = 0, friend: bool = False
    ) -> None:
        """`asker` solicits, one of a `crowd`, not for the first time if it did so `before`. All get one answer."""
        if self._steady is None:
            return
        often = before >= ASKED_OFTEN or friend
        loudness = self._loudness(now)
        loud = loudness >= LOUD / 2
        begins = loud and now < self._listens + ANNOUNCEMENTS
        many = max(crowd, self._peers)
        chance = ANSWER_CHANCES / max(1, many - 1) * ASKED_AGAIN**before
        if not often:
            chance *= 1 / LOUD_FEWER if begins else max(1 / LOUD_FEWER, max(0.0, 1 - loudness / LOUD) ** 2)
        if not friend and self._random_source.random() >= chance:
            return
        low, high = ANSWER_SPREAD
        spread = low if loud else low + (high - low) * min(1.0, max(0.0, (crowd - 2) / (ANSWER_CROWD - 2)))
        share = crowd / OFTEN_PER_SECOND  # of the time that all together have
        at = now + self._random_source.random() * (max(spread, share) if often and not friend else spread)
        if begins:
            at += spread  # those first who have been here for longer: they know more
        if often and not friend:
            if now < self._often_from:
                self._askers.add(asker)  # of the answer that is due, if one is
                return
            self._often_from = at + share
        enough = math.inf if often else 1 if loud else ANSWERS_ENOUGH
        if self._answer is None:
            self._askers.clear()
            self._answers_enough, self._answer = enough, at
        self._askers.add(asker)
        self._answers_enough, self._answer = max(enough, self._answers_enough), min(at, self._answer)

    def satisfied(self, asker: PeerId) -> None:
        """It solicits no more: somebody has told it of all. Nobody else can say that for it."""
        self._askers.discard(asker)
        if not self._askers:
            self._answer, self._often_from = None, -math.inf

    def changed(self, now: float) -> None:
        """Our profile changed: announce it at once."""
        if self._steady is not None:
            self._change = now

    def within(self, at: float) -> None:
        """The next beacon goes out at `at`, if none is due before."""
        if self._steady is not None:
            self._steady = min(self._steady, at)

    def next_deadline(self, now: float) -> float | None:
        if self._steady is None:
            return None
        at = self._steady
        for other in (self._answer, self._change, self._burst[0][0] if self._burst else None):
            if other is not None and other < at:
                at = other
        return max(at, self._bucket.ready_at(now))

    def take(self, now: float, peers: int) -> Due | None:
        """Why a beacon is due, if one is. `peers` counts ourselves too."""
        if self._steady is None:
            return None
        if self._heard and self._burst and self._burst[0][1] == BURST[1]:
            del self._burst[
                0
            ]  # who was heard is being asked for the others: there is time until the next one
        one_of_many = (self._others_ask or self._again) and peers > FEW
        if one_of_many and not self._replanned and self._served and self._burst:
            self._replanned = True
            later = AGAIN_ANNOUNCEMENTS if self._again else CROWD_ANNOUNCEMENTS
            steps = [(self._began + after, after) for after in later]
            self._burst = [due for due in steps if due[0] >= self._burst[0][0]]
        step = self._burst[0][1] if self._burst and self._burst[0][0] <= now else None
        changed = self._change is not None and self._change <= now
        answers = self._answer is not None and self._answer <= now
        if step is None and not changed and not answers and self._steady > now:
            return None
        self._peers = peers
        asks = step is not None and not self._served
        if not (changed or answers or asks) and self._wait(now):
            return None
        if not self._bucket.take(now):
            return None
        self._burst = [due for due in self._burst if due[0] > now]
        self._steady = now + interval(peers) * self._between(SPREAD)
        if self._burst:
            self._steady = max(self._steady, self._burst[-1][0])
        self._waited = 0
        loudness = self._loudness(now)
        if changed:
            self._change = self._answer = None
            return Due.CHANGE
        if answers:
            self._answer = None
        if asks:
            if step in _FIRST_STEPS:
                return _FIRST_STEPS[step]
            return Due.ASK_AGAIN if self._heard else Due.ASK
        if not answers:
            introduces = step is not None and not self._others_ask and not self._again
            return Due.INTRODUCE if introduces else Due.ANNOUNCE
        alone = loudness < LOUD / 2 and (peers <= PAIR or now >= self._began + ANNOUNCEMENTS)
        return Due.ANSWER if alone else Due.ANSWER_ALSO

    def _wait(self, now: float) -> bool:
        """Put off what can wait, if the hall is loud."""
        if self._loudness(now) < LOUD or self._waited >= (LOUD_PATIENCE if self._burst else 1):
            return False
        if self._burst and not self._others_ask:
            return False  # those that we hear answer us
        self._waited += 1
        wait = self._between(LOUD_WAIT) * (1 if self._burst else interval(self._peers) / INTERVAL_MIN)
        self._burst = [(max(at, now + wait), offset) for at, offset in self._burst]
        self._steady = max(self._steady or now, now + wait)
        return True

    def _between(self, limits: tuple[float, float]) -> float:
        low, high = limits
        return low + (high - low) * self._random_source.random()

    def loud(self, now: float) -> bool:
        """Many begin at once: what is lost of them is not said again soon."""
        return self._loudness(now) >= LOUD

    def _loudness(self, now: float) -> float:
        """Beacons of about the last second beyond those at rest; a question counts twice, as it goes by two methods."""
        at_rest = self._peers / interval(self._peers) * -math.expm1(self._listens - now)
        return max(0.0, self._decayed(now) - at_rest)

    def _decayed(self, now: float) -> float:
        return self._level * math.exp(min(0.0, self._level_at - now))
