"""Nearest neighbours: python tools/knn.py CONFIG CHECKPOINT, see --help."""

from mmsca.apis.knn import knn
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(knn)
