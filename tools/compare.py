"""Compare backbones: python tools/compare.py TABLE [...], see --help."""

from mmsca.apis.compare import compare
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(compare)
