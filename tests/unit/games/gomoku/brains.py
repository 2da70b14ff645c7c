"""Engines of our own making for the tests, good and bad: ``python brains.py KIND``."""

import sys
import time


def main(kind: str) -> None:
    size, taken, told = 15, set(), 0
    reading = False
    if kind == "no start":
        return
    for raw in sys.stdin:
        words = raw.split()
        if not words:
            continue
        name = words[0].upper()
        if reading:
            if name == "DONE":
                reading = False
            else:
                taken.add(tuple(map(int, name.split(",")[:2])))
                continue
        if name in ("START", "RESTART"):
            size = int(words[1]) if name == "START" else size
            taken.clear()
            print("MESSAGE ready", flush=True)
            print("ERROR not this size" if kind == "no size" else "OK", flush=True)
        elif name == "BOARD":
            taken.clear()
            reading = True
        elif name == "END":
            if kind == "stays":
                time.sleep(60)
            return
        elif name in ("BEGIN", "TURN", "DONE"):
            if name == "TURN":
                taken.add(tuple(map(int, words[1].split(","))))
            if kind == "told":
                print(f"{told // 100},{told % 100}", flush=True)
                continue
            if kind == "silent":
                time.sleep(60)
            if kind == "dies":
                return
            if kind == "floods":
                while True:
                    print("MESSAGE " + "x" * 200, flush=True)
            if kind == "floods bytes":
                while True:
                    sys.stdout.write("x" * 4096)
            if kind == "illegal" and taken:
                print("{},{}".format(*next(iter(taken))), flush=True)
                continue
            if kind == "outside":
                print("15,3", flush=True)
                continue
            if kind == "nonsense":
                print("h8\x1b[31m", flush=True)
                continue
            if kind == "error":
                print("ERROR I am lost", flush=True)
                continue
            move = next((x, y) for y in range(size) for x in range(size) if (x, y) not in taken)
            taken.add(move)
            print("DEBUG first free point\nMESSAGE depth 1", flush=True)
            print(f"{move[0]},{move[1]}", flush=True)
        elif name == "INFO":
            told = int(words[2]) if words[1] == "timeout_turn" else told
        else:
            print("UNKNOWN", flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "good")
