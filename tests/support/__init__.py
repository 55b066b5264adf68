"""What several suites share: pretend twins too small for the simulator. No fixtures, no tests."""
