"""Checks for the exercises: plain functions that say of an answer whether it is right, and if not, why.

One module a chapter: ``from colorize_lib.exercises import chapter_04 as check_04``. They need
no network and no grading tool, so a reader can use them anywhere.
"""
