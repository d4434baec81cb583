"""SnakeBench's history: every layout of its replays becomes a match of ours, and nothing is lost.

`game` is what all layouts come to; `layouts` reads them, `replaying` plays them again by the rules,
`names` says whose games they were.
"""
