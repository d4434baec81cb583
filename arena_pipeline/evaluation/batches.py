"""Many matches played and recorded in batches, in the order they were planned."""

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from arena_pipeline.errors import RecordingError
from arena_pipeline.matches.plan import FinishedMatch, MatchPlan
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import (
    Admit,
    MakePlayers,
    MatchFailed,
    OnStep,
    RunnerOptions,
    play_many,
)
from arena_pipeline.matches.telling import tell_finished

MOST = 50
LONGEST_S = 1.0
"""A batch is recorded when it holds so many matches, or is so old."""


@dataclass(slots=True)
class Batch:
    """Finished matches on their way into the store: all that a killed process loses."""

    recorder: Recorder
    recorded: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    _waiting: list[FinishedMatch] = field(default_factory=list)
    _since: float = field(default_factory=time.monotonic)

    def add(self, match: FinishedMatch) -> None:
        """Take a match; record all there are if it is time. Raises ReplayError, StoreError."""
        self._waiting.append(match)
        if len(self._waiting) >= MOST or time.monotonic() - self._since >= LONGEST_S:
            self.flush()

    def flush(self) -> None:
        """Record what is there. A match the store can't take is noted in `failed`; the others go
        on.
        """
        # Taken out first: after an error, a last flush must not run into it again.
        matches, self._waiting = self._waiting, []
        try:
            self._record(matches)
        except RecordingError:
            for match in matches:
                self._record_alone(match)
        self._since = time.monotonic()

    def _record(self, matches: Sequence[FinishedMatch]) -> None:
        uuids = self.recorder.record(matches)
        self.recorded += len(uuids)
        tell_finished(matches, uuids)

    def _record_alone(self, match: FinishedMatch) -> None:
        try:
            self._record([match])
        except RecordingError as error:
            self.failed.append((match.uuid, str(error)))


async def play_in_order(
    recorder: Recorder,
    plans: Sequence[MatchPlan],
    make_players: MakePlayers,
    options: RunnerOptions,
    on_step: OnStep | None = None,
    admit: Admit | None = None,
) -> AsyncGenerator[FinishedMatch | MatchFailed, None]:
    """Play matches side by side and yield them in the order of `plans`.

    The order decides sequential ratings; this way the same plans give the same ladder.
    """
    ended: dict[str, FinishedMatch | MatchFailed] = {}
    waiting = iter(plans)
    following = next(waiting, None)
    async for match in play_many(recorder, plans, make_players, options, on_step, admit):
        ended[match.plan.uuid] = match
        while following is not None and following.uuid in ended:
            yield ended.pop(following.uuid)
            following = next(waiting, None)
