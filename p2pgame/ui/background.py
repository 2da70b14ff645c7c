"""Runs blocking work, such as reading the history, away from the thread that draws.

One worker thread does one task after the other, so what the tasks use needs no lock. A scene starts a task, keeps the
`Future` and looks at it in its `update`; the result of a scene that is gone is dropped with it.
"""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["Future", "taken", "worker"]

T = TypeVar("T")


def worker() -> Executor:
    """The worker thread of an app; it starts with the first task."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="p2pgame-archive")


def taken(future: "Future[T] | None") -> "Future[T] | None":
    """`future` if it is done and not cancelled, else None."""
    return future if future is not None and future.done() and not future.cancelled() else None
