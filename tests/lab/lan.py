"""A LAN on one machine: each host is a network namespace with a kernel, address and firewall of its own.

The hosts' TAP devices are joined by `tests.lab.switch`, which delays, drops, duplicates, reorders and cuts.
Needs Linux, root, iproute2, nftables and /dev/net/tun. Nothing in here reaches the machine's own network.

    with Lan(hosts=2) as lan:
        lan.impair(delay_ms=20, loss=0.05)
        lan.block(1, "mdns")
        lan.run(0, ["ip", "neigh"])

Knows nothing of p2pgame but its discovery port.
"""

import ctypes
import fcntl
import itertools
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

__all__ = ["BLOCKS", "DEVICE", "DISCOVERY_PORT", "Lan", "require_lab", "why_no_lab"]

DISCOVERY_PORT = 41420
DEVICE = "eth0"
"""Name of the one network device inside each host."""

_ASKED_FOR = (
    "input iif lo accept",
    "input ct state established,related accept",
    "input icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
    "input ip daddr 224.0.0.251 udp dport 5353 accept",
    "input ip6 daddr ff02::fb udp dport 5353 accept",
)
BLOCKS: dict[str, tuple[str, ...]] = {
    "mdns": ("input udp dport 5353 drop", "output udp dport 5353 drop"),
    "broadcast": (f"input udp dport {DISCOVERY_PORT} drop", f"output udp dport {DISCOVERY_PORT} drop"),
    "inbound-tcp": ("input tcp flags & (syn | ack) == syn drop",),
    "tcp": ("input meta l4proto tcp drop", "output meta l4proto tcp drop"),
    "udp": ("input meta l4proto udp drop", "output meta l4proto udp drop"),
    "deaf": (f"input udp dport {{ {DISCOVERY_PORT}, 5353 }} drop",),
    "uninvited": (*_ASKED_FOR, "input drop"),
    "uninvited-rejected": (*_ASKED_FOR, "input reject with icmpx admin-prohibited"),
}
"""Firewalls a host may have, as ``CHAIN RULE``; `uninvited` as ufw is by default, `uninvited-rejected` as firewalld."""

_PREFIX = "p2pgame"
_NETNS = Path("/run/netns")
_TUN = Path("/dev/net/tun")
_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
_CLONE_NEWNET = 0x40000000
_serial = itertools.count()


def why_no_lab() -> str | None:
    """Why this machine cannot have a laboratory; None if it can."""
    if not sys.platform.startswith("linux"):
        return "the lab needs Linux"
    if os.geteuid() != 0:
        return "the lab needs root"
    missing = [tool for tool in ("ip", "nft") if shutil.which(tool) is None]
    if missing:
        return f"the lab needs {', '.join(missing)}"
    try:
        os.close(os.open(_TUN, os.O_RDWR))
    except OSError as error:
        return f"the lab needs {_TUN}: {error.strerror}"
    return None


def require_lab() -> None:
    """Skip the running test where there can be no lab; fail it there if this is a CI machine."""
    reason = why_no_lab()
    if reason is None:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and on CI it must run")
    pytest.skip(reason)


