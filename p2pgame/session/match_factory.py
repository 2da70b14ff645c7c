"""Creates a match from an accepted invitation or from a file, with its recorder.

The only place that chooses the exchange of a game: turns or ticks. May raise any exception of the game's rules. Does
not know links.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from p2pgame.core.game import Absence, Level
from p2pgame.core.guard import GuardedBot
from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin
from p2pgame.replay.records import Header
from p2pgame.replay.votes import vote
from p2pgame.session.agreement import Agreement
from p2pgame.session.election import Election
from p2pgame.session.match import Match
from p2pgame.session.match.core import MatchCore
from p2pgame.session.match.delay import InputDelay
from p2pgame.session.match.exchange import Exchange
from p2pgame.session.match.recorder import Recorder
from p2pgame.session.match.ticks import Ticks
from p2pgame.session.match.turns import Turns
from p2pgame.session.saved_match import SavedMatch

__all__ = ["MatchFactory", "RecordingContext"]

WINDOW = 8
"""Frames that may be predicted in a real-time match."""


class RecordingContext(msgspec.Struct, frozen=True, kw_only=True):
    """Identity and versions for the header of a recording, and the key that signs its end."""

    public_key: bytes
    """Ed25519, raw."""
    sign: Callable[[bytes], bytes]
    version: str
    """Of p2pgame."""
    platform: str
    """``CPython 3.11.2, Linux x86_64``."""


class MatchFactory:
    """Creates all matches of one peer."""

    def __init__(
        self,
        me: PeerId,
        token_bytes: Callable[[int], bytes],
        *,
        recording: RecordingContext | None,
        input_delay: int | None,
        countdown: int = 0,
        perf: Callable[[], float],
        tamper: Callable[[int, Any], Any] | None = None,
        member_name: Callable[[str], str] = lambda _: "",
    ) -> None:
        """Parameters as for the `Lobby`. `recording` None: matches are not recorded. `member_name(peer)`: of who is in
        our room.
        """
        self._me = me
        self._token_bytes = token_bytes
        self._recording = recording
        self._input_delay = input_delay
        self._countdown = countdown
        self._perf = perf
        self._tamper = tamper
        self._member_name = member_name

    def begin(self, agreement: Agreement) -> Match:
        """A new match. A watcher records nothing."""
        header, election, plugin = None, agreement.election, agreement.plugin
        if self._recording is not None and self._me in election.players:
            header = Header(
                version=self._recording.version,
                platform=self._recording.platform,
                game=plugin.game.name,
                digest=plugin.digest,
                match=election.match,
                seed=election.seed,
                config=agreement.config_bytes,
                frame_limit=agreement.frames,
                tick_rate=plugin.game.tick_rate,
                players=election.players,
                names=agreement.names,
                teams=agreement.teams,
                bots=agreement.bot_seats,
                room=agreement.room,
                succession=election.succession if agreement.room else (),
                host=election.host,
                me=election.players.index(self._me),
            )
        return self._make(agreement, header, None)

    def restore(self, saved: SavedMatch, plugin: Plugin) -> Match:
        """A match that our program was interrupted in."""
        return self._make(self.agreement_of(saved, plugin), saved.header, saved)

    def agreement_of(self, saved: SavedMatch, plugin: Plugin) -> Agreement:
        """What its players agreed on."""
        header = saved.header
        players = tuple(PeerId(player) for player in header.players)
        host = PeerId(header.host)
        election = Election(
            match=header.match,
            host=host,
            succession=tuple(map(PeerId, header.succession)) or tuple(dict.fromkeys((host, *players))),
            players=players,
            seed=header.seed,
            token=b"",
        )
        level = Level.MEDIUM.value
        return Agreement(
            election=election,
            plugin=plugin,
            config=saved.config,
            config_bytes=header.config,
            names=header.names,
            bots=tuple(level if seat in header.bots else "" for seat in range(len(players))),
            teams=header.teams,
            frames=header.frame_limit,
            room=header.room,
        )

    def _make(self, agreement: Agreement, header: Header | None, saved: SavedMatch | None) -> Match:
        plugin = agreement.plugin
        recording, recorder, ballots = self._recording, None, None
        if recording is not None:
            ballots = partial(vote, recording.public_key, recording.sign, agreement.election.match)
            if header is not None:
                recorder = Recorder(header, recording.public_key, recording.sign)
        game, salt = plugin.game, self._token_bytes(32)
        by_clock = game.tick_rate > 0
        core = MatchCore(
            agreement.election,
            game,
            agreement.config,
            self._me,
            agreement.names,
            teams=agreement.teams,
            bots=agreement.bot_seats,
            make_bot=lambda seat: self._make_bot(agreement, seat),
            room=agreement.room,
            goes_on=bool(agreement.room) and (by_clock or (game.absence is Absence.BOT and plugin.has_bot)),
            window=WINDOW if by_clock else 0,
            frame_limit=agreement.frames,
            perf=self._perf,
            recorder=recorder,
            vote=ballots,
            member_name=self._member_name,
        )
        core.timeline.tamper = self._tamper

        delay = InputDelay(configured=self._input_delay, tick_rate=game.tick_rate, window=WINDOW)
        exchange: Exchange = (
            Ticks(core, delay, salt, self._token_bytes(16), self._countdown)
            if by_clock
            else Turns(core, self._token_bytes)
        )
        return Match(core, exchange, saved)

    def _make_bot(self, agreement: Agreement, seat: int) -> GuardedBot | None:
        """Of the agreed level; a medium one for a person who dropped out."""
        if not agreement.plugin.has_bot:
            return None
        level = agreement.bots[seat] if agreement.bots else ""
        seed = int.from_bytes(self._token_bytes(8), "big")
        return agreement.plugin.bot(seed, Level(level) if level else Level.MEDIUM)
