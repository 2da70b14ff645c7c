"""Makes the match that an agreement or a file calls for: turn-based or real-time, with its recorder.

May raise whatever the rules of the game raise. Does not know links.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from p2pgame.core.ids import PeerId
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.replay.records import Header
from p2pgame.session.invite.election import Election
from p2pgame.session.match import Match
from p2pgame.session.match.channel import Address
from p2pgame.session.match.realtime import RealtimeMatch
from p2pgame.session.match.recorder import Recorder
from p2pgame.session.saved_match import SavedMatch

__all__ = ["Matchmaker", "RecordingContext"]


class RecordingContext(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes matches down, and with which key their ends are signed."""

    public_key: bytes
    """Ed25519, raw."""
    sign: Callable[[bytes], bytes]
    version: str
    """Of p2pgame."""
    platform: str
    """``CPython 3.11.2, Linux x86_64``."""


class Matchmaker:
    """For one peer."""

    def __init__(
        self,
        me: PeerId,
        token_bytes: Callable[[int], bytes],
        *,
        recording: RecordingContext | None,
        input_delay: int | None,
        perf: Callable[[], float],
        tamper: Callable[[int, Any], Any] | None = None,
    ) -> None:
        """`recording` None: nothing is taken down. Otherwise as for the `Lobby`."""
        self._me = me
        self._token_bytes = token_bytes
        self._scribe = recording
        self._input_delay = input_delay
        self._perf = perf
        self._tamper = tamper

    def begin(
        self,
        election: Election,
        plugin: Plugin,
        config: Any,
        names: tuple[str, ...],
        frames: int,
        address: Address | None,
    ) -> Match:
        """A new match. `address`: the other side's unicast UDP port."""
        header = None
        if self._scribe is not None:
            header = Header(
                version=self._scribe.version,
                platform=self._scribe.platform,
                game=plugin.game.name,
                digest=plugin.digest,
                match=election.match,
                seed=election.seed,
                config=encode(config),
                frame_limit=frames,
                tick_rate=plugin.game.tick_rate,
                players=election.players,
                names=names,
                host=election.host,
                me=election.players.index(self._me),
            )
        return self._make(election, plugin, config, names, frames, address, header, None)

    def restore(self, saved: SavedMatch, plugin: Plugin) -> Match:
        """A match that was interrupted with our program."""
        header = saved.header
        players = tuple(PeerId(player) for player in header.players)
        host = PeerId(header.host)
        election = Election(
            match=header.match,
            host=host,
            succession=(host, *(player for player in players if player != host)),
            players=players,
            seed=header.seed,
            token=b"",
        )
        return self._make(
            election, plugin, saved.config, header.names, header.frame_limit, None, header, saved
        )

    def _make(
        self,
        election: Election,
        plugin: Plugin,
        config: Any,
        names: tuple[str, ...],
        frames: int,
        address: Address | None,
        header: Header | None,
        saved: SavedMatch | None,
    ) -> Match:
        recorder = None
        if header is not None and self._scribe is not None:
            recorder = Recorder(header, self._scribe.public_key, self._scribe.sign)
        about = (election, plugin.game, config, self._me, names)
        if plugin.game.tick_rate:
            match: Match = RealtimeMatch(
                *about,
                salt=self._token_bytes(32),
                address=address,
                frame_limit=frames,
                input_delay=self._input_delay,
                perf=self._perf,
                recorder=recorder,
                saved=saved,
            )
        else:
            match = Match(*about, frame_limit=frames, perf=self._perf, recorder=recorder, saved=saved)
        if self._tamper is not None:
            match.tamper(self._tamper)
        return match
