"""Write MaterialScenes: python tools/make_material_scenes.py [ROOT], see
--help."""

from mmsca.apis.make_material_scenes import make_material_scenes
from mmsca.utils.errors import run_tool

if __name__ == '__main__':
    run_tool(make_material_scenes)
