"""A process that works for an arena, for tests that start several at once or kill one.

`python -m arena_pipeline_tests.evaluation.worker JOB URL DATA_DIR ARGUMENT` where JOB is

- `place`: places the agent ARGUMENT, and before it goes on after a match prints a line and waits
  for one;
- `everybody`: places everybody who is ready until nobody is, ARGUMENT times looking again;
- `league`: plays ARGUMENT matches, and prints a line after each.
"""

import sys

from arena_pipeline.errors import ArenaError
from arena_pipeline.evaluation.league import play_league
from arena_pipeline.evaluation.placement import next_placements, place
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store


def say(*words: object) -> None:
    """Print a line at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def place_one(store: Store, settings: Settings, alias: str) -> None:
    """Place an agent, asking for leave after each match."""

    def ask(done: int, planned: int) -> None:
        say(done, planned)
        sys.stdin.readline()

    say(place(store, settings, alias, on_match=ask).state)


def place_everybody(store: Store, settings: Settings, looks: int) -> None:
    """Place whoever is ready, beside others that do the same."""
    for _ in range(looks):
        for ready in next_placements(store, settings, limit=10).ready:
            try:
                report = place(store, settings, ready.agent)
            except ArenaError as error:
                say("refused", error)
            else:
                say("nothing to do" if report.notice else "placed", ready.agent)


def main() -> None:
    """Do the job."""
    job, url, data_dir, argument = sys.argv[1:]
    settings = Settings.load(data_dir=data_dir, database_url=url)
    store = open_store(url)
    match job:
        case "place":
            place_one(store, settings, argument)
        case "everybody":
            place_everybody(store, settings, int(argument))
        case "league":
            play_league(store, settings, matches=int(argument), on_match=say)


if __name__ == "__main__":
    main()
