"""SnakeBench's history: every layout of its replays becomes a match of ours, and nothing is lost.

`importing` is the whole of it, `game` what all layouts come to, `ladder` the ranking as published.
`reading` finds and understands documents, `replaying` plays them again, `facts` judges small
things, `naming` says whose games they were, `recording` writes, `telling` reports.
"""
