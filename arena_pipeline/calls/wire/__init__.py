"""The wire: a request to a gateway, and what came back, whatever it is.

`bodies` writes requests, `gateway_client` sends them, `reading` makes of an answer what the ledger
keeps, by way of `chat`, `responses`, `usage`, `failures` and `waits`. All that comes in is hostile.
Money, limits and retries are no business of this folder.
"""
