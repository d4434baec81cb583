"""The registry: models as catalog and models file say, agents as the models file declares them."""

import dagster as dg

from arena_pipeline.defs.catalog.assets import openrouter_catalog
from arena_pipeline.defs.defaults import DAILY, OWNERS
from arena_pipeline.defs.looks import NOTICE, stored_in, table
from arena_pipeline.defs.registry.models_file import DIGEST, digest_of
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store.tables import Agent, Model


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
    """Apply the overrides of the models file to the models."""
    from arena_pipeline.registry.models import models as listed
    from arena_pipeline.registry.models_file import read_models_file
    from arena_pipeline.registry.overrides import sync_overrides

    with arena.open() as store:
        report = sync_overrides(store, read_models_file(arena.settings.models_path))
        rows = listed(store)
    newest = sorted(rows, key=lambda row: row.discovered_at, reverse=True)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(rows),
            "access changed": table(("model", "access"), report.access.items()),
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
    description="Who can sit down to play: bots and agents as the models file declares them.",
)
def agents(arena: Arena) -> dg.MaterializeResult[None]:
    """Make the agents what the models file declares."""
    from arena_pipeline.players import bots
    from arena_pipeline.registry.agents import agents as registered
    from arena_pipeline.registry.declared import sync_agents
    from arena_pipeline.registry.models_file import read_models_file

    with arena.open() as store:
        path = arena.settings.models_path
        digest = digest_of(path)
        report = sync_agents(
            store, read_models_file(path), policies=bots.versions(), refusal=bots.refusal
        )
        rows = registered(store)
    return dg.MaterializeResult(
        metadata={
            **({NOTICE: _rejections(path.name, report.rejected)} if report.rejected else {}),
            "dagster/row_count": len(rows),
            **{
                what: ", ".join(getattr(report, what)) or "none"
                for what in ("added", "changed", "deactivated")
            },
            "rejected": table(("agent", "reason"), report.rejected, "None."),
            "agents": table(
                ("agent", "title", "kind", "plays by", "active"),
                [(a.alias, a.title, a.kind, a.policy or a.model, a.active) for a in rows],
            ),
            "models file": dg.MetadataValue.path(str(path)),
            DIGEST: digest,
        }
    )


def _rejections(file: str, rejected: tuple[tuple[str, str], ...]) -> str:
    return f"Left out of {file}: " + "; ".join(f"{alias} ({reason})" for alias, reason in rejected)
