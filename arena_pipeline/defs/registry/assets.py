"""The registry: models as catalog and models file say, agents as the models file declares them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from arena_pipeline.defs.catalog.assets import openrouter_catalog
from arena_pipeline.defs.catalog.changes import changes_table
from arena_pipeline.defs.defaults import DAILY, OWNERS
from arena_pipeline.defs.looks import NOTICE, chart, stored_in, table
from arena_pipeline.defs.registry.models_file import DIGEST, digest_of
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store.tables import Agent, Model

if TYPE_CHECKING:
    from arena_pipeline.registry.declared.overrides import OverridesReport

A_DAY = timedelta(days=1)


@dg.asset(
    group_name="registry",
    kinds={"python", "yaml"},
    owners=OWNERS,
    freshness_policy=DAILY,
    deps=[openrouter_catalog],
    metadata=stored_in(Model),
    description="Every model the arena ever heard of, with what the models file allows or denies.",
)
def models(arena: Arena) -> dg.MaterializeResult[None]:
    """Apply the models file to the models, and sum up which there are."""
    from arena_pipeline.registry import charts, figures
    from arena_pipeline.registry.declared.models_file import read_models_file
    from arena_pipeline.registry.declared.overrides import sync_overrides
    from arena_pipeline.registry.history import changes
    from arena_pipeline.registry.models import models as listed
    from arena_pipeline.registry.policy.verdicts import ELIGIBLE, counts, verdicts

    now = datetime.now(UTC)
    path = arena.settings.models_path
    with arena.open() as store:
        report = sync_overrides(
            store, read_models_file(path), catalog_gateway=arena.settings.catalog_gateway
        )
        rows = listed(store)
        judged = verdicts(store, arena.settings, now)
        lately = changes(store, since=now - A_DAY)
        churn = figures.churn(store)
        level = figures.price_index(store)
    newest = sorted(rows, key=lambda row: row.discovered_at, reverse=True)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(rows),
            "by status": table(("status", "models"), figures.by_status(rows).items()),
            "may be evaluated": counts(judged).get(ELIGIBLE, 0),
            "may not be evaluated": table(
                ("reason", "models", "for example", "why"),
                [
                    (reason.reason, reason.models, reason.example, reason.detail)
                    for reason in figures.by_reason(judged)
                ],
                "All may.",
            ),
            "changes since yesterday": changes_table(lately),
            "by vendor": chart(charts.vendors_chart(figures.by_vendor(rows))),
            "by price": chart(charts.price_bands_chart(figures.price_bands(rows))),
            "churn": chart(charts.churn_chart(churn)),
            "price level": chart(charts.price_index_chart(level)),
            "what the models file changed": table(
                ("what", "which", "now"), _by_the_file(report), "Nothing."
            ),
            "names of nobody": table(("model named in the file",), [(n,) for n in report.unknown]),
            "newest": table(
                ("model", "status", "prompt USD/M", "completion USD/M", "discovered", "removed"),
                [
                    (
                        model.slug,
                        model.test_status,
                        model.price_prompt,
                        model.price_completion,
                        model.discovered_at,
                        model.removed_at,
                    )
                    for model in newest
                ],
            ),
        }
    )


@dg.asset(
    group_name="registry",
    kinds={"python", "yaml"},
    owners=OWNERS,
    freshness_policy=DAILY,
    deps=[models],
    metadata=stored_in(Agent),
    description="Who can sit down to play: bots and agents as the models file declares them, and a "
    "default agent of every model that may be evaluated and is active.",
)
def agents(arena: Arena) -> dg.MaterializeResult[None]:
    """Make the agents what the models file declares, and enrol models."""
    from arena_pipeline.evaluation.declaring import declare_agents
    from arena_pipeline.registry.agents import agents as registered
    from arena_pipeline.registry.declared.models_file import read_models_file

    with arena.open() as store:
        path = arena.settings.models_path
        digest = digest_of(path)
        declared = declare_agents(store, arena.settings, read_models_file(path))
        rows = registered(store)
    report, enrolment, prompts = declared.agents, declared.enrolment, declared.prompts
    left_out = [_rejections(path.name, report.rejected)] if report.rejected else []
    left_out += [_rejections("the prompts", prompts.rejected)] if prompts.rejected else []
    return dg.MaterializeResult(
        metadata={
            **({NOTICE: ". ".join(left_out)} if left_out else {}),
            "dagster/row_count": len(rows),
            **{
                what: ", ".join(getattr(report, what)) or "none"
                for what in ("added", "changed", "deactivated")
            },
            "rejected": table(("agent", "reason"), report.rejected, "None."),
            "enrolled": table(("agent",), [(one,) for one in enrolment.enrolled], "Nobody new."),
            "made active by the policy": ", ".join(enrolment.activated) or "none",
            "models without an agent": table(
                ("reason", "how many"), enrolment.waiting.items(), "None."
            ),
            "prompts added": ", ".join(prompts.added) or "none",
            "prompts left out": table(("file", "reason"), prompts.rejected, "None."),
            "agents": table(
                ("agent", "title", "kind", "plays by", "prompt", "active"),
                [(a.alias, a.title, a.kind, a.policy or a.model, a.prompt, a.active) for a in rows],
            ),
            "models file": dg.MetadataValue.path(str(path)),
            DIGEST: digest,
        }
    )


def _rejections(file: str, rejected: tuple[tuple[str, str], ...]) -> str:
    return f"Left out of {file}: " + "; ".join(f"{alias} ({reason})" for alias, reason in rejected)


def _by_the_file(report: "OverridesReport") -> Iterator[tuple[object, ...]]:
    """What the models file changed, a row each: what, of whom, to what."""
    yield from (("access", slug, access) for slug, access in report.access.items())
    yield from (("may play", slug, plays) for slug, plays in report.active.items())
    for slug, pair in report.prices.items():
        prompt, completion = pair or (None, None)
        now = {"prompt": prompt, "completion": completion} if pair else "the catalog's again"
        yield "prices", slug, now
    yield from (("retired", slug, None) for slug in report.retired)
    yield from (("no longer retired", slug, None) for slug in report.unretired)
    yield from (("new model", slug, None) for slug in report.added)
    yield from (("facts of the model", slug, None) for slug in report.changed)
    yield from (("gateway", name, None) for name in report.gateways)
