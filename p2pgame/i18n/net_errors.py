"""Sentences for the codes of errors that the network's side raises, by code."""

from typing import Final

__all__ = ["SENTENCES"]

SENTENCES: Final[dict[str, str]] = {
    # this machine
    "clock_wrong": "the clock of this machine is wrong, it says {year}: set it, or others cannot connect",
    # addresses, ports and interfaces
    "bad_address": "{text} is not an address like HOST, HOST:PORT or [IPV6]:PORT",
    "discovery_port_taken": "UDP port {port} is taken by another program ({reason}): stop it, or choose another with "
    "--discovery-port on all machines",
    "no_free_port": "no port to listen on: {reason}",
    "no_interface": "no network interface of this machine is up and has an address",
    "no_such_interface": "no network interface {name} here; there are: {names}",
}
