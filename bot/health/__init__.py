"""Whether the daemon is well: judged from plain facts, told to those who ask, to systemd and to a switch elsewhere."""
