"""`p2pgame doctor`: what this machine's network lets through.

Only prints: `p2pgame.net.doctor` collects and judges, `p2pgame.i18n.doctor` has the sentences.
Exit code 0 if play will work, 1 if not.
"""

import argparse
import time
from importlib.metadata import PackageNotFoundError, version

import msgspec

from p2pgame.cli.common import node_config, run_loop
from p2pgame.cli.exits import Exit
from p2pgame.cli.output import Printer, joined
from p2pgame.core.registry import installed
from p2pgame.i18n import doctor
from p2pgame.i18n.catalogue import gettext
from p2pgame.net.doctor.diagnose import diagnose
from p2pgame.net.doctor.facts import Facts
from p2pgame.net.doctor.findings import Finding, Level, playable
from p2pgame.net.doctor.gather import ProgramFacts, gather

__all__ = ["add_arguments", "report", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds", type=_seconds, default=4.0, metavar="S", help=gettext("how long to listen (default 4)")
    )


def run(args: argparse.Namespace) -> int:
    printer = Printer(json=args.json)
    program_facts = _program_facts()  # before the loop runs: SDL may take its time

    async def main() -> int:
        printer.line(gettext("Looking around for {seconds} seconds ...", seconds=f"{args.seconds:g}"))
        config = msgspec.structs.replace(
            node_config(args), interfaces_may_be_gone=False
        )  # that is to be named
        facts = await gather(config, installed(), program_facts, seconds=args.seconds)
        return report(printer, facts, time.time())

    return run_loop(main)


def report(printer: Printer, facts: Facts, t: float) -> Exit:
    """Print the findings and a summary; returns the exit code. `t`: Unix time in seconds."""
    findings = diagnose(facts)
    for finding in findings:
        _show(printer, finding, t)
    levels = [finding.level for finding in findings]
    problems, warnings = levels.count("problem"), levels.count("warning")
    ok = playable(findings)
    message = _summary(ok=ok, warnings=bool(warnings), alone=not facts.peers)
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


def _summary(*, ok: bool, warnings: bool, alone: bool) -> str:
    if not ok:
        return gettext("Play will not work like this: see what is marked PROBLEM.")
    if alone and warnings:
        return gettext(
            "As far as this machine can tell: play will work; what is marked warning can be better."
        )
    if alone:
        return gettext("As far as this machine can tell: play will work.")
    if warnings:
        return gettext("Play will work; what is marked warning can be better.")
    return gettext("Play will work.")


def _show(printer: Printer, finding: Finding, t: float) -> None:
    text, todo = doctor.message(finding), doctor.advice(finding)
    if printer.json:
        event = {"check": finding.check, "code": finding.code.text, "level": finding.level}
        where = {"interface": finding.interface} if finding.interface else {}
        printer.object({"t": t, "event": "finding", **event, "message": text, "advice": todo, **where})
        return
    prefix = f"{finding.interface}: " if finding.interface and finding.check != "interface" else ""
    printer.line(f"{_mark(finding.level)}  {prefix}{text}")
    if todo and finding.level != "ok":
        printer.line(f"         -> {todo}")


def _mark(level: Level) -> str:
    marks = {
        "ok": gettext("ok"),
        "note": gettext("note"),
        "warning": gettext("warning"),
        "problem": gettext("PROBLEM"),
    }
    return marks[level].ljust(max(map(len, marks.values())))


def _program_facts() -> ProgramFacts:
    from p2pgame.ui import display

    conflict = display.conflict()
    found = [text for name in ("pygame", "pygame-ce") if (text := _version(name))]
    return ProgramFacts(
        pygame=joined(found), conflict=conflict, display=None if conflict else display.available()
    )


def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def _seconds(text: str) -> float:
    value = float(text)
    if not 0.1 <= value <= 600:
        raise argparse.ArgumentTypeError(gettext("from 0.1 to 600 seconds"))
    return value
