"""A catalog server for tests, and a store that knows what it listed when all was well."""

from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer

from arena_pipeline.registry.models import ModelRow, models
from arena_pipeline.registry.syncing.refresh import sync_from_network_or_sample
from arena_pipeline.registry.syncing.report import SyncReport
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, CatalogChange, Model, ModelAlias, ModelPrice
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.catalog.rows import body, row
from arena_pipeline_tests.registry.days import everything

PATH = "/api/v1/models"
KNOWN = [row(f"acme/m{number}") for number in range(4)]
TABLES = (Model, ModelPrice, ModelAlias, Agent, CatalogChange)


class Upstream:
    """The server at `url`; syncs from it have a limit of one megabyte and no second try.

    `before`: all that the store knows of four models and an agent after the first catalog.
    """

    def __init__(self, store: Store, httpserver: HTTPServer, data_dir: Path) -> None:
        self.store, self.server, self.data_dir = store, httpserver, data_dir
        self.url = httpserver.url_for(PATH)
        add_agents(store, "agent")
        self.serve(body(*KNOWN))
        self.sync()
        self.server.clear()
        self.before = self.now()

    def serve(
        self, content: bytes, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """Answer with this from now on."""
        self.server.clear()
        answer = self.server.expect_request(PATH)
        answer.respond_with_data(content, status=status, headers=headers)

    def sync(self, url: str | None = None, **settings: Any) -> SyncReport:
        """Sync from the server, or from another one."""
        given = {"catalog_retries": 0, "catalog_max_mb": 1, "data_dir": self.data_dir, **settings}
        return sync_from_network_or_sample(
            self.store, Settings.load(catalog_url=url or self.url, **given)
        )

    def now(self, *tables: type[Any]) -> list[list[Any]]:
        """Every row of these tables, or of all that a sync may change."""
        return everything(self.store, *(tables or TABLES))

    def listed(self) -> dict[str, ModelRow]:
        """The models that are not removed, by slug."""
        return {model.slug: model for model in models(self.store, removed=False)}
