"""Both players have the firewall of a desktop: nothing comes in that they did not ask for."""

import pytest

from tests.lab.conftest import Start
from tests.lab.lan import Lan
from tests.lab.match import assert_played, started
from tests.lab.reconnect import assert_went_on, newest_frame, playing_again

pytestmark = pytest.mark.lab

ACCEPT = ("bot", "--accept", "--game")
INVITE = ("bot", "--invite", "Alice", "--game")
FIREWALLS = ("uninvited", "uninvited-rejected")


def raise_firewalls(lan: Lan, *blocks: str) -> None:
    for host in range(lan.hosts):
        lan.block(host, *blocks)


@pytest.mark.parametrize("firewall", FIREWALLS)
def test_two_desktops_find_each_other_and_play(lan: Lan, start: Start, firewall: str) -> None:
    raise_firewalls(lan, firewall)
    alice = start(0, "Alice", *ACCEPT, "gomoku", "--frames", "6")
    bob = start(1, "Bob", *INVITE, "gomoku", "--frames", "6")
    assert_played(alice, bob, timeout=20)


def test_without_mdns_each_names_the_other(lan: Lan, start: Start) -> None:
    raise_firewalls(lan, "mdns", "uninvited")
    alice = start(0, "Alice", *ACCEPT, "gomoku", "--frames", "6", "--peer", lan.address(1))
    bob = start(1, "Bob", *INVITE, "gomoku", "--frames", "6", "--peer", lan.address(0))
    assert_played(alice, bob, timeout=20)


def test_a_match_goes_on_after_both_lost_each_other(lan: Lan, start: Start) -> None:
    raise_firewalls(lan, "uninvited")
    options = ("gomoku", "--frames", "30", "--think-ms", "50")
    alice = start(0, "Alice", *ACCEPT, *options)
    bob = start(1, "Bob", *INVITE, *options)
    started(alice, bob)
    lan.cut(1)
    for peer in (alice, bob):
        peer.wait_for("peer_lost", 12)
    lan.mend(1)
    playing_again((alice, bob), newest_frame(alice, bob), timeout=10)  # far sooner than mDNS tells
    assert_went_on((alice,), (bob,), timeout=30)
