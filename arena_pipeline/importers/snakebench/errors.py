"""What a document can't be read for: it is no game at all, or one that is damaged."""

from arena_pipeline.errors import ArenaError


class NotAGame(ArenaError):
    """A document of another kind: an index, statistics, or nothing of SnakeBench's. `reason` says
    so in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"This is no SnakeBench game: {reason}")
        self.reason = reason


class BadGame(ArenaError):
    """A game's document that is damaged or says what no game can be. `reason` says what."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This SnakeBench game can't be read: {reason}")
        self.reason = reason
