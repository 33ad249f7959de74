"""Evaluate: python tools/test.py CONFIG CHECKPOINT, see --help."""

from mmsca.apis.test import test
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(test)
