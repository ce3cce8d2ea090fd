"""What is kept: one module a topic, each a handful of plain functions that take a connection.

No function here begins or ends a transaction; the caller does (`Database.transaction`), because only the caller
knows what must be stored together.
"""
