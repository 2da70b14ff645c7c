"""A real-time match without a network: 60 frames a second on a clock that tests move, the other side's input given."""

from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from p2pgame.core.game import AnyGame
from p2pgame.core.snapshot import state_hash
from p2pgame.session.status import Status, StatusCode
from p2pgame.session.view import CLOSING, Figures, MatchView

__all__ = ["LiveMatch"]


class LiveMatch:
    """Advances a `MatchView` as a network thread would."""

    def __init__(self, game: AnyGame, view: MatchView, clock: Callable[[], float]) -> None:
        self.game = game
        self.clock = clock
        self.inputs: list[Any] = [game.neutral] * len(view.players)
        self.silent = False
        """The other side is not heard: frames stop passing."""
        self.states: deque[Any] = deque([view.state], maxlen=CLOSING)
        """The newest ones."""
        self.predicted = 2
        """Frames by which the state is ahead of what is confirmed."""
        self._next = clock() + 1 / game.tick_rate
        figures = Figures(rtt_ms=42.0, jitter_ms=6.0, loss=0.02, input_delay=1, transport="udp")
        self.view = msgspec.structs.replace(
            view,
            tick_rate=game.tick_rate,
            previous=view.state,
            at=clock(),
            figures=figures,
        )

    def advance(self) -> MatchView:
        """The match as it stands now; the same object while nothing changed."""
        now = self.clock()
        while self._next <= now and self.view.outcome is None:
            if not self.silent:
                self._step()
            self._next += 1 / self.game.tick_rate
        if self.silent != self.view.stalled and not self.view.status.paused:
            code = StatusCode.STALLED if self.silent else StatusCode.RUNNING
            self.view = msgspec.structs.replace(self.view, status=Status(code=code, since=now))
        return self.view

    def _step(self) -> None:
        view = self.view
        state = self.game.advance(view.state, tuple(self.inputs))
        frame = view.frame + 1
        self.states.append(state)
        self.view = msgspec.structs.replace(
            view,
            state=state,
            previous=view.state,
            at=self._next,
            frame=frame,
            confirmed=max(view.confirmed, frame - self.predicted),
            hash=state_hash(state).hex(),
        )

    def measure(self, **figures: Any) -> None:
        """Change what the netcode says of itself."""
        assert self.view.figures is not None
        self.view = msgspec.structs.replace(
            self.view, figures=msgspec.structs.replace(self.view.figures, **figures)
        )
