"""`arena prompts`: what models are told: listed, shown, compared, forked, added, switched."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command, group
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.registry.reports import Why, show_report
from arena_pipeline.cli.registry.syncing import tell_prompts
from arena_pipeline.cli.screen import Widest, add_rows, facts, table
from arena_pipeline.cli.text import clean, clean_lines

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.registry.prompts import Prompt
    from arena_pipeline.registry.prompts.rows import PromptUse
    from arena_pipeline.store import Store

prompts = group("prompts", "List what models are told; show, compare, fork and switch prompts.")

Reference = Annotated[
    str, typer.Argument(metavar="NAME[@V]", help="The prompt; without @V its newest active one.")
]
References = Annotated[
    list[str], typer.Argument(metavar="NAME[@V]", help="The prompts; without @V the newest one.")
]
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_COLUMNS = ("title", "game", "digest", "active", "forked from", "agents", "matches", "since")
_NARROW = ("game", "active", "agents", "matches")


@command("list", of=prompts)
def show_all(session: Session) -> None:
    """List the prompts: name and version, game, digest, who uses them."""
    from arena_pipeline.registry.prompts.rows import prompts as registered

    rows = registered(_store(session))
    if session.screen.as_json:
        session.screen.document({"prompts": [_use_json(one) for one in rows]})
    elif rows:
        session.screen.show(Widest(_table(rows, _COLUMNS), _table(rows, _NARROW)))
    else:
        session.screen.show("No prompts yet. [dim]arena sync[/] reads them.")


@command("show", of=prompts)
def show(
    session: Session,
    name: Reference,
    rendered: Annotated[
        bool, typer.Option("--rendered", help="As it is sent: with an example position in it.")
    ] = False,
) -> int:
    """Show a prompt: what is known of it, and its words."""
    from arena_pipeline.players.llm.rendering import example

    prompt = _named(_store(session), name)
    sent = example(prompt) if rendered else None
    if session.screen.as_json:
        told = {"rendered": sent} if rendered else {}
        session.screen.document({**_json(prompt), "text": prompt.text, **told})
        return 1 if rendered and sent is None else 0
    if rendered and sent is None:
        session.screen.failure(f"There is no example of game {prompt.game!r}")
        return 1
    names = ("title", "game", "digest", "forked_from", "active", "created_at")
    known = ((name.replace("_", " "), getattr(prompt, name)) for name in names)
    session.screen.show(
        facts(known, title=prompt.reference),
        Text(),
        Text(clean_lines(prompt.text if sent is None else sent)),
    )
    return 0


@command("diff", of=prompts)
def diff(session: Session, old: Reference, new: Reference) -> None:
    """Show which lines two prompts differ in."""
    from arena_pipeline.registry.prompts.comparing import differences

    store = _store(session)
    one, other = _named(store, old), _named(store, new)
    lines = differences(one, other)
    if session.screen.as_json:
        session.screen.document({"old": one.reference, "new": other.reference, "diff": lines})
    elif lines:
        session.screen.show(
            *(Text(clean(line), style=_COLOURS.get(line[:1], "")) for line in lines)
        )
    else:
        session.screen.show(Text(f"{one.reference} and {other.reference} say the same."))


@command("fork", of=prompts)
def fork(
    session: Session,
    name: Reference,
    new_name: Annotated[str, typer.Argument(metavar="NEWNAME", help="What yours is called.")],
    edit: Annotated[
        bool, typer.Option("--edit", help="Open it in your editor now (EDITOR), then add it.")
    ] = False,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-o", metavar="FILE", help="Write it here; then add it by hand."),
    ] = None,
) -> None:
    """Write a file with a prompt's words, to be edited into a prompt of your own."""
    from arena_pipeline.evaluation.setup import own_prompts
    from arena_pipeline.registry.prompts.acts import fork_prompt

    store = _store(session)
    path = fork_prompt(store, name, new_name, folder=own_prompts(session.settings), file=file)
    if edit:
        _open_editor(path)
        _add(session, store, [path])
    if session.screen.as_json:
        session.screen.document({"file": path, "name": new_name})
        return
    session.screen.show(Text(f"{clean(path)} is yours to edit."))
    if not edit:
        after = "arena prompts add " + clean(path) if file else "any arena prompts or arena sync"
        session.screen.show(Text(f"Once its words differ, {after} makes it a prompt.", style="dim"))


