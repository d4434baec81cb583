"""Who may play: models with their prices and names, agents, and the YAML file that declares them.

What belongs here: what the store knows about models and agents, and every change of it. Fetching
and reading catalogs is in `catalog`; what an agent does when asked for a turn is in `players`.
"""
