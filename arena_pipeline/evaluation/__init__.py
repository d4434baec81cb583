"""Work to be done: who is evaluated next, against whom, and the league. Matches themselves are in
`matches`.
"""
