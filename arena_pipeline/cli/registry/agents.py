"""`arena agents`: who can sit down to play, and adding, resting and waking agents by hand."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command, group
from arena_pipeline.cli.asking import actor, settings
from arena_pipeline.cli.registry.reports import Why, show_report
from arena_pipeline.cli.registry.syncing import tell_prompts
from arena_pipeline.cli.screen import Widest, add_rows, table
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.registry.agents import AgentRow

agents = group("agents", "List who can sit down to play, add agents, switch them off and on.")

_ALL = ("title", "kind", "plays by", "told", "with", "version", "active", "set by", "from")

Aliases = Annotated[
    list[str],
    typer.Argument(metavar="ALIAS", help="The agents; a name without @ means its newest."),
]


@command("list", of=agents)
def show(session: Session) -> None:
    """List who can sit down to play: bots, and models with their settings."""
    from arena_pipeline.registry.agents import agents as registered

    rows = registered(session.ready_store())
    if session.screen.as_json:
        session.screen.document({"agents": [agent_json(row) for row in rows]})
    elif rows:
        session.screen.show(
            Widest(
                _table(rows, _ALL),
                _table(rows, ("plays by", "told", "with", "active", "from")),
                _table(rows, ("plays by", "with", "active", "from")),
                _table(rows, ("plays by", "with", "active")),
            )
        )
    else:
        session.screen.show("No agents yet. [dim]arena sync[/] reads the models file.")


@command("add", of=agents)
def add(
    session: Session,
    alias: Annotated[str, typer.Argument(metavar="ALIAS", help="Its name, unique for ever.")],
    model: Annotated[
        str | None, typer.Option(metavar="SLUG", help="The model it plays with, by any name.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(metavar="NAME", help="The policy by which a bot decides.")
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[@V]", help="What a model is told; unset: the newest active prompt."
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What people call it; unset: its alias.")
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--setting",
            metavar="KEY=VALUE",
            help="A setting it plays with; the value is JSON, or else text. May be repeated.",
        ),
    ] = None,
    reason: Why = None,
) -> None:
    """Register an agent: a model with settings, or a bot."""
    from arena_pipeline.evaluation.declaring import call_refusal
    from arena_pipeline.evaluation.setup import take_prompts
    from arena_pipeline.players import bots
    from arena_pipeline.registry.acts.agents import add_agent

    if (model is None) == (policy is None):
        raise typer.BadParameter("An agent needs either --model or --policy")
    chosen = settings(setting)
    store = session.ready_store()
    if model is not None:
        tell_prompts(session, take_prompts(store, session.settings))
    row = add_agent(
        store,
        alias,
        model=model,
        policy=policy,
        prompt=prompt,
        title=title,
        settings=chosen,
        actor=actor(),
        reason=reason,
        policies=bots.versions(),
        refusal=bots.refusal,
        call_refusal=call_refusal,
    )
    if session.screen.as_json:
        session.screen.document(agent_json(row))
    else:
        plays_by = clean(row.policy or row.model or "itself")
        how = f" with {clean(own)}" if (own := _settings(row)) else ""
        told = f", told by prompt {row.prompt}" if row.prompt else ""
        session.screen.show(Text(f"Agent {clean(row.alias)} plays by {plays_by}{how}{told}."))


@command("disable", of=agents)
def disable(session: Session, aliases: Aliases, reason: Why = None) -> int:
    """Switch agents off: they start no more matches; what they played stays."""
    from arena_pipeline.registry.acts.agents import disable_agents

    report = disable_agents(session.ready_store(), aliases, actor=actor(), reason=reason)
    return show_report(session, report, "switched off")


@command("enable", of=agents)
def enable(session: Session, aliases: Aliases, reason: Why = None) -> int:
    """Switch agents on again."""
    from arena_pipeline.registry.acts.agents import enable_agents

    report = enable_agents(session.ready_store(), aliases, actor=actor(), reason=reason)
    return show_report(session, report, "switched on")


def agent_json(row: "AgentRow") -> dict[str, Any]:
    """An agent as an object of a JSON document."""
    return {**asdict(row), "policy": row.policy}


def _table(rows: "tuple[AgentRow, ...]", columns: tuple[str, ...]) -> "Table":
    """A line for each agent: its alias, and of the other facts those named."""
    made = table("agent", *columns, right=("version",))
    for row in rows:
        known = {
            "title": row.title,
            "kind": row.kind,
            "plays by": row.policy or row.model,
            "told": row.prompt,
            "with": _settings(row),
            "version": row.version,
            "active": row.active,
            "set by": row.active_set_by,
            "from": row.source,
        }
        add_rows(made, [(row.alias, *(known[name] for name in columns))])
    return made


def _settings(row: "AgentRow") -> str:
    """What tells an agent from others that play by the same: "depth=3, style=bold"."""
    from arena_pipeline.registry.agents import policy_settings

    own = policy_settings(row.settings)
    return ", ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in own.items()
    )
