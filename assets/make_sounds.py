"""Synthesises the sounds of the app into ``sounds/*.wav`` and its music into ``music/*.wav``.

Run it again after a change: ``python assets/make_sounds.py``.
Standard library only; the result is the same on every run. No sample leaves the range, so nothing clips.
"""

import math
import struct
import wave
from collections.abc import Sequence
from pathlib import Path

RATE = 22050
Note = tuple[float, float, float, float]
"""Start in seconds, pitch in Hz, half-life in seconds, loudness 0-1."""

SOUNDS: dict[str, tuple[float, list[Note]]] = {
    "click": (0.06, [(0.0, 1400.0, 0.006, 0.25)]),
    "stone": (0.16, [(0.0, 210.0, 0.018, 0.8), (0.0, 1130.0, 0.006, 0.45), (0.0, 2470.0, 0.003, 0.25)]),
    "capture": (0.3, [(0.0, 190.0, 0.02, 0.6), (0.09, 260.0, 0.02, 0.5), (0.09, 1310.0, 0.01, 0.3)]),
    "turn": (0.4, [(0.0, 587.3, 0.05, 0.25), (0.09, 880.0, 0.07, 0.25)]),
    "invite": (0.75, [(0.0, 659.3, 0.09, 0.4), (0.16, 880.0, 0.12, 0.45)]),
    "join": (0.4, [(0.0, 440.0, 0.04, 0.25), (0.08, 659.3, 0.07, 0.3)]),
    "leave": (0.4, [(0.0, 659.3, 0.04, 0.25), (0.08, 440.0, 0.07, 0.3)]),
    "chat": (0.22, [(0.0, 784.0, 0.03, 0.18), (0.05, 988.0, 0.04, 0.16)]),
    "win": (
        1.1,
        [
            (0.0, 523.3, 0.1, 0.35),
            (0.13, 659.3, 0.1, 0.35),
            (0.26, 784.0, 0.1, 0.35),
            (0.39, 1046.5, 0.2, 0.4),
        ],
    ),
    "lose": (0.9, [(0.0, 440.0, 0.12, 0.35), (0.2, 349.2, 0.2, 0.35)]),
    "draw": (0.8, [(0.0, 440.0, 0.12, 0.3), (0.0, 554.4, 0.12, 0.2), (0.2, 440.0, 0.16, 0.3)]),
    "paddle": (0.12, [(0.0, 440.0, 0.02, 0.4), (0.0, 1320.0, 0.006, 0.15)]),
    "wall": (0.1, [(0.0, 294.0, 0.016, 0.3)]),
    "score": (0.5, [(0.0, 330.0, 0.06, 0.3), (0.07, 494.0, 0.1, 0.35)]),
    "beat": (0.15, [(0.0, 523.3, 0.025, 0.25)]),
    "tick": (0.08, [(0.0, 1760.0, 0.008, 0.2), (0.0, 880.0, 0.012, 0.15)]),
    "go": (0.35, [(0.0, 1046.5, 0.06, 0.28)]),
    "crash": (
        0.55,
        [
            (0.0, 73.0, 0.12, 0.5),
            (0.0, 117.0, 0.07, 0.4),
            (0.01, 233.0, 0.05, 0.25),
            (0.02, 391.0, 0.03, 0.2),
            (0.04, 811.0, 0.015, 0.15),
        ],
    ),
}
_ATTACK = 0.002

MUSIC_RATE = 11025
MUSIC: dict[str, tuple[float, Sequence[Sequence[float]], Sequence[int], float]] = {
    "lobby": (2.4, [(0, 7, 12, 16), (-3, 4, 9, 12), (-7, 0, 5, 9), (-5, 2, 7, 11)], (2, 1, 3, 2), 0.5),
    "gomoku": (3.0, [(0, 7, 10, 14), (-2, 5, 10, 12), (-4, 3, 8, 12), (-5, 2, 7, 10)], (3, 1), 0.35),
    "pong": (
        1.6,
        [(0, 7, 12, 15), (-4, 3, 8, 12), (3, 10, 15, 19), (-2, 5, 10, 14)],
        (0, 2, 1, 3, 2, 1, 3, 2),
        0.45,
    ),
    "tron": (
        1.6,
        [(0, 12, 7, 15), (0, 10, 7, 14), (-4, 8, 3, 12), (-5, 7, 2, 11)],
        (0, 0, 2, 0, 0, 2, 0, 3),
        0.45,
    ),
}
"""Seconds of a chord, the chords in semitones over the root, which notes are plucked over each, and how loud those are.

A piece is twice its chords, and its last note fades into its first: it loops without a seam."""
_ROOT = 130.81


def sample(notes: list[Note], t: float, length: float) -> float:
    """The sum of decaying sines at `t` seconds, faded out at the end."""
    value = 0.0
    for start, pitch, half_life, loudness in notes:
        age = t - start
        if age >= 0:
            envelope = min(1.0, age / _ATTACK) * 0.5 ** (age / half_life)
            tone = math.sin(2 * math.pi * pitch * age) + 0.25 * math.sin(4 * math.pi * pitch * age)
            value += loudness * envelope * tone
    return value * min(1.0, (length - t) / 0.01)


def _pitch(semitones: float) -> float:
    return _ROOT * 2.0 ** (semitones / 12)


def tune(name: str) -> list[float]:
    """The samples of a piece of music: soft chords, and plucked notes over them."""
    length, chords, plucked, loudness = MUSIC[name]
    chords = [*chords, *chords]
    total = round(length * len(chords) * MUSIC_RATE)
    mix = [0.0] * total
    for number, chord in enumerate(chords):
        start, long = round(number * length * MUSIC_RATE), round(1.5 * length * MUSIC_RATE)
        for semitones in chord:
            step = 2 * math.pi * _pitch(semitones) / MUSIC_RATE
            for i in range(long):
                swell = math.sin(math.pi * i / long) ** 2
                mix[(start + i) % total] += (
                    0.09 * swell * (math.sin(step * i) + 0.3 * math.sin(2.003 * step * i))
                )
        beat = length / len(plucked)
        for place, which in enumerate(plucked):
            begin, short = round((number * length + place * beat) * MUSIC_RATE), round(1.2 * MUSIC_RATE)
            step = 2 * math.pi * _pitch(chord[which] + 12) / MUSIC_RATE
            for i in range(short):
                envelope = min(1.0, i / 60) * 0.5 ** (i / (0.16 * MUSIC_RATE)) * (1 - i / short)
                mix[(begin + i) % total] += 0.3 * loudness * envelope * math.sin(step * i)
    peak = max(abs(value) for value in mix)
    return [0.5 * value / peak for value in mix]


def write(path: Path, values: Sequence[float], rate: int) -> None:
    """One mono 16-bit WAV file."""
    frames = b"".join(struct.pack("<h", round(max(-1.0, min(1.0, v)) * 32767)) for v in values)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames)


def main() -> None:
    """Write all files."""
    here = Path(__file__).parent
    for folder in ("sounds", "music"):
        (here / folder).mkdir(exist_ok=True)
    for name, (length, notes) in SOUNDS.items():
        values = [0.7 * sample(notes, i / RATE, length) for i in range(int(length * RATE))]
        write(here / "sounds" / f"{name}.wav", values, RATE)
    for name in MUSIC:
        write(here / "music" / f"{name}.wav", tune(name), MUSIC_RATE)


if __name__ == "__main__":
    main()
