"""`arena models`: which models there are, what one is, and which may be evaluated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command, group
from arena_pipeline.cli.asking import amount
from arena_pipeline.cli.screen import Widest, add_rows, many, table
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.registry.history import UnresolvedName
    from arena_pipeline.registry.models import ModelRow
    from arena_pipeline.registry.policy.eligibility import Verdict

_LEAST_SHOWN = Decimal("0.0001")

Status = Literal["untested", "testing", "ranked", "retired"]

models = group("models", "List the models of the registry, show one, or decide about some.")


@command("show", of=models, hidden=True)
def show(
    session: Session,
    slug: Annotated[
        str | None,
        typer.Argument(
            metavar="SLUG", help="One model, by slug or any name it was ever known under."
        ),
    ] = None,
    status: Annotated[Status | None, typer.Option(help="Only models of this test status.")] = None,
    vendor: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only models made by this vendor.")
    ] = None,
    free: Annotated[
        bool, typer.Option("--free", help="Only models known to cost nothing.")
    ] = False,
    max_price: Annotated[
        str | None,
        typer.Option(
            metavar="USD", help="Only models of known prices up to this, per million tokens."
        ),
    ] = None,
    unresolved: Annotated[
        bool,
        typer.Option(
            "--unresolved", help="Only models that an import made for a name it could not resolve."
        ),
    ] = False,
    why: Annotated[
        bool,
        typer.Option("--why", help="Say of each whether it may be evaluated, and if not, why."),
    ] = False,
) -> None:
    """List the models of the registry, or show one with all that is known of it."""
    from arena_pipeline.cli.registry.model_page import show_model
    from arena_pipeline.registry import models as registry
    from arena_pipeline.registry.history import unresolved_names
    from arena_pipeline.registry.policy.verdicts import verdicts

    filters = (status, vendor, max_price, free or None, unresolved or None)
    if slug is not None and any(given is not None for given in filters):
        raise typer.BadParameter("A SLUG asks for one model; filters are for lists")
    highest = amount(max_price, "--max-price")
    store = session.ready_store()
    judged = (
        {one.model: one for one in verdicts(store, session.settings)}
        if why or slug is not None
        else {}
    )
    if slug is not None:
        row = registry.model(store, slug)
        if why and not session.screen.as_json:
            session.screen.show(_why_table([row], judged))
        else:
            show_model(session, store, row, judged[row.slug])
        return
    rows = registry.models(
        store,
        status=status,
        vendor=vendor,
        free=free or None,
        max_price=highest,
        unresolved=unresolved or None,
    )
    names = _names_of(rows, unresolved_names(store)) if unresolved else {}
    if session.screen.as_json:
        session.screen.document(_document(rows, judged, names))
    elif not rows:
        known = any(filters) and registry.models(store)
        session.screen.show(
            f"None of the {many(len(known), 'model')} is like that."
            if known
            else "No models yet. [dim]arena sync[/] fetches the catalog."
        )
    elif why:
        _show_why(session, rows, judged)
    elif unresolved:
        _show_unresolved(session, names)
    else:
        _show_list(session, rows)


def model_json(row: "ModelRow") -> dict[str, Any]:
    """A model as an object of a JSON document, without what only the catalog understands."""
    facts = asdict(row)
    del facts["details"]
    return {**facts, "is_free": row.is_free}


def verdict_json(verdict: "Verdict") -> dict[str, Any]:
    """A verdict as an object of a JSON document."""
    return {
        "eligible": verdict.eligible,
        "reason": verdict.reason,
        "detail": verdict.detail,
        "estimate": verdict.estimate,
    }


def usd(cost: Decimal | None) -> str | None:
    """An expected cost for people: four decimals are enough, and free is not merely cheap."""
    if cost is None or not cost:
        return None if cost is None else "0"
    return "<0.0001" if cost < _LEAST_SHOWN else f"{cost:.4f}"


def _document(
    rows: Sequence["ModelRow"],
    judged: Mapping[str, "Verdict"],
    names: Mapping[str, "UnresolvedName"],
) -> dict[str, Any]:
    from arena_pipeline.registry.policy.verdicts import counts

    objects = []
    for row in rows:
        one = model_json(row)
        if judged:
            one["verdict"] = verdict_json(judged[row.slug])
        if name := names.get(row.slug):
            one |= {key: getattr(name, key) for key in ("name", "matches", "suggestions")}
        objects.append(one)
    document: dict[str, Any] = {"models": objects}
    if judged:
        document["counts"] = counts(judged[row.slug] for row in rows)
    return document


def _show_list(session: Session, rows: Sequence["ModelRow"]) -> None:
    cells: dict[str, Callable[[ModelRow], object]] = {
        "status": lambda row: row.test_status,
        "prompt": lambda row: row.price_prompt,
        "completion": lambda row: row.price_completion,
        "context": lambda row: row.context_length,
        "listed": lambda row: row.removed_at is None,
        "plays": lambda row: row.is_active,
    }

    def made(*columns: str) -> "Table":
        lines = ((row.slug, *(cells[column](row) for column in columns)) for row in rows)
        return add_rows(table("slug", *columns, right=("prompt", "completion", "context")), lines)

    listed = sum(row.removed_at is None and row.source == "openrouter" for row in rows)
    session.screen.show(
        Widest(made(*cells), made("status", "prompt", "completion"), made("prompt", "completion")),
        f"{many(len(rows), 'model')}, {listed} in the catalog; prices in USD per million tokens",
    )


def _show_why(
    session: Session, rows: Sequence["ModelRow"], judged: Mapping[str, "Verdict"]
) -> None:
    """Each model with its verdict, then how many there are of each."""
    from arena_pipeline.registry.policy.verdicts import counts

    tally = table("verdict", "models", right=("models",))
    session.screen.show(
        _why_table(rows, judged),
        add_rows(tally, counts(judged[row.slug] for row in rows).items()),
        f"{many(len(rows), 'model')}; USD that a match of one is expected to cost",
    )


def _why_table(rows: Sequence["ModelRow"], judged: Mapping[str, "Verdict"]) -> Widest:
    found = [judged[row.slug] for row in rows]
    wide = table("slug", "verdict", "USD", "because", right=("USD",))
    add_rows(
        wide,
        (
            (one.model, one.reason or "eligible", usd(one.estimate), one.detail or "")
            for one in found
        ),
    )
    narrow = table("slug", "verdict", whole=("slug",))
    return Widest(wide, add_rows(narrow, ((one.model, _words(one)) for one in found)))


def _words(verdict: "Verdict") -> str:
    """A verdict in one cell."""
    return ": ".join(filter(None, (verdict.reason or "eligible", verdict.detail)))


def _names_of(
    rows: Sequence["ModelRow"], names: Sequence["UnresolvedName"]
) -> dict[str, "UnresolvedName"]:
    """The unresolved names of these models by slug, those that played most first."""
    slugs = {row.slug for row in rows}
    return {one.model: one for one in names if one.model in slugs}


def _show_unresolved(session: Session, names: Mapping[str, "UnresolvedName"]) -> None:
    columns = ("name", "model", "matches", "perhaps")
    lines = [
        (one.name, slug, one.matches, ", ".join(one.suggestions) or None)
        for slug, one in names.items()
    ]
    narrow = ((name, matches, perhaps) for name, _, matches, perhaps in lines)
    session.screen.show(
        Widest(
            add_rows(table(*columns, right=("matches",), whole=("name",)), lines),
            add_rows(table("name", "matches", "perhaps", right=("matches",)), narrow),
        ),
        f"{many(len(lines), 'name')} of imported matches whose model no rule could tell",
        "Give one to its model in models.yaml, arena sync, and import again to join them:",
        "models:\n  names:",
        Text(f"    {clean(next(iter(names.values())).line('vendor/model'))}"),
    )
