"""What the daemon costs while nothing happens, and how soon it is ready: the real program, as a process of its own."""
