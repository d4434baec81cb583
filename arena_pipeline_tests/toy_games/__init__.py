"""Three small games that prove the `Game` protocol: alternating, hidden roles, a solo puzzle.

`TOYS` has one of each with players for its seats; whatever runs, records, verifies or rates matches
must take them all.
"""

from arena_pipeline_tests.toy_games.toys import TOYS, Toy, register_toys

__all__ = ["TOYS", "Toy", "register_toys"]
