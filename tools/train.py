"""Train: python tools/train.py CONFIG [--cfg-options ...], see --help."""

from mmsca.apis.train import train
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(train)
