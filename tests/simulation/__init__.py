"""Seeded faults over the pretend world: kill, drop, repeat; invariants after each."""
