"""Whom the names on the screen may be mistaken for."""

import subprocess
import sys

import pytest

from p2pgame.session.people.known_peer import KnownPeer, Trust
from p2pgame.session.people.lookalike import skeleton
from p2pgame.session.people.trust_store import NO_WARNING, TrustStore, assess

ANN = KnownPeer(peer="a" * 26, name="Ann", own_name="Ann", verified=True, met_at=5.0)
OTHER = "o" * 26

LOOK_ALIKE = [
    ("Ann", "Ann"),
    ("Ann", "ann"),
    ("Ann", "ANN"),
    ("Ann", "Αnn"),  # Greek capital alpha
    ("Ann", "Аnn"),  # Cyrillic
    ("Ann", "Ꭺnn"),  # Cherokee
    ("Ann", "ᴀnn"),  # small capital
    ("Ann", "Ａｎｎ"),
    ("Ann", "𝐀𝐧𝐧"),
    ("Ann", "A n n"),
    ("Ann", "Ann."),
    ("Ann", "·Ann·"),
    ("Ann", "Änn"),
    ("Ann", "A\u0301nn"),
    ("Ann", "A\u200bnn"),
    ("Bill", "BiII"),
    ("Bill", "B1ll"),
    ("Bill", "Bi|l"),
    ("Bill", "Вill"),
    ("Ivan", "lvan"),
    ("Ivan", "1van"),
    ("Max", "Мах"),
    ("Max", "мах"),
    ("Max", "rnax"),
    ("Will", "vvill"),
    ("Zoo", "Z00"),
    ("Zoo", "Zоо"),
    ("Zoë", "Zoe"),
    ("Paul", "Ⲣaul"),
    ("Cher", "СHER"),
    ("Player-7F3K", "PIayer-7F3K"),
    ("Bob", "8ob"),
    ("Bob", "βob"),
    ("Bob", "ьоb"),
    ("Sara", "5ara"),
    ("Sara", "$ara"),
    ("Sara", "S@r4"),
    ("Ann", "4nn"),
    ("Ann", "Άnn"),  # Greek, with an accent
    ("Ann", "ΛNN"),
    ("Emma", "3mma"),
    ("Emma", "Σmma"),
    ("Emma", "εmrna"),
    ("Tom", "7om"),
    ("Greg", "9reg"),
    ("Zoe", "2oe"),
    ("dan", "clan"),
    ("Dan", "clan"),
    ("clan", "dan"),
    ("Ivan", "Ivaи"),
    ("Rosa", "Яosa"),
    ("Kim", "Кim"),
    ("Kim", "κim"),
    ("Will", "шill"),
    ("Max", "Maχ"),
    ("口", "ロ"),  # a mouth, and a syllable
    ("...", "..."),
]
DIFFERENT = [
    ("Ann", "Anna"),
    ("Ann", "Anne"),
    ("Ann", "Ben"),
    ("Ann", "Ann2"),
    ("Sam", "Pam"),
    ("Dan", "Ian"),
    ("Bob", "Rob"),
    ("Sara", "Lara"),
    ("Player 1", "Player 2"),
    ("Нина", "Дина"),
    ("Μαρία", "Μάριος"),
    ("王", "玉"),
    ("कि", "कु"),
    ("Player-7F3K", "Player-7F3J"),
    ("♥", "♦"),
]


@pytest.mark.parametrize(("name", "copy"), LOOK_ALIKE)
def test_a_name_like_that_of_somebody_verified_is_an_impostors(name: str, copy: str) -> None:
    trust, warning = assess(OTHER, copy, [KnownPeer(peer="a" * 26, name=name, own_name=name, verified=True)])
    assert trust is Trust.IMPOSTOR
    assert warning
    assert (warning.code, warning.params) == ("impostor", {"name": name})


