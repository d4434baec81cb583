"""Bots for Snake, weakest first: `careful`, `greedy`, `flood`, `search`.

`sight` is what they see of a board, `lookahead` the minimax of the last.
"""
