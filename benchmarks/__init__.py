"""Komshu measured against stock Rasa, side by side: `make bench`."""
