"""From matches to what is owed: decide (who), compose (what it says), outbox (what became of it). Pure throughout."""
