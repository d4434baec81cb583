"""Names of imported matches, as an import leaves them in the registry."""

from sqlalchemy import insert

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model, ModelAlias
from arena_pipeline_tests.registry.days import FIRST_DAY


def bear(store: Store, slug: str, name: str, *, rule: str | None = "unresolved") -> int:
    """Make a model of an import that bears a name found by that rule; its id."""
    facts = {"display_name": name, "vendor": slug.partition("/")[0], "discovered_at": FIRST_DAY}
    seen = {"first_seen_at": FIRST_DAY, "last_seen_at": FIRST_DAY}
    with store.write() as connection:
        model = insert(Model).values(slug=slug, source="import", **facts).returning(Model.id)
        model_id = connection.execute(model).scalar_one()
        alias = {"model_id": model_id, "alias": name, "origin": "import", "rule": rule, **seen}
        connection.execute(insert(ModelAlias).values(**alias))
    return model_id
