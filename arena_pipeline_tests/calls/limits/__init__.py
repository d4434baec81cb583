"""Tests of the limits of gateways."""
