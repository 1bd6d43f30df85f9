"""Tests of the configuration of the programme."""
