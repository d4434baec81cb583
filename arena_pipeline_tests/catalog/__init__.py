"""Tests of the catalog: reading outside data, over real sockets and files."""
