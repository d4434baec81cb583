"""What is played: the `Game` protocol and one module or folder per game.

Nothing here knows of agents, ratings, databases or Dagster; a game is rules and nothing else. The
protocol is in `games.protocol`, seeded chance in `games.chance`, the list of games in
`games.catalogue`.
"""
