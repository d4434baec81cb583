"""What people decide about agents by command: new ones, and which may play.

What a person set wins over the models file. Each call is one transaction of the registry, which
excludes other writers: acts at once come one after the other, and one that is interrupted has
changed nothing. Doing the same again changes nothing either. Acts on models are in
`registry.acts.models`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError
from sqlalchemy import Connection, insert, update

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.escaping import plain_line
from arena_pipeline.registry.acts.audit import ActRefused, By, SubjectKind, last_reason, write_audit
from arena_pipeline.registry.acts.models import ActReport
from arena_pipeline.registry.agents import AgentRow, agent_rows
from arena_pipeline.registry.declared.agent_configs import (
    AgentConfig,
    CallRefusal,
    Policies,
    Refusal,
    bot_config,
    model_config,
)
from arena_pipeline.registry.declared.agent_prompts import chosen_prompt
from arena_pipeline.registry.declared.agents import ensure_kinds
from arena_pipeline.registry.families import Families
from arena_pipeline.registry.models import AmbiguousName
from arena_pipeline.registry.names import check_alias, check_bot_alias
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, AgentSource, SetBy
from arena_pipeline.store.types import clean_text

LONGEST_TITLE = 200


def add_agent(
    store: Store,
    alias: str,
    *,
    model: str | None = None,
    policy: str | None = None,
    prompt: str | None = None,
    title: str | None = None,
    settings: Mapping[str, Any] | None = None,
    actor: str,
    reason: str | None = None,
    policies: Policies = None,
    refusal: Refusal | None = None,
    call_refusal: CallRefusal | None = None,
) -> AgentRow:
    """Register an agent that plays with a model (any name of it), told by a prompt (None: the
    newest active one), or a bot that plays by a policy.

    The same asked for again changes nothing but the title. `policies` and the refusals check it as
    `sync_agents` does. Raises ActRefused, NotFound or AmbiguousName; nothing is changed then.
    """
    by, title = By.of(actor, reason), _title(title)
    _check(alias, settings or {}, plays_by=[model, policy], prompt=prompt)
    with registry_write(store) as connection:
        ensure_kinds(store, connection)
        family = [row for row in agent_rows(connection) if row.family == alias]
        try:
            if policy is None:
                config = model_config(
                    connection,
                    str(model),
                    settings or {},
                    prompt=chosen_prompt(connection, prompt, family),
                    refusal=call_refusal,
                )
            else:
                config = bot_config(policy, settings or {}, policies, refusal)
        except (NotFound, AmbiguousName):
            raise
        except ArenaError as error:
            raise ActRefused(f"Agent {alias} can't be added: {error}") from error
        if family:
            present = _present(alias, config, family)
            _entitle(connection, present, title, by)
            alias = present.alias
        else:
            if policy is not None:
                _check_bot(alias)
            _insert(connection, alias, config, title, by)
        return next(row for row in agent_rows(connection) if row.alias == alias)


def disable_agents(
    store: Store, aliases: Iterable[str], *, actor: str, reason: str | None = None
) -> ActReport:
    """Keep agents from playing until a person says otherwise."""
    return _switch(store, "disable", aliases, By.of(actor, reason))


def enable_agents(
    store: Store, aliases: Iterable[str], *, actor: str, reason: str | None = None
) -> ActReport:
    """Let agents play. Refused for one whose model was replaced behind its slug, and beside another
    version that plays: of one agent there is one at a time.
    """
    return _switch(store, "enable", aliases, By.of(actor, reason))


def _check(
    alias: str, settings: Mapping[str, Any], *, plays_by: list[str | None], prompt: str | None
) -> None:
    """Raises ActRefused for what is wrong whatever the store holds."""
    try:
        check_alias(alias)
        _SETTINGS.validate_python(settings)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise ActRefused(
            f"Agent {alias} can't be added: its settings are no JSON: {first}"
        ) from error
    except ValueError as error:
        raise ActRefused(f"An agent can't be added: {error}") from error
    if plays_by.count(None) != 1:
        raise ActRefused(f"Agent {alias} needs either a model or a policy to play by, and not both")
    if prompt is not None and plays_by[0] is None:
        raise ActRefused(f"Agent {alias} is a bot, and bots are told nothing: leave out the prompt")


def _check_bot(alias: str) -> None:
    try:
        check_bot_alias(alias)
    except ValueError as error:
        raise ActRefused(f"An agent can't be added: {error}") from error


_SETTINGS = TypeAdapter(Mapping[str, JsonValue])


def _title(title: str | None) -> str | None:
    if title is None:
        return None
    cleaned = clean_text(plain_line(title))
    if not 0 < len(cleaned) <= LONGEST_TITLE:
        raise ActRefused(f"A title has 1 to {LONGEST_TITLE} characters; this has {len(cleaned)}")
    return cleaned


def _insert(
    connection: Connection, alias: str, config: AgentConfig, title: str | None, by: By
) -> None:
    connection.execute(
        insert(Agent).values(
            alias=alias,
            title=title,
            **config.columns,
            source=str(AgentSource.PERSON),
            config_digest=config.digest(alias, 1),
            created_at=datetime.now(UTC),
        )
    )
    told = {} if config.prompt is None else {"prompt": config.prompt}
    made: dict[str, Any] = {"kind": config.kind, "model": config.model, **told}
    made |= {"settings": config.settings, "title": title}
    write_audit(connection, by, "add", SubjectKind.AGENT, alias, after=made)


def _present(alias: str, config: AgentConfig, family: list[AgentRow]) -> AgentRow:
    """The agent that is this very one already. Raises ActRefused if the alias is another's."""
    for row in family:
        by_person = row.source == AgentSource.PERSON
        if by_person and row.config_digest == config.digest(alias, row.version):
            return row
    holder = family[-1]
    source = _FROM[AgentSource(holder.source)]
    raise ActRefused(
        f"The alias {alias!r} is taken by {holder.alias}, {source}; "
        "choose another alias, for an agent's settings never change"
    )


