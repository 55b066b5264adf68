"""The root of the suites: its folder is what `import support...` is found in. No fixtures live here."""
