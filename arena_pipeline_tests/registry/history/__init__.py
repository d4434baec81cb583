"""Tests of what was when, over days that follow each other from 2026-01-01 06:00 UTC."""
