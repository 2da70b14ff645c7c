"""Every code that links, invitations, comparisons and the node raise or report has its sentence."""

import re
from pathlib import Path
from string import Formatter

import pytest

import p2pgame
from p2pgame.i18n.errors import sentences
from p2pgame.i18n.session_errors import SENTENCES
from p2pgame.wire.codes import CloseCode

ROOT = Path(p2pgame.__file__).parent
MODULES = [
    *(ROOT / "session" / f"{name}.py" for name in ("connections", "link", "lobby", "message_table")),
    *sorted((ROOT / "session" / "invite").glob("*.py")),
    *sorted((ROOT / "session" / "people").glob("*.py")),
    *(ROOT / "net" / f"{name}.py" for name in ("driver", "links", "node", "people", "thread", "trace")),
]
RAISED = re.compile(
    r"""(?:ProtocolError|P2PGameError|TrustWarning|\.fail|\.close|_refuse)\((?:link,\s*message,\s*|\w*link,\s*)?"([a-z_]+)\""""
    r"""|reason="([a-z_]+)\"|"code":\s"([a-z_]+)\"""",
    re.VERBOSE,
)
OF_EVENTS = {"cancelled", "expired", "superseded", "vanished", "goodbye", "confirmed", "rejected", "cheated"}
"""Reasons of other events, for which `cli` and `ui` have words of their own."""
OF_THE_MATCH = {"claimed", "resigned", "abandoned", "over", "desync", "disputed", "rules_failed", "unknown"}
"""Said by the match."""


def codes() -> set[str]:
    found: set[str] = set()
    for module in MODULES:
        for groups in RAISED.findall(module.read_text()):
            found |= {code for code in groups if code}
    return found


def test_every_code_has_a_sentence() -> None:
    assert len(codes()) > 20, "the search still finds them"
    assert codes() - OF_EVENTS - set(sentences()) == set()


def test_every_end_of_a_link_has_one() -> None:
    assert {code.text for code in CloseCode} - OF_THE_MATCH - set(SENTENCES) == set()


@pytest.mark.parametrize("code", SENTENCES)
def test_codes_and_placeholders_are_plain(code: str) -> None:
    assert re.fullmatch(r"[a-z_]{1,32}", code)
    for _, name, form, conversion in Formatter().parse(SENTENCES[code]):
        assert name is None or (name.isidentifier() and not form and conversion is None)


@pytest.mark.parametrize("code", CloseCode)
def test_what_the_other_side_says_needs_no_parameter_but_its_name(code: CloseCode) -> None:
    sentence = SENTENCES.get(code.text, "")
    names = {name for _, name, _, _ in Formatter().parse(sentence) if name}
    assert names <= {"name"}
