"""Rated matches of a model whose calls several hosts answered."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select, update

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, LlmCall, Match, Model
from arena_pipeline_tests.agents import NOON, add_agents, finished_match

SLUG = "vendor/model"
REPLIES = 10


def hosted_matches(store: Store, recorder: Recorder, *hosts: str, now: datetime = NOON) -> None:
    """One match of the model against a bot for each of `hosts`, who answered its ten questions
    there; every second reply of a host called bad needed a reminder. One more call of each match
    failed.
    """
    entrants = add_agents(store, "player", "rival")
    with store.write() as connection:
        model = connection.scalar(select(Model.id).where(Model.slug == SLUG))
        if model is None:
            model = connection.execute(
                insert(Model)
                .returning(Model.id)
                .values(
                    slug=SLUG, source="yaml", display_name="M", vendor="vendor", client_name=SLUG,
                    discovered_at=NOON,
                )
            ).scalar_one()  # fmt: skip
        connection.execute(
            update(Agent).where(Agent.alias == "player").values(model_id=model, model_version=1)
        )
    seats = [replace(entrants["player"], model_id=model), entrants["rival"]]
    recorder.record(
        [
            replace(finished_match(store, seats, seed=n), started_at=now, ended_at=now)
            for n in range(len(hosts))
        ]
    )
    with store.write() as connection:
        ids = connection.scalars(select(Match.id).order_by(Match.id)).all()
        calls = [
            {
                "match_id": match_id, "step": step, "slot": 0, "attempt": question + 1,
                "question": question, "model_id": model, "gateway": "local", "client_name": SLUG,
                "host": host, "started_at": now, "settled_at": now, "error_kind": None,
            }
            for match_id, host in zip(ids, hosts, strict=True)
            for step in range(REPLIES)
            for question in range(1 + (host.endswith("bad") and step % 2 == 0))
        ]  # fmt: skip
        failed = [
            {**calls[0], "match_id": match_id, "step": REPLIES, "error_kind": "server"}
            for match_id in ids
        ]
        connection.execute(insert(LlmCall), calls + failed)
