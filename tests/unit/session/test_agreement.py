"""What the members of a match agreed on, as somebody is told who was not there."""

from typing import Any

import pytest
from msgspec.structs import replace

from p2pgame.core.errors import RemoteProtocolError
from p2pgame.core.registry import Plugin
from p2pgame.core.snapshot import encode
from p2pgame.session.agreement import Agreement, agreement_of, facts_of
from p2pgame.session.election import Election
from tests.unit.session.sides import ANN, BEN
from tests.unit.session.sides import EVE as CID

TRON = Plugin("p2pgame.games.tron")
CONFIG = TRON.game.config_type()


def agreed() -> Agreement:
    election = Election(
        match="0" * 16, host=ANN, succession=(ANN, BEN), players=(ANN, BEN, ANN), seed=7, token=b""
    )
    return Agreement(
        election=election,
        plugin=TRON,
        config=CONFIG,
        config_bytes=encode(CONFIG),
        names=("Ann", "Ben (2)", ""),
        bots=("", "", "easy"),
    )


def test_names_are_made_safe_where_they_come_in_and_those_of_bots_stay_empty() -> None:
    facts = facts_of(agreed())
    assert agreement_of(facts, TRON).names == agreed().names
    told = agreement_of(replace(facts, names=("\x1b[2JAnn\u202e", "\u200b", "")), TRON)
    assert told.names[0] == "[2JAnn"
    assert told.names[1].startswith("Player-")
    assert told.names[2] == ""


@pytest.mark.parametrize(
    "change",
    [
        {"bots": ("", "", "godlike")},  # whoever becomes host later would have to make such a bot
        {"bots": ("", "")},
        {"names": ("Ann", "Ben")},
        {"players": (ANN,), "names": ("Ann",), "bots": ()},
        {"teams": (0, 1, 7)},
        {"host": CID},
        {"config": b"\xc1"},
    ],
)
def test_what_cannot_have_been_agreed_on_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        agreement_of(replace(facts_of(agreed()), **change), TRON)
    assert refused.value.code == "bad_facts"
