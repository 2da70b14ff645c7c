"""Who somebody is to us: known, verified, blocked or an impostor, and how two people make sure."""
