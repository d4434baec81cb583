"""Who decides: the `Player` protocol and its kinds (bots here; language models later)."""
