"""Catalogs for tests, written as the gateway writes them."""

import json
from typing import Any

MAY = 1_746_057_600  # 2025-05-01


def row(
    slug: str, *, prompt: str = "0.000001", completion: str = "0.000002", **fields: Any
) -> dict[str, Any]:
    """One row of the catalog; `fields` replace or add whole fields."""
    return {
        "id": slug,
        "canonical_slug": f"{slug}-20250501",
        "name": slug.partition("/")[2].title(),
        "created": MAY,
        "description": "A model.",
        "context_length": 128_000,
        "architecture": {"modality": "text->text", "tokenizer": "Other", "instruct_type": None},
        "pricing": {"prompt": prompt, "completion": completion},
        "top_provider": {
            "context_length": 128_000,
            "max_completion_tokens": 8192,
            "is_moderated": False,
        },
        "per_request_limits": None,
        "supported_parameters": ["max_tokens", "temperature"],
        **fields,
    }


def body(*rows: object, **envelope: Any) -> bytes:
    """The bytes of a catalog with these rows."""
    return json.dumps({"data": rows, **envelope}).encode()
