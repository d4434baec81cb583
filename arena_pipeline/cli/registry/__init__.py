"""The commands about who may play: the catalog, models, their names and prices, agents.

What belongs here: asking `arena_pipeline.registry` and showing its answers. Each module that
declares commands is named in `cli.entry`.
"""
