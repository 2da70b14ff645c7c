"""Pong, a built-in real-time game for two: 60 frames a second, fixed-point integers. A plug-in like any other."""
