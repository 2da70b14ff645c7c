"""Which key does what for whom: the player's own choice over the usual keys. Knows no events.

The settings have it by names, as ``{"pong": {"wasd": {"up": 26}}}``; what is not a name of ours is left out. A place is
where a key is on the keyboard, whatever is printed on it.
"""

from collections.abc import Iterator, Mapping

from p2pgame.ui.inputs import Control, KeySet, usual_place

__all__ = ["Bound", "bindings_of", "clashes", "place_of", "with_key"]

Bound = Mapping[KeySet, Mapping[Control, int]]
"""The keys that are not the usual ones."""
Saved = Mapping[str, Mapping[str, Mapping[str, int]]]

_SETS = {keys.name.lower(): keys for keys in KeySet}
_CONTROLS = {control.name.lower(): control for control in Control}


def bindings_of(saved: Saved, game: str) -> Bound:
    """The keys that the settings give in `game`: those of all games, and over them the game's own."""
    bound: dict[KeySet, dict[Control, int]] = {}
    for scope in ("", game) if game else ("",):
        for name, keys in saved.get(scope, {}).items():
            for control, place in keys.items():
                if name in _SETS and control in _CONTROLS:
                    bound.setdefault(_SETS[name], {})[_CONTROLS[control]] = place
    return bound


def place_of(bound: Bound, keys: KeySet, control: Control) -> int:
    """Where the key for `control` is; 0: there is none."""
    return bound.get(keys, {}).get(control) or usual_place(keys, control)


def clashes(bound: Bound) -> frozenset[int]:
    """The places that do two things, for one player or for two."""
    seen: set[int] = set()
    twice: set[int] = set()
    for place in _places(bound):
        (twice if place in seen else seen).add(place)
    return frozenset(twice)


def _places(bound: Bound) -> Iterator[int]:
    for keys in KeySet:
        for control in Control:
            if place := place_of(bound, keys, control):
                yield place


def with_key(saved: Saved, game: str, keys: KeySet, control: Control, place: int | None) -> Saved:
    """`saved` with this key for `control` in `game`; None: the usual one again."""
    scopes = {scope: {name: dict(each) for name, each in sets.items()} for scope, sets in saved.items()}
    chosen = scopes.setdefault(game, {}).setdefault(keys.name.lower(), {})
    chosen.pop(control.name.lower(), None)
    if place is not None and place != usual_place(keys, control):
        chosen[control.name.lower()] = place
    return scopes
