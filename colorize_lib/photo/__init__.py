"""Photographs of people who use the course: colored, written, exported for the browser (taught in chapter 08)."""
