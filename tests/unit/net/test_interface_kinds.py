"""What an interface leads to, and what follows for the addresses that are published and dialled."""

from pathlib import Path

import pytest

from p2pgame.net import interfaces as module
from p2pgame.net.interface_kinds import Kind, kind_of, kind_of_name
from p2pgame.net.interfaces import Interface, InterfaceLookup, IPv4, list_interfaces, publishable


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("eth0", "wired"), ("enp3s0", "wired"), ("Ethernet 2", "wired"), ("wlp2s0", "wifi"), ("Wi-Fi", "wifi"),
        ("WLAN", "wifi"), ("lo", "loopback"), ("lo0", "loopback"), ("tun0", "vpn"), ("tailscale0", "vpn"),
        ("utun4", "vpn"), ("wg0", "vpn"), ("docker0", "container"), ("br-0a1b2c3d4e5f", "container"),
        ("vethab12", "container"), ("vEthernet (WSL)", "container"), ("bridge100", "container"),
        ("en0", "unknown"), ("Local", "unknown"),
    ],
)  # fmt: skip
def test_names(name: str, kind: Kind) -> None:
    assert kind_of_name(name) == kind


def test_devices_tell_more_than_names(tmp_path: Path) -> None:
    for directory in ("net0/wireless", "net1/bridge", "net2", "net3", "net4/device"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "net2/tun_flags").write_text("0x1\n")
    (tmp_path / "net3/tun_flags").write_text("0x1002\n")  # a TAP, which carries broadcast
    kinds = [kind_of(f"net{n}", tmp_path) for n in range(5)]
    assert kinds == ["wifi", "container", "vpn", "unknown", "wired"]


def test_a_bridge_with_a_network_card_in_it_is_the_network_of_the_card(tmp_path: Path) -> None:
    for directory in ("br0/bridge", "br0/brif/tap0", "br0/brif/enp3s0", "tap0", "enp3s0/device"):
        (tmp_path / directory).mkdir(parents=True)
    assert kind_of("br0", tmp_path) == "wired"
    (tmp_path / "br0/brif/enp3s0").rmdir()
    assert kind_of("br0", tmp_path) == "container"


def test_loopback_is_known_by_its_address() -> None:
    assert [i.kind for i in list_interfaces(["127.0.0.1"])] == ["loopback"]


def interface(name: str, index: int, address: str, prefix: int, kind: Kind) -> Interface:
    return Interface(name, index, (IPv4(address, prefix),), (f"fe80::{index}",), kind)


ETH = interface("eth0", 2, "192.168.1.5", 24, "wired")
DOCKER = interface("docker0", 4, "172.17.0.1", 16, "container")
BRIDGE = interface("br-0a1b2c3d4e5f", 5, "172.18.0.1", 16, "container")
VPN = interface("wg0", 6, "10.8.0.2", 24, "vpn")


def test_bridges_are_not_published_and_a_vpn_comes_last() -> None:
    assert publishable((DOCKER, VPN, BRIDGE, ETH)) == (ETH, VPN)
    assert publishable((DOCKER,)) == (DOCKER,), "better than nothing, as for a program inside a container"


def test_addresses_in_our_own_subnets_come_first() -> None:
    lookup = InterfaceLookup((DOCKER, ETH, BRIDGE), selected=False)
    claimed = ["172.17.0.1", "172.18.0.9", "10.9.9.9", "192.168.1.7", "fe80::77", "127.0.0.1", "fe80::9%eth0"]
    assert lookup.nearest_first(claimed) == [
        "192.168.1.7",
        "fe80::9%eth0",
        "10.9.9.9",
        "fe80::77",
        "172.18.0.9",  # in the network of a bridge of ours
        "172.17.0.1",  # ours
        "127.0.0.1",
    ]


def test_what_this_machine_has_is_known_whatever_was_selected() -> None:
    assert "127.0.0.1" in module.own_addresses()
