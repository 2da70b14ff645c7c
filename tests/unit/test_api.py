"""Every name of docs/api.md is there, and every public module says what it offers."""

import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest

import p2pgame.core
import p2pgame.testing
from p2pgame.ui import inputs

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## [^\n`]*`(p2pgame[\w.]*)`\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
MODULES = [module for module, _ in SECTIONS]


def first_column(text: str) -> list[str]:
    """The names in the first cell of each row of a table."""
    return [
        name
        for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    ]


NAMES = [(module, name) for module, text in SECTIONS for name in first_column(text)]

RENAMED = pytest.mark.xfail(
    not hasattr(inputs, "Control"), reason="menu actions and game controls are not two types yet", strict=True
)


def marked(module: str, name: str) -> object:
    later = (module, name) in {("p2pgame.ui.inputs", "Control"), ("p2pgame.ui.inputs", "MenuAction")}
    return pytest.param(module, name, marks=[RENAMED] if later else [])


def all_of(module: ModuleType) -> list[str]:
    names: list[str] = module.__all__
    return names


def test_the_page_is_read() -> None:
    assert {"p2pgame.core", "p2pgame.ui.view", "p2pgame.ui.canvas", "p2pgame.ui.inputs"} <= set(MODULES)
    assert {"p2pgame.testing", "p2pgame.testing.network"} <= set(MODULES)
    assert len(set(NAMES)) == len(NAMES) > 40


@pytest.mark.parametrize(("module", "name"), [marked(*entry) for entry in NAMES])
def test_a_listed_name_can_be_imported_and_is_meant_to_be(module: str, name: str) -> None:
    imported = importlib.import_module(module)
    assert hasattr(imported, name)
    assert name in all_of(imported)


@pytest.mark.parametrize("module", MODULES)
def test_a_public_module_says_what_it_offers(module: str) -> None:
    imported = importlib.import_module(module)
    names = all_of(imported)
    assert sorted(set(names)) == sorted(names)
    assert [name for name in names if name.startswith("_")] == []
    assert [name for name in names if not hasattr(imported, name)] == []
    assert imported.__doc__


@pytest.mark.parametrize("package", [p2pgame.core, p2pgame.testing], ids=["core", "testing"])
def test_the_packages_for_authors_offer_what_is_listed_and_no_more(package: ModuleType) -> None:
    """A name that is added to one of them is a promise, and so it is added to the page, too."""
    assert sorted(all_of(package)) == sorted(name for module, name in NAMES if module == package.__name__)


@pytest.mark.parametrize("package", [p2pgame.core, p2pgame.testing], ids=["core", "testing"])
def test_every_module_of_these_packages_says_what_it_offers(package: ModuleType) -> None:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        assert hasattr(importlib.import_module(found.name), "__all__"), found.name
