"""What can be wrong with a prompt."""

from collections.abc import Sequence

from arena_pipeline.errors import ArenaError
from arena_pipeline.registry.declared.yaml_marks import Mistake


class BadPrompt(ArenaError):
    """A prompt file that can't be used; what is registered stays as it is."""

    def __init__(self, name: str, mistakes: Sequence[Mistake]) -> None:
        lines = [f"{name}:{one.line}:{one.column}: {one.what}" for one in mistakes]
        super().__init__("\n".join(lines))
        self.mistakes = tuple(mistakes)
