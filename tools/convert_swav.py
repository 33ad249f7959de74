"""Convert SwAV weights: python tools/convert_swav.py SOURCE TARGET, see
--help."""

from mmsca.apis.convert import convert
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(convert)
