"""Prepare a downloaded data set: python tools/prepare_data.py NAME SOURCE, see
--help."""

from mmsca.apis.prepare_data import prepare_data
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(prepare_data)
