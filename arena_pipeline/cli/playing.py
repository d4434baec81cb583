"""`arena play` and `arena league`: matches asked for by a person."""

from collections import Counter
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.ladders import Ladder, name_of
from arena_pipeline.cli.registry.syncing import declare
from arena_pipeline.cli.screen import add_rows, table

if TYPE_CHECKING:
    from arena_pipeline.matches.plan import FinishedMatch


MOST_GAMES = 2_000
"""Matches of one `arena play`: it holds all of them, 0.3 MB each, to show them at the end."""

MOST_MATCHES = 100_000
"""Matches of one `arena league`: hours of work. The next call goes on where it ended."""


@command("play")
def play(
    session: Session,
    agents: Annotated[
        list[str] | None,
        typer.Argument(metavar="AGENT", help="Who plays, by alias; arena agents lists them."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**63 - 1,
            help="Seed of the first match; the same seed gives the same matches.",
        ),
    ] = None,
    games: Annotated[
        int,
        typer.Option(min=1, max=MOST_GAMES, help="How many matches; seats rotate between them."),
    ] = 1,
    watch: Annotated[bool, typer.Option("--watch", help="Draw the board as it is played.")] = False,
    config: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The game config; unset: the arena's default."),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="MATCH", help="Go on with a match that is paused, by its uuid."),
    ] = None,
) -> None:
    """Let agents play each other; the matches are recorded and count on the ladder."""
    from arena_pipeline.cli.watching import watching
    from arena_pipeline.evaluation.exhibition import CannotPlay, go_on, play_matches
    from arena_pipeline.leaderboard.ladders import DEFAULT_CONFIG
    from arena_pipeline.matches.runner import MatchPaused

    if bool(agents) == bool(resume):
        raise typer.BadParameter("say who plays, or which match goes on with --resume")
    screen = session.screen
    store = session.prepared_store()
    declare(session, store, needed=False)
    board = watching(screen.err if screen.as_json else screen.out) if watch else nullcontext()
    try:
        with board as on_step:
            if resume:
                played = [go_on(store, session.settings, resume, on_step)]
            else:
                played = play_matches(
                    store, session.settings, agents or [], games=games, seed=seed,
                    config=config or DEFAULT_CONFIG, on_step=on_step,
                )  # fmt: skip
    except MatchPaused as pause:
        told = f"{pause}; arena play --resume {pause.uuid} goes on with it"
        raise CannotPlay(told) from pause
    if screen.as_json:
        screen.document({"matches": [_match_json(match) for match in played]})
        return
    for match in played:
        screen.show(
            Text(
                f"{match.uuid}  seed {match.plan.seed}, {len(match.steps)} rounds, "
                f"ended by {match.outcome.ended_by}"
            ),
            add_rows(
                table("agent", "result", "placement", "score", right=("placement", "score")),
                (
                    (one["agent"], one["result"], one["placement"], f"{one['score']:g}")
                    for one in _seats(match)
                ),
            ),
        )
        for one in _seats(match):
            for kind, count in one["faults"].items():
                screen.notice(f"{one['agent']}: {count} turns {kind}: {one['last_fault']}")


@command("league")
def league(
    session: Session,
    matches: Annotated[
        int | None,
        typer.Option(
            min=1, max=MOST_MATCHES, help="How many matches; unset: ARENA_LEAGUE_MATCHES."
        ),
    ] = None,
    ladder: Ladder = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, max=2**63 - 1, help="Seed of the whole; unset: the ladder goes on with its own."
        ),
    ] = None,
) -> int:
    """Place newcomers, then let the agents of a ladder play, those who met least first."""
    from arena_pipeline.evaluation.league import play_league
    from arena_pipeline.evaluation.newcomers import place_newcomers

    screen = session.screen
    store = session.prepared_store()
    declare(session, store, needed=False)
    newcomers = place_newcomers(store, session.settings, ladder=name_of(ladder))
    for placed in newcomers.placed:
        screen.notice(
            f"{placed.agent} is placed: {placed.played} matches, {placed.rating_after:.0f}"
        )
    for alias, error in newcomers.failed:
        screen.notice(f"{alias} is not placed: {error}")
    with screen.progress("Playing") as advance:
        report = play_league(
            store,
            session.settings,
            matches=matches,
            ladder=name_of(ladder),
            seed=seed,
            on_match=advance,
        )
    if screen.as_json:
        screen.document(report)
    else:
        screen.show(f"{report.played} matches played in {report.seconds:.1f} s.")
        if report.per_pair:
            screen.show(
                add_rows(table("pair", "matches", right=("matches",)), report.per_pair.items())
            )
    for uuid, error in report.failed:
        screen.notice(f"Match {uuid} failed: {error}")
    if report.notice is not None:
        screen.notice(report.notice)
    return 1 if report.failed or report.notice else 0


def _faults(match: "FinishedMatch", slot: int) -> dict[str, Any]:
    turns = (turn for step in match.steps for turn in step.turns if turn.slot == slot)
    faulty = [turn for turn in turns if turn.fault is not None]
    return {
        "faults": dict(Counter(turn.fault for turn in faulty)),
        "last_fault": faulty[-1].extra.get("fault_detail") if faulty else None,
    }


def _match_json(match: "FinishedMatch") -> dict[str, Any]:
    return {
        "uuid": match.uuid,
        "game": match.plan.config.game,
        "config": match.plan.config.name,
        "seed": match.plan.seed,
        "rounds": len(match.steps),
        "ended_by": match.outcome.ended_by,
        "winning_team": match.outcome.winning_team,
        "started_at": match.started_at,
        "ended_at": match.ended_at,
        "participants": _seats(match),
    }


def _seats(match: "FinishedMatch") -> list[dict[str, Any]]:
    seats = zip(match.plan.entrants, match.outcome.players, strict=True)
    return [
        {
            "slot": slot,
            "agent": entrant.name,
            "result": player.result.value,
            "placement": player.placement,
            "score": player.score,
            **_faults(match, slot),
        }
        for slot, (entrant, player) in enumerate(seats)
    ]
