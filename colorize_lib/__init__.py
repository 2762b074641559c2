"""The library behind the course: everything a chapter defines once and uses again.

Importing it costs nothing: TensorFlow, Keras and scikit-image are imported by
the functions that need them.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("colorize-lib")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"
