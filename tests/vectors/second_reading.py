"""The games and hashes of docs/protocol.md once more, written from the page alone: nothing here is p2pgame.

It is what an implementer in another language would write, and shows that the page is enough. Only hashlib and a msgpack
encoder are used.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tests.renju_oracle import foul

__all__ = ["GAMES", "chain", "digest", "hash_of", "rolled"]

Values = dict[str, Any]
_MASK = (1 << 64) - 1


def digest(label: str, *parts: bytes) -> bytes:
    data = b""
    for part in (b"p2pgame." + label.encode(), *parts):
        data += len(part).to_bytes(4, "big") + part
    return hashlib.sha256(data).digest()


def hash_of(state: Values) -> bytes:
    return digest("state", msgspec.msgpack.encode(state))[:16]


def rolled(hashes: Sequence[bytes]) -> list[bytes]:
    out = [hashes[0]]
    for value in hashes[1:]:
        out.append(digest("roll", out[-1], value)[:16])
    return out


def chain(hashes: Sequence[bytes], inputs: Sequence[Sequence[bytes | None]]) -> list[bytes]:
    out = [digest("chain", hashes[0])[:16]]
    for value, frame in zip(hashes[1:], inputs, strict=True):
        parts = [b"\0" if one is None else b"\1" + one for one in frame]
        out.append(digest("link", out[-1], value, *parts)[:16])
    return out


# --- random numbers


def draw(rng: list[int]) -> int:
    rng[0] = (rng[0] + 0x9E3779B97F4A7C15) & _MASK
    z = ((rng[0] ^ rng[0] >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & _MASK
    return z ^ z >> 31


def below(rng: list[int], bound: int) -> int:
    while (value := draw(rng)) >= 2**64 - 2**64 % bound:
        pass
    return value % bound


# --- Gomoku


_STEPS: dict[str, list[tuple[str, str]]] = {
    "no_opening": [],
    "swap": [("put", "first")] * 3 + [("choose", "second")],
    "swap2": [
        *([("put", "first")] * 3), ("choose", "second"),
        *([("put", "second")] * 2), ("choose", "first"),
    ],
    "pro": [("put", "black"), ("put", "white"), ("put", "black")],
    "long_pro": [("put", "black"), ("put", "white"), ("put", "black")],
    "RIF": [
        *([("put", "first")] * 3), ("choose", "second"),
        ("put", "white"), ("offer", "black"), ("pick", "white"),
    ],
    "taraguchi_10": [
        ("put", "black"), ("choose", "white"), ("put", "white"), ("choose", "black"),
        ("put", "black"), ("choose", "white"), ("put", "white"), ("choose", "black"),
        ("put", "black"), ("choose", "white"), ("offer", "black"), ("pick", "white"),
    ],
}  # fmt: skip
_THEN = {
    ("swap", 3, "black"): -1, ("swap", 3, "white"): -1,
    ("swap2", 3, "black"): -1, ("swap2", 3, "white"): -1, ("swap2", 3, "more"): 4,
    ("swap2", 6, "black"): -1, ("swap2", 6, "white"): -1,
    ("taraguchi_10", 7, "offer"): 10,
    ("taraguchi_10", 9, "black"): -1, ("taraguchi_10", 9, "white"): -1,
}  # fmt: skip
"""Where a choice does not lead to the next step."""
_OFFERS = {"RIF": 2, "taraguchi_10": 10}


def gomoku_first(config: Values, players: int, seed: int, teams: Sequence[int] = ()) -> Values:
    size = config.get("size", 15)
    return {
        "rule": config.get("rule", "freestyle"),
        "opening": config.get("opening", "no_opening"),
        "board": bytes(size * size),
        "stones": 0,
        "moves": [],
        "line": [],
        "foul": None,
        "black": 0,
        "step": 0,
        "offered": [],
    }


def _gomoku_step(state: Values) -> tuple[str, str]:
    steps = _STEPS[state["opening"]]
    if 0 <= state["step"] < len(steps):
        return steps[state["step"]]
    return "play", ("black", "white")[len(state["moves"]) % 2]


def _gomoku_player(state: Values) -> int:
    who = _gomoku_step(state)[1]
    other: int = 1 - state["black"]
    return {"first": 0, "second": 1, "black": state["black"], "white": other}[who]


def gomoku_frame(state: Values, inputs: Sequence[Any]) -> Values:
    player, (act, _), opening = _gomoku_player(state), _gomoku_step(state), state["opening"]
    given, after = inputs[player], dict(state)
    if act == "choose":
        if given != "more" and given != "offer":
            after["black"] = player if given == "black" else 1 - player
        after["step"] = _THEN.get((opening, state["step"], given), state["step"] + 1)
    elif given == "pass":
        after["moves"] = [*state["moves"], -1]
    elif act == "offer":
        after["offered"] = [*state["offered"], given["point"]]
        after["step"] += len(after["offered"]) == _OFFERS[opening]
    else:
        _gomoku_stone(after, given["point"])
        after["step"] += act != "play"
    return after


def _gomoku_stone(state: Values, point: int) -> None:
    board, colour = bytearray(state["board"]), len(state["moves"]) % 2
    size = math.isqrt(len(board))
    board[point] = colour + 1
    renju = state["rule"].startswith("renju")
    line = _line(board, size, point, state["rule"])
    if renju and colour == 0 and not line:
        sides = [
            frozenset((p % size, p // size) for p, s in enumerate(state["board"]) if s == stone)
            for stone in (1, 2)
        ]
        state["foul"] = foul(size, sides[0], sides[1], (point % size, point // size))
    state |= {
        "board": bytes(board),
        "stones": state["stones"] + 1,
        "moves": [*state["moves"], point],
        "line": line,
        "offered": [],
    }


def _line(board: bytearray, size: int, point: int, rule: str) -> list[int]:
    x, y = point % size, point // size
    for dx, dy in ((1, 0), (0, 1), (1, 1), (1, -1)):
        run, closed = [point], 0
        for sign in (-1, 1):
            at = (x + sign * dx, y + sign * dy)
            while 0 <= at[0] < size and 0 <= at[1] < size and board[size * at[1] + at[0]] == board[point]:
                run.insert(0 if sign < 0 else len(run), size * at[1] + at[0])
                at = (at[0] + sign * dx, at[1] + sign * dy)
            inside = 0 <= at[0] < size and 0 <= at[1] < size
            closed += inside and board[size * at[1] + at[0]] != 0
        exact = rule == "standard" or (rule.startswith("renju") and board[point] == 1)
        if len(run) > 5 and not exact:
            return run
        if len(run) == 5 and not (rule == "caro" and closed == 2):
            return run
    return []


def gomoku_end(state: Values) -> str | None:
    if state["foul"] is not None:
        return f"[{1 - state['black']}] forbidden {state['foul']}"
    if state["line"]:
        black = len(state["moves"]) % 2
        return f"[{state['black'] if black else 1 - state['black']}] five in a row"
    if state["moves"][-2:] == [-1, -1]:
        return "[] both passed"
    return "[] board full" if state["stones"] == len(state["board"]) else None


# --- Pong

_COS = (1024, 1022, 1014, 1002, 984, 962, 935, 904, 868, 828, 784, 737, 685, 630)
_SIN = (0, 71, 143, 213, 282, 350, 416, 481, 543, 602, 658, 711, 761, 807)
_W, _H = 81920, 46080


def _velocity(speed: int, angle: int) -> tuple[int, int]:
    dx, dy = speed * _COS[abs(angle)] // 1024, speed * _SIN[abs(angle)] // 1024
    return (dx, dy) if angle > 0 else (dx, -dy)


def _serve(rng: list[int], paddles: Sequence[Sequence[int]]) -> list[int]:
    lot, way = below(rng, 5), below(rng, 4)
    alone = [paddle[0] for paddle in paddles].count(way // 2) == 1
    angle = ((2, 3, 4, 5, 6) if alone else (1, 2, 7, 2, 7))[lot]
    dx, dy = _velocity(640, angle if way % 2 else -angle)
    return [_W // 2, _H // 2, dx if way >= 2 else -dx, dy]


def _push(paddle: list[int], given: int) -> list[int]:
    side, top, bottom, y, speed = paddle
    wanted = 832 * given
    if not speed and not wanted:
        return paddle
    speed = min(wanted, speed + 256) if wanted > speed else max(wanted, speed - 256)
    y += speed
    if y < top + 4096:
        y, speed = top + 4096, 0
    elif y > bottom - 4096:
        y, speed = bottom - 4096, 0
    return [side, top, bottom, y, speed]


def _fold(y: int) -> int:
    return 2 * 768 - y if y < 768 else 2 * 45312 - y if y > 45312 else y


def _round(value: int, by: int) -> int:
    size = (2 * abs(value) + by) // (2 * by)
    return size if value > 0 else -size


def pong_first(config: Values, players: int, seed: int, teams: Sequence[int] = ()) -> Values:
    sides = teams or [player % 2 for player in range(players)]
    paddles = []
    for player, side in enumerate(sides):
        size = _H // sides.count(side)
        top = size * sides[:player].count(side)
        paddles.append([side, top, top + size, top + size // 2, 0])
    rng = [seed]
    ball = _serve(rng, paddles)
    return {
        "points": config.get("points", 7),
        "rng": rng,
        "paddles": paddles,
        "ball": ball,
        "frame": 0,
        "pause": 90,
        "speed": 640,
        "rally": 0,
        "score": [0, 0],
        "events": [],
    }


def pong_frame(state: Values, inputs: Sequence[Any]) -> Values:
    paddles = [_push(paddle, given) for paddle, given in zip(state["paddles"], inputs, strict=True)]
    new = {**state, "frame": state["frame"] + 1, "paddles": paddles}
    if state["pause"]:
        return {**new, "pause": state["pause"] - 1}

    def event(kind: str, x: int, y: int) -> None:
        number = new["events"][-1][0] + 1 if new["events"] else 1
        new["events"] = [*new["events"], [number, kind, new["frame"], x, y]][-3:]

    ball_x, ball_y, dx, dy = state["ball"]
    x, y, side = ball_x + dx, ball_y + dy, 0 if dx < 0 else 1
    gap = ball_x - 4864 if side == 0 else 77056 - ball_x
    travel = abs(dx)
    if 0 <= gap < travel:
        meets = _fold(ball_y + dy * gap // travel)
        hit = [paddle for paddle in paddles if paddle[0] == side and -4864 <= meets - paddle[3] <= 4864]
        if hit:
            away, fast = meets - hit[0][3], hit[0][4]
            angle = max(-13, min(13, _round(10 * away, 4864) + _round(3 * fast, 832)))
            new["speed"], new["rally"] = min(1536, state["speed"] + 48), state["rally"] + 1
            dx, dy = _velocity(new["speed"], angle)
            dx = -dx if side else dx
            line = 77056 if side else 4864
            x, y = line + dx * (travel - gap) // travel, meets + dy * (travel - gap) // travel
            event("paddle", line, meets)
    if not 768 <= y <= 45312:
        y, dy = _fold(y), -dy
        event("wall", x, 768 if y < _H // 2 else 45312)
    if -768 <= x <= _W + 768:
        return {**new, "ball": [x, y, dx, dy]}
    score = list(state["score"])
    score[1 - side] += 1
    event("score", _W if side else 0, y)
    rng = list(state["rng"])
    ball = _serve(rng, paddles)
    return {**new, "rng": rng, "ball": ball, "pause": 60, "speed": 640, "rally": 0, "score": score}


def pong_end(state: Values) -> str | None:
    if max(state["score"]) < state["points"]:
        return None
    won = 0 if state["score"][0] >= state["points"] else 1
    return f"{[p for p, paddle in enumerate(state['paddles']) if paddle[0] == won]} target score reached"


# --- Tron

_PLACES = {
    2: ((9, 14, 2), (54, 21, 4)),
    3: ((13, 7, 2), (32, 29, 4), (54, 11, 4)),
    4: ((44, 7, 4), (19, 28, 2), (50, 25, 1), (13, 10, 3)),
    5: ((8, 10, 2), (43, 7, 4), (15, 25, 2), (35, 27, 4), (58, 18, 4)),
    6: ((45, 7, 4), (18, 28, 2), (23, 9, 2), (40, 26, 4), (7, 15, 2), (56, 20, 4)),
    7: ((8, 12, 3), (14, 29, 2), (30, 25, 2), (52, 10, 4), (55, 25, 1), (18, 5, 3), (42, 17, 4)),
    8: (
        (43, 11, 4), (20, 24, 2), (56, 9, 3), (7, 26, 1), (8, 6, 3), (55, 29, 1), (37, 27, 4), (26, 8, 2),
    ),
}  # fmt: skip


def _sides(state: Values) -> list[list[int]]:
    """The players of each side, in the order of their first players."""
    teams = state["teams"] or list(range(len(state["riders"])))
    return [[p for p, team in enumerate(teams) if team == one] for one in dict.fromkeys(teams)]


def _line_up(state: Values, points: Sequence[int]) -> None:
    rng, grid = list(state["rng"]), bytearray(2304)
    state["riders"] = [[0, 0, 0, 0, 0, won] for won in points]
    places, sides = list(_PLACES[len(points)]), _sides(state)
    count = len(sides)
    while places:
        turn, places = places[:count], places[count:]
        for side in sides:
            x, y, heading = turn.pop(below(rng, len(turn)))
            player = side.pop(below(rng, len(side)))
            state["riders"][player][:2] = 64 * y + x, heading
            grid[64 * y + x] = 33 + player
    state.update(rng=rng, grid=bytes(grid))


def tron_first(config: Values, players: int, seed: int, teams: Sequence[int] = ()) -> Values:
    state: Values = {
        "best_of": config.get("best_of", 5),
        "edge": config.get("edge", "walls"),
        "rng": [seed],
        "riders": [],
        "grid": b"",
        "frame": 0,
        "round": 1,
        "phase": 0,
        "clock": 90,
        "teams": list(teams),
    }
    _line_up(state, [0] * players)
    return state


def _steer(rider: list[int], wanted: int) -> None:
    _, heading, turn, then, out, _ = rider
    if out or wanted in (turn, then):
        return
    if turn and (wanted - turn) % 2:
        rider[3] = wanted
    elif (wanted - heading) % 2 and not then:
        rider[2] = wanted


def tron_frame(state: Values, inputs: Sequence[Any]) -> Values:
    new = {**state, "riders": [list(rider) for rider in state["riders"]], "frame": state["frame"] + 1}
    for rider, wanted in zip(new["riders"], inputs, strict=True):
        if wanted:
            _steer(rider, wanted)
    if state["clock"] > 1:
        new["clock"] -= 1
    elif state["phase"] == 2:
        _line_up(new, [rider[5] for rider in state["riders"]])
        new.update(round=state["round"] + 1, phase=0, clock=90)
    elif state["phase"] == 0:
        new.update(phase=1, clock=1)
    else:
        _step(new)
    return new


def _step(state: Values) -> None:
    grid, entered = bytearray(state["grid"]), []
    for cell, heading, turn, _, out, _ in state["riders"]:
        dx, dy = ((0, -1), (1, 0), (0, 1), (-1, 0))[(turn or heading) - 1]
        x, y = cell % 64 + dx, cell // 64 + dy
        inside = 0 <= x < 64 and 0 <= y < 36
        there = 64 * (y % 36) + x % 64 if inside or state["edge"] == "wrap" else None
        entered.append(None if out else there)
    for player, rider in enumerate(state["riders"]):
        if rider[4]:
            continue
        there = entered[player]
        rider[1] = rider[2] or rider[1]
        if there is None or state["grid"][there] or entered.count(there) > 1:
            rider[2:5] = 0, 0, state["frame"]
        else:
            rider[0], rider[2], rider[3] = there, rider[3], 0
            grid[there] = 4 * player + rider[1]
    state["grid"] = bytes(grid)
    riders = state["riders"]
    left = [side for side in _sides(state) if any(not riders[player][4] for player in side)]
    state["clock"] = 4
    if len(left) <= 1:
        for player in (player for side in left for player in side):
            riders[player][2], riders[player][3], riders[player][5] = 0, 0, riders[player][5] + 1
        won = any(rider[5] >= state["best_of"] // 2 + 1 for rider in state["riders"])
        state.update(phase=3 if won or state["round"] >= 3 * state["best_of"] else 2, clock=75)


def tron_end(state: Values) -> str | None:
    if state["phase"] != 3:
        return None
    points = [rider[5] for rider in state["riders"]]
    winners = [player for player, won in enumerate(points) if won == max(points)]
    if len(winners) == len(points):
        return "[] equal rounds" if max(points) else "[] all rounds drawn"
    return f"{winners} most rounds won"


GAMES: dict[
    str,
    tuple[
        Callable[[Values, int, int, Sequence[int]], Values],
        Callable[[Values, Sequence[Any]], Values],
        Callable[[Values], str | None],
    ],
] = {
    "gomoku": (gomoku_first, gomoku_frame, gomoku_end),
    "pong": (pong_first, pong_frame, pong_end),
    "tron": (tron_first, tron_frame, tron_end),
}
"""First state, one frame, and how it ended."""
