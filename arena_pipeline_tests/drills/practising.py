"""Practice arenas to be disturbed: a gateway that the test holds in its hand, models at it, and
processes that place them.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from arena_pipeline.evaluation.declaring import declare_agents
from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.integrity import orphans, unbalanced
from arena_pipeline.leaderboard.ladders import PRACTICE_LADDER
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.practice.line_up import PracticeModel
from arena_pipeline.practice.server import PracticeGateway
from arena_pipeline.practice.serving import Address, served
from arena_pipeline.registry.declared.models_file import read_models_file
from arena_pipeline.registry.declared.overrides import sync_overrides
from arena_pipeline.registry.syncing.refresh import sync_from_network_or_sample
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.store.tables import (
    Agent,
    Evaluation,
    EvaluationState,
    Ladder,
    LadderMatch,
    LlmCall,
    Match,
    MatchState,
    Model,
    Spend,
)
from arena_pipeline.store.types import Usd
from arena_pipeline_tests.drills.placer import Placer
from arena_pipeline_tests.drills.standing import placements

KEY_VARIABLE = "DRILL_API_KEY"
KEY = "sk-drill-0123456789abcdefSECRET"

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.soak))
"""What a drill runs on: each database with `make soak`, the quicker one always."""

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

BOTS = ("careful_random", "greedy")


@dataclass
class Practice:
    """A practice arena, its gateways by name, and what its settings say beyond the usual."""

    folder: Path
    url: str | None
    gateways: Mapping[str, PracticeGateway]
    addresses: Mapping[str, Address]
    terms: dict[str, str] = field(default_factory=dict)
    placers: list[Placer] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The settings of its processes."""
        first = next(iter(self.addresses.values()))
        return {
            **os.environ,
            KEY_VARIABLE: KEY,
            "ARENA_DATA_DIR": str(self.folder),
            "ARENA_MODELS_FILE": str(self.folder / "models.yaml"),
            "ARENA_CATALOG_URL": first.catalog_url,
            "ARENA_CATALOG_GATEWAY": next(iter(self.addresses)),
            "ARENA_CATALOG_RETRIES": "0",
            "ARENA_BUDGET": "1000",
            "ARENA_EVALUATION_BUDGET": "100",
            "ARENA_MATCH_BUDGET": "10",
            "ARENA_ACTIVATE_UNDER": "10",
            "ARENA_PLACEMENT_MATCHES": "2",
            "ARENA_PLACEMENT_BACKOFF_S": "1",
            "ARENA_LEASE_S": "5",
            "ARENA_CALL_TIMEOUT_S": "5",
            "ARENA_RETRY_WAIT_S": "2",
            "ARENA_CIRCUIT_OPEN_S": "0.5",
            "ARENA_SENSOR_INTERVAL_S": "1",
            **({} if self.url is None else {"ARENA_DATABASE_URL": self.url}),
            **self.terms,
        }

    @property
    def settings(self) -> Settings:
        """The same for work in this process."""
        prefix, own = "ARENA_", self.environment
        known = {name for name in own if name.startswith(prefix)}
        return Settings.load(**{name.removeprefix(prefix).lower(): own[name] for name in known})

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Its store, closed after the block."""
        store = open_ready_store(self.settings)
        try:
            yield store
        finally:
            store.close()

    def sync(self) -> None:
        """Catalog, models file, agents: as the assets do it."""
        settings = self.settings
        store = prepare_arena(settings).store
        try:
            declared = read_models_file(settings.models_path)
            sync_overrides(store, declared)
            sync_from_network_or_sample(store, settings)
            declare_agents(store, settings, declared)
        finally:
            store.close()

    def start(self) -> Placer:
        """A process that places whoever is to be placed."""
        self.placers.append(
            Placer.start(self.environment, self.folder / "logs" / f"placer-{len(self.placers)}.log")
        )
        return self.placers[-1]

    def place(self) -> str:
        """Run such a process to its end; what it said."""
        return self.start().ends_well()

    def kill(self) -> None:
        """SIGKILL every process of it."""
        for placer in self.placers:
            placer.kill()

    def leases_run_out(self) -> None:
        """What dead processes held is free now, as it would be a while later."""
        with self.store() as store, store.write() as connection:
            for table in (Evaluation, Match):
                held = update(table).where(table.lease_until.is_not(None))
                connection.execute(held.values(lease_until=LONG_AGO))

    def calls(self) -> int:
        """How many calls its ledger has."""
        with self.store() as store, store.read() as connection:
            return int(connection.scalar(select(func.count()).select_from(LlmCall)) or 0)

    def states(self) -> dict[str, str]:
        """State of the newest placement of each model."""
        with self.store() as store, store.read() as connection:
            rows = connection.execute(
                select(Model.slug, Evaluation.state)
                .join_from(Evaluation, Ladder)
                .join(Agent, Agent.id == Evaluation.agent_id)
                .join(Model, Model.id == Agent.model_id)
                .where(Ladder.name == PRACTICE_LADDER)
                .order_by(Evaluation.id)
            )
            return {row.slug: row.state for row in rows}


@contextmanager
def practising(
    folder: Path,
    url: str | None,
    gateways: Mapping[str, Sequence[PracticeModel]],
    *,
    faults: float = 0.0,
    latency_s: float = 0.0,
    key: bool = False,
    **terms: str,
) -> Iterator[Practice]:
    """A practice arena in which all models at these gateways wait for their place. The catalog is
    that of the first gateway, models of others are declared. Nothing of it runs after the block.
    """
    with ExitStack() as servers:
        made = {
            name: PracticeGateway(models, fault_rate=faults, latency_s=latency_s, seed=number)
            for number, (name, models) in enumerate(gateways.items())
        }
        at = {name: servers.enter_context(served(gateway)) for name, gateway in made.items()}
        folder.mkdir()
        (folder / "models.yaml").write_text(_models_file(made, at, key=key), encoding="utf-8")
        practice = Practice(folder, url, made, at, terms)
        practice.sync()
        try:
            yield practice
        finally:
            practice.kill()


def _models_file(
    gateways: Mapping[str, PracticeGateway], at: Mapping[str, Address], *, key: bool
) -> str:
    with_key = f", key: {KEY_VARIABLE}" if key else ""
    others = list(gateways)[1:]
    return "\n".join(
        [
            "bots:",
            *(f"  - {{alias: {bot}, policy: {bot}}}" for bot in BOTS),
            "gateways:",
            *(f"  - {{name: {name}, base_url: '{at[name].base_url}'{with_key}}}" for name in at),
            "models:",
            "  bootstrap:",
            *(
                f"    - {{slug: {model.slug}, gateway: {name}, context_length: 32768, "
                f"prices: {{prompt: {model.prompt}, completion: {model.completion}}}}}"
                for name in others
                for model in gateways[name].models.values()
            ),
            *(["    []"] if not others else []),
        ]
    ).replace("bootstrap:\n    []", "bootstrap: []")


def assert_sound(practice: Practice, finished: int | None = None) -> None:
    """Every finished match is there once and proves itself by its replay; ledger and standings are
    those that its matches give, to the last bit.
    """
    with practice.store() as store:
        with store.read() as connection:
            ids = connection.scalars(
                select(Match.id).where(Match.state == MatchState.FINISHED)
            ).all()
            sequences = connection.scalars(
                select(LadderMatch.sequence)
                .join(Ladder, Ladder.id == LadderMatch.ladder_id)
                .where(Ladder.name == PRACTICE_LADDER, LadderMatch.sequence.is_not(None))
                .order_by(LadderMatch.sequence)
            ).all()
        assert sequences == list(range(1, len(sequences) + 1))
        if finished is not None:
            assert len(ids) == finished
        found = [
            one
            for one in verify_matches(store, practice.settings.replay_dir)
            if one.status != "verified"
        ]
        assert found == []
        assert compare(store, PRACTICE_LADDER) == []
        assert orphans(store) == []
        assert unbalanced(store) == []


def assert_placed_once(practice: Practice, models: int) -> None:
    """Every model has its place, by one evaluation whose rated matches are as many as planned."""
    with practice.store() as store, store.read() as connection:
        rows = connection.execute(
            select(Evaluation.agent_id, Evaluation.state, Evaluation.planned, func.count(Match.id))
            .join(Ladder, Ladder.id == Evaluation.ladder_id)
            .join(Agent, Agent.id == Evaluation.agent_id)
            .join(
                Match,
                (Match.evaluation_id == Evaluation.id) & (Match.state == MatchState.FINISHED),
            )
            .where(Ladder.name == PRACTICE_LADDER, Agent.model_id.is_not(None))
            .group_by(Evaluation.id, Evaluation.agent_id, Evaluation.state, Evaluation.planned)
        ).all()
    assert [row.state for row in rows] == [EvaluationState.RANKED] * models, placements(practice)
    assert [row.planned for row in rows] == [row[3] for row in rows]


def assert_money_agrees(practice: Practice) -> int:
    """Nothing is reserved any more; every bill in the arena's ledger is what the gateway billed for
    that call, and what it billed besides belongs to calls that are recorded as unknown. Returns how
    many of these there are.
    """
    billed = served_calls(practice)
    with practice.store() as store, store.read() as connection:
        reserved = connection.scalar(select(func.sum(Spend.reserved, type_=Usd()))) or 0
        rows = connection.execute(
            select(
                LlmCall.request_id, LlmCall.cost_billed, LlmCall.cost_counted, LlmCall.error_kind
            )
        ).all()
        under_way = connection.scalar(
            select(func.count()).select_from(LlmCall).where(LlmCall.settled_at.is_(None))
        )
    assert (reserved, under_way) == (0, 0)
    known = {row.request_id: row.cost_billed for row in rows if row.cost_billed is not None}
    assert {id_: cost for id_, cost in known.items() if billed.get(id_) != cost} == {}
    unbilled = [row for row in rows if row.cost_billed is None and row.cost_counted]
    missing = set(billed) - set(known)
    assert len(missing) <= len(unbilled)
    assumed = sum((row.cost_counted for row in unbilled), Decimal(0))
    assert sum((billed[id_] for id_ in missing), Decimal(0)) <= assumed
    return len(missing)


def served_calls(practice: Practice) -> dict[str, Decimal]:
    """What the gateways say they billed, by request."""
    return {
        one["id"]: Decimal(one["cost"])
        for gateway in practice.gateways.values()
        for one in gateway.ledger.document(with_calls=True)["served_calls"]
    }
