"""What firewalls say of themselves."""

import os
import sys
from pathlib import Path

import pytest

from p2pgame.net.doctor.facts import FirewallFact
from p2pgame.net.doctor.firewall import _ask, firewalls, read_macos, read_netsh, read_nftables, read_ufw

NETSH = """
Public Profile Settings:
----------------------------------------------------------------------
State                                 ON
Firewall Policy                       BlockInbound,AllowOutbound
"""


def test_ufw() -> None:
    assert read_ufw("# on\nENABLED=yes\n") == FirewallFact(name="ufw", active=True, drops=True)
    assert read_ufw("#ENABLED=yes\nENABLED=no\n") == FirewallFact(name="ufw", active=False)


@pytest.mark.parametrize(
    ("chain", "drops"),
    [
        ("type filter hook input priority 0; policy drop;", True),
        ("type filter hook input priority 0; policy accept; tcp flags syn drop", True),
        ("type filter hook input priority 0; policy accept; udp dport { 53, 41420 } reject", True),
        ("type filter hook input priority 0; policy accept; ct state established accept", False),
        ("type filter hook input priority 0; policy accept; jump other", None),
    ],
)
def test_nftables(chain: str, drops: bool | None) -> None:
    ruleset = f"table inet a {{ chain other {{ ip saddr 1.2.3.4 drop }} chain input {{ {chain} }} }}"
    assert read_nftables(ruleset) == FirewallFact(name="nftables", active=True, drops=drops)


def test_nftables_that_filters_nothing_that_comes_in() -> None:
    assert read_nftables("") is None
    assert read_nftables("table ip nat { chain out { type nat hook output priority 0; } }") is None


def test_netsh() -> None:
    assert read_netsh(NETSH) == FirewallFact(name="Windows", active=True, drops=True, profile="public")
    off = read_netsh(NETSH.replace(" ON", " OFF").replace("Public", "Private"))
    assert off == FirewallFact(name="Windows", active=False, profile="private")
    assert read_netsh("Einstellungen für Öffentliches Profil:\nStatus  EIN\n") == FirewallFact(
        name="Windows", active=True
    )
    assert read_netsh("") is None


def test_macos() -> None:
    assert read_macos("Firewall is enabled. (State = 1)") == FirewallFact(name="macOS", active=True)
    assert read_macos("Firewall is disabled. (State = 0)") == FirewallFact(name="macOS", active=False)
    assert read_macos("") is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's files")
def test_files_of_linux(tmp_path: Path) -> None:
    (tmp_path / "etc/ufw").mkdir(parents=True)
    (tmp_path / "etc/ufw/ufw.conf").write_text("ENABLED=yes\n")
    (tmp_path / "run/firewalld").mkdir(parents=True)
    assert {"ufw", "firewalld"} <= {fact.name for fact in firewalls(tmp_path)}


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_no_program_of_the_current_directory_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows would, and a PATH with a dot in it."""
    trap = tmp_path / "ufw"
    trap.write_text("#!/bin/sh\necho ran\n")
    trap.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert _ask("ufw") == ""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _ask("ufw") == "ran\n"
