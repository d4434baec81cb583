"""Getting an arena ready to work: store prepared, default config, ladder and prompts there."""

from pathlib import Path

from arena_pipeline.games import catalogue
from arena_pipeline.leaderboard.adopting import rank_models
from arena_pipeline.leaderboard.ladders import ensure_defaults, ensure_practice
from arena_pipeline.leaderboard.recompute import begin_chains
from arena_pipeline.logs import logger
from arena_pipeline.players import llm
from arena_pipeline.registry.prompts import PromptsReport, register_prompts
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import Prepared, prepare_store

BUILT_IN_PROMPTS = Path(llm.__file__).parent / "prompts"
"""Where the prompts lie that every arena has."""

_LOG = logger(__name__)


def prepare_arena(settings: Settings) -> Prepared:
    """Prepare the store and what every arena starts with. Safe to repeat and beside others; raises
    StoreError.
    """
    prepared = prepare_store(settings)
    ensure_defaults(prepared.store)
    ensure_practice(prepared.store)
    rank_models(prepared.store)
    begin_chains(prepared.store)
    take_prompts(prepared.store, settings)
    return prepared


def own_prompts(settings: Settings) -> Path:
    """The folder for prompts of the user's own, absolute; it need not be there."""
    return (settings.prompts_dir or settings.root / "prompts").expanduser().resolve()


def take_prompts(store: Store, settings: Settings) -> PromptsReport:
    """Register the prompts that are built in, and those of the user's folder. A bad file is in the
    report and the log, and stops no other. Safe to repeat and beside others.
    """
    folders = (BUILT_IN_PROMPTS, own_prompts(settings))
    report = register_prompts(store, folders, known=known_placeholders())
    for file, reason in report.rejected:
        _LOG.warning("prompt left out", file=file, reason=reason)
    for prompt in report.added:
        _LOG.info("prompt registered", prompt=prompt)
    return report


def known_placeholders() -> dict[str, frozenset[str]]:
    """By game, what a prompt for it may have filled in."""
    from arena_pipeline.players.llm.rendering import placeholders_of

    return {game.name: placeholders_of(game.name) for game in catalogue.games()}
