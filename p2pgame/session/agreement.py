"""What the members of a match agreed on before it: by an invitation, or in a room."""

from typing import Any, Final

import msgspec

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.game import Level
from p2pgame.core.ids import PeerId, tag_of
from p2pgame.core.registry import Plugin
from p2pgame.core.setup_check import check_players, check_teams
from p2pgame.session.election import Election
from p2pgame.wire.messages import Facts
from p2pgame.wire.names import safe_name

__all__ = ["Agreement", "agreement_of", "facts_of"]


_LEVELS: Final = frozenset({"", *(level.value for level in Level)})


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Equal for all members."""

    election: Election
    """Its `players` are the owners of the seats: one peer may own several, and the host owns those of bots."""
    plugin: Plugin
    config: Any
    """Decoded."""
    config_bytes: bytes
    """As it travelled."""
    names: tuple[str, ...]
    """Of each seat; of a bot empty."""
    bots: tuple[str, ...] = ()
    """Of each seat the level of its bot (`core.game.Level`), empty for a person; empty as a whole: no bots."""
    teams: tuple[int, ...] = ()
    """Of each seat; empty: everybody plays for itself."""
    frames: int = 0
    """The match ends after so many; 0: no limit."""
    room: str = ""
    """Id of the room; empty for an invitation."""

    @property
    def members(self) -> tuple[PeerId, ...]:
        """All who own seats, in order of their first one."""
        return tuple(dict.fromkeys(self.election.players))

    @property
    def bot_seats(self) -> tuple[int, ...]:
        return tuple(seat for seat, level in enumerate(self.bots) if level)


def facts_of(agreement: Agreement) -> Facts:
    """The message that tells `agreement` to who was not there."""
    election = agreement.election
    return Facts(
        match=election.match,
        game=agreement.plugin.game.name,
        digest=agreement.plugin.digest,
        config=agreement.config_bytes,
        seed=election.seed,
        players=election.players,
        names=agreement.names,
        bots=agreement.bots,
        teams=agreement.teams,
        frames=agreement.frames,
        host=election.host,
        room=agreement.room,
        succession=election.succession if agreement.room else (),
    )


def agreement_of(facts: Facts, plugin: Plugin) -> Agreement:
    """What the players agreed on. Raises `RemoteProtocolError("bad_facts")` if that cannot be."""
    players = tuple(PeerId(player) for player in facts.players)
    try:
        if facts.digest != plugin.digest or facts.host not in players or len(facts.names) != len(players):
            raise ValueError("players")
        if facts.bots and (len(facts.bots) != len(players) or not _LEVELS.issuperset(facts.bots)):
            raise ValueError("bots")
        check_players(plugin.game, len(players))
        check_teams(plugin.game, len(players), facts.teams)
        config = plugin.game.decode_config(facts.config)
    except Exception as error:  # a DecodeError, or whatever a stranger's rules raise
        raise RemoteProtocolError("bad_facts") from error
    host = PeerId(facts.host)
    return Agreement(
        election=Election(
            match=facts.match,
            host=host,
            succession=tuple(map(PeerId, facts.succession)) or tuple(dict.fromkeys((host, *players))),
            players=players,
            seed=facts.seed,
            token=b"",
        ),
        plugin=plugin,
        config=config,
        config_bytes=facts.config,
        names=tuple(
            name and safe_name(name, f"Player-{tag_of(player)}")
            for name, player in zip(facts.names, players, strict=True)
        ),
        bots=facts.bots,
        teams=facts.teams,
        frames=facts.frames,
        room=facts.room,
    )
