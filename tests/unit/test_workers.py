"""How the suite is spread over processes."""

from pathlib import Path

import pytest

from tests import workers


@pytest.mark.timing
def test_the_scheduler_is_told_of_chains(request: pytest.FixtureRequest) -> None:
    if not workers.IN_WORKER:
        pytest.skip("the tests run in one process")
    assert request.node.nodeid.endswith("@timing")


def test_a_few_files_need_no_workers_and_folders_do() -> None:
    here = Path(__file__)
    assert workers.count([str(here), f"{here}::test"]) == 0
    assert workers.count([str(here), str(here.parent)]) == workers.count([]) >= 4
