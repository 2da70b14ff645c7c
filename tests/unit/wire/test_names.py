"""Hostile names."""

import pytest

from p2pgame.wire.names import is_called, safe_name


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Ann", "Ann"),
        ("  Ann \u3000 Bee  ", "Ann Bee"),
        ("王小明", "王小明"),
        ("Zoë", "Zoë"),
        ("Zoe\u0308", "Zoë"),
        ("A\0n\nn", "Ann"),
        ("Ａｎｎ", "Ann"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\ud800b", "ab"),
        ("a\u200b\u200bb", "ab"),
        ("a" + "\u0316" * 5000, "a\u0316\u0316"),
        ("\u0301\u0302x", "x"),
        ("x" * 100, "x" * 24),
        ("\U0001f600" * 30, "\U0001f600" * 15),
        ("e\u200b\u0301", "é"),
        ("", "Player-7F3K"),
        ("\u200b" * 20, "Player-7F3K"),
        ("\u3164", "Player-7F3K"),
        (" \u2028\ue000 ", "Player-7F3K"),
    ],
)
def test_a_name_is_one_visible_line(raw: str, shown: str) -> None:
    assert safe_name(raw, "Player-7F3K") == shown


@pytest.mark.parametrize(
    "typed",
    [
        "zoe\u0308",
        "\u202eZoë",
        "Ｚｏë",
        " ZOË ",
        "\U0001f468\u200d\U0001f469",
        "a name that is longer than others see",
    ],
)
def test_who_types_a_name_as_its_owner_did_means_it(typed: str) -> None:
    names = ("Zoë", "\U0001f468\U0001f469", safe_name("a name that is longer than others see", ""))
    assert is_called(typed, *names)
    assert not is_called(typed, "Ben", "")


def test_an_id_is_longer_than_a_name() -> None:
    assert is_called("A" * 26, "a" * 26)
    assert not is_called("\u200b", "")


def test_a_long_name_ends_at_a_whole_character_within_63_bytes() -> None:
    shown = safe_name("中" * 30, "x")
    assert shown == "中" * 21
    assert len(shown.encode()) == 63
