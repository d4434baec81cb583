"""An arena as pandas frames, for notebooks and one's own analyses.

What belongs here: turning what the other rooms answer into frames. No SQL and no arithmetic; a
frame is a list of columns over the rows of one domain function.
"""

from arena_pipeline.frames.arena import Arena, open_arena

__all__ = ["Arena", "open_arena"]