@command("add", of=prompts)
def add(
    session: Session,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Prompt files (*.md).")],
) -> int:
    """Register prompt files, wherever they lie."""
    return _add(session, session.ready_store(), files, tell=True)


@command("activate", of=prompts)
def activate(session: Session, names: References, reason: Why = None) -> int:
    """Let agents that ask for no prompt get these, the newest first."""
    return _switch(session, names, reason, on=True)


@command("deactivate", of=prompts)
def deactivate(session: Session, names: References, reason: Why = None) -> int:
    """Give these to no agent that does not ask for them; who has one keeps it."""
    return _switch(session, names, reason, on=False)


def _open_editor(path: Path) -> None:
    """Let the person edit the file, and wait. Raises ActRefused if no editor can be started."""
    import shlex
    import subprocess

    from arena_pipeline.registry.acts.audit import ActRefused
    from arena_pipeline.settings import value_of

    editor = value_of("VISUAL") or value_of("EDITOR") or "vi"
    try:
        subprocess.run([*shlex.split(editor), str(path)], check=True)  # noqa: S603 - the person's own
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise ActRefused(
            f"The editor {editor!r} failed: {error}; the file is {path}, "
            "and arena prompts add makes it a prompt once it is edited"
        ) from error


def _store(session: Session) -> "Store":
    """The store, with what is new in the folders of prompts."""
    from arena_pipeline.evaluation.setup import take_prompts

    store = session.ready_store()
    tell_prompts(session, take_prompts(store, session.settings))
    return store


def _named(store: "Store", name: str) -> "Prompt":
    from arena_pipeline.registry.prompts import prompt_named

    with store.read() as connection:
        return prompt_named(connection, name)


def _add(session: Session, store: "Store", files: list[Path], *, tell: bool = False) -> int:
    """Register files and tell what became of each; returns 1 if one is no good."""
    from arena_pipeline.evaluation.setup import known_placeholders
    from arena_pipeline.registry.prompts.registering import register_files

    report = register_files(store, files, known=known_placeholders())
    if tell and session.screen.as_json:
        session.screen.document(report.to_json())
        return 1 if report.rejected else 0
    if not session.screen.as_json:
        for reference in report.added:
            rests = " (arena prompts activate makes it the one that new agents get)"
            note = rests if reference in report.resting else ""
            session.screen.show(Text.assemble((reference, "bold"), f" is a prompt now{note}"))
        for reference in report.unchanged:
            session.screen.show(Text.assemble((reference, "bold"), " was a prompt already"))
        for file, reference in report.known_as:
            session.screen.show(Text(f"{clean(file)} says what {reference} says: no new prompt"))
    for _, reason in report.rejected:
        session.screen.notice(reason)
    return 1 if report.rejected else 0


def _switch(session: Session, names: list[str], reason: str | None, *, on: bool) -> int:
    from arena_pipeline.registry.prompts.acts import switch_prompts

    report = switch_prompts(_store(session), names, on=on, actor=actor(), reason=reason)
    return show_report(session, report, "active" if on else "inactive")


def _json(prompt: "Prompt") -> dict[str, Any]:
    """What is known of a prompt beside its words."""
    known = {name: value for name, value in asdict(prompt).items() if name not in ("id", "text")}
    return {"reference": prompt.reference, "title": prompt.title} | known


def _use_json(use: "PromptUse") -> dict[str, Any]:
    return {**_json(use.prompt), "agents": use.agents, "matches": use.matches}


def _table(rows: "tuple[PromptUse, ...]", columns: tuple[str, ...]) -> "Table":
    from arena_pipeline.registry.prompts.rows import SHORT

    made = table("prompt", *columns, right=("agents", "matches"), whole=("prompt", "digest"))
    for use in rows:
        one = use.prompt
        known = {
            "title": one.title,
            "game": one.game,
            "digest": one.digest[:SHORT],
            "active": one.active,
            "forked from": one.forked_from,
            "agents": use.agents,
            "matches": use.matches,
            "since": one.created_at,
        }
        add_rows(made, [(one.reference, *(known[name] for name in columns))])
    return made
