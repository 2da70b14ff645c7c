"""What kind of network an interface leads to, as far as its name and the system tell. Reads files only."""

import contextlib
import re
from pathlib import Path
from typing import Final, Literal

__all__ = ["Kind", "kind_of", "kind_of_name"]

Kind = Literal["wired", "wifi", "vpn", "container", "loopback", "unknown"]
"""``container``: an interface of Docker, a virtual machine or the like."""

_NAMES: Final[dict[Kind, str]] = {
    "vpn": r"tailscale|wg\d|wireguard|tun\d|utun|ppp\d|zt[0-9a-z]|nordlynx|proton|openvpn|tap-win",
    "container": r"docker|br-[0-9a-f]{6}|veth|virbr|vmnet|vmenet|bridge\d|vboxnet|virtualbox|vmware|vethernet|lxc|lxd|"
    r"incus|cni|cali|flannel|podman",
    "wifi": r"wl[a-z0-9]|wi-?fi|wireless|ath\d",
    "loopback": r"lo\d*$|loopback",
    "wired": r"eth\d|en[ops]\d|ethernet",
}
_IFF_TUN: Final = 0x1
_SYS_NET: Final = Path("/sys/class/net")


def kind_of_name(name: str) -> Kind:
    """What an interface of this name usually is; macOS's ``en0`` may be either, so it stays unknown."""
    return next(
        (kind for kind, pattern in _NAMES.items() if re.match(pattern, name, re.IGNORECASE)), "unknown"
    )


def kind_of(name: str, sys_net: Path = _SYS_NET) -> Kind:
    """What the system says of interface `name` (only Linux does), else what its name says."""
    device = sys_net / name
    if (device / "wireless").exists() or (device / "phy80211").exists():
        return "wifi"
    if (device / "bridge").exists():
        return _kind_of_bridge(device, sys_net)
    with contextlib.suppress(OSError, ValueError):
        if int((device / "tun_flags").read_text(), 16) & _IFF_TUN:
            return "vpn"
    by_name = kind_of_name(name)
    return "wired" if by_name == "unknown" and (device / "device").exists() else by_name


def _kind_of_bridge(device: Path, sys_net: Path) -> Kind:
    """A bridge with a network card among its ports is that card's network; any other joins virtual machines."""
    with contextlib.suppress(OSError):
        if any((sys_net / port.name / "device").exists() for port in (device / "brif").iterdir()):
            return "wired"
    return "container"
