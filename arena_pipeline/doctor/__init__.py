"""The doctor: whether an arena is sound, and what to do where it is not.

What belongs here: questions about the whole arena that no single room answers, one small function
each. Every check gathers its facts and leaves the judgement to a pure function, so that the
judgement can be tested without a broken arena. Stands just below the faces; nothing here changes
anything.
"""

from arena_pipeline.doctor.examination import examine
from arena_pipeline.doctor.findings import Finding, Health

__all__ = ["Finding", "Health", "examine"]
