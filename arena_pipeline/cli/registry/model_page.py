"""One model in full: each value with where it comes from, its names, its absences, who plays it,
and whether its hosts differ.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING

from arena_pipeline.cli.app import Session
from arena_pipeline.cli.registry.models import model_json, usd, verdict_json
from arena_pipeline.cli.screen import Widest, add_rows, facts, table

if TYPE_CHECKING:
    from arena_pipeline.evaluation.hosts import HostDifference
    from arena_pipeline.registry.history import Absence
    from arena_pipeline.registry.models import ModelRow
    from arena_pipeline.registry.policy.eligibility import Verdict
    from arena_pipeline.store import Store


def show_model(session: Session, store: "Store", row: "ModelRow", verdict: "Verdict") -> None:
    """Show the model `row`, of which the policy says `verdict`."""
    from arena_pipeline.registry.agents import agents
    from arena_pipeline.registry.history import absences, names
    from arena_pipeline.registry.origins import origins

    values, known, away = origins(row), names(store, row.slug), absences(store, row.slug)
    players = [one for one in agents(store) if one.model == row.slug]
    compared = _hosts(store, row.slug)
    if session.screen.as_json:
        session.screen.document(
            {
                **model_json(row),
                "details": row.details,
                "origins": values,
                "aliases": [{"alias": one.name, **asdict(one)} for one in known],
                "away": away,
                "verdict": verdict_json(verdict),
                "agents": [one.alias for one in players],
                "hosts": [
                    {"ladder": ladder, **asdict(one), "flagged": one.flagged}
                    for ladder, one in compared
                ],
            }
        )
        return
    screen = session.screen
    screen.show(
        add_rows(
            table("", "value", "from", "why", title=row.slug, whole=("", "from")),
            ((one.fact, one.value, one.set_by, one.reason or "") for one in values),
        ),
        facts(
            (
                ("eligible", _verdict(verdict)),
                ("discovered", row.discovered_at),
                ("last seen", row.last_seen_at),
                *(("away", _span(one)) for one in away),
                *((f"agent {one.alias}", _standing(one.active)) for one in players),
                *((f"hosts on {ladder}", one.sentence) for ladder, one in compared),
            )
        ),
    )
    if known:
        columns = ("also known as", "from", "first seen", "last seen")
        lines = [(one.name, one.origin, one.first_seen_at, one.last_seen_at) for one in known]
        screen.show(
            Widest(
                add_rows(table(*columns, whole=columns[1:]), lines),
                add_rows(table(*columns[:2], whole=columns[1:2]), (line[:2] for line in lines)),
            )
        )


def _hosts(store: "Store", slug: str) -> "list[tuple[str, HostDifference]]":
    """What is known of differences between the model's hosts, by ladder."""
    from arena_pipeline.evaluation.hosts import host_differences
    from arena_pipeline.leaderboard.ladders import ladder_names

    return [
        (ladder, one)
        for ladder in ladder_names(store)
        for one in host_differences(store, ladder).of(slug)
    ]


def _verdict(verdict: "Verdict") -> str:
    cost = usd(verdict.estimate)
    about = "" if cost is None else f"; a match is expected to cost {cost} USD"
    if verdict.reason is None:
        return f"yes{about}"
    detail = f" ({verdict.detail})" if verdict.detail else ""
    return f"no: {verdict.reason}{detail}{about}"


def _span(away: "Absence") -> str:
    until = "now" if away.until is None else f"{away.until:%Y-%m-%d %H:%M}"
    return f"from {away.since:%Y-%m-%d %H:%M} until {until}"


def _standing(active: bool) -> str:
    return "may play" if active else "switched off"
