"""An arena to practise in: a folder of its own, a models file, settings that spend play money."""

from decimal import Decimal

from sqlalchemy import exists, select

from arena_pipeline.errors import ArenaError, NoArenaYet
from arena_pipeline.practice.serving import Address
from arena_pipeline.registry.gateways import PRACTICE, gateways, is_practice
from arena_pipeline.settings import Settings, fix_settings
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.store.tables import Match

FOLDER = "practice"
"""The folder within the data folder."""

PLAY_MONEY = Decimal(10)
"""USD that exist only in the practice server's ledger."""

BOTS = ("random", "careful_random", "greedy", "flood")

_MODELS_FILE = """\
# Written anew by each `make practice`: the bots and the gateway of an arena to practise in.
bots:
{bots}
gateways:
  - name: {gateway}
    base_url: {base_url}
    requests_per_minute: 6000
    concurrency: 200
"""


class NotForPractice(ArenaError):
    """A database that holds a real arena."""


def practice_settings(settings: Settings, address: Address) -> Settings:
    """The settings of the practice arena that belongs to an arena; its models file and what its
    folder fixes are written.

    Everything that could reach the outside is turned to the practice server or off. Raises
    BadSettings, and OSError where the folder can't be made.
    """
    folder = settings.root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    models_file = folder / "models.yaml"
    bots = "\n".join(f"  - {{alias: {bot}, policy: {bot}}}" for bot in BOTS)
    models_file.write_text(
        _MODELS_FILE.format(bots=bots, gateway=PRACTICE, base_url=address.base_url),
        encoding="utf-8",
    )
    fixed: dict[str, object] = {
        "models_file": models_file,
        "dagster_database_url": None,
        "import_dir": None,
        "catalog_url": address.catalog_url,
        "catalog_gateway": PRACTICE,
        "catalog_cron": "*/2 * * * *",
        "catalog_max_drop": 1.0,
        "budget": PLAY_MONEY,
        "evaluation_budget": PLAY_MONEY / 4,
        "activate_under": Decimal(1),
        "match_budget": Decimal(1),
        "placement_matches": 3,
        "placement_backoff_s": 20.0,
        "sensor_interval_s": 3,
        "league_matches": 0,
        "call_timeout_s": 5.0,
        "retry_wait_s": 10.0,
        "circuit_open_s": 3.0,
        "lease_s": 20.0,
        "notify_url": None,
    }
    database = settings.database_url if settings.store_url.startswith("postgres") else None
    if database is None:
        fixed["database_url"] = None
    # Another terminal that names the folder has to spend play money, too, and call this gateway.
    fix_settings(folder, fixed)
    return Settings.load(data_dir=folder, database_url=database)


def check_store(settings: Settings) -> None:
    """Raise NotForPractice if the store is that of a real arena: practice would mix with it."""
    try:
        store = open_ready_store(settings)
    except NoArenaYet:
        return
    try:
        with store.read() as connection:
            has_matches = connection.scalar(select(exists().where(Match.id.is_not(None))))
        if has_matches and not any(is_practice(one.name) for one in gateways(store)):
            raise NotForPractice(
                "The database of ARENA_DATABASE_URL holds an arena in earnest, and practice would "
                "mix with it; name an empty database for practice, or unset it"
            )
    finally:
        store.close()
