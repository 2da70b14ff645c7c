"""What the canvas draws with text that has too little room."""

import pygame
import pytest

from p2pgame.ui.canvas import Canvas

TEXT = "Hold Up or Down to move your paddle. A moving paddle sends the ball off at an angle."


@pytest.mark.parametrize(("lines", "cut"), [(1, True), (2, True), (9, False)])
def test_a_paragraph_that_is_cut_says_so(lines: int, cut: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    canvas, shown = Canvas(), list[str]()
    surface = pygame.Surface((160, 400))
    draw = canvas.text

    def note(surface: pygame.Surface, text: str, *args: object, **more: object) -> pygame.Rect:
        shown.append(text)
        return draw(surface, text, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(canvas, "text", note)
    rect = pygame.Rect(0, 0, 160, lines * canvas.line_height("small"))
    bottom = canvas.paragraph(surface, TEXT, rect, "small")
    assert bottom == len(shown) * canvas.line_height("small") <= rect.bottom
    assert shown[-1].endswith("…") == cut
    assert all(canvas.fonts.width(line, canvas.px("small")) <= rect.width for line in shown)
    if not cut:
        assert " ".join(shown) == TEXT
