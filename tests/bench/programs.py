"""One lab of a benchmark and the programs in it, ended together."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from tests.lab.lan import Lan
from tests.lab.peer import Peer

__all__ = ["Bench"]


class Bench:
    """A clean wire between `hosts`. Each program has a data directory of its own, unless it is given one."""

    def __init__(self, hosts: int = 2) -> None:
        self.lan = Lan(hosts)
        self._stack = ExitStack()
        self._serial = count()

    def __enter__(self) -> "Bench":
        self._stack.enter_context(self.lan)
        self._dir = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(
        self,
        host: int,
        name: str,
        *args: str,
        data_dir: Path | None = None,
        under: Sequence[str] = (),
        **env: str,
    ) -> Peer:
        data_dir = data_dir or self._dir / f"{name}{next(self._serial)}"
        peer = Peer(self.lan, host, name, data_dir, *args, under=under, **env)
        self._stack.callback(peer.close)
        return peer
