"""The window: pygame app, scenes, widgets, text, sound. Talks to a `Client`, knows no socket."""
