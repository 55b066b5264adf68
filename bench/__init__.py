"""Benchmarks: each prints a table for people and, with --json FILE, rows for machines.

What may live here: subjects, baselines, the load, and how they are compared. What may not: checks of correctness (tests).
"""
