"""A gateway to practise with: a local server whose models are bots. What the arena does with it is
labelled practice and stays on its own ladder.
"""
