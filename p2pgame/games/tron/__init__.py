"""Tron, a built-in real-time game for two to eight: light cycles on a grid. A plug-in like any other."""
