"""Articles: clean (entry → article) · changes (new, changed or seen)."""
