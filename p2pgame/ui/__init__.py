"""The app: windows, scenes, text, sound and devices. Talks to the network only through `ui.client.Client`.

Importing this package opens nothing and does not import pygame; it only keeps pygame from greeting on stdout.
"""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
