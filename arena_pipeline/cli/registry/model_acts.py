"""`arena models allow`, `deny`, `activate`, `deactivate`, `retire`, `reset`: what a person decides
about models, which wins over the models file and the catalog.
"""

from typing import Annotated

import typer

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.registry.models import models
from arena_pipeline.cli.registry.reports import Why, show_report
from arena_pipeline.cli.registry.syncing import declare, tell_enrolment

Slugs = Annotated[
    list[str],
    typer.Argument(metavar="SLUG", help="The models, by slug or any name they ever had."),
]
_DONE = {
    "allow": "allowed",
    "deny": "denied",
    "activate": "active",
    "deactivate": "inactive",
    "retire": "retired",
    "reset": "without decisions by command",
}
"""What a model is after each act."""

_MAY_ENROL = ("allow", "activate")
"""Acts after which a model may be enrolled."""


@command("allow", of=models)
def allow(session: Session, slugs: Slugs, reason: Why = None) -> int:
    """Let models be evaluated that the policy would leave out as a matter of taste."""
    return _act(session, "allow", slugs, reason)


@command("deny", of=models)
def deny(session: Session, slugs: Slugs, reason: Why = None) -> int:
    """Never evaluate these models."""
    return _act(session, "deny", slugs, reason)


@command("activate", of=models)
def activate(session: Session, slugs: Slugs, reason: Why = None) -> int:
    """Let models play."""
    return _act(session, "activate", slugs, reason)


@command("deactivate", of=models)
def deactivate(session: Session, slugs: Slugs, reason: Why = None) -> int:
    """Let models rest: they neither play nor are anybody's opponent."""
    return _act(session, "deactivate", slugs, reason)


@command("retire", of=models)
def retire(session: Session, slugs: Slugs, reason: Why = None) -> int:
    """Take models out of evaluation for good; what they played stays."""
    return _act(session, "retire", slugs, reason)


@command("reset", of=models)
def reset(session: Session, slugs: Slugs, reason: Why = None) -> int:
    """Forget what was decided about models by command: file, policy and catalog decide again."""
    return _act(session, "reset", slugs, reason)


def _act(session: Session, name: str, slugs: list[str], reason: str | None) -> int:
    from arena_pipeline.registry.acts import models as acts
    from arena_pipeline.registry.declared.models_file import read_models_file
    from arena_pipeline.registry.enrolment import enrol

    store = session.ready_store()
    if name == "reset":
        # What the file denies must not be open until somebody mends the file.
        read_models_file(session.settings.models_path)
    report = getattr(acts, name)(store, slugs, actor=actor(), reason=reason)
    if name == "reset":
        declare(session, store)
    elif name in _MAY_ENROL:
        tell_enrolment(session, enrol(store, session.settings))
    return show_report(session, report, _DONE[name])
