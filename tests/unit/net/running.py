"""Runs an asynchronous test."""

import asyncio
from collections.abc import Awaitable

__all__ = ["run"]


def run(test: Awaitable[None]) -> None:
    """Run `test`, which may take 30 s and leaves no task of ours."""

    async def bounded() -> None:
        async with asyncio.timeout(30):
            await test
        others = [repr(task) for task in asyncio.all_tasks() - {asyncio.current_task()}]
        assert not [task for task in others if "/p2pgame/" in task], "tasks of ours left running"

    asyncio.run(bounded())
