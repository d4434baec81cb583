"""The practice server's catalog, in the shape of OpenRouter's."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from arena_pipeline.practice.line_up import PracticeModel
from arena_pipeline.store.types import plain_decimal

_TOKENS = Decimal(1_000_000)
_CREATED = 1_760_000_000
"""When all practice models came out, in seconds since 1970."""

_PARAMETERS = ("max_tokens", "seed", "stop", "temperature", "top_p")


def catalog_document(models: Iterable[PracticeModel]) -> dict[str, Any]:
    """What `GET /models` answers."""
    return {"data": [_row(model) for model in models]}


def _row(model: PracticeModel) -> dict[str, Any]:
    parameters = [*_PARAMETERS, *(("include_reasoning", "reasoning") if model.reasons else ())]
    return {
        "id": model.slug,
        "canonical_slug": model.slug.partition(":")[0],
        "name": model.title,
        "created": _CREATED,
        "description": f"A bot ({model.policy}) behind a price list, for practice.",
        "context_length": model.context_length,
        "architecture": {
            "modality": "text->text",
            "input_modalities": ["text"],
            "output_modalities": ["text"],
            "tokenizer": "Other",
            "instruct_type": None,
        },
        "pricing": {
            "prompt": plain_decimal(model.prompt / _TOKENS),
            "completion": plain_decimal(model.completion / _TOKENS),
            "request": "0",
            "image": "0",
        },
        "top_provider": {
            "context_length": model.context_length,
            "max_completion_tokens": model.max_completion_tokens,
            "is_moderated": False,
        },
        "per_request_limits": None,
        "supported_parameters": sorted(parameters),
    }