_FROM = {
    AgentSource.YAML: "which models.yaml declares",
    AgentSource.ENROLMENT: "which was enrolled",
    AgentSource.IMPORT: "which was imported",
    AgentSource.PERSON: "which a person added with other settings",
}


def _entitle(connection: Connection, row: AgentRow, title: str | None, by: By) -> None:
    if title in (None, row.title):
        return
    connection.execute(update(Agent).where(Agent.id == row.id).values(title=title))
    before, after = {"title": row.title}, {"title": title}
    write_audit(connection, by, "title", SubjectKind.AGENT, row.alias, before=before, after=after)


def _switch(store: Store, action: str, aliases: Iterable[str], by: By) -> ActReport:
    """Switch each agent named on or off and write it down; a name that is no good is reported, and
    the others go on.
    """
    given = list(dict.fromkeys(aliases))
    if not given:
        raise ActRefused(f"Name the agents to {action}, by alias")
    outcome: dict[str, bool] = {}
    failed: list[tuple[str, str]] = []
    with registry_write(store) as connection:
        known = Families.of(connection)
        for name in given:
            try:
                row = known.named(name)
                if row.alias in outcome:
                    continue
                if action == "enable":
                    known.check_may_play(row)
            except ArenaError as error:
                failed.append((name, str(error)))
                continue
            outcome[row.alias] = _change(connection, known, row, action, by)
    done = tuple(alias for alias, changed in outcome.items() if changed)
    unchanged = tuple(alias for alias, changed in outcome.items() if not changed)
    return ActReport(done, unchanged, tuple(failed))


def _change(connection: Connection, known: Families, row: AgentRow, action: str, by: By) -> bool:
    """Whether there was something to change or a new reason to write down."""
    after = {"active": action == "enable", "active_set_by": str(SetBy.PERSON)}
    before = {"active": row.active, "active_set_by": row.active_set_by}
    if before == after:
        said = last_reason(connection, SubjectKind.AGENT, row.alias)
        if by.reason in (None, said):
            return False
    connection.execute(update(Agent).where(Agent.id == row.id).values(**after))
    write_audit(connection, by, action, SubjectKind.AGENT, row.alias, before=before, after=after)
    known.put(replace(row, active=action == "enable", active_set_by=str(SetBy.PERSON)))
    return True
