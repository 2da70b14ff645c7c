"""Rounds of a room while programs are killed at random, with `kill -9`, and started again with the same profile.

As a test (`test_room_storm.py`) it is short; by hand it is as long as one likes:

    python -m tests.lab.room_storm --rounds 20 --seed 7

The seed fixes who is killed, when, and for how long it stays away; the kernel's timing is its own. Knows the command
line, the events and the lab; not the package.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab.lan import Lan, require_lab
from tests.lab.peer import Event, Peer

__all__ = ["Storm", "Weather"]

Start = Callable[..., Peer]
"""start(host, name, command, *options, data_dir=None) -> Peer"""
NAMES = ("Ann", "Ben", "Cid", "Dan", "Eve", "Fay", "Gus", "Hal")
ROUND_S = 60.0
"""Seconds within which a round must end, the table before it included."""
BACK_S = 20.0
"""Seconds within which a program that was started again must be in the room."""
_BEGUN = ("match_started", "match_resumed", "spectating")
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Weather:
    """How bad it is. All times in seconds, each uniformly from its range."""

    calm: tuple[float, float] = (1.0, 6.0)
    """Between two kills."""
    away: tuple[float, float] = (0.0, 8.0)
    """From a kill to the new start."""
    away_max: int = 3
    """So many of the programs may be away at once: killed, or not back in the match. The others are most of them."""
    host_share: float = 0.4
    """Chance that a kill hits who carries the match."""
    leader_share: float = 0.2
    """Chance that it hits who leads the room."""


@dataclass
class Life:
    """The programs that were started, one after the other, for one member of the room."""

    host: int
    name: str
    data_dir: Path
    peers: list[Peer] = field(default_factory=list)
    back_at: float | None = None
    """`time.monotonic()` at which the next one is started; None: one runs."""

    @property
    def now(self) -> Peer:
        return self.peers[-1]

    @property
    def in_round(self) -> bool:
        """Whether the newest program was in the middle of a match."""
        begun = {e["match"] for kind in _BEGUN for e in self.now.all(kind)}
        return bool(begun - {e["match"] for e in self.now.all("match_ended")})

    @property
    def back(self) -> bool:
        """It runs, and has played or watched since it was started."""
        return self.back_at is None and any(self.now.all(kind) for kind in _BEGUN)


class Storm:
    """Eight programs in one room, of which some are always being killed."""

    def __init__(
        self, start: Start, directory: Path, *, seed: int, weather: Weather | None = None, game: str = "tron",
        frames: int = 600, members: int = len(NAMES), say: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._start = start
        self._random = random.Random(seed)
        self._weather = weather or Weather()
        self._say = say
        self._began = time.monotonic()
        self._game = game
        self._frames = frames
        self.kills = 0
        self.lives = [Life(i, NAMES[i], directory / NAMES[i]) for i in range(members)]
        self._open(self.lives[0])
        self.room = self.lives[0].now.wait_for("room_joined")["room"]
        for life in self.lives[1:]:
            self._join(life)
        for life in self.lives:
            life.now.wait_for("match_started", 40)

    @property
    def peers(self) -> list[Peer]:
        """All programs that ever ran."""
        return [peer for life in self.lives for peer in life.peers]

    def ended(self) -> dict[str, int]:
        """Matches that have ended, in order of ending, with the number of programs that said so."""
        ends = sorted((e for peer in self.peers for e in peer.all("match_ended")), key=lambda e: e["t"])
        found: dict[str, int] = {}
        for end in ends:
            found[end["match"]] = found.get(end["match"], 0) + 1
        return found

    def rage(self, rounds: int) -> None:
        """Kill and start again until so many rounds are over; then let all come back, and play one to its end."""
        deadline = time.monotonic() + rounds * ROUND_S
        over, due = 0, time.monotonic() + self._random.uniform(*self._weather.calm)
        while over < rounds:
            assert time.monotonic() < deadline, f"only {over} of {rounds} rounds were played\n{self.story()}"
            now = time.monotonic()
            if now >= due:
                due = now + self._random.uniform(*self._weather.calm)
                self._kill_one(now)
            self._bring_back(now)
            self._assert_none_has_ended()
            if len(self.ended()) > over:
                over = len(self.ended())
                self._note(f"{over} rounds are over, {self.kills} kills so far")
            time.sleep(0.05)
        while any(life.back_at is not None for life in self.lives):
            self._bring_back(time.monotonic())
            time.sleep(0.05)
        self._settle()

    def _settle(self) -> None:
        """All are back: the next round is played by all, and to its end."""
        for life in self.lives:
            life.now.wait_for("room_joined", BACK_S, room=self.room)
        since = len(self.ended())
        deadline = time.monotonic() + 2 * ROUND_S
        while time.monotonic() < deadline:
            self._assert_none_has_ended()
            latest = [m for m, said in self.ended().items() if said == len(self.lives)]
            if len(self.ended()) > since and latest and latest[-1] == list(self.ended())[-1]:
                return
            time.sleep(0.1)
        raise AssertionError(f"no round that all played to its end\n{self.story()}")

    # --- starting and killing

    def _open(self, life: Life) -> None:
        options = ("--seats", str(len(self.lives)), "--frames", str(self._frames), "--matches", "0")
        command = ("bot", "--open", self._game, *options, "--seed", "1")
        life.peers.append(self._start(life.host, life.name, *command, data_dir=life.data_dir))

    def _join(self, life: Life) -> None:
        """By the name of who opened the room; who was killed between two rounds must know the room itself."""
        named = not life.peers or life.in_round
        target = self.lives[0].name if named else self.room
        options = ("--join", target, "--matches", "0", "--seed", str(1 + life.host))
        life.peers.append(self._start(life.host, life.name, "bot", *options, data_dir=life.data_dir))
        life.back_at = None

    def _bring_back(self, now: float) -> None:
        for life in self.lives:
            if life.back_at is not None and now >= life.back_at:
                self._join(life)
                self._note(f"{life.name} is back")

    def _kill_one(self, now: float) -> None:
        here = [life for life in self.lives if life.back]
        if len(self.lives) - len(here) >= self._weather.away_max:
            return
        dice = self._random.random()
        victim = self._random.choice(here)
        away = self._random.uniform(*self._weather.away)
        if dice < self._weather.host_share:
            victim = self._holding(here, "host_changed", "match_started", "host") or victim
        elif dice < self._weather.host_share + self._weather.leader_share:
            victim = self._holding(here, "leader_changed", "room_joined", "peer") or victim
        victim.now.process.kill()
        victim.back_at = now + away
        self.kills += 1
        self._note(f"{victim.name} is killed for {away:.1f} s")

    def _holding(self, here: list[Life], change: str, begin: str, field_: str) -> Life | None:
        """Who of `here` carries the newest match, or leads the room, for all that anybody has said of it."""
        news = [e for life in self.lives for peer in life.peers for k in (change, begin) for e in peer.all(k)]
        newest = max(news, key=lambda e: e["t"], default=None)
        if newest is None:
            return None
        holder = newest.get(field_) or newest.get("leader")
        return next((life for life in here if life.now.all("announcing", peer=holder)), None)

    def assert_all_are_back(self) -> None:
        """Everybody who was killed has played, or watched, again."""
        for life in self.lives:
            assert life.back, life.now.story()

    def _assert_none_has_ended(self) -> None:
        for life in self.lives:
            code = life.now.process.poll()
            if life.back_at is None and code is not None:
                raise AssertionError(f"{life.name} ended by itself with {code}\n{self.story()}")

    # --- judging

    def assert_sound(self) -> dict[str, Event]:
        """What must be true of all rounds, of all programs that ever played in them; the ends by match.

        Every state of every frame is the same on all; so are the ends; every file verifies, and what it holds is what
        was played; whoever plays is never told of an error.
        """
        known: dict[tuple[str, int], str] = {}
        ends: dict[str, Event] = {}
        for peer in self.peers:
            assert not peer.all("desync"), peer.story()
            late = _too_late(peer)
            assert {error["code"] for error in peer.all("error")} <= ({"over"} if late else set()), (
                peer.story()
            )
            assert not peer.all("not json"), peer.story()
            assert "Traceback" not in peer.log, peer.story()
            for event in peer.all("hash"):
                key = (event["match"], event["frame"])
                assert known.setdefault(key, event["hash"]) == event["hash"], f"{key} differs\n{self.story()}"
            for end in [end for end in peer.all("match_ended") if end["match"] not in late]:
                first = ends.setdefault(end["match"], end)
                for what in ("outcome", "frames", "hash"):
                    assert first[what] == end[what], f"{peer.name} differs in {what}\n{self.story()}"
        for match, end in ends.items():
            played = {value for (of, _), value in known.items() if of == match}
            assert len(played) > 1, f"nothing was played in {match}\n{self.story()}"
            last = known.get((match, end["frames"]), end["hash"])
            assert last == end["hash"], f"the last state of {match} is another\n{self.story()}"
        for life in self.lives:
            self._assert_files(life, ends)
        return ends

    def _assert_files(self, life: Life, ends: dict[str, Event]) -> None:
        paths = sorted((life.data_dir / "replays").glob("*.p2preplay"))
        command = [sys.executable, "-m", "p2pgame", "replay", "--json", "verify", *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=_ROOT, check=False)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(found) == len(paths), f"{life.name}: {done.stdout}\n{done.stderr}"
        for verdict in found:
            self._assert_verified(life, verdict, ends)

    def _assert_verified(self, life: Life, verdict: dict[str, Any], ends: dict[str, Event]) -> None:
        """Whoever was there at the end has a whole file; that of who came back too late ends where it was killed."""
        about = f"{life.name}: {verdict}\n{self.story()}"
        assert verdict["event"] == "replay_verified", about
        assert verdict["deterministic"], about
        assert verdict["same_rules"], about
        match = verdict["match"]
        if any(peer.all("match_ended", match=match) and match not in _too_late(peer) for peer in life.peers):
            assert verdict["ok"], about
            assert verdict["whole"], about
            assert verdict["frames"] == ends[match]["frames"], about
        else:
            assert {problem["code"] for problem in verdict["problems"]} <= {"no_end"}, about

    # --- for people

    def _note(self, words: str) -> None:
        self._say(f"{time.monotonic() - self._began:7.1f}  {words}")

    def story(self) -> str:
        return "\n".join(peer.story() for peer in self.peers)


def _too_late(peer: Peer) -> set[str]:
    """Matches in which the program was ended, and which were over before it was back: nobody won or lost there."""
    left = {event["match"] for event in peer.all("match_resumable")}
    played = {event["match"] for kind in _BEGUN for event in peer.all(kind)}
    unknown = {e["match"] for e in peer.all("match_ended", ended_by="connection_lost")}
    return (left & unknown) - played


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the data directories and logs there")
    args = parser.parse_args()
    require_lab()
    with ExitStack() as stack:
        directory = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        directory.mkdir(parents=True, exist_ok=True)
        lan = stack.enter_context(Lan(len(NAMES), seed=args.seed))

        def start(host: int, name: str, command: str, *options: str, data_dir: Path) -> Peer:
            peer = Peer(lan, host, name, data_dir, command, *options)
            stack.callback(peer.close)
            return peer

        storm = Storm(start, directory, seed=args.seed, say=lambda line: print(line, flush=True))
        try:
            storm.rage(args.rounds)
            ends = storm.assert_sound()
        finally:
            if args.keep is not None:
                for number, peer in enumerate(storm.peers):
                    lines = "".join(json.dumps(event) + "\n" for event in peer.events)
                    (directory / f"{number:03d}-{peer.name}.jsonl").write_text(lines)
    print(f"{len(ends)} rounds, {storm.kills} kills, all equal, all files verify")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
