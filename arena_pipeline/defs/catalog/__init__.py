"""The catalog: fetching it daily and checking that it can be true."""
