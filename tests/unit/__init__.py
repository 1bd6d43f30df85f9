"""Unit tests: they mirror the rooms and take seconds."""
