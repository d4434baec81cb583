"""Which models exist, according to the catalog: fetch it, read it, keep it, compare two of them.

What belongs here: outside data becoming checked values. Nothing here writes the store; that is
`registry.syncing.sync`.
"""
