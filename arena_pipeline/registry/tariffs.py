"""Which prices count for a call: those of the model, or those of the gateway it is made at.

What belongs here: the choice. What a call costs at these prices is in `catalog.tariff`.
"""

from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.registry.gateways import OPENROUTER, GatewayRow
from arena_pipeline.registry.models import ModelRow


def tariff_of(row: ModelRow) -> Tariff:
    """All prices of a model that count where it is at home.

    Whoever sets prices instead of the catalog sets all of them: its tiers, times of day and prices
    of other things are left out then.
    """
    pricing = row.details.get("pricing") if row.override_set_by is None else None
    known = pricing if isinstance(pricing, dict) else {}
    return Tariff.of(row.price_prompt, row.price_completion, known)


def tariff_at(gateway: GatewayRow | None, row: ModelRow) -> Tariff:
    """The prices of this model when it is called at this gateway (None: the model's own).

    At home the model's prices count, and where it has none those of the gateway. Elsewhere nothing
    that the catalog says of it holds: the gateway's prices count, which may be unknown.
    """
    home = row.gateway or OPENROUTER
    if gateway is None or (gateway.name == home and _has_price(row)):
        return tariff_of(row)
    return Tariff.of(gateway.price_prompt, gateway.price_completion, {})


def _has_price(row: ModelRow) -> bool:
    return row.price_prompt is not None or row.price_completion is not None
