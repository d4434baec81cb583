"""The digest chain of a ladder: proof, for those who have only its published rows, that no rated
match was added, dropped, reordered or altered.

Pure functions. All digests are SHA-256, written in hex, over the ASCII bytes of a JSON array as
Python's `json.dumps(..., separators=(",", ":"))` writes it, keys of objects sorted:

- `genesis` of a ladder and epoch: `["arena-chain/1", name, game, competitor, ordering, filter,
  policy, epoch]`
- digest of a match: `["arena-match/1", uuid, config, rule_version, started_at, ended_at,
  replay_digest, [[name, agent, model, team, result, score, gateway_faults], ...]]`, seats by slot,
  times in UTC as `2026-11-21T17:00:00.000000+00:00` or null
- link: `[previous link (the first time: genesis), sequence, digest of the match]`

The link of the newest rated match is the ladder's head: it stands for everything before it.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from arena_pipeline.matches.ladder_rules import LadderRule, MatchFacts

_CHAIN = "arena-chain/1"
_MATCH = "arena-match/1"
_CANONICAL = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


def genesis(rule: LadderRule, epoch: int) -> str:
    """What the chain of a ladder's epoch begins with: its rules, so that these are sealed too."""
    return _digest(
        [
            _CHAIN,
            rule.name,
            rule.game,
            rule.competitor.value,
            rule.ordering.value,
            rule.filter,
            rule.policy,
            epoch,
        ]
    )


def match_digest(match: MatchFacts) -> str:
    """The digest of what counts of a match: who played, when, how it ended, and its replay."""
    seats = [
        [s.name, s.agent, s.model, s.team, s.result, s.score, s.gateway_faults] for s in match.seats
    ]
    return _digest(
        [
            _MATCH,
            match.uuid,
            match.config,
            match.rule_version,
            _moment(match.started_at),
            _moment(match.ended_at),
            match.replay_digest,
            seats,
        ]
    )


def link(previous: str, sequence: int, match: str) -> str:
    """The next link: `previous` is the one before or the genesis, `match` a match's digest."""
    return _digest([previous, sequence, match])


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def _digest(content: list[Any]) -> str:
    return hashlib.sha256(_CANONICAL.encode(content).encode("ascii")).hexdigest()
