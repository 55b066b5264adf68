"""Stories with a cast, over the pretend world in `support`."""
