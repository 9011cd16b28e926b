"""The command ``nnaudio2 demo``: one recording through every transform and back, and a report of it."""
