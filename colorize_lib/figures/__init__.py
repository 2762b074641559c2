"""Figures that can be played with, on a page and with a kernel."""
