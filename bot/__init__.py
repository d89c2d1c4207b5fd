"""Questions become answers that only say what the sources say, and show where."""
