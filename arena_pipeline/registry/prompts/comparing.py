"""Two prompts side by side: which lines one has and the other has not."""

from difflib import unified_diff

from arena_pipeline.registry.prompts.rows import Prompt


def differences(old: Prompt, new: Prompt) -> tuple[str, ...]:
    """The unified diff of two texts, a line each; none if they say the same."""
    return tuple(
        unified_diff(
            old.text.split("\n"),
            new.text.split("\n"),
            old.reference,
            new.reference,
            lineterm="",
        )
    )
