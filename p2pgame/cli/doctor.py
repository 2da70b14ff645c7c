"""`p2pgame doctor`: what this machine's network lets through, in words a player understands.

Only formats: `p2pgame.net.doctor` finds out and judges. Exit code 0 if play will work, 1 if not.
"""

import argparse
import time
from importlib.metadata import PackageNotFoundError, version

import msgspec

from p2pgame.cli.common import node_config, run_loop
from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer
from p2pgame.core.registry import installed
from p2pgame.net.doctor.facts import Facts
from p2pgame.net.doctor.findings import Finding, playable
from p2pgame.net.doctor.gather import Surroundings, gather
from p2pgame.net.doctor.judge import judge

__all__ = ["add_arguments", "report", "run"]

_MARKS = {"ok": "ok     ", "note": "note   ", "warning": "warning", "problem": "PROBLEM"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds", type=_seconds, default=4.0, metavar="S", help="how long to listen (default 4)"
    )


def run(args: argparse.Namespace) -> int:
    printer = Printer(json=args.json)
    surroundings = _surroundings()  # before the loop runs: SDL may take its time

    async def main() -> int:
        printer.line(f"Looking around for {args.seconds:g} seconds ...")
        facts = await gather(node_config(args), installed(), surroundings, seconds=args.seconds)
        return report(printer, facts, time.time())

    return run_loop(main)


def report(printer: Printer, facts: Facts, t: float) -> Exit:
    """Print the findings and a summary; returns the exit code. `t`: Unix time in seconds."""
    findings = judge(facts)
    for finding in findings:
        _show(printer, finding, t)
    levels = [finding.level for finding in findings]
    problems, warnings = levels.count("problem"), levels.count("warning")
    ok = playable(findings)
    if not ok:
        message = "Play will not work like this: see what is marked PROBLEM."
    elif warnings:
        message = "Play will work; what is marked warning can be better."
    else:
        message = "Play will work."
    if ok and not facts.peers:
        message = f"As far as this machine can tell: {message[0].lower()}{message[1:]}"
    printer.line(message)
    if printer.json:
        printer.object(
            {
                "t": t,
                "event": "summary",
                "ok": ok,
                "problems": problems,
                "warnings": warnings,
                "peers": [peer.peer for peer in facts.peers],
                "message": message,
            }
        )
    return Exit.DONE if ok else Exit.FAILED


def _show(printer: Printer, finding: Finding, t: float) -> None:
    if printer.json:
        fields = msgspec.to_builtins(finding)
        if not finding.interface:
            del fields["interface"]
        printer.object({"t": t, "event": "finding", **fields})
        return
    where = f"{finding.interface}: " if finding.interface and finding.check != "interface" else ""
    printer.line(f"{_MARKS[finding.level]}  {where}{finding.message}")
    if finding.advice and finding.level != "ok":
        printer.line(f"         -> {finding.advice}")


def _surroundings() -> Surroundings:
    from p2pgame.ui import display

    conflict = display.conflict()
    found = [text for name in ("pygame", "pygame-ce") if (text := _version(name))]
    return Surroundings(
        pygame=" and ".join(found), conflict=conflict, display=None if conflict else display.available()
    )


def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def _seconds(text: str) -> float:
    value = float(text)
    if not 0.1 <= value <= 600:
        raise argparse.ArgumentTypeError("from 0.1 to 600 seconds")
    return value
