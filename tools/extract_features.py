"""Features of a folder of images: python tools/extract_features.py CONFIG
CKPT FOLDER OUT, see --help."""

from mmsca.apis.extract_features import extract
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(extract)
