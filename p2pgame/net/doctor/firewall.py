"""The firewalls of this machine, as far as they show without special rights. Never changes one.

Commands are asked only where they exist, with a time limit; what they say is read by functions of text alone.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from p2pgame.net.doctor.facts import FirewallFact

__all__ = ["firewalls", "read_macos", "read_netsh", "read_nftables", "read_ufw"]

TIMEOUT: Final = 2.0
"""Seconds a command may take."""
_MACOS_TOOL: Final = "/usr/libexec/ApplicationFirewall/socketfilterfw"
_JUMPS: Final = re.compile(r"\b(jump|goto|queue)\b")
_DROPS: Final = re.compile(r"\b(drop|reject)\b")


def firewalls(root: Path = Path("/")) -> tuple[FirewallFact, ...]:
    """Those found. Blocks for some seconds at worst: call it in a thread."""
    found: list[FirewallFact | None] = []
    if sys.platform == "win32":
        found.append(read_netsh(_ask("netsh", "advfirewall", "show", "currentprofile")))
    elif sys.platform == "darwin":
        found.append(read_macos(_ask(_MACOS_TOOL, "--getglobalstate")))
    else:
        with contextlib.suppress(OSError):
            found.append(read_ufw((root / "etc/ufw/ufw.conf").read_text(errors="replace")))
        if (root / "run/firewalld").is_dir() or (root / "run/firewalld.pid").exists():
            found.append(FirewallFact(name="firewalld", active=True))
        if os.geteuid() == 0:
            found.append(read_nftables(_ask("nft", "list", "ruleset")))
    return tuple(fact for fact in found if fact is not None)


def read_ufw(text: str) -> FirewallFact | None:
    """From ``ufw.conf``."""
    active = re.search(r"^\s*ENABLED\s*=\s*[\"']?yes", text, re.IGNORECASE | re.MULTILINE) is not None
    return FirewallFact(name="ufw", active=active, drops=True if active else None)


def read_nftables(text: str) -> FirewallFact | None:
    """From ``nft list ruleset``, which has the rules of iptables-nft too. None if nothing filters what comes in."""
    if "hook input" not in text:
        return None
    chains = re.findall(r"chain [^{]*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}", text)
    entrances = [chain for chain in chains if "hook input" in chain]
    drops = any(_DROPS.search(chain) for chain in entrances)
    elsewhere = any(_JUMPS.search(chain) for chain in entrances)
    return FirewallFact(name="nftables", active=True, drops=drops or (None if elsewhere else False))


def read_netsh(text: str) -> FirewallFact | None:
    """From ``netsh advfirewall show currentprofile``, in English; other languages tell only that it is there."""
    if not text.strip():
        return None
    profile = re.search(r"^\s*(public|private|domain)\b.*:", text, re.IGNORECASE | re.MULTILINE)
    off = re.search(r"^\s*State\s+OFF\b", text, re.IGNORECASE | re.MULTILINE) is not None
    blocks = re.search(r"\bBlockInbound", text, re.IGNORECASE) is not None
    return FirewallFact(
        name="Windows",
        active=not off,
        drops=(blocks or None) if not off else None,
        profile=profile.group(1).lower() if profile else "",
    )


def read_macos(text: str) -> FirewallFact | None:
    """From ``socketfilterfw --getglobalstate``."""
    return FirewallFact(name="macOS", active="enabled" in text.lower()) if text.strip() else None


def _ask(*command: str) -> str:
    """What a command prints; empty if it is not there, fails or takes too long."""
    program = shutil.which(command[0])
    if program is None or not Path(program).is_absolute():  # Windows looks into the current directory first
        return ""
    try:
        done = subprocess.run(  # noqa: S603  (fixed words)
            [program, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=TIMEOUT, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
