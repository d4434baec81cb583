"""Language models in a seat: what they are told, how their reply is read, and what a turn of theirs
is. How calls are sent and paid for is in `calls`.
"""
