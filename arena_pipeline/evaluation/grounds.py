"""Where the matches of a ladder are played: its rules, its game and the config that is used."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from arena_pipeline.errors import ArenaError
from arena_pipeline.evaluation.applicants import field_of
from arena_pipeline.evaluation.eligibility import Field
from arena_pipeline.games import catalogue
from arena_pipeline.games.protocol import Game
from arena_pipeline.leaderboard.ladders import ladder_row
from arena_pipeline.matches.configs import config
from arena_pipeline.matches.ladder_rules import PRACTICE_CONFIGS, LadderRule, System
from arena_pipeline.matches.ledger import rule_of
from arena_pipeline.matches.plan import ConfigRef
from arena_pipeline.store.tables import Agent, CompetitorKind, GameConfig, Model, Standing


class NoGround(ArenaError):
    """A ladder on which nobody can be placed by playing."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A ladder as those who play for it see it: what of it never changes.

    Its epoch is none of that: a rebuild makes a new one while they play.
    """

    rule: LadderRule
    created_at: datetime
    config: ConfigRef
    game: Game

    @property
    def is_practice(self) -> bool:
        """Whether those play here who call gateways to practise with, and nobody else who calls."""
        return self.rule.is_practice

    @property
    def field(self) -> Field:
        """What is played here, as those see it who are judged."""
        return field_of(self.rule.game, is_practice=self.is_practice)

    @property
    def initial(self) -> float:
        """The number of somebody who has not played."""
        return 0.0 if self.rule.system is System.MEAN_SCORE else self.rule.initial

    def numbers(self, connection: Connection) -> dict[str, float]:
        """The number that each agent's competitor has now, by the agent's alias."""
        column = Standing.mean_score if self.rule.system is System.MEAN_SCORE else Standing.elo
        rows = connection.execute(
            select(Agent.alias, column)
            .outerjoin(Model, Model.id == Agent.model_id)
            .join(Standing, Standing.competitor == self._competitor)
            .where(Standing.ladder_id == self.rule.id, column.is_not(None))
        )
        return {alias: number for alias, number in rows if number is not None}

    def competitors(self, connection: Connection, aliases: Iterable[str]) -> dict[str, str]:
        """Who each of these agents counts for on the ladder, by alias: its model, or itself where
        it has none or the ladder ranks agents.
        """
        rows = connection.execute(
            select(Agent.alias, self._competitor.label("competitor"))
            .outerjoin(Model, Model.id == Agent.model_id)
            .where(Agent.alias.in_(list(aliases)))
        )
        return {row.alias: row.competitor for row in rows}

    @property
    def _competitor(self) -> ColumnElement[str]:
        if self.rule.competitor is CompetitorKind.MODEL:
            return func.coalesce(Model.slug, Agent.alias)
        return Agent.alias.expression


def ground(connection: Connection, ladder: str) -> Ground:
    """The ground of `ladder`. Raises NotFound for an unknown one, NoGround for one that can't be
    played for: it ranks names, its game is not for two, or it has no config.
    """
    row = ladder_row(connection, ladder)
    rule = rule_of(row)
    if rule.competitor is CompetitorKind.NAME:
        raise NoGround(f"Ladder {ladder!r} ranks names as they were played: nobody plays it")
    game = catalogue.game(rule.game)
    if not game.min_players <= 2 <= game.max_players:
        raise NoGround(
            f"Ladder {ladder!r} can't be played for: {game.name} is not a game for two, "
            "and placements and leagues are matches of two"
        )
    names = rule.filter.get("configs")
    name = (
        names[0] if names else connection.scalar(_OLDEST_CONFIG.where(GameConfig.game == rule.game))
    )
    if name is None:
        raise NoGround(f"Ladder {ladder!r} can't be played for: {game.name} has no config yet")
    return Ground(rule, row.created_at, config(connection, name), game)


_OLDEST_CONFIG = (
    select(GameConfig.name)
    .where(GameConfig.name.not_like(f"{PRACTICE_CONFIGS}%"))
    .order_by(GameConfig.id)
    .limit(1)
)