def _call(*command: str) -> str:
    """Run a command; its output, or RuntimeError with what it complained about."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def _sweep() -> None:
    """Delete the namespaces of labs whose process was killed before it could clean up."""
    for path in _NETNS.glob(f"{_PREFIX}-*") if _NETNS.is_dir() else ():
        owner = path.name.split("-")[1]
        if not Path("/proc", owner).exists():
            subprocess.run(["ip", "netns", "del", path.name], capture_output=True, check=False)


def _open_tap(name: str) -> int:
    fd = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TAP | _IFF_NO_PI))
    return fd


class Lan:
    """`hosts` machines on one switch; host ``i`` has ``10.77.0.(i + 1)`` and an IPv6 link-local address."""

    def __init__(self, hosts: int = 2, *, seed: int = 1) -> None:
        if not 1 <= hosts <= 250:
            raise ValueError("a lab has 1 to 250 hosts")
        self.hosts = hosts
        self._seed = seed
        self._tag = f"{os.getpid()}-{next(_serial)}"
        self._stack = ExitStack()
        self._processes: list[subprocess.Popen[Any]] = []

    def namespace(self, host: int) -> str:
        return f"{_PREFIX}-{self._tag}-{host}"

    def address(self, host: int) -> str:
        """The IPv4 address that `host` was born with."""
        return f"10.77.0.{host + 1}"

    def __enter__(self) -> "Lan":
        with ExitStack() as stack:
            _sweep()
            taps = [self._add_host(host, stack) for host in range(self.hosts)]
            ours, theirs = socket.socketpair()
            stack.callback(ours.close)
            with theirs:
                program = str(Path(__file__).with_name("switch.py"))
                numbers = [str(number) for number in (self._seed, theirs.fileno(), *taps)]
                switch = subprocess.Popen(
                    [sys.executable, program, *numbers], pass_fds=(theirs.fileno(), *taps)
                )
            stack.callback(self._end, [switch])
            self._control = ours
            self._answers = stack.enter_context(ours.makefile("r"))
            stack.callback(self._end, self._processes)
            self.impair()  # answered as soon as the switch runs
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _add_host(self, host: int, stack: ExitStack) -> int:
        name, device = self.namespace(host), f"t{os.getpid() % 10**6}-{next(_serial)}"
        _call("ip", "netns", "add", name)
        stack.callback(subprocess.run, ["ip", "netns", "del", name], capture_output=True, check=False)
        tap = _open_tap(device)
        stack.callback(os.close, tap)
        _call("ip", "link", "set", device, "netns", name, "name", DEVICE)
        conf = f"/proc/sys/net/ipv6/conf/{DEVICE}"
        script = (
            # no two seconds of duplicate address detection, no questions to routers that are not there
            f"echo 0 >{conf}/accept_dad; echo 0 >{conf}/accept_ra; ip link set lo up; "
            # else a removed address takes the later ones of its subnet along
            "echo 1 >/proc/sys/net/ipv4/conf/all/promote_secondaries; "
            f"ip addr add {self.address(host)}/24 broadcast + dev {DEVICE}; ip link set {DEVICE} up; "
            f"ip route add default dev {DEVICE}"
        )
        _call(*self._argv(host, ["sh", "-ec", script]))
        return tap

    @staticmethod
    def _end(processes: Iterable[subprocess.Popen[Any]]) -> None:
        for process in processes:
            if process.poll() is None:
                process.terminate()
        for process in processes:
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _argv(self, host: int, command: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", self.namespace(host), *command]

    def run(self, host: int, command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command in `host` to its end, output as text; `options` go to `subprocess.run`."""
        settings = {"timeout": 60, "capture_output": True, "text": True, "check": False} | options
        return subprocess.run(self._argv(host, command), **settings)

    def popen(self, host: int, command: Sequence[str], **options: Any) -> "subprocess.Popen[Any]":
        """Start a command in `host`; the pid is the command's own. Ended with the lab at the latest."""
        process = subprocess.Popen(self._argv(host, command), **options)
        self._processes.append(process)
        return process

    def open_socket(self, host: int, kind: int, family: int = socket.AF_INET) -> socket.socket:
        """A socket of ours that lives in the network of `host`, to be closed by the caller."""

        def enter_and_open() -> socket.socket:
            with (_NETNS / self.namespace(host)).open() as namespace:
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.setns(namespace.fileno(), _CLONE_NEWNET):  # os.setns is new in Python 3.12
                    raise OSError(ctypes.get_errno(), "setns")
            return socket.socket(family, kind)

        with ThreadPoolExecutor(1) as thread:  # a thread of its own, since the thread changes network
            return thread.submit(enter_and_open).result()

    def impair(self, *hosts: int, **changes: float) -> None:
        """Change fields of `Impairment` for the frames that `hosts` send; with none named, all of them."""
        self._ask(op="impair", ports=hosts or range(self.hosts), changes=changes)

    def cut(self, host: int) -> None:
        """Pull the host's cable out of the switch; its own device does not notice."""
        self.impair(host, up=False)

    def mend(self, host: int) -> None:
        self.impair(host, up=True)

    def counters(self, *, reset: bool = False) -> list[dict[str, int]]:
        """Frames sent by each host so far, by ``protocol/cast/UDP destination port``."""
        answer: list[dict[str, int]] = self._ask(op="counters", reset=reset)
        return answer

    def _ask(self, **request: Any) -> Any:
        if "ports" in request:
            request["ports"] = list(request["ports"])
        self._control.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(self._answers.readline())

    def block(self, host: int, *blocks: str) -> None:
        """Give `host` the firewalls of these names (see `BLOCKS`)."""
        lines = ["add table inet lab"]
        lines += [
            f"add chain inet lab {c} {{ type filter hook {c} priority 0; }}" for c in ("input", "output")
        ]
        lines += [f"add rule inet lab {rule}" for block in blocks for rule in BLOCKS[block]]
        done = self.run(host, ["nft", "-f", "-"], input="\n".join(lines) + "\n")
        if done.returncode:
            raise RuntimeError(f"nft: {done.stderr.strip()}")

    def unblock(self, host: int) -> None:
        """Take down every firewall of `host`."""
        self.run(host, ["nft", "flush", "ruleset"])

    def hide(self, host: int, behind: int) -> None:
        """Move `host` from the switch into a network of its own, which `behind` translates the addresses of (NAPT)."""
        hidden, router = self.namespace(host), self.namespace(behind)
        self.link(host, "down")
        _call(
            "ip",
            "-n",
            router,
            "link",
            "add",
            "inside",
            "type",
            "veth",
            "peer",
            "name",
            "eth1",
            "netns",
            hidden,
        )
        for name, device, address in ((router, "inside", "192.168.122.1"), (hidden, "eth1", "192.168.122.2")):
            _call("ip", "-n", name, "addr", "add", f"{address}/24", "broadcast", "+", "dev", device)
            _call("ip", "-n", name, "link", "set", device, "up")
        _call("ip", "-n", hidden, "route", "add", "default", "via", "192.168.122.1")
        rules = (
            "add table ip nat\n"
            "add chain ip nat out { type nat hook postrouting priority 100; }\n"
            f"add rule ip nat out oif {DEVICE} masquerade random\n"
        )
        self.run(behind, ["nft", "-f", "-"], input=rules).check_returncode()
        self.run(behind, ["sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"], check=True)

    def route(self, router: int, *hosts: int) -> None:
        """Move `hosts` from the switch to a bridge of `router`, which routes between the two and passes no broadcast.

        There host ``i`` has ``10.78.0.(i + 1)``.
        """
        routing = self.namespace(router)
        self._script(
            router,
            "ip link add br0 type bridge; ip addr add 10.78.0.254/24 broadcast + dev br0; ip link set br0 up; "
            "echo 1 >/proc/sys/net/ipv4/ip_forward",
        )
        for host in hosts:
            self.link(host, "down")
            ends = f"add s{host} type veth peer name eth1 netns {self.namespace(host)}"
            _call("ip", "-n", routing, "link", *ends.split())
            _call("ip", "-n", routing, "link", "set", f"s{host}", "master", "br0", "up")
            self._script(
                host,
                "echo 0 >/proc/sys/net/ipv6/conf/eth1/accept_dad; "
                f"ip addr add 10.78.0.{host + 1}/24 broadcast + dev eth1; ip link set eth1 up; "
                "ip route replace default via 10.78.0.254",
            )
        for host in {*range(self.hosts)} - {router, *hosts}:
            self._script(host, f"ip route add 10.78.0.0/24 via {self.address(router)}")

    def _script(self, host: int, script: str) -> None:
        _call(*self._argv(host, ["sh", "-ec", script]))

    def add_address(self, host: int, address: str) -> None:
        """Give the host's device one more address, e.g. ``10.77.0.99/24``."""
        _call("ip", "-n", self.namespace(host), "addr", "add", address, "broadcast", "+", "dev", DEVICE)

    def remove_address(self, host: int, address: str) -> None:
        _call("ip", "-n", self.namespace(host), "addr", "del", address, "dev", DEVICE)

    def addresses(self, host: int) -> set[str]:
        """Every address that the host's device has now; link-local ones with ``%eth0``."""
        found = json.loads(self.run(host, ["ip", "-json", "addr", "show", "dev", DEVICE]).stdout)
        return {
            entry["local"] + (f"%{DEVICE}" if entry["scope"] == "link" else "")
            for entry in found[0]["addr_info"]
        }

    def disable_ipv6(self, host: int) -> None:
        """Leave the host's device IPv4 only."""
        self.run(host, ["sh", "-c", f"echo 1 >/proc/sys/net/ipv6/conf/{DEVICE}/disable_ipv6"], check=True)

    def link(self, host: int, state: str, device: str = DEVICE) -> None:
        """Set a device of the host ``up`` or ``down``."""
        _call("ip", "-n", self.namespace(host), "link", "set", device, state)
        if state == "up" and device == DEVICE:  # the kernel forgot the route with the link
            _call("ip", "-n", self.namespace(host), "route", "replace", "default", "dev", DEVICE)
