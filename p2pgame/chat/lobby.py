"""The lobby's chat, without a server and without sockets: datagrams and time in, datagrams and lines out.

A signed line goes to everybody at once, by broadcast and multicast, which lose a third of what they carry on a bad
Wi-Fi. So beacons say of some authors which line is the newest that their sender has, and who lacks one asks any peer
that has it, by unicast. Lines are shown as they arrive, those of one author in its order, each once.

Who sends lines gets nothing sent; who asks for lines first shows, by a token, that it receives at its address.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from p2pgame.chat.author import SECONDS_A_LINE, Author
from p2pgame.chat.log import Log, Said, Stream, tag_of_line
from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.ids import PeerId
from p2pgame.discovery.chance import RandomSource, pick, random_bytes
from p2pgame.discovery.limits import BucketMap, TokenBucket
from p2pgame.discovery.seeds import AddressTokens, SocketAddress
from p2pgame.discovery.transmit import BroadcastMethod, Contact, Listed, Transmit
from p2pgame.wire.beacon import CHAT_MARKS_MAX, HEADER, ChatMark, ChatTag
from p2pgame.wire.chat import (
    ASK_MARKS_MAX,
    LINES_MAX,
    LOBBY,
    NO_TOKEN,
    Ask,
    ChatDatagram,
    Kind,
    PassedLine,
    SignedLine,
    author_tag,
    decode_ask,
    decode_line,
    decode_lines,
    decode_token,
    encode_ask,
    encode_lines,
    encode_token,
)

__all__ = ["KEPT_LINES", "KEPT_SECONDS", "LobbyChat", "Peers"]

KEPT_LINES: Final = 200
KEPT_SECONDS: Final = 1800.0
CLOCKS_DIFFER: Final = 300.0
"""Seconds by which clocks may differ where an author is not there to speak for its line."""
FEW_PEERS: Final = 8
"""So few get each line by unicast as well, in place of a second broadcast: Wi-Fi repeats what is lost of that."""
JUST_NOW: Final = 4.0
"""Authors who spoke in these seconds take turns in our beacons, if they are more than a beacon holds ..."""
RECENT: Final = 60.0
"""... and those of these seconds in what room is kept for them."""
KEPT_FOR_RECENT: Final = 2
REORDERED: Final = 0.04
"""Seconds after which a line that others have counts as lost here."""
ASK_AGAIN: Final = 0.2
"""Seconds until the next peer is asked; each time half as much again ..."""
ASK_AGAIN_MAX: Final = 1.5
TRIES_ALONE: Final = 2
"""After so many two are asked at a time: what carries questions and answers loses some, too ..."""
TRIES: Final = 10
"""... and after so many nobody."""
WANTS_MAX: Final = 64
"""Authors of whom something is missing."""
HOLDERS_MAX: Final = 8
FAR_BEHIND: Final = 96
"""More lines of one author than this are not made up for: the newest are taken."""
ASKED_FOR: Final = 2.0
"""Seconds in which an answer may come."""
ASKED_LINES: Final = 3 * LINES_MAX
"""Lines that may come for one question."""
ASKED_MAX: Final = 64
TOKEN_HOLDS: Final = 25.0
ASK_RATE: Final = 10.0
"""Questions of ours a second, of all together."""
ANSWER_LINES: Final = 32
ANSWER_DATAGRAMS: Final = 8
ANSWER_RATE: Final = 5.0
"""Questions a second from one address that are answered ..."""
ALL_ANSWERS_RATE: Final = 40.0
"""... and from all."""
CHECK_RATE: Final = 8.0
"""Signatures of lines a second that are checked for one listed author ..."""
CHECK_BURST: Final = 32.0
ALL_CHECKS_RATE: Final = 100.0
"""... and for all."""
ALL_CHECKS_BURST: Final = 300.0
SHOWN_BURST: Final = 20.0
"""Lines of one author at once: more than it may say, since some come together after a loss."""
HISTORY_SECONDS: Final = 120.0
"""So long after we came more is shown, if we asked for it: what was said before."""
KEYS_MAX: Final = 512


class _Want(msgspec.Struct):
    """An author of whom lines are missing."""

    next_at: float
    holders: dict[PeerId, int] = msgspec.field(default_factory=dict)
    """Who says that it has them, and up to which; the newest word last."""
    tries: int = 0

    @property
    def highest(self) -> int:
        return max(self.holders.values(), default=0)


class _Asked(msgspec.Struct):
    """A peer that we asked, by its address."""

    contact: Contact
    after: tuple[ChatMark, ...]
    until: float
    left: int = ASKED_LINES
    repeated: bool = False


class Peers(msgspec.Struct):
    """The list of peers, as far as chat needs it."""

    by_key: Callable[[bytes], Listed | None]
    by_id: Callable[[PeerId], Listed | None]
    all: Callable[[], Sequence[Listed]]


class _Rates(msgspec.Struct):
    """All limits of what others can make us do."""

    asks: TokenBucket = msgspec.field(default_factory=lambda: TokenBucket(ASK_RATE, 2 * ASK_RATE))
    answers: BucketMap[str] = msgspec.field(
        default_factory=lambda: BucketMap(ANSWER_RATE, 2 * ANSWER_RATE, KEYS_MAX)
    )
    all_answers: TokenBucket = msgspec.field(
        default_factory=lambda: TokenBucket(ALL_ANSWERS_RATE, 2 * ALL_ANSWERS_RATE)
    )
    checks: BucketMap[bytes] = msgspec.field(
        default_factory=lambda: BucketMap(CHECK_RATE, CHECK_BURST, KEYS_MAX)
    )
    all_checks: TokenBucket = msgspec.field(
        default_factory=lambda: TokenBucket(ALL_CHECKS_RATE, ALL_CHECKS_BURST)
    )
    shown: BucketMap[bytes] = msgspec.field(
        default_factory=lambda: BucketMap(1 / SECONDS_A_LINE, SHOWN_BURST, KEYS_MAX)
    )
    told: BucketMap[str] = msgspec.field(
        default_factory=lambda: BucketMap(1 / SECONDS_A_LINE, SHOWN_BURST, KEYS_MAX)
    )
    """Lines of authors who are not here, by the address of who tells of them: keys cost it nothing."""


class LobbyChat:
    """One program's part of it. `now` is monotonic seconds everywhere."""

    def __init__(
        self, author: Author, peers: Peers, random_source: RandomSource, unix: Callable[[], float]
    ) -> None:
        """`unix()`: Unix time in seconds."""
        self._author = author
        self._own = author_tag(author.public_key, author.instance)
        self._peers = peers
        self._random_source = random_source
        self._unix = unix
        self._log = Log(KEPT_LINES, KEPT_SECONDS)
        self._tokens = AddressTokens(random_bytes(32, random_source))
        self._rates = _Rates()
        self._wants: dict[ChatTag, _Want] = {}
        self._refused: OrderedDict[tuple[PeerId, ChatTag], int] = OrderedDict()
        """Who said of an author that it has the lines up to this one, which nobody gave us."""
        self._asked: OrderedDict[str, _Asked] = OrderedDict()
        self._given: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        """Tokens that peers gave us for our address, by theirs, and until when we use them."""
        self._reached: OrderedDict[PeerId, int] = OrderedDict()
        """Our newest line that a peer says it has."""
        self._spoke: dict[ChatTag, float] = {}
        self._turn = 0
        self._history_left = KEPT_LINES
        self._history_until: float | None = None
        self._out: list[Transmit] = []
        self._events: list[Said] = []
        self.receivers: Mapping[bytes, Callable[[bytes, SocketAddress, float, bool], bool]] = {
            HEADER + bytes([ChatDatagram.LINES]): self._receive_lines,
            HEADER + bytes([ChatDatagram.ASK]): self._receive_ask,
            HEADER + bytes([ChatDatagram.TOKEN]): self._receive_token,
        }
        """``receiver(data, source, now, shared)`` by header, for data of a length in `wire.chat.CHAT_LENGTHS`. False:
        nothing is to be sent, told or timed anew."""

    # --- ours

    def say(self, kind: Kind, text: str, name: str, now: float) -> None:
        """Say a line to everybody. Raises `LocalProtocolError` (`Author.line`)."""
        signed = self._author.line(LOBBY, kind, text, name, now, self._unix())
        self._tell(self._log.add(signed, now, now), self._own, now)
        data = encode_lines([PassedLine(signed.data, 0)])[0]
        peers = self._peers.all()
        few = len(peers) < FEW_PEERS
        both = BroadcastMethod.DIRECTED | BroadcastMethod.MULTICAST
        once = any(peer.by_address for peer in peers) or (few and all(peer.proven for peer in peers))
        methods = BroadcastMethod.DIRECTED if once else both  # nobody gets it three times
        self._out.append(Transmit(data, None, methods))
        for peer in peers:
            if peer.by_address or (few and peer.proven):
                self._out.append(Transmit(data, peer.contact.to, shared=peer.contact.shared))

    def marks(self, now: float) -> tuple[ChatMark, ...]:
        """What our next beacon says: our own newest line, then those of the authors who spoke last, in turn."""
        self._log.prune(now)
        found = self._log.marks()
        own = [mark for mark in found if mark[0] == self._own]
        others = [mark for mark in found if mark[0] != self._own]
        room = CHAT_MARKS_MAX - len(own)
        if len(others) <= room:
            return tuple(own + others)
        new = [mark for mark in others if self._spoke.get(mark[0], -RECENT) + JUST_NOW > now]
        old = [mark for mark in others[len(new) :] if self._spoke.get(mark[0], -RECENT) + RECENT > now]
        self._turn += 1
        chosen = _in_turn(new, min(len(new), room - min(KEPT_FOR_RECENT, len(old))), self._turn)
        chosen += _in_turn(old, room - len(chosen), self._turn)
        rest = [mark for mark in others if mark not in chosen]
        return tuple(own + chosen + rest[: room - len(chosen)])

    def reached(self, peer: PeerId) -> bool:
        """Whether `peer` says that it has all our lines."""
        stream = self._log.stream(self._own)
        return stream is None or self._reached.get(peer, 0) >= stream.reached

    # --- others'

    def heard_marks(self, peer: PeerId, marks: Sequence[ChatMark], now: float) -> None:
        """A listed peer says in its beacon which lines it has."""
        for tag, counter in marks:
            if tag == self._own:
                self._reached[peer] = max(counter, self._reached.pop(peer, 0))
                if len(self._reached) > KEYS_MAX:
                    self._reached.popitem(last=False)
            elif counter > self._refused.get((peer, tag), 0):
                self._want(tag, counter, peer, now)

    def _receive_lines(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        del shared
        try:
            lines = decode_lines(data)
        except RemoteProtocolError:
            return False
        asked = self._asked.get(source[0])
        if asked is not None and asked.until <= now:
            asked = None
        if asked is not None:
            self._learn_floors(lines.floors, asked, now)
        news = False
        for raw, age in lines.lines:
            try:
                signed = decode_line(raw)
            except RemoteProtocolError:
                return news
            news |= self._receive_line(signed, age, asked, now)
        return news or asked is not None

    def _receive_line(self, signed: SignedLine, age: int, asked: _Asked | None, now: float) -> bool:
        """Whether it is new."""
        line = signed.line
        if line.where != LOBBY or self._log.has(line):
            return False
        listed = self._peers.by_key(line.public_key)
        speaks = listed is not None and listed.instance == line.instance
        if not speaks and (asked is None or not self._is_recent(line.time)):
            return False
        if asked is not None and asked.left > 0:
            asked.left -= 1
        elif not speaks or not self._rates.checks.take(line.public_key, now):
            return False
        tag = tag_of_line(line)
        if tag == self._own or not self._rates.all_checks.take(now) or not signed.verify():
            return False
        teller = None if asked is None else asked.contact.to[0]
        if not self._may_show(line.public_key, None if speaks else teller, now, answer=asked is not None):
            return False  # it is fetched later, if it is still kept then
        before = self._log.stream(tag)
        if before is not None and before.begun and line.counter > before.reached + FAR_BEHIND:
            self._tell(self._log.skip_to(before, line.counter - FAR_BEHIND // 2, now), tag, now)
        self._tell(self._log.add(signed, now if asked is None else now - age, now), tag, now)
        stream = self._log.open(tag)
        if stream.held and listed is not None:
            self._want(tag, stream.highest, listed.peer, now)
        self._settle(tag, stream)
        return True

    def _may_show(self, key: bytes, teller: str | None, now: float, *, answer: bool) -> bool:
        """Whether there is room for a line of that author. `teller`: who says it for one who is not here."""
        if self._history_until is None:
            self._history_until = now + HISTORY_SECONDS
        if self._rates.shown.take(key, now) and (teller is None or self._rates.told.take(teller, now)):
            return True
        self._history_left -= answer and now < self._history_until
        return answer and now < self._history_until and self._history_left >= 0

    def _is_recent(self, time: int) -> bool:
        """Whether a line was said lately by our clock: of an author who is not there anybody may repeat old ones."""
        return abs(self._unix() - time / 1000) < KEPT_SECONDS + CLOCKS_DIFFER

    def _tell(self, lines: Sequence[Said], tag: ChatTag, now: float) -> None:
        self._events += lines
        self._spoke[tag] = now
        if len(self._spoke) > KEYS_MAX:
            self._spoke = {tag: at for tag, at in self._spoke.items() if at + RECENT > now}

    # --- gaps

    def _want(self, tag: ChatTag, counter: int, holder: PeerId, now: float) -> None:
        """`holder` has the lines of `tag` up to `counter`."""
        stream = self._log.stream(tag)
        if stream is not None and counter <= stream.reached:
            return
        want = self._wants.get(tag)
        if want is None:
            if len(self._wants) >= WANTS_MAX:  # who fills it with lies drives out lies
                del self._wants[pick(list(self._wants), self._random_source)]
            want = self._wants[tag] = _Want(now + REORDERED)
        want.holders[holder] = max(counter, want.holders.pop(holder, 0))
        if len(want.holders) > HOLDERS_MAX:
            del want.holders[next(iter(want.holders))]

    def _settle(self, tag: ChatTag, stream: Stream) -> None:
        """Something of `stream` came."""
        want = self._wants.get(tag)
        if want is not None and stream.reached >= want.highest:
            del self._wants[tag]
        elif want is not None and not stream.held:
            want.tries = 0

    def _learn_floors(self, floors: Sequence[ChatMark], asked: _Asked, now: float) -> None:
        """What a peer whom we asked does not have any more of an author that is new to us was said before our time."""
        questions = dict(asked.after)
        for tag, floor in floors:
            stream = self._log.stream(tag)
            if questions.get(tag) == 0 and floor > 0 and tag in self._wants and not (stream and stream.begun):
                stream = self._log.open(tag)
                self._tell(self._log.skip_to(stream, floor, now), tag, now)

    def next_deadline(self, now: float) -> float | None:
        """When to call `handle_timeout`; None: never."""
        at = min((want.next_at for want in self._wants.values()), default=None)
        return None if at is None else max(at, self._rates.asks.ready_at(now))

    def handle_timeout(self, now: float) -> None:
        """Ask for what is missing. Early or needless calls do no harm."""
        questions: dict[Contact, list[ChatMark]] = {}
        for tag, want in list(self._wants.items()):
            if want.next_at > now:
                continue
            stream = self._log.stream(tag)
            reached = 0 if stream is None else stream.reached
            if reached >= want.highest:
                del self._wants[tag]
            elif want.tries >= TRIES:
                self._give_up(tag, want, stream, now)
            elif not (contacts := self._holders(want)):
                want.tries, want.next_at = want.tries + 1, now + ASK_AGAIN
            elif sum(self._put(questions, contact, (tag, reached), now) for contact in contacts):
                want.next_at = now + min(ASK_AGAIN_MAX, ASK_AGAIN * 1.5**want.tries)
                want.tries += 1
            else:
                want.next_at = max(now + REORDERED, self._rates.asks.ready_at(now))
        for contact, after in questions.items():
            self._ask(contact, tuple(after), now)

    def _put(
        self, questions: dict[Contact, list[ChatMark]], contact: Contact, mark: ChatMark, now: float
    ) -> bool:
        """Ask `contact` for what follows `mark`, with what else it is asked for now. False: there is no room."""
        if contact not in questions and not self._rates.asks.take(now):
            return False
        marks = questions.setdefault(contact, [])
        if len(marks) >= ASK_MARKS_MAX:
            return False
        marks.append(mark)
        return True

    def _holders(self, want: _Want) -> list[Contact]:
        """Whom to ask next: who says that it has it, in turn, as far as they are still here; else anybody."""
        here = [listed for peer in reversed(want.holders) if (listed := self._peers.by_id(peer)) is not None]
        if here:
            count = min(len(here), 1 if want.tries < TRIES_ALONE else 2)
            return [here[(want.tries + more) % len(here)].contact for more in range(count)]
        everybody = self._peers.all()
        return [pick(everybody, self._random_source).contact] if everybody else []

    def _give_up(self, tag: ChatTag, want: _Want, stream: Stream | None, now: float) -> None:
        """Nobody gave us what is missing: go on with what there is, and believe nobody who said that there is more.

        Each is judged by its own word: one liar would else have us believe nobody about that author.
        """
        if stream is not None and stream.held:
            self._tell(self._log.skip_gap(stream, now), tag, now)
        if stream is not None and stream.held:
            want.tries, want.next_at = 0, now + ASK_AGAIN
            return
        for peer, said in want.holders.items():
            self._refused[peer, tag] = max(said, self._refused.pop((peer, tag), 0))
        while len(self._refused) > KEYS_MAX:
            self._refused.popitem(last=False)
        del self._wants[tag]

    # --- questions and answers

    def _ask(self, contact: Contact, after: tuple[ChatMark, ...], now: float) -> None:
        address = contact.to[0]
        self._asked.pop(address, None)
        self._asked[address] = _Asked(contact, after, now + ASKED_FOR)
        if len(self._asked) > ASKED_MAX:
            self._asked.popitem(last=False)
        token, until = self._given.get(address, (NO_TOKEN, 0.0))
        data = encode_ask(Ask(token if until > now else NO_TOKEN, after))
        self._out.append(Transmit(data, contact.to, shared=contact.shared))

    def _receive_token(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        """A peer that we asked wants to see that we receive at our address: ask it once more."""
        del shared
        asked = self._asked.get(source[0])
        if asked is None or asked.until <= now or asked.repeated:
            return False
        asked.repeated = True
        token = decode_token(data)
        self._given.pop(source[0], None)
        self._given[source[0]] = (token, now + TOKEN_HOLDS)
        if len(self._given) > ASKED_MAX:
            self._given.popitem(last=False)
        self._out.append(Transmit(encode_ask(Ask(token, asked.after)), source, shared=asked.contact.shared))
        return True

    def _receive_ask(self, data: bytes, source: SocketAddress, now: float, shared: bool) -> bool:
        if not self._rates.answers.take(source[0], now) or not self._rates.all_answers.take(now):
            return False
        try:
            ask = decode_ask(data)
        except RemoteProtocolError:
            return False
        if not self._tokens.valid(ask.token, source, now):  # shorter than any question: nothing is amplified
            self._out.append(Transmit(encode_token(self._tokens.make(source, now)), source, shared=shared))
            return True
        self._log.prune(now)
        lines, floors = self._log.after(dict(ask.after), now, ANSWER_LINES)
        for answer in encode_lines(lines, floors)[:ANSWER_DATAGRAMS]:
            self._out.append(Transmit(answer, source, shared=shared))
        return True

    # --- out

    def datagrams_to_send(self) -> list[Transmit]:
        """What to send now; each is given out once."""
        out, self._out = self._out, []
        return out

    def events(self) -> list[Said]:
        """Lines to show, in order, our own among them; each is given out once."""
        events, self._events = self._events, []
        return events


def _in_turn(marks: Sequence[ChatMark], count: int, turn: int) -> list[ChatMark]:
    """`count` of `marks`, others at each turn until all were named."""
    if len(marks) <= count:
        return list(marks)
    start = turn * count % len(marks)
    return [*marks[start:], *marks[:start]][:count]