@pytest.mark.parametrize(("name", "other"), DIFFERENT)
def test_different_names_are_nobodys_business(name: str, other: str) -> None:
    known = KnownPeer(peer="a" * 26, name=name, own_name=name, verified=True)
    assert assess(OTHER, other, [known]) == (Trust.NEW, NO_WARNING)


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\0", "\ud800"])
def test_no_name_is_like_no_other(name: str) -> None:
    assert assess(OTHER, name, [ANN])[0] is Trust.NEW
    assert (
        assess(OTHER, "", [KnownPeer(peer="a" * 26, name=name, own_name=name, verified=True)])[0] is Trust.NEW
    )


def test_only_the_verified_are_guarded_and_only_against_other_keys() -> None:
    met = KnownPeer(peer="m" * 26, name="Meg", own_name="Meg", met_at=1.0)
    trust_store = TrustStore([ANN, met])
    assert trust_store.assess(ANN.peer, "Ann").trust is Trust.VERIFIED
    assert trust_store.assess(ANN.peer, "Meg").trust is Trust.VERIFIED
    assert trust_store.assess(OTHER, "Meg").trust is Trust.NEW
    assert trust_store.assess(met.peer, "Meg").trust is Trust.MET
    assert trust_store.assess(met.peer, "Ann").trust is Trust.IMPOSTOR, "having played once is no excuse"
    assert trust_store.assess(OTHER, "Ann").warning


def test_a_blocked_peer_is_blocked_whatever_else_it_is() -> None:
    for verified in (False, True):
        known = KnownPeer(peer=OTHER, name="Ann", verified=verified, blocked=True, met_at=1.0)
        assert assess(OTHER, "Ann", [ANN, known]) == (Trust.BLOCKED, NO_WARNING)


def test_muted_alone_does_not_count_as_met() -> None:
    assert assess(OTHER, "Bo", [KnownPeer(peer=OTHER, name="Bo", muted=True)])[0] is Trust.NEW


def test_both_the_name_we_gave_and_the_one_it_shows_are_guarded() -> None:
    trust_store = TrustStore([KnownPeer(peer="a" * 26, name="Sis", own_name="Ann", verified=True)])
    assert trust_store.assess(OTHER, "Ann").trust is Trust.IMPOSTOR
    assert trust_store.assess(OTHER, "Lis").trust is Trust.NEW
    assert trust_store.assess(OTHER, "S1s").trust is Trust.IMPOSTOR


def test_the_answers_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    trust_store = TrustStore([ANN])
    first = trust_store.assess(OTHER, "Ann")
    asked: list[str] = []
    monkeypatch.setattr("p2pgame.session.people.trust_store.skeleton", lambda name: asked.append(name) or "x")
    assert trust_store.assess(OTHER, "Ann") is first
    assert not asked, "asked again, it is not worked out again"
    for number in range(10_000):
        trust_store.assess(OTHER, str(number))
    assert len(trust_store._answers) <= 2048


def test_a_skeleton_of_a_skeleton_is_the_same() -> None:
    for pair in LOOK_ALIKE + DIFFERENT:
        for name in pair:
            assert skeleton(skeleton(name)) == skeleton(name)


def test_the_table_is_loaded_for_the_first_verified_peer_and_not_before() -> None:
    code = (
        "import sys\n"
        "from p2pgame.session.people.trust_store import TrustStore\n"
        "from p2pgame.session.people.known_peer import KnownPeer as A\n"
        "TrustStore([A(peer='p', name='Ann')]).assess('q', 'Ann')\n"
        "assert 'confusable_homoglyphs' not in sys.modules\n"
        "TrustStore([A(peer='p', name='Ann', verified=True)])\n"
        "assert 'confusable_homoglyphs' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_friends_are_who_is_verified_or_was_met_and_is_not_blocked() -> None:
    known = [
        KnownPeer(peer="v" * 26, name="V", verified=True),
        KnownPeer(peer="m" * 26, name="M", met_at=1.0),
        KnownPeer(peer="q" * 26, name="Q", muted=True),
        KnownPeer(peer="b" * 26, name="B", met_at=1.0, blocked=True),
    ]
    assert TrustStore(known).friends == {"v" * 26, "m" * 26}
