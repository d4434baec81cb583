"""Snake for two to eight: everybody moves at once, apples make longer, walls and bodies kill.

`board` is geometry, `settings` what a config may say, `rules` what differs between rule versions,
`state` the engine, `game` the face towards the `Game` protocol, `render` a board as text.
"""

from arena_pipeline.games.snake.game import Snake
from arena_pipeline.games.snake.render import render
from arena_pipeline.games.snake.settings import SnakeSettings
from arena_pipeline.games.snake.state import SnakeState

__all__ = ["Snake", "SnakeSettings", "SnakeState", "render"]
