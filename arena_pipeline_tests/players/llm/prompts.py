"""Prompts and turns to ask language models about."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

from arena_pipeline.calls.plan import CallSite
from arena_pipeline.games.protocol import State
from arena_pipeline.players import llm
from arena_pipeline.players.llm.rendering import placeholders_of
from arena_pipeline.players.protocol import PastTurn, TurnRequest
from arena_pipeline.registry.prompts import Prompt
from arena_pipeline.registry.prompts.files import read_prompt_file

SITE = CallSite(match_id=1, match_uuid="u", step=0, slot=0, agent_id=3, model_id=4)


def built_in(name: str = "snake") -> Prompt:
    """A prompt of the program, as registering it would give it."""
    path = Path(str(llm.__file__)).parent / "prompts" / f"{name}.md"
    file = read_prompt_file(path, {name: placeholders_of(name)})
    return prompt(file.text, file.game)


def prompt(text: str, game: str = "snake") -> Prompt:
    """A prompt with this text."""
    return Prompt(
        id=1,
        name="test",
        version=1,
        game=game,
        digest="0" * 64,
        text=text,
        details={},
        forked_from=None,
        active=True,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def request(state: State, seat: int = 0, *past: PastTurn, question: int = 0) -> TurnRequest:
    """The question to `seat` in this position."""
    return TurnRequest(
        seat,
        state.round,
        state.observation(seat),
        state.legal_actions(seat),
        state,
        site=dataclasses.replace(SITE, slot=seat, question=question),
        past=past,
    )
