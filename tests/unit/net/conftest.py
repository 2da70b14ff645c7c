"""Fixtures of the tests of the network."""

import pytest

from p2pgame.storage.identity import Identity, open_identity


@pytest.fixture(scope="module")
def ids(tmp_path_factory: pytest.TempPathFactory) -> list[Identity]:
    """Three identities, each with a directory of its own."""
    return [open_identity(tmp_path_factory.mktemp("peer")) for _ in range(3)]
