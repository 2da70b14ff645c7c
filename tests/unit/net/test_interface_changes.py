"""Changes of the interfaces, as the system tells them."""

import asyncio
import socket
import sys

import pytest

from p2pgame.net import interface_changes
from p2pgame.net.interface_changes import InterfaceChanges


@pytest.mark.skipif(sys.platform == "win32", reason="its loop reads no sockets by itself")
def test_what_the_system_tells_is_passed_on_once_for_all_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    system, ours = socket.socketpair()
    ours.setblocking(False)
    monkeypatch.setattr(interface_changes, "_open", lambda: ours)

    async def main() -> None:
        told = asyncio.Queue[None]()
        changes = InterfaceChanges(lambda: told.put_nowait(None))
        assert changes.open()
        for _ in range(3):
            system.send(b"a message that nobody reads")
        async with asyncio.timeout(8):
            await told.get()
        await asyncio.sleep(0)
        assert told.empty()
        changes.close()

    asyncio.run(main())
    system.close()


def test_where_it_tells_nothing_one_has_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> socket.socket:
        raise PermissionError("no netlink in this sandbox")

    async def main() -> None:
        for opens in (refuse, lambda: None):
            monkeypatch.setattr(interface_changes, "_open", opens)
            changes = InterfaceChanges(lambda: None)
            assert not changes.open()
            changes.close()

    asyncio.run(main())
