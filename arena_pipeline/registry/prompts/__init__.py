"""Prompts: immutable texts, known by their digest, that tell a model what it plays and how to
answer.

What belongs here: reading prompt files (`files`), what stands in their text (`template`), keeping
them (`registering`, `acts`), and asking for them (`rows`, `comparing`). Which values fill the
placeholders is the players' business.
"""

from arena_pipeline.registry.prompts.errors import BadPrompt
from arena_pipeline.registry.prompts.registering import PromptsReport, register_prompts
from arena_pipeline.registry.prompts.rows import (
    Prompt,
    default_game,
    newest_active,
    prompt_named,
    prompt_of,
)
from arena_pipeline.registry.prompts.template import placeholders

__all__ = [
    "BadPrompt",
    "Prompt",
    "PromptsReport",
    "default_game",
    "newest_active",
    "placeholders",
    "prompt_named",
    "prompt_of",
    "register_prompts",
]
