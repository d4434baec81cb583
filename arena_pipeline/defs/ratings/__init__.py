"""Ratings, observed and checked."""
