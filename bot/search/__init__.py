"""What the text index holds, and what people may ask of it. Pure; `storage/search.py` writes and reads the index."""
