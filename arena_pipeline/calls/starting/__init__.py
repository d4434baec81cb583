"""Whether a match of language models may start, and what is set aside for it when it does.

A match starts only if what it is expected to cost fits into every budget, beside what is spent, set
aside and still expected of matches under way: so matches are not left half-played for lack of
money. The calls it is expected to need of a day's free allowance are set aside at its start. No
call is sent on the word of an expectation: each is reserved at its worst case (`calls.clerk`).
"""

from arena_pipeline.calls.starting.judging import may_start
from arena_pipeline.calls.starting.keeping import release, set_aside
from arena_pipeline.calls.starting.needs import SeatNeed

__all__ = ["SeatNeed", "may_start", "release", "set_aside"]
