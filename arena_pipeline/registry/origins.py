"""Where each value of a model comes from: who said so, and why.

Pure: one row in, its facts out. A person wins over the models file, that over policy and catalog.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from arena_pipeline.catalog.row import CatalogModel
from arena_pipeline.registry.gateways import OPENROUTER
from arena_pipeline.registry.models import ModelRow, TestStatus
from arena_pipeline.store.tables import Access, ModelSource, SetBy

PERSON, MODELS_FILE, POLICY, CATALOG = "person", "models.yaml", "policy", "catalog"
IMPORT, TRAINING, EVALUATION, DEFAULT = "import", "training", "evaluation", "default"

_DECIDED = {SetBy.PERSON: PERSON, SetBy.YAML: MODELS_FILE, SetBy.POLICY: POLICY}
_HEARD = {
    ModelSource.OPENROUTER: CATALOG,
    ModelSource.YAML: MODELS_FILE,
    ModelSource.IMPORT: IMPORT,
    ModelSource.TRAINING: TRAINING,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """One value, who set it and why. "default" is what holds as long as nobody says anything."""

    fact: str
    value: object
    set_by: str
    reason: str | None = None


def origins(row: ModelRow) -> tuple[Origin, ...]:
    """Every value of a model that somebody decides, in the order in which people read them.

    Prices are USD per million tokens. Where somebody overrides the listed ones, those follow.
    """
    return (*_facts(row), *_prices(row), *_limits(row), *_decisions(row))


def _facts(row: ModelRow) -> Iterator[Origin]:
    heard = _heard(row)
    yield Origin("name", row.display_name, heard)
    yield Origin("vendor", row.vendor, heard)
    called_by = _calls(row)
    yield _known("gateway", row.gateway, called_by)
    yield _known("client name", row.client_name, called_by)


def _prices(row: ModelRow) -> Iterator[Origin]:
    heard = _heard(row)
    overridden = row.override_set_by is not None
    says = _decided(row.override_set_by) if overridden else heard
    for kind, counts, listed in (
        ("prompt price", row.price_prompt, row.listed_prompt),
        ("completion price", row.price_completion, row.listed_completion),
    ):
        yield Origin(kind, counts, says) if overridden else _known(kind, counts, says)
        if overridden:
            yield _known(f"listed {kind}", listed, heard)


def _limits(row: ModelRow) -> Iterator[Origin]:
    heard = _heard(row)
    listed = CatalogModel(row.slug, row.display_name, details=row.details)
    yield _known("context", row.context_length, heard)
    yield _known("longest answer", row.max_completion_tokens, heard)
    yield _known("created", row.upstream_created_at, heard)
    yield _known("expires", listed.expires, heard)


def _decisions(row: ModelRow) -> Iterator[Origin]:
    yield Origin("access", Access(row.access), _decided(row.access_set_by), row.access_reason)
    yield Origin("plays", row.is_active, _decided(row.is_active_set_by), row.is_active_reason)
    retired_by = _decided(row.retired_set_by)
    yield Origin("retired", row.retired_at, retired_by, row.retired_reason)
    if row.retired_at is not None:
        yield Origin("test status", row.test_status, retired_by, row.retired_reason)
    elif row.test_status == TestStatus.UNTESTED:
        yield Origin("test status", row.test_status, DEFAULT)
    else:
        yield Origin("test status", row.test_status, EVALUATION)


def _known(fact: str, value: object, said_by: str) -> Origin:
    return Origin(fact, value, DEFAULT if value is None else said_by)


def _decided(set_by: str | None) -> str:
    return DEFAULT if set_by is None else _DECIDED[SetBy(set_by)]


def _calls(row: ModelRow) -> str:
    """Who says where it is called. A catalog can only mean its own gateway, and its own slug there;
    whatever else is so the models file said.
    """
    if row.gateway is None:
        return _heard(row)
    by_catalog = row.gateway == OPENROUTER and row.client_name == row.slug
    is_listed = row.last_seen_at is not None
    return CATALOG if is_listed and by_catalog else MODELS_FILE


def _heard(row: ModelRow) -> str:
    """Who speaks about the model itself: the catalog, once one has listed it."""
    return CATALOG if row.last_seen_at is not None else _HEARD[ModelSource(row.source)]
