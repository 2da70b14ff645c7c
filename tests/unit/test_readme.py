"""The README says the same in every language: commands, options, sections, pictures, and links that lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "README.md"
TRANSLATED = sorted((ROOT / "docs").glob("README.*.md"))
_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#]+)\)")
_ROW = re.compile(r"^\| `([^|]+)` \|", re.MULTILINE)
_HEADING = re.compile(r"^(#+) ", re.MULTILINE)


def links(page: Path) -> set[Path]:
    found = _LINK.findall(page.read_text("utf-8"))
    return {(page.parent / link).resolve() for link in found if "://" not in link}


def test_there_is_a_chinese_one_and_the_two_know_each_other() -> None:
    assert [page.name for page in TRANSLATED] == ["README.zh-CN.md"]
    for page in TRANSLATED:
        assert page in links(ENGLISH)
        assert ENGLISH in links(page)


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.name)
def test_it_has_the_same_commands(page: Path) -> None:
    english, other = ENGLISH.read_text("utf-8"), page.read_text("utf-8")
    assert _BLOCK.findall(other) == _BLOCK.findall(english)
    assert _ROW.findall(other) == _ROW.findall(english)
    assert [len(level) for level in _HEADING.findall(_BLOCK.sub("", other))] == [
        len(level) for level in _HEADING.findall(_BLOCK.sub("", english))
    ]
    assert set(_SPAN.findall(_BLOCK.sub("", other))) ^ set(_SPAN.findall(_BLOCK.sub("", english))) <= {
        "assets/locale",
        "locale",
        ".po",
    }


@pytest.mark.parametrize("page", [ENGLISH, *TRANSLATED], ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    assert len(links(page)) > 8
    assert [str(link) for link in links(page) if not link.exists()] == []


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.name)
def test_it_links_what_the_english_one_links(page: Path) -> None:
    assert links(page) - {ENGLISH} == links(ENGLISH) - {page}
