"""However a program ends, short of being killed, the others hear its goodbye at once. Real processes."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from p2pgame.session import commands as c
from p2pgame.session import events as e
from p2pgame.storage.archive import Archive
from tests.unit.net.running import run
from tests.unit.net.test_node import Player, config, free_port

ROOT = Path(__file__).parents[3]
posix = pytest.mark.skipif(os.name == "nt", reason="signals are different there")

WINDOW = """
    import sys, threading, time
    from pathlib import Path
    from p2pgame.cli import play
    from p2pgame.cli.main import entry
    from p2pgame.session import commands as c
    from p2pgame.session import events as e
    from p2pgame.ui import app, display

    def window(client, **options):
        while True:
            for event in client.drain():
                if isinstance(event, e.InviteReceived):
                    client.send(c.Accept(event.invite))
                if isinstance(event, e.MatchStarted):
                    {how}
            time.sleep(0.005)

    app.run = window
    display.available = lambda **_: None
    entry()
"""

BARE = """
    import sys, threading, time
    from pathlib import Path
    from p2pgame.core.registry import installed
    from p2pgame.net.node import NodeConfig
    from p2pgame.net.thread import NodeThread
    from p2pgame.session import commands as c
    from p2pgame.session import events as e

    argv = dict(zip(sys.argv[2::2], sys.argv[3::2]))
    config = NodeConfig(
        data_dir=Path(argv["--data-dir"]),
        name=argv["--name"],
        interfaces=(argv["--interface"],),
        discovery_port=int(argv["--discovery-port"]),
    )
    client = NodeThread(config, installed())
    while True:
        for event in client.drain():
            if isinstance(event, e.InviteReceived):
                client.send(c.Accept(event.invite))
            if isinstance(event, e.MatchStarted):
                {how}
        time.sleep(0.005)
"""

ENDINGS = {
    "an exception": ("raise ZeroDivisionError('the window broke')", 1),
    "sys.exit": ("sys.exit(9)", 9),
    "Ctrl-C": ("raise KeyboardInterrupt", None),
    "SIGTERM": ("import os; os.write(1, b'playing\\n'); time.sleep(60)", 128 + signal.SIGTERM),
}


@posix
@pytest.mark.parametrize("program", [WINDOW, BARE], ids=["the app", "a program that never closes its node"])
@pytest.mark.parametrize("ending", [*ENDINGS])
@pytest.mark.timing
def test_the_goodbye_is_said_and_the_match_is_on_the_disk(tmp_path: Path, program: str, ending: str) -> None:
    how, code = ENDINGS[ending]
    if ending == "SIGTERM" and program is BARE:
        pytest.skip("without a handler the system ends the process on the spot")

    async def test() -> None:
        port = free_port()
        ann = Player(config(tmp_path, port, "Ann"))
        await ann.node.start()
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", textwrap.dedent(program).replace("{how}", how)),
            *("play", "--name", "Bob", "--interface", "127.0.0.1"),
            *("--discovery-port", str(port), "--data-dir", str(tmp_path / "Bob")),
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            found = await ann.wait(e.PeerFound, seconds=10)
            ann.node.execute(c.Invite(peer=found.peer, game="gomoku"))
            await ann.wait(e.MatchStarted)
            began = time.monotonic()
            if ending == "SIGTERM":
                assert child.stdout is not None
                assert await child.stdout.readline() == b"playing\n"
                child.send_signal(signal.SIGTERM)
            assert (await ann.wait(e.MatchPaused)).reason == "closed"
            assert (await ann.wait(e.PeerLost)).reason == "goodbye"
            assert time.monotonic() - began < 1.5
            assert child.stderr is not None
            said = (await child.stderr.read()).decode()
            ended = await child.wait()
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
            await ann.node.stop()
        assert code is None or ended == code
        assert ("the window broke" in said) == (ending == "an exception")
        assert "p2pgame-net" not in said, "the network thread ended in peace"
        archive = Archive(tmp_path / "Bob", found.peer)
        assert [entry.result for entry in archive.all()] == ["open"]
        assert archive.replay(archive.all()[0].match).end is None, "it can be resumed"
        archive.close()

    run(test())
