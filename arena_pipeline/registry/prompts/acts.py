"""What people do about prompts by command: making a file from one, and switching versions on and
off.

Each switch is one transaction of the registry, which excludes other writers; doing it again changes
nothing. Files are made so that none is ever overwritten.
"""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, select, update

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.registry.acts.audit import ActRefused, By, SubjectKind, write_audit
from arena_pipeline.registry.acts.models import ActReport
from arena_pipeline.registry.prompts.files import PromptFile, is_name, written
from arena_pipeline.registry.prompts.registering import SUFFIX
from arena_pipeline.registry.prompts.rows import Prompt, prompt_named
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Prompt as Stored


def fork_prompt(
    store: Store, reference: str, name: str, *, folder: Path, file: Path | None = None
) -> Path:
    """Write a new prompt file (default: NAME.md in `folder`) with the words of the prompt that
    `reference` means, to be edited; returns where it is.

    It becomes a prompt once its words differ. Raises NotFound, ActRefused for a name that is none
    or somebody's, and for a file that is there.
    """
    if not is_name(name):
        raise ActRefused(f"{name[:60]!r} can't name a prompt: small letters, digits and . _ - only")
    with store.read() as connection:
        origin = prompt_named(connection, reference)
        if connection.scalar(select(Stored.id).where(Stored.name == name)) is not None:
            raise ActRefused(
                f"There is a prompt {name!r} already; choose another name, "
                "or edit its file to make its next version"
            )
    path = file or folder / f"{name}{SUFFIX}"
    copy = PromptFile(name, origin.game, origin.text, None, origin.reference)
    if path.exists():
        raise ActRefused(f"{path} is there already; nothing was changed")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as made:
            made.write(written(copy))
    except OSError as error:
        raise ActRefused(f"{path} can't be written: {error.strerror or error}") from error
    return path


def switch_prompts(
    store: Store, references: Iterable[str], *, on: bool, actor: str, reason: str | None = None
) -> ActReport:
    """Let agents that ask for no prompt get these versions (NAME: its newest) or not; who has one
    keeps it. A name that is no good is reported, and the others go on.
    """
    by, action = By.of(actor, reason), "activate" if on else "deactivate"
    given = list(dict.fromkeys(references))
    if not given:
        raise ActRefused(f"Name the prompts to {action}, as NAME or NAME@VERSION")
    done: list[str] = []
    unchanged: list[str] = []
    failed: list[tuple[str, str]] = []
    with registry_write(store) as connection:
        for reference in given:
            try:
                prompt = _meant(connection, reference)
            except ArenaError as error:
                failed.append((reference, str(error)))
                continue
            if prompt.active == on:
                unchanged.append(prompt.reference)
                continue
            connection.execute(update(Stored).where(Stored.id == prompt.id).values(active=on))
            before, after = {"active": not on}, {"active": on}
            subject = (SubjectKind.PROMPT, prompt.reference)
            write_audit(connection, by, action, *subject, before=before, after=after)
            done.append(prompt.reference)
    return ActReport(tuple(done), tuple(unchanged), tuple(failed))


def _meant(connection: Connection, reference: str) -> Prompt:
    """The very version, or of a name alone the newest, active or not. Raises NotFound."""
    if "@" in reference:
        return prompt_named(connection, reference)
    newest = select(Stored.version).where(Stored.name == reference)
    version = connection.scalar(newest.order_by(Stored.version.desc()).limit(1))
    if version is None:
        prompt_named(connection, reference)
        raise NotFound(f"There is no prompt {reference!r}")
    return prompt_named(connection, f"{reference}@{version}")
