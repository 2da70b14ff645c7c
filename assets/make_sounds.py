"""Synthesises the sounds of the app into ``sounds/*.wav``.

Run it again after a change: ``python assets/make_sounds.py``.
Standard library only; the result is the same on every run.
"""

import math
import struct
import wave
from pathlib import Path

RATE = 22050
Note = tuple[float, float, float, float]
"""Start in seconds, pitch in Hz, half-life in seconds, loudness 0-1."""

SOUNDS: dict[str, tuple[float, list[Note]]] = {
    "click": (0.06, [(0.0, 1400.0, 0.006, 0.25)]),
    "stone": (0.16, [(0.0, 210.0, 0.018, 0.8), (0.0, 1130.0, 0.006, 0.45), (0.0, 2470.0, 0.003, 0.25)]),
    "invite": (0.75, [(0.0, 659.3, 0.09, 0.4), (0.16, 880.0, 0.12, 0.45)]),
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
    "paddle": (0.12, [(0.0, 440.0, 0.02, 0.4), (0.0, 1320.0, 0.006, 0.15)]),
    "wall": (0.1, [(0.0, 294.0, 0.016, 0.3)]),
    "score": (0.5, [(0.0, 330.0, 0.06, 0.3), (0.07, 494.0, 0.1, 0.35)]),
    "beat": (0.15, [(0.0, 523.3, 0.025, 0.25)]),
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


def write(path: Path, length: float, notes: list[Note]) -> None:
    """One mono 16-bit WAV file."""
    values = [sample(notes, i / RATE, length) for i in range(int(length * RATE))]
    frames = b"".join(struct.pack("<h", round(max(-1.0, min(1.0, v * 0.7)) * 32767)) for v in values)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames)


if __name__ == "__main__":
    target = Path(__file__).parent / "sounds"
    target.mkdir(exist_ok=True)
    for name, (length, notes) in SOUNDS.items():
        write(target / f"{name}.wav", length, notes)
