"""Answers without what must not be kept: keys, account ids, whatever the environment holds secret.

A gateway may repeat a key in an error, or an account id in any field; what it sends is kept and
shown, so it is cleaned before anybody gets it.
"""

import json
from collections.abc import Iterable
from dataclasses import replace

from arena_pipeline.calls.wire.reply import Reply
from arena_pipeline.masking import MASK, mask_accounts, mask_error, mask_keys
from arena_pipeline.settings.environment import SHORTEST_SECRET


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """Text without these values, as they are and as JSON writes them, and without anything that
    can only be a key. Values as short as words are no secrets: servers that want some key get them.
    """
    for secret in secrets:
        if len(secret) < SHORTEST_SECRET:
            continue
        for written in {secret, json.dumps(secret)[1:-1]}:
            if written in text:
                text = text.replace(written, MASK)
    return mask_keys(text)


def cleaned(reply: Reply, secrets: Iterable[str]) -> Reply:
    """The reply with every text in it fit for keeping."""

    def clean(text: str) -> str:
        return mask_accounts(without_secrets(text, secrets))

    failure = reply.failure
    if failure is not None:
        message = mask_error(without_secrets(failure.message, secrets))
        failure = replace(failure, message=message)
    return replace(
        reply,
        text=clean(reply.text),
        failure=failure,
        reasoning=reply.reasoning and clean(reply.reasoning),
        finish_reason=reply.finish_reason and clean(reply.finish_reason),
        host=reply.host and clean(reply.host),
        request_id=reply.request_id and clean(reply.request_id),
        remarks=tuple(clean(one) for one in reply.remarks),
    )
