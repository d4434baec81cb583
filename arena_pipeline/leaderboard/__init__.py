"""What ladders look like to people: ladders by name, boards, exports, charts, and the rebuilding of
ratings.

The numbers come from `matches.standings`; nothing here rates a match in another way.
"""
