"""Why links end: each code has one text, and its properties are what is written in docs/protocol.md."""

import re

import pytest

from p2pgame.wire.codes import CloseCode, Trait

TRAITS = {
    Trait.INTERRUPTION: {
        "connection_lost",
        "silent",
        "too_slow",
        "resume_timeout",
        "superseded",
        "not_host",
        "old_epoch",
        "dropped",
        "bye",
        "adjourned",
    },
    Trait.GOODBYE: {"bye"},
    Trait.REFUSAL: {"claimed", "resigned", "abandoned", "over", "no_seat"},
    Trait.PERMANENT: {"blocked", "desync", "disputed", "rules_failed", "wrong_version"},
    Trait.QUIET: {"superseded", "not_host", "dropped", "adjourned", "done", "idle", "moved", "left"},
    Trait.DEFERRED: {"done", "moved", "left"},
    Trait.DISPUTE: {"desync", "disputed"},
}


def test_the_texts_are_codes_and_all_different() -> None:
    texts = [code.text for code in CloseCode]
    assert len(set(texts)) == len(texts)
    assert all(re.fullmatch(r"[a-z_]{1,32}", text) for text in texts)


@pytest.mark.parametrize("code", CloseCode, ids=lambda code: code.text)
def test_a_code_is_found_by_its_text(code: CloseCode) -> None:
    assert CloseCode.of(code.text) is code


@pytest.mark.parametrize("text", ["", "bad_message", "Bye", "bye ", "later", "unknown"])
def test_any_other_text_is_unknown_and_has_no_property(text: str) -> None:
    code = CloseCode.of(text)
    assert code is CloseCode.UNKNOWN
    assert code.traits is Trait.NONE
    assert not any(getattr(code, str(trait.name).lower()) for trait in Trait)


@pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.name.lower())
def test_each_property_has_its_codes(trait: Trait) -> None:
    name = str(trait.name).lower()
    assert {code.text for code in CloseCode if getattr(code, name)} == TRAITS[trait]
    assert {code.text for code in CloseCode if trait in code.traits} == TRAITS[trait]


def test_a_code_says_one_thing_of_the_match() -> None:
    for code in CloseCode:
        assert code.interruption + code.refusal + code.permanent <= 1
