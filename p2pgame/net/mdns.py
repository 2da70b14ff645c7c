"""mDNS for discovery: publishes one service record and listens for those of others. Knows neither beacons nor peers.

zeroconf is imported in a thread, and only once the program has had time for its first beacons and its first picture:
that takes longer than finding a peer by broadcast.
If it cannot start, that is logged and broadcast goes on alone.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from p2pgame.net.interfaces import Interface, publishable

if TYPE_CHECKING:
    from zeroconf import ServiceInfo
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

__all__ = ["SERVICE_TYPE", "MdnsService", "instance_of_service"]

_log = logging.getLogger(__name__)

SERVICE_TYPE: Final = "_p2pgame._tcp.local."
UPDATE_SPACING: Final = 1.0
"""Seconds between two updates of our record."""
_CLOSE_TIMEOUT = 0.3
_BEGIN_AFTER = 0.5
"""Seconds from the first beacons."""

OnService = Callable[[Mapping[bytes, bytes | None], Sequence[str]], None]
OnRemoved = Callable[[str, bytes], None]


def instance_of_service(name: str) -> tuple[str, bytes] | None:
    """The peer id and instance id in the name of a service instance; None if it has another form."""
    peer, _, instance = name.removesuffix(f".{SERVICE_TYPE}").partition("-")
    try:
        return (peer, bytes.fromhex(instance)) if len(instance) == 16 else None
    except ValueError:
        return None


class MdnsService:
    """Publishes our service and browses those of other programs."""

    def __init__(
        self, peer: str, instance: bytes, port: int, on_service: OnService, on_removed: OnRemoved
    ) -> None:
        self._label = f"{peer}-{instance.hex()}"
        self._port = port
        self._on_service, self._on_removed = on_service, on_removed
        self._zeroconf: AsyncZeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None
        self._info: ServiceInfo | None = None
        self._interfaces: tuple[Interface, ...] = ()
        self._record: Mapping[bytes, bytes] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.error = ""
        """Why mDNS does not work here; empty if it does."""

    def start(self, interfaces: Sequence[Interface], record: Mapping[bytes, bytes]) -> None:
        """Begin in the background."""
        self._interfaces, self._record = tuple(interfaces), record
        self._task = asyncio.get_running_loop().create_task(self._run(), name="mdns")

    def set_record(self, record: Mapping[bytes, bytes]) -> None:
        """Publish `record` from now on; at most one update a second."""
        if record is not self._record:
            self._record = record
            self._changed.set()

    def use(self, interfaces: Sequence[Interface], record: Mapping[bytes, bytes]) -> None:
        """Go on with these interfaces; begin, where there were none before."""
        if self._task is None:
            self.start(interfaces, record)
        elif tuple(interfaces) != self._interfaces:
            self._interfaces = tuple(interfaces)
            self._changed.set()

    async def stop(self) -> None:
        """Withdraw the record; a third of a second at most."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._zeroconf is None:
            return
        zeroconf, self._zeroconf = self._zeroconf, None
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                if self._browser is not None:
                    await self._browser.async_cancel()
                if self._info is not None:
                    await (await zeroconf.async_unregister_service(self._info))
        except Exception as error:  # leaving must not fail
            _log.debug("mDNS goodbye: %s", error)
        finally:
            await zeroconf.async_close()

    def _addresses(self) -> list[str]:
        """Where zeroconf listens and sends, the likeliest first: a system may let it listen on 20 interfaces only."""
        likely = publishable(self._interfaces)
        return _zeroconf_addresses([*likely, *(i for i in self._interfaces if i not in likely)])

    async def _run(self) -> None:
        try:
            await asyncio.sleep(_BEGIN_AFTER)
            await asyncio.to_thread(_load)
            await self._publish()
        except Exception as error:  # zeroconf raises many kinds of errors; none may stop the game
            self.error = f"{type(error).__name__}: {error}"
            _log.warning("mDNS does not work here (%s); broadcast goes on", self.error)
            return
        interfaces = self._interfaces
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                if interfaces != self._interfaces and self._zeroconf is not None:
                    interfaces = self._interfaces
                    await self._zeroconf.async_update_interfaces(self._addresses())
                await self._update()
            except Exception as error:
                _log.info("mDNS update: %s", error)
            await asyncio.sleep(UPDATE_SPACING)

    def _make_info(self) -> "ServiceInfo":
        from zeroconf import ServiceInfo

        return ServiceInfo(
            SERVICE_TYPE,
            f"{self._label}.{SERVICE_TYPE}",
            port=self._port,
            properties=dict(self._record),
            server=f"{self._label}.local.",
            parsed_addresses=_zeroconf_addresses(publishable(self._interfaces)),
        )

    async def _publish(self) -> None:
        from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

        self._zeroconf = AsyncZeroconf(interfaces=self._addresses())
        # The names contain peer and instance id, so there is nobody to collide with and no need to probe for one.
        self._info = self._make_info()
        await self._zeroconf.async_register_service(self._info, cooperating_responders=True)
        self._browser = AsyncServiceBrowser(
            self._zeroconf.zeroconf, SERVICE_TYPE, handlers=[self._state_changed]
        )

    async def _update(self) -> None:
        if self._zeroconf is not None:
            self._info = self._make_info()
            await self._zeroconf.async_update_service(self._info)

    def _state_changed(self, zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:
        from zeroconf import ServiceStateChange
        from zeroconf.asyncio import AsyncServiceInfo

        names = instance_of_service(name)
        if names is None:
            return
        if state_change is ServiceStateChange.Removed:
            self._on_removed(*names)
            return
        info = AsyncServiceInfo(service_type, name)
        if info.load_from_cache(zeroconf):
            self._on_service(info.properties, info.parsed_scoped_addresses())


def _zeroconf_addresses(interfaces: Sequence[Interface]) -> list[str]:
    """IPv4, where there is none IPv6."""
    return [ip.address for i in interfaces for ip in i.ipv4] or [
        address for i in interfaces for address in i.ipv6
    ]


def _load() -> None:
    """Import zeroconf, which is slow."""
    import zeroconf.asyncio  # noqa: F401
