"""Draw the views that a model is trained on: python tools/browse_views.py
CONFIG --out PNG, see --help."""

from mmsca.apis.browse_views import browse_views
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(browse_views)
