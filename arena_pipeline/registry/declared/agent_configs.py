"""What makes an agent itself, checked: a bot's policy and settings, or a model and settings.

What belongs here: configurations that nobody has named yet. Agents are written by
`registry.declared.agents` and `registry.acts.agents`.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from arena_pipeline.errors import ArenaError
from arena_pipeline.registry.agents import POLICY, POLICY_VERSION, config_digest, unstorable
from arena_pipeline.registry.models import resolve
from arena_pipeline.registry.names import nearest
from arena_pipeline.registry.prompts import Prompt
from arena_pipeline.store.tables import Model

Policies = Collection[str] | Mapping[str, str] | None
"""The bots' policies there are, if possible with the version of each; None: not checked."""

Refusal = Callable[[str, Mapping[str, Any]], str | None]
"""Why a policy can't be played with settings; None if it can."""

CallRefusal = Callable[[Mapping[str, Any]], str | None]
"""Why no model can be called with settings; None if one can."""


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """All that makes an agent itself but for its name and version. `prompt` is its digest."""

    kind: str
    settings: dict[str, Any]
    model: str | None = None
    model_id: int | None = None
    model_version: int | None = None
    prompt_id: int | None = None
    prompt: str | None = None

    def digest(self, family: str, version: int) -> str:
        """The config digest of that version of an agent."""
        return config_digest(
            family,
            self.kind,
            self.model,
            self.settings,
            version,
            prompt=self.prompt,
            model_version=self.model_version,
        )

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of `agents` that say the same."""
        names = ("kind", "model_id", "model_version", "prompt_id", "settings")
        return {name: getattr(self, name) for name in names}


def bot_config(
    policy: str, settings: Mapping[str, Any], policies: Policies, refusal: Refusal | None
) -> AgentConfig:
    """A bot's configuration. Raises ArenaError with the reason why there can be no such bot."""
    _check(settings)
    if own := {POLICY, POLICY_VERSION} & settings.keys():
        raise ArenaError(f"{min(own)!r} can't be one of a bot's settings")
    if refusal is not None and (reason := refusal(policy, settings)):
        raise ArenaError(reason)
    if policies is not None and policy not in policies:
        known = ", ".join(sorted(policies))
        raise ArenaError(
            f"there is no policy {policy!r}{nearest(policy, policies)} (there are {known})"
        )
    version = {POLICY_VERSION: policies[policy]} if isinstance(policies, Mapping) else {}
    return AgentConfig("bot", {POLICY: policy, **settings, **version})


def model_config(
    connection: Connection,
    name: str,
    settings: Mapping[str, Any],
    *,
    prompt: Prompt | None = None,
    refusal: CallRefusal | None = None,
) -> AgentConfig:
    """The configuration of an agent that plays with the model of that name as it is now, told by
    this prompt. Raises ArenaError with the reason why there can be no such agent.
    """
    _check(settings)
    if refusal is not None and (reason := refusal(settings)):
        raise ArenaError(reason)
    slug = resolve(connection, name)
    found = select(Model.id, Model.version).where(Model.slug == slug)
    model_id, version = connection.execute(found).one()
    return AgentConfig(
        "llm",
        dict(settings),
        slug,
        model_id,
        version,
        prompt.id if prompt else None,
        prompt.digest if prompt else None,
    )


def _check(settings: Mapping[str, Any]) -> None:
    if fault := unstorable(settings):
        raise ArenaError(f"its settings hold {fault}, which can't be kept as it is")
    if secret := _secret(settings):
        raise ArenaError(
            f"its settings hold {secret[:40]!r}, and settings are shown; a key stays in the "
            "environment, under the name that a gateway of models.yaml gives as its `key`"
        )


def _secret(value: Any) -> str | None:
    """A name in a JSON value under which only a secret can stand."""
    if isinstance(value, list):
        return next(filter(None, map(_secret, value)), None)
    if not isinstance(value, Mapping):
        return None
    own = (name for name in value if _NOT_A_LETTER.sub("", name.lower()) in _SECRETS)
    return next(own, None) or _secret([*value.values()])


_NOT_A_LETTER = re.compile("[^a-z]")
_SECRETS = frozenset(
    {"apikey", "xapikey", "apitoken", "accesstoken", "authtoken", "authorization", "password"}
)
