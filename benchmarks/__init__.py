"""What the project measures of itself, beside what one would use instead. Never imported by the program."""
