"""Says at once that interfaces or their addresses changed, where the system tells (Linux); what changed it does not."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Final

__all__ = ["InterfaceChanges"]

_log = logging.getLogger(__name__)

_READ: Final = 65_536


class InterfaceChanges:
    """Belongs to the loop in which it is opened."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._socket: socket.socket | None = None

    def open(self) -> bool:
        """False if the system does not tell: one has to look then."""
        try:
            self._socket = _open()
        except OSError as error:
            _log.info("the system tells no change of interfaces: %s", error)
        if self._socket is None:
            return False
        asyncio.get_running_loop().add_reader(self._socket, self._read)
        return True

    def close(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _read(self) -> None:
        try:
            while self._socket is not None:
                self._socket.recv(_READ)
        except BlockingIOError:
            pass
        except OSError as error:  # ENOBUFS: more changed than was kept for us
            _log.debug("changes of interfaces: %s", error)
        self._on_change()


if sys.platform == "linux":
    _GROUPS: Final = 0x1 | 0x10 | 0x100
    """RTMGRP_LINK, RTMGRP_IPV4_IFADDR and RTMGRP_IPV6_IFADDR: rtnetlink(7)."""

    def _open() -> socket.socket | None:
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        try:
            sock.setblocking(False)
            sock.bind((0, _GROUPS))
        except OSError:
            sock.close()
            raise
        return sock

else:

    def _open() -> socket.socket | None:
        return None
