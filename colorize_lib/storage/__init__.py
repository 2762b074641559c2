"""Storage: files that are whole or not there, and weights files checked by hash. Nothing here knows a recipe."""
