"""Editing a line: limits, caret, input methods."""

from p2pgame.ui.inputs import Composing, MenuAction, Press, Typed
from p2pgame.ui.textfield import TextField


def field(text: str = "", **limits: int) -> TextField:
    return TextField(text, on_submit=lambda: None, **limits)


def press(widget: TextField, *actions: MenuAction) -> None:
    for action in actions:
        widget.handle(Press(action))


def test_typing_goes_to_the_caret() -> None:
    widget = field("ad")
    press(widget, MenuAction.LEFT)
    widget.handle(Typed("bc"))
    assert (widget.text, widget.caret) == ("abcd", 3)


def test_erasing_both_ways_and_at_the_ends() -> None:
    widget = field("abc")
    press(widget, MenuAction.LEFT, MenuAction.ERASE, MenuAction.DELETE, MenuAction.DELETE)
    assert (widget.text, widget.caret) == ("a", 1)
    press(widget, MenuAction.HOME, MenuAction.ERASE)
    assert widget.text == "a"


def test_limits_in_characters_and_bytes() -> None:
    widget = field(characters=5, octets=9)
    widget.handle(Typed("张伟张伟"))
    assert widget.text == "张伟张"
    narrow = field(characters=3)
    narrow.handle(Typed("abcdef"))
    assert narrow.text == "abc"


def test_what_cannot_be_printed_is_left_out() -> None:
    widget = field()
    widget.handle(Typed("a\n\0\u202eb\ud800"))
    assert widget.text == "ab"


def test_an_input_method_shows_before_it_commits() -> None:
    widget = field("x")
    widget.handle(Composing("zhang"))
    assert (widget.text, widget.composing) == ("x", "zhang")
    widget.handle(Typed("张"))
    assert (widget.text, widget.composing) == ("x张", "")


def test_losing_the_focus_keeps_what_was_composed_where_the_caret_is() -> None:
    widget = field("ad")
    press(widget, MenuAction.LEFT)
    widget.handle(Composing("bc"))
    widget.focus(has=False)
    assert (widget.text, widget.composing) == ("abcd", "")
    widget.finish()
    assert widget.text == "abcd", "once"


def test_arrows_leave_at_the_ends() -> None:
    widget = field("a")
    assert widget.handle(Press(MenuAction.LEFT))
    assert not widget.handle(Press(MenuAction.LEFT))
    assert not widget.handle(Press(MenuAction.UP))


def test_enter_submits() -> None:
    sent = []
    widget = TextField("x", on_submit=lambda: sent.append(1))
    widget.handle(Press(MenuAction.CONFIRM))
    assert sent == [1]
