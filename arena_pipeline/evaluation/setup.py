"""Getting an arena ready to work: store prepared, default config and ladder there."""

from arena_pipeline.leaderboard.adopting import rank_models
from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.leaderboard.recompute import begin_chains
from arena_pipeline.settings import Settings
from arena_pipeline.store.opening import Prepared, prepare_store


def prepare_arena(settings: Settings) -> Prepared:
    """Prepare the store and what every arena starts with. Safe to repeat and beside others; raises
    StoreError.
    """
    prepared = prepare_store(settings)
    ensure_defaults(prepared.store)
    rank_models(prepared.store)
    begin_chains(prepared.store)
    return prepared
