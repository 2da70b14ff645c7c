"""What the members of a match agreed on, as somebody is told who was not there."""

from msgspec.structs import replace

from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.session.agreement import Agreement, agreement_of, facts_of
from p2pgame.session.election import Election
from tests.unit.session.sides import ANN, BEN

TRON = Plugin("p2pgame.games.tron")
CONFIG = TRON.game.config_type()


def test_names_are_made_safe_where_they_come_in_and_those_of_bots_stay_empty() -> None:
    election = Election(
        match="0" * 16, host=ANN, succession=(ANN, BEN), players=(ANN, BEN, ANN), seed=7, token=b""
    )
    agreed = Agreement(
        election=election,
        plugin=TRON,
        config=CONFIG,
        config_bytes=encode(CONFIG),
        names=("Ann", "Ben (2)", ""),
        bots=("", "", "easy"),
    )
    facts = facts_of(agreed)
    assert agreement_of(facts, TRON).names == agreed.names
    told = agreement_of(replace(facts, names=("\x1b[2JAnn\u202e", "\u200b", "")), TRON)
    assert told.names[0] == "[2JAnn"
    assert told.names[1].startswith("Player-")
    assert told.names[2] == ""
